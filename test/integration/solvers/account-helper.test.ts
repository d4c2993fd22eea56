import { describe, expect, test } from '@jest/globals';
import { AccountHelper } from '../../../src/adapters/solvers/account-helper.js';
import { ACCOUNT_UID, isRoot } from '../../support/challenge-tree.js';

/** The uid does not matter here: these programs do not drop anything, they only talk. */
const identity = { uid: ACCOUNT_UID, gid: ACCOUNT_UID, home: '/home/shop' };
const request = { op: 'clean', documentRoot: '/x', token: 'x', placedAtMs: null } as const;
/** A program that becomes nobody, says yes to the first line and then answers each line with `answer`. */
const liar = (answer: string) => `
let n = 0;
process.stdin.on('data', () => process.stdout.write(n++ === 0 ? '{"id":0,"ok":true}\\n' : ${answer}));
process.stdin.on('end', () => process.exit());`;

/** For a program that never answers, in ms: node must have started it and heard its first line by then. */
const SHORT_MS = 4_000;

async function answerOf(source: string, timeoutMs = 60_000) {
  const started = await AccountHelper.start(identity, '/', { source, timeoutMs });
  if (!(started instanceof AccountHelper)) return started.why;
  const answer = await started.request(request);
  const isAlive = started.isAlive;
  started.kill();
  return answer.ok ? 'yes' : `${answer.why}${isAlive ? '' : ' (dead)'}`;
}

describe('a helper is not believed', () => {
  test.each([
    ['says yes to the right request', liar(`'{"id":1,"ok":true}\\n'`), 'yes'],
    ['says no', liar(`'{"id":1,"ok":false,"why":"quota"}\\n'`), 'quota'],
    ['says no without a reason', liar(`'{"id":1,"ok":false}\\n'`), 'no reason given'],
    ['says something that is neither', liar(`'{"id":1,"ok":"true","why":{}}\\n'`), 'no reason given'],
    ['answers another request', liar(`'{"id":7,"ok":true}\\n'`), /answered out of turn \(dead\)$/],
    ['answers with garbage', liar(`'garbage\\n'`), /answered out of turn \(dead\)$/],
    ['answers null', liar(`'null\\n'`), /answered out of turn \(dead\)$/],
    ['never ends its line', liar(`'x'.repeat(1e6)`), /said too much \(dead\)$/],
    ['ends', `process.exit(0)`, /ended$/],
    ['is no program', `syntax error`, /ended$/],
    [
      'cannot become the account',
      `process.stdout.write('{"id":0,"ok":false,"why":"no"}\\n'); setInterval(() => 0, 1000)`,
      'no',
    ],
  ])('that %s', async (_case, source, expected) => {
    const answer = await answerOf(source);
    if (typeof expected === 'string') expect(answer).toBe(expected);
    else expect(answer).toMatch(expected);
  });

  test('that says nothing', async () => {
    expect(await answerOf(liar(`''`), SHORT_MS)).toMatch(/did not answer in time \(dead\)$/);
  });

  test('and its reasons are short and harmless', async () => {
    const answer = await answerOf(
      liar(`JSON.stringify({id:1,ok:false,why:'\\u001b[2J\\n'.repeat(200)})+'\\n'`),
    );
    expect(answer).not.toMatch(/[\p{Cc}]/u);
    expect(answer.length).toBeLessThan(3000);
  });
});

test('a helper that is asked to be root refuses', async () => {
  const refused = await AccountHelper.start({ uid: 0, gid: 0, home: '/root' }, '/');
  expect(refused).toMatchObject({
    why: isRoot ? 'the account would be root' : 'this process is not the expected user',
  });
});
