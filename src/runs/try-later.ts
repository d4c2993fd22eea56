import { argvOf, type Command } from '../core/retry/command.js';
import { type RetryJob, readJobBody, renderJobBody } from '../core/retry/job-body.js';
import type { JobAnswer, JobRefusal, RetryEnd, RetryQueued } from '../core/retry/outcome.js';
import {
  atWordsOf,
  firstStep,
  nextPlan,
  type RetryPlan,
  stepAfterCheck,
  timeInstead,
} from '../core/retry/plan.js';
import type { CommandRunner, JobQueue } from './ports/jobs.js';

/** What queueing a retry needs. */
export interface RetryQueueHost {
  readonly queue: JobQueue;
  /** Of the jobs, and of each command. */
  readonly environment: RetryJob['environment'];
  readonly program: RetryJob['program'];
  /** The folder in which the jobs run. */
  readonly folder: string;
  /** The tree (`AUTOSSL_ROOT`) that programs work on in this environment, as one spelling for each. */
  treeOf(environment: RetryJob['environment']): string;
}
export interface RetryHost extends RetryQueueHost {
  readonly commands: CommandRunner;
}
/** A job of ours that waits. */
export interface WaitingRetry extends RetryJob {
  readonly id: string;
  readonly runsAt: Date;
}

/**
 * Checks now, unless the plan begins with a job; acts when the check succeeds, queues the next check when it fails, and
 * does what is to be done finally when none is left.
 */
export async function tryLater(plan: RetryPlan, host: RetryHost): Promise<RetryEnd> {
  const first = firstStep(plan);
  if (first.kind === 'queue') return { check: null, ...(await queueNext(plan, first.plan, host)) };
  const check = await host.commands.run(argvOf(plan.check));
  // Ended by what told us to stop, its exit code says nothing of what it was asked.
  if (check.stoppedBy !== null) return { check, kind: 'stopped', by: check.stoppedBy };
  const step = stepAfterCheck(plan, check.exitCode === 0);
  switch (step.kind) {
    case 'act':
      return { check, kind: 'acted', end: await host.commands.run(argvOf(step.command)) };
    case 'act-finally':
      return { check, kind: 'acted-finally', end: await host.commands.run(argvOf(step.command)) };
    case 'queue':
      return { check, ...(await queueNext(plan, step.plan, host)) };
    case 'give-up':
      return { check, kind: 'gave-up' };
  }
}

/** Queues a plan without checking anything now. */
export async function scheduleRetry(plan: RetryPlan, host: RetryQueueHost): Promise<JobAnswer> {
  return queuePlan(nextPlan(plan), host);
}

async function queueNext(plan: RetryPlan, next: RetryPlan, host: RetryQueueHost): Promise<RetryQueued> {
  let answer = await queuePlan(next, host);
  const instead = timeInstead(plan);
  if (answer.state === 'refused' && answer.why === 'past' && instead !== null) {
    answer = await queuePlan({ ...next, time: instead }, host);
  }
  return answer.state === 'refused' ? { kind: 'refused', refusal: answer } : { kind: 'queued', job: answer };
}

function queuePlan(
  plan: RetryPlan,
  { queue, environment, program, folder }: RetryQueueHost,
): Promise<JobAnswer> {
  const body = renderJobBody({ plan, environment, program });
  return queue.schedule({ body, when: atWordsOf(plan.time), folder });
}

/** Our own jobs that wait, in the order in which they will run. */
export async function listRetries(queue: JobQueue): Promise<readonly WaitingRetry[] | JobRefusal> {
  const jobs = await queue.list();
  if ('state' in jobs) return jobs;
  return jobs.flatMap(({ id, runsAt, text }) => {
    const job = readJobBody(text);
    return job === undefined ? [] : [{ ...job, id, runsAt }];
  });
}

/** Our waiting jobs with such an action. Jobs for another tree (`AUTOSSL_ROOT`) are not counted. */
export async function findRetriesOf(
  isWanted: (action: Command) => boolean,
  host: Pick<RetryQueueHost, 'queue' | 'environment' | 'treeOf'>,
): Promise<readonly WaitingRetry[] | JobRefusal> {
  const jobs = await listRetries(host.queue);
  if ('state' in jobs) return jobs;
  const tree = host.treeOf(host.environment);
  return jobs.filter(({ plan, environment }) => isWanted(plan.action) && host.treeOf(environment) === tree);
}
