import { isPollInstantDue } from './polling.js';
import type { OrderPhase, OrderRecord } from './record.js';

/** Phases in which an order stands at the CA, or its certificate could not be put in place yet. */
const UNFINISHED: ReadonlySet<OrderPhase> = new Set(['placed', 'finalized', 'downloaded']);

export function isUnfinished({ phase }: Pick<OrderRecord, 'phase'>): boolean {
  return UNFINISHED.has(phase);
}

/**
 * Whether the poller goes on with the order now: its instant has come, or it has none (a run works on it, which its lock
 * tells, or died of it). What a web server died of is left to people. `isForced`: whatever its instant says.
 */
export function isPollDue(
  order: Pick<OrderRecord, 'phase' | 'pollAt' | 'diedOf'>,
  now: Date,
  isForced: boolean,
): boolean {
  if (!isUnfinished(order) || order.diedOf !== null) return false;
  return isForced || isPollInstantDue(order.pollAt, now);
}
