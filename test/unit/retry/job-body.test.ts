import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keptEnvironment } from '../../../src/core/retry/environment.js';
import { type RetryJob, readJobBody, renderJobBody } from '../../../src/core/retry/job-body.js';
import { quoteForShell, readShellWords } from '../../../src/core/retry/shell-words.js';
import { expectGolden } from '../../support/golden.js';
import { anyPlan, anyWord, aPlan } from '../../support/retry-plans.js';

const PROGRAM = { node: '/usr/bin/node', script: '/opt/autossl/bin/try-later' };
const aJob = (different: Partial<RetryJob> = {}): RetryJob => ({
  plan: aPlan(),
  environment: { HOME: '/root', PATH: '/usr/bin:/bin' },
  program: PROGRAM,
  ...different,
});
/** What at(1) puts before a job's own script. */
const PREAMBLE = `#!/bin/sh
# atrun uid=0 gid=0
# mail root 0
umask 22
HOME=/root; export HOME
cd / || {
\t echo 'Execution directory inaccessible' >&2
\t exit 1
}
`;

test('a job as an administrator sees it', () => {
  const plan = aPlan({
    action: { kind: 'script', text: '/usr/local/cpanel/bin/checkallsslcerts --no-retry' },
    check: { kind: 'words', words: ['/bin/sh', '-c', "it's $1"] },
    actFinally: 'action',
    isQueued: true,
    maxRetries: 0,
  });
  expectGolden('retry/job.txt', renderJobBody(aJob({ plan })));
});

test('a job is read back as it was queued', () => {
  const environments = fc.constantFrom<RetryJob['environment']>(
    {},
    { PATH: '/bin', TZ: 'UTC' },
    { LANG: 'a=b /c\n/usr/bin/env' },
  );
  fc.assert(
    fc.property(anyPlan(), environments, (plan, environment) => {
      const job = aJob({ plan, environment });
      expect(readJobBody(renderJobBody(job))).toEqual(job);
      expect(readJobBody(`${PREAMBLE}${renderJobBody(job)}\n`)).toEqual(job);
    }),
  );
});

describe('is none of ours:', () => {
  const ours = renderJobBody(aJob());
  const marker = ours.slice(0, ours.indexOf('\n'));
  test.each([
    ['another script', 'exec try-later --action a --check c\n'],
    ['nothing', ''],
    ['our line inside another', `echo ${marker}\n${ours.slice(marker.length + 1)}`],
    ['our line alone', `${marker}\n`],
    ['our line before another script', `${marker}\nexec /bin/true\n`],
    ['a script that was cut', ours.slice(0, ours.indexOf('--check'))],
    ['a script to which something was added', ours.replace('exec ', 'exec $(id) ')],
    ['another program', ours.replace('/usr/bin/env -i', '/usr/bin/nice -n')],
    ['no program', ours.replace(/ \/usr\/bin\/node \S+ --.*/, '')],
    ['a question', ours.replace(/--action.*/, '--has-jobs')],
  ])('%s', (_, text) => {
    expect(readJobBody(PREAMBLE + text)).toBeUndefined();
    expect(readJobBody(text)).toBeUndefined();
  });
});

describe('words of a shell', () => {
  test.each([
    [['a', '/b/c-d_e.f:1,2+3%4@5'], 'a /b/c-d_e.f:1,2+3%4@5'],
    [['', ' ', "'", 'A=b', '~', 'ä'], "'' ' ' ''\\''' 'A=b' '~' 'ä'"],
  ])('%j', (words, line) => {
    expect(quoteForShell(words)).toBe(line);
    expect(readShellWords(line)).toEqual(words);
  });

  test('are read back as they were', () => {
    fc.assert(
      fc.property(fc.array(anyWord(), { minLength: 1 }), (words) => {
        expect(readShellWords(quoteForShell(words))).toEqual(words);
        expect(readShellWords(`${quoteForShell(words)}\nmore`)).toEqual(words);
      }),
    );
  });

  test.each([[''], ['a  b'], [' a'], ['a '], ['a;b'], ['"a"'], ["'a"], ["'a'b"], ['$a'], ["a'b'"]])(
    '%j is not written by us',
    (text) => {
      expect(readShellWords(text)).toBeUndefined();
    },
  );
});

describe('the environment of a job', () => {
  test('is what it needs, sorted, and nothing else', () => {
    expect(
      keptEnvironment({
        PATH: '/bin',
        TZ: 'UTC',
        HOME: '/root',
        LC_CTYPE: 'C',
        LC_secret: '1',
        LC_: '1',
        AUTOSSL_ROOT: '/srv',
        AUTOSSL_DEBUG: '1',
        AWS_SECRET_ACCESS_KEY: '1',
        XPATH: '1',
        PATHS: '1',
        LANG: undefined,
      }),
    ).toEqual({ AUTOSSL_ROOT: '/srv', HOME: '/root', LC_CTYPE: 'C', PATH: '/bin', TZ: 'UTC' });
  });

  test('has a path where there was none', () => {
    expect(keptEnvironment({})).toEqual({
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    });
  });
});
