import { reasonOf } from '../../core/domain/system-fault.js';
import { deliveryEvents, deliveryFailed } from '../../core/notice/delivery/delivery-summary.js';
import type { RunEvent } from '../../core/report/events/event.js';
import { deadlineIn } from '../deadline.js';
import { type DeliveryHost, deliverMessages } from './deliver-messages.js';

/** A run is not held up longer by begun messages, in ms; the poller goes on with the rest. */
const AFTER_RUN_MS = 60_000;
/** Of a turn of the poller, which comes every five minutes. */
const TURN_MS = 240_000;
/** What is under way when that time is over is ended so much later. */
const GRACE_MS = 30_000;

/**
 * Delivers for a minute what waits, when a run has done its work, and gives the lines for its log; none where all went well.
 * Never throws: what people are told changes no run's result.
 */
export async function deliverAfterRun(host: DeliveryHost): Promise<readonly RunEvent[]> {
  return deliverWithin(AFTER_RUN_MS, new AbortController().signal, host);
}

/** The same for a turn of the poller. */
export async function deliverInTurn(host: DeliveryHost, signal: AbortSignal): Promise<readonly RunEvent[]> {
  return deliverWithin(TURN_MS, signal, host);
}

async function deliverWithin(
  boundMs: number,
  stop: AbortSignal,
  host: DeliveryHost,
): Promise<readonly RunEvent[]> {
  const deadline = deadlineIn(boundMs + GRACE_MS);
  try {
    const signal = AbortSignal.any([stop, deadline.signal]);
    return deliveryEvents(await deliverMessages(host, { signal, boundMs }));
  } catch (error) {
    return [deliveryFailed(reasonOf(error))];
  } finally {
    deadline.end();
  }
}
