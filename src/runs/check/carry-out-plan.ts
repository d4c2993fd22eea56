import { AcmeProtocolError, StateError } from '../../core/domain/autossl-error.js';
import { printable } from '../../core/domain/name/names.js';
import { heldInEmergency } from '../../core/report/check/held-in-emergency.js';
import { refusalWords } from '../../core/report/events/refusal-words.js';
import { runFailed, websiteWaits } from '../../core/report/events/work-events.js';
import type { InstallDesk } from '../install/install-desk.js';
import type { PairTaker } from '../install/issued-pair.js';
import { ProviderBench } from '../order/failover/provider-bench.js';
import type { OrderDesk, Wait } from '../order/order-desk.js';
import type { CheckHost } from './check-host.js';
import { ClockWitness, type ExpiredAtOnce } from './clock-witness.js';
import { OrderTurns } from './order-turns.js';
import { assertRoom } from './room.js';
import type { RunRecorder } from './run-recorder.js';
import { runStopped, throwIfCutShort } from './run-stop.js';
import { secureInTurn } from './secure-in-turn.js';
import type { SurveyOptions, WebsiteWork } from './survey-websites.js';

export interface CarryOutOptions extends Pick<SurveyOptions, 'isReissueAsked'> {
  readonly isBrakeOverridden: boolean;
  /** Certificates that expired since the last run. */
  readonly expired: ExpiredAtOnce;
}

/**
 * Works through the websites in their order, at most `concurrentOrders` of them ordering at a time. When the signal aborts what is under
 * way is ended orderly and the rest waits.
 * @throws StateError BRAKE when our clock is off (or the CA's certificate says so), LOCK_LOST, NO_SPACE; ConfigurationError TERMS_NOT_ACCEPTED
 */
export async function carryOutPlan(
  work: readonly WebsiteWork[],
  options: CarryOutOptions,
  host: CheckHost,
  recorder: RunRecorder,
  installs: InstallDesk,
  signal: AbortSignal,
): Promise<void> {
  assertRoom(
    work.map(({ action }) => action),
    host,
  );
  const witness = new ClockWitness(options, options.expired);
  const open = (desk: OrderDesk) => openDesk(desk, options, recorder, witness);
  const bench = new ProviderBench(host, recorder, signal, { open, witness });
  try {
    if (work.length > 0) await workThrough(work, options, bench, installs, host, recorder);
    recorder.record(...heldInEmergency(work, recorder.notable));
  } finally {
    await bench.close();
  }
}

async function workThrough(
  work: readonly WebsiteWork[],
  options: CarryOutOptions,
  bench: ProviderBench,
  installs: PairTaker,
  host: CheckHost,
  recorder: RunRecorder,
): Promise<void> {
  const desk = bench.first;
  const wait = await bench.openFirst();
  if (wait === null || (bench.hasOthers && !desk.signal.aborted)) {
    const { default: PQueue } = await import('p-queue');
    const { concurrentOrders, concurrentWebsites = concurrentOrders } = host.settings;
    // A website whose names are validated holds up no order: dead servers are waited for ten seconds and more.
    const websites = new PQueue({ concurrency: Math.max(concurrentWebsites, concurrentOrders) });
    const turns = new OrderTurns(concurrentOrders, host.clock);
    const tasks = work.map((item, place) =>
      websites.add(() =>
        turns.work(place, (inOrderTurn) =>
          secureInTurn(item, { ...options, inOrderTurn }, bench, installs, host, recorder),
        ),
      ),
    );
    // Nobody is left working while the desk is closed: an error is thrown when all have ended.
    for (const task of await Promise.allSettled(tasks)) if (task.status === 'rejected') throw task.reason;
  } else {
    for (const { website } of work)
      recorder.record(websiteWaits(website, wait.code, wait.message, wait.until));
  }
  if (!desk.signal.aborted) return;
  throwIfCutShort(desk.signal);
  recorder.record(runStopped(desk.signal));
}

/**
 * Opens the account and compares the clocks; an unreachable CA costs the run's orders, never the run. Gives what all
 * websites wait for. A CA that told us to stay away is not even asked for its directory.
 */
export async function openDesk(
  desk: OrderDesk,
  options: Pick<CarryOutOptions, 'isBrakeOverridden'>,
  recorder: RunRecorder,
  witness: ClockWitness,
): Promise<Wait | null> {
  // Limits hold back each order by itself: some do not count.
  const wait = await desk.wait(true, true);
  if (wait !== null) return wait;
  try {
    const refusal = await desk.open();
    if (refusal !== null) {
      const message = `${refusalWords('The provider refuses our account', refusal)}.`;
      recorder.record(runFailed('ACCOUNT_REFUSED', message, null));
      await desk.noteDown(message);
      return { code: 'PROVIDER_NEEDS_A_PERSON', message: 'the provider refuses our account.', until: null };
    }
  } catch (error) {
    // Told to stop meanwhile: the CA is not to blame.
    if (desk.signal.aborted) return desk.wait(true);
    if (!(error instanceof AcmeProtocolError)) throw error;
    if (error.code === 'CLOCK_OR_CERTIFICATE' && !options.isBrakeOverridden) throw clockBrake(error);
    const message = `The provider cannot be used now: ${printable(error.message)}`;
    recorder.record(runFailed(error.code, message, error.advice));
    await desk.noteDown(printable(error.message));
    return {
      code: 'PROVIDER_UNREACHABLE',
      message: 'the provider cannot be used now.',
      until: error.retryAt,
    };
  }
  return (await witness.hear(desk)) === 'trusted' ? null : CLOCK_APART;
}

/** What is waited for at a CA whose clock is off. */
const CLOCK_APART: Wait = {
  code: 'PROVIDER_UNREACHABLE',
  message: 'the provider’s clock is off.',
  until: null,
};

/** By a clock that may be years off nothing is judged due, and nothing ordered. */
function clockBrake(error: AcmeProtocolError): StateError {
  return new StateError('BRAKE', `${printable(error.message)}; nothing is ordered`, {
    cause: error,
    ...(error.advice === null ? {} : { advice: error.advice }),
  });
}
