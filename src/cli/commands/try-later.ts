import { UsageError } from '../../core/domain/autossl-error.js';
import { EXIT } from '../../core/report/check/exit-code.js';
import {
  errorOfRefusal,
  exitCodeOfRetry,
  renderRetries,
  retriesDocument,
  retryLines,
} from '../../core/report/retry-lines.js';
import type { RetryRequest } from '../../core/retry/arguments.js';
import { isSameCommand } from '../../core/retry/command.js';
import type { RetryPlan } from '../../core/retry/plan.js';
import { findRetriesOf, listRetries, tryLater } from '../../runs/try-later.js';
import { JOB_FOLDER, openRetryHost } from '../host/retry.js';

/** `try-later --action … --check …`. Gives the exit code. @throws UsageError, ConfigurationError QUEUE_UNAVAILABLE */
export async function tryLaterCommand(plan: RetryPlan, invoked: string): Promise<number> {
  const end = await tryLater(plan, openRetryHost(process.env, invoked, presentFolder()));
  for (const line of retryLines(end, plan)) process.stderr.write(`try-later: ${line}\n`);
  if (end.kind === 'refused') throw errorOfRefusal(end.refusal, plan.time);
  return exitCodeOfRetry(end);
}

/** `try-later --has-jobs`: 0 when there are jobs, 1 when there are none. @throws ConfigurationError QUEUE_UNAVAILABLE */
export async function hasJobsCommand(
  { action, isJson }: Extract<RetryRequest, { kind: 'has-jobs' }>,
  invoked: string,
): Promise<number> {
  const host = openRetryHost(process.env, invoked, JOB_FOLDER);
  const jobs =
    action === null
      ? await listRetries(host.queue)
      : await findRetriesOf((one) => isSameCommand(one, action), host);
  if ('state' in jobs) throw errorOfRefusal(jobs);
  process.stdout.write(isJson ? `${JSON.stringify(retriesDocument(jobs), null, 2)}\n` : renderRetries(jobs));
  return jobs.length > 0 ? EXIT.done : EXIT.failed;
}

/** Where commands run, now and in jobs. @throws UsageError BAD_ARGUMENT where it was deleted */
function presentFolder(): string {
  try {
    return process.cwd();
  } catch {
    throw new UsageError('BAD_ARGUMENT', 'the folder in which this was called is not there any more', {
      advice: 'Change to another one first.',
    });
  }
}
