import { EXIT } from '../../core/report/exit-code.js';
import {
  errorOfRefusal,
  exitCodeOfRetry,
  renderRetries,
  retriesDocument,
  retryLines,
} from '../../core/report/retry-lines.js';
import type { RetryRequest } from '../../core/retry/arguments.js';
import type { RetryPlan } from '../../core/retry/plan.js';
import { findRetriesOf, listRetries, tryLater } from '../../runs/try-later.js';
import { openRetryHost } from '../host/retry.js';

/** `try-later --action … --check …`. Gives the exit code. @throws UsageError, ConfigurationError QUEUE_UNAVAILABLE */
export async function tryLaterCommand(plan: RetryPlan, invoked: string): Promise<number> {
  const end = await tryLater(plan, openRetryHost(process.env, invoked));
  for (const line of retryLines(end, plan)) process.stderr.write(`try-later: ${line}\n`);
  if (end.kind === 'refused') throw errorOfRefusal(end.refusal, plan.time);
  return exitCodeOfRetry(end);
}

/** `try-later --has-jobs`: 0 when there are jobs, 1 when there are none. @throws ConfigurationError QUEUE_UNAVAILABLE */
export async function hasJobsCommand(
  { action, isJson }: Extract<RetryRequest, { kind: 'has-jobs' }>,
  invoked: string,
): Promise<number> {
  const host = openRetryHost(process.env, invoked);
  const jobs = action === null ? await listRetries(host.queue) : await findRetriesOf(action, host);
  if ('state' in jobs) throw errorOfRefusal(jobs);
  process.stdout.write(isJson ? `${JSON.stringify(retriesDocument(jobs), null, 2)}\n` : renderRetries(jobs));
  return jobs.length > 0 ? EXIT.done : EXIT.failed;
}
