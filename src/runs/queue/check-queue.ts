import { isServersOwn } from '../../core/domain/account/hostname-owner.js';
import { AutosslError, StateError } from '../../core/domain/autossl-error.js';
import { isWebsiteOrder } from '../../core/order/order-kind.js';
import type { OrderRecord } from '../../core/order/record.js';
import { dueInstants } from '../../core/plan/due-website.js';
import { problemsOf } from '../../core/report/check/tally.js';
import type { RunEvent } from '../../core/report/events/event.js';
import { challengesLeft, runEnded } from '../../core/report/events/work-events.js';
import { type QueueReport, queueReport } from '../../core/report/queue-report.js';
import { assertNothingLost } from '../check/nothing-lost.js';
import { updateProblems } from '../check/problem-lists.js';
import { RunRecorder } from '../check/run-recorder.js';
import { throwIfCutShort } from '../check/run-stop.js';
import { tellOfStandstill, tellOfWebsites } from '../findings/tell-run.js';
import { InstallDesk } from '../install/install-desk.js';
import { endLog } from '../log/log-end.js';
import type { HeldLock } from '../ports/locks.js';
import { noteInstalled } from '../renewal/installed-renewals.js';
import { runSignal } from '../run-signal.js';
import { askForRenewals } from './ask-for-renewals.js';
import { DueWork } from './due-work.js';
import { workOnHostname } from './hostname-turn.js';
import { pollOrders } from './poll-orders.js';
import type { QueueHost } from './queue-host.js';
import { QueueJournal } from './queue-journal.js';
import type { QueueSession } from './queue-session.js';

export interface QueueRequest {
  /** Polls every unfinished order now, whatever its instant says. */
  readonly isForced: boolean;
  readonly signal: AbortSignal;
}

/**
 * One turn of the 5-minute job: goes on with the orders whose instant has come, installs what is ready, judges the
 * websites that are due and orders for them. Nothing is logged unless something is done. While another poller is at work
 * nothing happens. @throws StateError LOCKED (forced alone), BRAKE, LOCK_LOST, CLOCK_JUMPED, WRITE_FAILED; ConfigurationError
 */
export async function checkQueue(
  request: QueueRequest,
  host: QueueHost,
  listen: (event: RunEvent) => void,
): Promise<QueueReport> {
  // Before anything is written where a file system may only be missing.
  await assertNothingLost(host);
  const lock = await host.locks.tryAcquire('queue', 'autossl_check_queue');
  if ('heldBy' in lock) {
    if (!request.isForced)
      return queueReport(await recordsIn(host), dueInstants(host.due.read()), undefined, true);
    const { pid, startedAt } = lock.heldBy;
    throw new StateError('LOCKED', `another poller is at work: process ${pid}, started ${startedAt}`, {
      advice: 'Try again when it has ended.',
    });
  }
  try {
    return await turn(request, host, listen, lock);
  } finally {
    await lock.release();
  }
}

async function turn(
  { isForced, signal: stop }: QueueRequest,
  host: QueueHost,
  listen: (event: RunEvent) => void,
  lock: HeldLock,
): Promise<QueueReport> {
  const journal = new QueueJournal({
    resumeJournal: (startedAt) => host.resumeJournal(startedAt),
    openJournal: () => host.openJournal({ provider: host.provider.name, username: '*' }),
  });
  const recorder = new RunRecorder(journal, listen);
  const signal = runSignal(stop, lock, host);
  const session: QueueSession = {
    ...{ host, journal, recorder, signal },
    installs: new InstallDesk(host.install, host.orders, recorder, lock.signal),
    prepare: once(() => host.tidy()),
  };
  try {
    const polled = await pollOrders(isForced, session);
    throwIfCutShort(signal);
    // Not before the orders that name challenges have taken theirs away.
    for (const line of polled.length > 0 ? await host.sweepChallenges() : [])
      recorder.record(challengesLeft(line));
    await askForRenewals(isForced, session);
    const dueWork = new DueWork(session);
    const judged = [...(await dueWork.carryOut()), ...(await workOnHostname(session))];
    // What was issued in this turn.
    if (polled.length + judged.length > 0) await askForRenewals(false, session);
    await noteInstalled(host, recorder);
    await lock.assertHeld();
    const touched = [
      // What concerns the server itself is in no account's list.
      ...polled.filter(isWebsiteOrder).map((one) => ({ ...one, isJudged: false })),
      ...judged.filter((one) => !isServersOwn(one)).map((one) => ({ ...one, isJudged: true })),
    ];
    await updateProblems(touched, problemsOf(recorder.notable), host, recorder);
    if (dueWork.brake !== null) await tellOfStandstill(dueWork.brake, host, recorder);
    else if (touched.length > 0) await tellOfWebsites(host, recorder);
    if (dueWork.brake !== null) throw dueWork.brake;
    const left = await recordsIn(host);
    const report = queueReport(left, dueInstants(host.due.read()), {
      polled,
      judged,
      events: recorder.notable,
    });
    throwIfCutShort(signal);
    if (report.installed.some(({ service }) => service === undefined)) await host.stateMark.set();
    return await endLog(report, recorder);
  } catch (error) {
    const isSaid = error instanceof AutosslError && recorder.notable.some(({ code }) => code === error.code);
    if (!isSaid) recorder.record(runEnded(error));
    await recorder.end();
    throw error;
  }
}

async function recordsIn({ orders }: Pick<QueueHost, 'orders'>): Promise<readonly OrderRecord[]> {
  return (await orders.list()).flatMap((entry) => (entry.state === 'ok' ? [entry.record] : []));
}

function once(task: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= task();
    return done;
  };
}
