import { expect, test } from '@jest/globals';
import { type ListedProblem, renderProblems } from '../../../src/core/report/problems/problem-table.js';
import { expectGolden } from '../../support/golden.js';

const problem = (over: Partial<ListedProblem>): ListedProblem => ({
  account: 'alice',
  domain: 'gone.example.com',
  website: 'example.com',
  about: 'name',
  code: 'NXDOMAIN',
  message:
    '“gone.example.com” failed the local validation: gone.example.com does not exist in DNS (NXDOMAIN)',
  advice: 'Create it.',
  fault: 'owner',
  since: '2026-05-20T02:14:33.000Z',
  at: '2026-06-01T02:14:33.000Z',
  log: null,
  ...over,
});
const PROBLEMS = [
  problem({}),
  problem({
    account: 'bob',
    domain: 'a-website-with-a-very-long-name-indeed.and-a-long-domain.example',
    code: 'SECURED_DOMAIN_DCV_FAILURE',
    message: 'it is kept \u001b[31mred\u202e',
  }),
  problem({ account: 'bob', domain: 'bob.test', code: 'PUBLISH_FAILED', message: 'no room', fault: 'ours' }),
];

test.each<[string, number | null]>([
  ['problems-80', 80],
  ['problems-pipe', null],
])('%s', (name, width) => {
  const lines = [...renderProblems(PROBLEMS, width)];
  expectGolden(`report/${name}.txt`, `${lines.join('\n')}\n`);
  if (width !== null) expect(lines.filter((line) => [...line].length > width)).toEqual([]);
});

test('where a pause is ended is copied whole, however narrow the terminal', () => {
  const unpauseUrl = `https://portal.ca.example/unpause?jwt=${'x'.repeat(300)}`;
  const lines = [...renderProblems([problem({ code: 'NAME_PAUSED', unpauseUrl })], 80)];
  expect(lines.slice(-3)).toEqual([
    'gone.example.com is paused until a person ends that:',
    `  ${unpauseUrl}`,
    '1 problem of 1 account: 1 for the owners.',
  ]);
});

test('no problem is said in a line', () => {
  expect([...renderProblems([], 80)]).toEqual(['No problem is recorded.']);
});
