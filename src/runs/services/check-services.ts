import { AutosslError } from '../../core/domain/autossl-error.js';
import { SERVER_OWNER } from '../../core/domain/hostname-owner.js';
import type { RunEvent } from '../../core/report/event.js';
import type { ServicesForecast, ServicesReport } from '../../core/report/services-report.js';
import { runFailed } from '../../core/report/work-events.js';
import { RunRecorder } from '../check/run-recorder.js';
import { deadlineIn } from '../deadline.js';
import type { HeldLock, RunJournal } from '../ports.js';
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
 * @throws StateError LOCKED (another run), BRAKE (our clock is off), LOCK_LOST; ConfigurationError
 */
export async function checkServices(
  scope: ServicesScope,
  host: ServicesHost,
  listen: (event: RunEvent) => void,
): Promise<ServicesReport> {
  const deadline = new Date(host.clock.now().getTime() + host.settings.deadlineMs).toISOString();
  const lock = await lockServices(host.locks, `checkallsslcerts, ends by ${deadline}`);
  try {
    await host.tidy();
    const journal = await host.openJournal({
      provider: host.ordering?.provider.name ?? NO_PROVIDER,
      username: SERVER_OWNER,
    });
    try {
      return await runUnderLog(scope, host, journal, listen, lock);
    } finally {
      await journal.close();
    }
  } finally {
    await lock.release();
  }
}

async function runUnderLog(
  scope: ServicesScope,
  host: ServicesHost,
  journal: RunJournal,
  listen: (event: RunEvent) => void,
  lock: HeldLock,
): Promise<ServicesReport> {
  const { recorder, warnings } = listening(journal, listen);
  const deadline = deadlineIn(host.settings.deadlineMs);
  const signal = AbortSignal.any([scope.signal, lock.signal, deadline.signal]);
  const run = new ServicesRun(host, recorder, warnings, { ...scope, signal });
  try {
    return await run.run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const advice = error instanceof AutosslError ? error.advice : null;
    recorder.record(runFailed('RUN_ENDED', message, advice));
    await mailAdministrator(run.report(), host, recorder);
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
