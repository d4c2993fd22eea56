import { SERVER_OWNER } from '../../core/domain/account/hostname-owner.js';
import { StateError } from '../../core/domain/autossl-error.js';
import type { RunEvent } from '../../core/report/events/event.js';
import { runEnded } from '../../core/report/events/work-events.js';
import type { ServicesForecast, ServicesReport } from '../../core/report/services/services-report.js';
import { RunRecorder } from '../check/run-recorder.js';
import { deadlineIn } from '../deadline.js';
import { openLog } from '../log/unwritten-log.js';
import type { RunJournal } from '../ports/journal.js';
import type { HeldLock } from '../ports/locks.js';
import { runSignal } from '../run-signal.js';
import { mailAdministrator } from './mail-administrator.js';
import type { ServicesHost } from './services-host.js';
import { lockServices } from './services-lock.js';
import { ServicesRun } from './services-run.js';
import type { ServicesScope } from './services-scope.js';

/** In the log's `provider` where AutoSSL is disabled. */
const NO_PROVIDER = 'none';

/** What would be done. Places nothing, locks nothing, logs nothing, mails nothing. @throws StateError */
export async function forecastServices(
  host: ServicesHost,
  listen: (event: RunEvent) => void,
): Promise<ServicesForecast> {
  const { recorder, warnings } = listening(null, listen);
  const { signal } = deadlineIn(host.settings.deadlineMs);
  return await new ServicesRun(host, recorder, warnings, { scheduleRetry: null, signal }).forecast();
}

/**
 * One run of checkallsslcerts: judges the certificate of each service, goes on with a pending order or orders one for the
 * hostname, and gives it to all services that need it. What went wrong is mailed to the administrator in one mail.
 * @throws StateError LOCKED (another run), BRAKE (our clock is off), LOCK_LOST, CLOCK_JUMPED; ConfigurationError
 */
export async function checkServices(
  scope: ServicesScope,
  host: ServicesHost,
  listen: (event: RunEvent) => void,
): Promise<ServicesReport> {
  const deadline = new Date(host.clock.now().getTime() + host.settings.deadlineMs).toISOString();
  const lock = await orTell(
    () => lockServices(host.locks, `checkallsslcerts, ends by ${deadline}`),
    host,
    listen,
  );
  try {
    const facts = { provider: host.ordering?.provider.name ?? NO_PROVIDER, username: SERVER_OWNER };
    const journal = await orTell(
      async () => {
        await host.tidy();
        return await openLog(() => host.openJournal(facts));
      },
      host,
      listen,
    );
    return await runUnderLog(scope, host, journal, listen, lock);
  } finally {
    await lock.release();
  }
}

/** What a run needs before it can begin; that it cannot is mailed, unless it is only that another is under way. */
async function orTell<Needed>(
  task: () => Promise<Needed>,
  host: ServicesHost,
  listen: (event: RunEvent) => void,
): Promise<Needed> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof StateError && error.code === 'LOCKED') throw error;
    const { recorder, warnings } = listening(null, listen);
    const { signal } = new AbortController();
    const run = new ServicesRun(host, recorder, warnings, { scheduleRetry: null, signal });
    await tellEnd(error, run, host, recorder);
    throw error;
  }
}

/** What ended a run, in its log and in a mail. */
async function tellEnd(
  error: unknown,
  run: ServicesRun,
  host: ServicesHost,
  recorder: RunRecorder,
): Promise<void> {
  recorder.record(runEnded(error));
  await recorder.flush();
  await mailAdministrator(run.report(), host, recorder);
}

async function runUnderLog(
  scope: ServicesScope,
  host: ServicesHost,
  journal: RunJournal,
  listen: (event: RunEvent) => void,
  lock: HeldLock,
): Promise<ServicesReport> {
  const { recorder, warnings } = listening(journal, listen);
  const signal = runSignal(scope.signal, lock, host);
  const run = new ServicesRun(host, recorder, warnings, { ...scope, signal });
  try {
    await run.run();
    await recorder.end();
    return run.report();
  } catch (error) {
    await tellEnd(error, run, host, recorder);
    await recorder.end();
    throw error;
  }
}

/** A recorder, and the warnings that went through it: things worth a look that are no fault of anybody's. */
function listening(
  journal: RunJournal | null,
  listen: (event: RunEvent) => void,
): { readonly recorder: RunRecorder; readonly warnings: readonly RunEvent[] } {
  const warnings: RunEvent[] = [];
  const recorder = new RunRecorder(journal, (event) => {
    if (event.type === 'warn' && event.fault === undefined) warnings.push(event);
    listen(event);
  });
  return { recorder, warnings };
}
