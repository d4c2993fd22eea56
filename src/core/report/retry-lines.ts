import { type AutosslError, ConfigurationError, UsageError } from '../domain/autossl-error.js';
import { printable, quoteForMessage } from '../domain/name/names.js';
import { typedOf, wordsOf } from '../retry/command.js';
import type { RetryJob } from '../retry/job-body.js';
import type { AcceptedJob, CommandEnd, JobRefusal, RetryEnd } from '../retry/outcome.js';
import { atWordsOf, type RetryPlan, type RetryTime } from '../retry/plan.js';
import { EXIT } from './check/exit-code.js';
import { withAdvice } from './text/wording.js';

/** Shells say so of what they cannot find, and of what they find and cannot run. */
const NOT_FOUND = 127;
const NOT_RUN = 126;
/** A program that a signal ended: this and the signal's number. */
const BY_SIGNAL = 128;

/** The exit code of try-later: that of the action where one was run. Refusals are errors: `errorOfRefusal`. */
export function exitCodeOfRetry(end: Exclude<RetryEnd, { kind: 'refused' }>): number {
  switch (end.kind) {
    case 'acted':
    case 'acted-finally':
      return exitCodeOfCommand(end.end);
    case 'queued':
      return EXIT.done;
    case 'gave-up':
      return EXIT.failed;
    case 'stopped':
      return BY_SIGNAL + end.by.number;
  }
}

function exitCodeOfCommand({ exitCode, signal, startFault }: CommandEnd): number {
  if (startFault !== null) return startFault === 'ENOENT' ? NOT_FOUND : NOT_RUN;
  return exitCode ?? BY_SIGNAL + (signal?.number ?? 0);
}

/**
 * What we say ourselves, one line each: nothing of what goes as it should in a job, because each word of a job is mailed.
 */
export function retryLines(end: RetryEnd, plan: RetryPlan): readonly string[] {
  const lines: string[] = [];
  const cannotStart = (what: string, { startFault }: CommandEnd): void => {
    if (startFault !== null) lines.push(`the ${what} cannot be started (${printable(startFault)})`);
  };
  if (end.check !== null) cannotStart(`check ${quoteForMessage(typedOf(plan.check))}`, end.check);
  switch (end.kind) {
    case 'acted':
      cannotStart(`action ${quoteForMessage(typedOf(plan.action))}`, end.end);
      break;
    case 'acted-finally':
      cannotStart('command of --act-finally', end.end);
      break;
    case 'queued':
      if (!plan.isQueued) lines.push(queuedLine(end.job, end.check !== null));
      // A job that runs needs not be told that nothing runs jobs.
      lines.push(...jobWarnings(plan.isQueued ? { ...end.job, isDaemonRunning: true } : end.job));
      break;
    case 'gave-up':
      lines.push(`no retry is left, and the check still fails: ${quoteForMessage(typedOf(plan.check))}`);
      break;
    case 'stopped':
      lines.push(`stopped by ${end.by.name} during the check: nothing was done and nothing is queued`);
      break;
    case 'refused':
  }
  return lines;
}

function queuedLine({ id, runsAt }: AcceptedJob, hasChecked: boolean): string {
  const when = `job ${id} checks at ${instant(runsAt)}`;
  return hasChecked ? `the check failed; ${when}` : when;
}

/** What is to be known of a job that at(1) accepted, one line each. */
export function jobWarnings({ id, isDaemonRunning, warning }: AcceptedJob): readonly string[] {
  const lines: string[] = [];
  if (!isDaemonRunning) {
    const advice = 'Start it, for example by "systemctl enable --now atd".';
    lines.push(withAdvice(`atd is not running: job ${id} waits until it is`, advice));
  }
  if (warning !== null) lines.push(`at(1) says of job ${id}: ${printable(warning)}`);
  return lines;
}

/** The error that at(1)'s refusal is; `time` is the one that it was given, if any. */
export function errorOfRefusal(refusal: JobRefusal, time: RetryTime | null = null): AutosslError {
  const said = printable(refusal.said);
  switch (refusal.why) {
    case 'no-at':
      return new ConfigurationError(
        'QUEUE_UNAVAILABLE',
        `at(1) cannot be started (${said}): nothing is queued`,
        {
          advice: 'Install the package “at” and start its daemon, atd.',
        },
      );
    case 'not-permitted':
      return new ConfigurationError('QUEUE_UNAVAILABLE', 'this user may not use at(1): nothing is queued', {
        advice: 'See /etc/at.allow and /etc/at.deny.',
      });
    case 'bad-time':
    case 'past': {
      const words = quoteForMessage(time === null ? '' : atWordsOf(time).join(' '));
      return new UsageError('BAD_ARGUMENT', `at(1) does not take the time ${words}: ${said}`);
    }
    case 'failed':
      return new ConfigurationError('QUEUE_UNAVAILABLE', `at(1) failed: ${said}`);
  }
}

interface Waiting extends RetryJob {
  readonly id: string;
  readonly runsAt: Date;
}

/** One line a job. */
export function renderRetries(jobs: readonly Waiting[]): string {
  return jobs
    .map(({ id, runsAt, plan }) => `${id}  ${instant(runsAt)}  ${printable(typedOf(plan.action))}\n`)
    .join('');
}

export function retriesDocument(jobs: readonly Waiting[]): object {
  return {
    schemaVersion: 1,
    jobs: jobs.map(({ id, runsAt, plan }) => ({
      id: Number(id),
      runsAt: runsAt.toISOString(),
      action: wordsOf(plan.action),
      check: wordsOf(plan.check),
      retriesLeft: plan.maxRetries,
    })),
  };
}

/** To the minute, which is at(1)'s own precision. */
function instant(at: Date): string {
  return `${at.toISOString().slice(0, 16)}Z`;
}
