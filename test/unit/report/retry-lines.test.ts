import { describe, expect, test } from '@jest/globals';
import { exitCodeForError } from '../../../src/core/report/check/exit-code.js';
import {
  errorOfRefusal,
  exitCodeOfRetry,
  renderRetries,
  retriesDocument,
  retryLines,
} from '../../../src/core/report/retry-lines.js';
import type { AcceptedJob, CommandEnd, JobRefusal, RetryEnd } from '../../../src/core/retry/outcome.js';
import { aPlan } from '../../support/retry-plans.js';

const endOf = (exitCode: number | null, more: Partial<CommandEnd> = {}): CommandEnd => ({
  exitCode,
  signal: null,
  startFault: null,
  stoppedBy: null,
  ...more,
});
const KILLED = endOf(null, { signal: { name: 'SIGKILL', number: 9 } });
const UNKNOWN = endOf(null, { startFault: 'ENOENT' });
const JOB: AcceptedJob = {
  state: 'queued',
  id: '12',
  runsAt: new Date('2026-11-22T08:05:00Z'),
  isDaemonRunning: true,
  warning: null,
};
const queued = (check: CommandEnd | null, more: Partial<AcceptedJob> = {}): RetryEnd => ({
  check,
  kind: 'queued',
  job: { ...JOB, ...more },
});

test.each<[string, Exclude<RetryEnd, { kind: 'refused' }>, number]>([
  ['an action', { check: endOf(0), kind: 'acted', end: endOf(7) }, 7],
  ['an action that was killed', { check: endOf(0), kind: 'acted', end: KILLED }, 137],
  ['an action that is not there', { check: endOf(0), kind: 'acted', end: UNKNOWN }, 127],
  [
    'an action that may not be run',
    { check: endOf(0), kind: 'acted', end: endOf(null, { startFault: 'EACCES' }) },
    126,
  ],
  ['a command run finally', { check: endOf(1), kind: 'acted-finally', end: endOf(0) }, 0],
  ['a queued job', queued(endOf(1)) as Extract<RetryEnd, { kind: 'queued' }>, 0],
  ['giving up', { check: endOf(1), kind: 'gave-up' }, 1],
  ['a signal', { check: KILLED, kind: 'stopped', by: { name: 'SIGINT', number: 2 } }, 130],
])('the exit code of %s', (_, end, expected) => {
  expect(exitCodeOfRetry(end)).toBe(expected);
});

const START = 'Start it, for example by "systemctl enable --now atd".';
describe('what is said', () => {
  test.each<[string, RetryEnd, readonly string[], readonly string[]]>([
    ['of an action that was run', { check: endOf(0), kind: 'acted', end: endOf(7) }, [], []],
    ['of a failed check', queued(endOf(1)), ['the check failed; job 12 checks at 2026-11-22T08:05Z'], []],
    ['of a skipped check', queued(null), ['job 12 checks at 2026-11-22T08:05Z'], []],
    [
      'of a check that is not there',
      queued(UNKNOWN),
      [
        'the check “c\\u{a}d” cannot be started (ENOENT)',
        'the check failed; job 12 checks at 2026-11-22T08:05Z',
      ],
      ['the check “c\\u{a}d” cannot be started (ENOENT)'],
    ],
    [
      'when atd does not run',
      queued(null, { isDaemonRunning: false }),
      ['job 12 checks at 2026-11-22T08:05Z', `atd is not running: job 12 waits until it is. ${START}`],
      [],
    ],
    [
      'when at(1) warns',
      queued(null, { warning: 'odd \u001b[1m' }),
      ['job 12 checks at 2026-11-22T08:05Z', 'at(1) says of job 12: odd \\u{1b}[1m'],
      ['at(1) says of job 12: odd \\u{1b}[1m'],
    ],
    [
      'of an action that is not there',
      { check: endOf(0), kind: 'acted', end: UNKNOWN },
      ['the action “a” cannot be started (ENOENT)'],
      ['the action “a” cannot be started (ENOENT)'],
    ],
    [
      'of the end of all retries',
      { check: endOf(1), kind: 'gave-up' },
      ['no retry is left, and the check still fails: “c\\u{a}d”'],
      ['no retry is left, and the check still fails: “c\\u{a}d”'],
    ],
  ])('%s', (_, end, toAPerson, inAJob) => {
    const plan = aPlan({ check: { kind: 'script', text: 'c\nd' } });
    expect(retryLines(end, plan)).toEqual(toAPerson);
    expect(retryLines(end, { ...plan, isQueued: true })).toEqual(inAJob);
  });
});

test.each<[JobRefusal['why'], string, number]>([
  ['no-at', 'at(1) cannot be started (\\u{7}said): nothing is queued', 3],
  ['not-permitted', 'this user may not use at(1): nothing is queued', 3],
  ['failed', 'at(1) failed: \\u{7}said', 3],
  ['bad-time', 'at(1) does not take the time “half \\u{7}past”: \\u{7}said', 2],
  ['past', 'at(1) does not take the time “half \\u{7}past”: \\u{7}said', 2],
])('a refusal of kind %s', (why, message, exitCode) => {
  const error = errorOfRefusal(
    { state: 'refused', why, said: '\u0007said' },
    { kind: 'at', words: ['half', '\u0007past'] },
  );
  expect([error.message, exitCodeForError(error)]).toEqual([message, exitCode]);
});

test('jobs, as lines and as JSON', () => {
  const job = {
    id: '12',
    runsAt: JOB.runsAt,
    environment: { HOME: '/root' },
    program: { node: '/usr/bin/node', script: '/opt/autossl/bin/try-later' },
    plan: aPlan({ action: { kind: 'words', words: ['/bin/echo', 'a\nb'] }, maxRetries: 2 }),
  };
  expect(renderRetries([job])).toBe("12  2026-11-22T08:05Z  /bin/echo 'a\\u{a}b'\n");
  expect(renderRetries([])).toBe('');
  expect(retriesDocument([job])).toEqual({
    schemaVersion: 1,
    jobs: [
      {
        id: 12,
        runsAt: '2026-11-22T08:05:00.000Z',
        action: ['/bin/echo', 'a\nb'],
        check: ['c'],
        retriesLeft: 2,
      },
    ],
  });
});
