import { AcmeProtocolError, StateError } from '../core/domain/autossl-error.js';
import { printable } from '../core/domain/names.js';
import { MAX_CLOCK_OFFSET_MS } from '../core/plan/mass-change.js';
import { runFailed } from '../core/report/work-events.js';
import type { CheckHost } from './check-host.js';
import { OrderDesk } from './order-desk.js';
import { reloadServer } from './reload-server.js';
import type { RunRecorder } from './run-recorder.js';
import { secureWebsite } from './secure-website.js';
import type { SurveyOptions, WebsiteWork } from './survey-websites.js';

export interface CarryOutOptions extends Pick<SurveyOptions, 'isReissueAsked' | 'pending'> {
  readonly isBrakeOverridden: boolean;
  /** Certificates of earlier runs that this run has published already: they need the reload too. */
  readonly alreadyPublished: number;
}

/**
 * Works through the websites in their order, at most `concurrentOrders` at a time, then makes the web server use what
 * was published. @throws StateError BRAKE when our clock is off, ConfigurationError TERMS_NOT_ACCEPTED
 */
export async function carryOutPlan(
  work: readonly WebsiteWork[],
  options: CarryOutOptions,
  host: CheckHost,
  recorder: RunRecorder,
  signal: AbortSignal,
): Promise<void> {
  let published = options.alreadyPublished;
  try {
    if (work.length > 0) published += await workThrough(work, options, host, recorder, signal);
  } finally {
    if (published > 0) await reloadServer(host, recorder);
  }
}

async function workThrough(
  work: readonly WebsiteWork[],
  options: CarryOutOptions,
  host: CheckHost,
  recorder: RunRecorder,
  signal: AbortSignal,
): Promise<number> {
  const desk = new OrderDesk(host.provider, host, recorder, signal);
  try {
    const refusal = await openDesk(desk, options, work.length);
    if (refusal !== null) {
      recorder.record(refusal);
      return 0;
    }
    const { default: PQueue } = await import('p-queue');
    const queue = new PQueue({ concurrency: host.settings.concurrentOrders });
    const tasks = work.map((item) => queue.add(() => secureWebsite(item, options, desk, host, recorder)));
    await Promise.all(tasks);
    return desk.published;
  } finally {
    await desk.close();
  }
}

/** Opens the account and compares the clocks; an unreachable CA costs the run's orders, never the run. */
async function openDesk(desk: OrderDesk, options: CarryOutOptions, waiting: number) {
  try {
    const refusal = await desk.open();
    if (refusal !== null) {
      return runFailed(
        'ACCOUNT_REFUSED',
        `The provider refuses our account: ${printable(refusal.detail)} (${printable(refusal.type)}); ${waiting} websites wait.`,
        null,
      );
    }
    const offset = desk.clockOffsetMs;
    if (offset !== null && Math.abs(offset) > MAX_CLOCK_OFFSET_MS && !options.isBrakeOverridden) {
      throw new StateError(
        'BRAKE',
        `our clock is ${Math.round(Math.abs(offset) / 60_000)} minutes off the provider's; nothing is ordered`,
        {
          advice: 'Set the clock (or run again with --yes-really if the provider is wrong).',
        },
      );
    }
    return null;
  } catch (error) {
    if (!(error instanceof AcmeProtocolError)) throw error;
    return runFailed(
      error.code,
      `The provider cannot be used now: ${printable(error.message)}; ${waiting} websites wait.`,
      error.advice,
    );
  }
}
