import type { LedgerRecord } from './ledger-record.js';

const HOUR_MS = 60 * 60_000;
/** The span over which a website's failed orders are counted. */
export const FAILED_ORDERS_SPAN_MS = 24 * HOUR_MS;
/** As often as one name is tried in its first day: 1, 10 and 100 minutes after it failed. */
export const FAILED_ORDERS_PER_SPAN = 4;
/** In an emergency one more goes out when so long has passed since the last: eight a day at most. */
const EMERGENCY_PAUSE_MS = 3 * HOUR_MS;

/** Whether a website may be ordered for by what became of its last orders. */
export type FailedOrdersVerdict =
  | { readonly mayOrder: true }
  | { readonly mayOrder: false; readonly until: Date };

/**
 * The stored brake of one website: at most 4 orders that failed in 24 h, over runs and the poller. Each name has its own
 * backoff, but whoever rules a website's names can have another one fail each time.
 */
export function judgeFailedOrders(
  { failedOrders = [] }: Pick<LedgerRecord, 'failedOrders'>,
  vhost: string,
  now: Date,
  isEmergency = false,
): FailedOrdersVerdict {
  const recent = failedOrders
    .filter((one) => one.vhost === vhost)
    .map(({ at }) => Math.min(Date.parse(at), now.getTime()))
    .filter((ms) => ms > now.getTime() - FAILED_ORDERS_SPAN_MS)
    .sort((a, b) => a - b);
  const oldest = recent.at(-FAILED_ORDERS_PER_SPAN);
  const last = recent.at(-1);
  if (oldest === undefined || last === undefined) return { mayOrder: true };
  const opens = oldest + FAILED_ORDERS_SPAN_MS;
  const until = new Date(isEmergency ? Math.min(opens, last + EMERGENCY_PAUSE_MS) : opens);
  return until > now ? { mayOrder: false, until } : { mayOrder: true };
}

/** The ledger with one more failed order of the website; what is older than 24 h is dropped. */
export function countFailedOrder(ledger: LedgerRecord, vhost: string, at: Date): LedgerRecord {
  const floor = at.getTime() - FAILED_ORDERS_SPAN_MS;
  const kept = (ledger.failedOrders ?? []).filter((one) => Date.parse(one.at) > floor);
  return { ...ledger, failedOrders: [...kept, { vhost, at: at.toISOString() }] };
}
