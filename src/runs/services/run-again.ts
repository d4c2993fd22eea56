import type { RetryOutcome } from '../../core/report/events/service-events.js';
import { errorOfRefusal, jobWarnings } from '../../core/report/retry-lines.js';
import { isCallOf } from '../../core/retry/called-program.js';
import { silentCommandOf } from '../../core/retry/command.js';
import { actOnceLater } from '../../core/retry/plan.js';
import { findRetriesOf, type RetryQueueHost, scheduleRetry } from '../try-later.js';

/** Documented: "in an hour". */
const MINUTES = 60;
const PROGRAM = 'checkallsslcerts';
const NO_RETRY = '--no-retry';

/**
 * Has the program run once more in an hour, by the documented job of at(1), which itself schedules none; not where a
 * job waits already that calls it, by whatever path. `program`: words of the command, by absolute paths. What goes wrong
 * the run itself mails: its table, which atd would mail beside that, is not wanted.
 */
export async function runAgainLater(program: readonly string[], host: RetryQueueHost): Promise<RetryOutcome> {
  const action = silentCommandOf([...program, NO_RETRY]);
  const waiting = await findRetriesOf((one) => isCallOf(one, PROGRAM, NO_RETRY), host);
  if ('state' in waiting) return { state: 'failed', why: errorOfRefusal(waiting).message };
  const [job] = waiting;
  if (job !== undefined) return { state: 'there', job: job.id };
  const answer = await scheduleRetry(actOnceLater(action, MINUTES), host);
  if (answer.state === 'refused') return { state: 'failed', why: errorOfRefusal(answer).message };
  const warning = jobWarnings(answer).join('; ');
  return {
    state: 'scheduled',
    job: answer.id,
    runsAt: answer.runsAt,
    warning: warning === '' ? null : warning,
  };
}
