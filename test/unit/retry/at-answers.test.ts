import { describe, expect, test } from '@jest/globals';
import { answerOf, refusalOf, waitingJobs } from '../../../src/adapters/queue/at-answers.js';
import type { CommandResult } from '../../../src/adapters/system/exec.js';

const ended = (
  exitCode: number | null,
  stderr: string,
  more: Partial<CommandResult> = {},
): CommandResult => ({
  exitCode,
  signal: null,
  hasTimedOut: false,
  startFault: null,
  stdout: '',
  stderr,
  ...more,
});
const SHELL = 'warning: commands will be executed using /bin/sh\n';

describe('a job that at(1) takes', () => {
  // at prints the time of day of this machine, and so does this test expect it.
  const runsAt = new Date(2026, 10, 2, 8, 5, 0);
  test.each([
    ['', { isDaemonRunning: true, warning: null }],
    ["Can't open /run/atd.pid to signal atd. No atd running?\n", { isDaemonRunning: false, warning: null }],
    ['Warning: at daemon not running\n', { isDaemonRunning: false, warning: null }],
    ['Warning: the spool is full\n', { isDaemonRunning: true, warning: 'Warning: the spool is full' }],
  ])('with %j', (more, expected) => {
    expect(answerOf(ended(0, `${SHELL}job 12 at Mon Nov  2 08:05:00 2026\n${more}`))).toEqual({
      state: 'queued',
      id: '12',
      runsAt,
      ...expected,
    });
  });
});

describe('a job that at(1) does not take', () => {
  test.each<[string, CommandResult, string, string]>([
    ['not installed', ended(null, '', { startFault: 'ENOENT' }), 'no-at', 'ENOENT'],
    ['hanging', ended(null, '', { hasTimedOut: true }), 'failed', 'at(1) did not end in time'],
    [
      'not permitted',
      ended(1, 'You do not have permission to use at.\n'),
      'not-permitted',
      'You do not have permission to use at.',
    ],
    [
      'garbled',
      ended(1, 'syntax error. Last token seen: g\nGarbled time\n'),
      'bad-time',
      'syntax error. Last token seen: g; Garbled time',
    ],
    [
      'past',
      ended(1, 'at: refusing to create job destined in the past\n'),
      'past',
      'at: refusing to create job destined in the past',
    ],
    [
      'without its spool',
      ended(1, `${SHELL}Cannot open lockfile /var/spool/cron/atjobs/.SEQ: No such file or directory\n`),
      'failed',
      'Cannot open lockfile /var/spool/cron/atjobs/.SEQ: No such file or directory',
    ],
    ['silent', ended(1, ''), 'failed', 'at(1) failed and did not say why'],
  ])('%s', (_, result, why, said) => {
    expect(refusalOf(result)).toEqual({ state: 'refused', why, said });
    expect(answerOf(result)).toEqual({ state: 'refused', why, said });
  });

  test('says that it did, and not which', () => {
    expect(answerOf(ended(0, SHELL))).toMatchObject({ state: 'refused', why: 'failed' });
    expect(answerOf(ended(0, 'job 12 at noon\n'))).toMatchObject({ state: 'refused', why: 'failed' });
  });
});

test('waiting jobs of one user, by instant and number', () => {
  const listing = [
    '10\tSun Nov 22 08:05:00 2026 a root',
    '9\tSun Nov 22 08:05:00 2026 b root',
    '11\tSun Nov  1 00:57:00 2026 a root',
    '12\tSun Nov  1 00:57:00 2026 = root',
    '13\tSun Nov  1 00:57:00 2026 a alice',
    'something else',
  ].join('\n');
  expect(waitingJobs(listing, 'root')).toEqual([
    { id: '11', runsAt: new Date(2026, 10, 1, 0, 57) },
    { id: '9', runsAt: new Date(2026, 10, 22, 8, 5) },
    { id: '10', runsAt: new Date(2026, 10, 22, 8, 5) },
  ]);
  expect(waitingJobs('', 'root')).toEqual([]);
});
