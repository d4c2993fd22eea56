import { UNNAMED_RATE_LIMIT_MS } from './backoff.js';
import { classifyProblem } from './classification.js';
import type { LedgerRecord } from './ledger-record.js';
import { problemCode } from './problem-type.js';
import type { AcmeProblem } from './resources.js';

/** Half of Let's Encrypt's 300 per account: the other half stays for people (design 5.18). */
export const NEW_ORDERS_CAP = 150;
/** The span over which that limit counts. */
export const NEW_ORDERS_SPAN_MS = 3 * 60 * 60_000;

/** Whether a newOrder may be sent now, and if not, why and until when. */
export type BudgetVerdict =
  | { readonly mayOrder: true; readonly left: number }
  | { readonly mayOrder: false; readonly because: 'STOPPED_BY_CA' | 'BUDGET_SPENT'; readonly until: Date };

/**
 * The stored brake of one ACME account (design 5.18): at most `cap` newOrders in 3 h, none before `stoppedUntil`.
 * `isEmergency` overrides our own share, never the CA's Retry-After.
 */
export function judgeBudget(
  ledger: Pick<LedgerRecord, 'newOrders' | 'stoppedUntil'>,
  now: Date,
  cap: number = NEW_ORDERS_CAP,
  isEmergency = false,
): BudgetVerdict {
  const stoppedUntil = ledger.stoppedUntil === null ? null : new Date(ledger.stoppedUntil);
  if (stoppedUntil !== null && stoppedUntil > now)
    return { mayOrder: false, because: 'STOPPED_BY_CA', until: stoppedUntil };
  const recent = recentOrders(ledger.newOrders, now);
  const left = cap - recent.length;
  if (left > 0 || isEmergency) return { mayOrder: true, left: Math.max(0, left) };
  // The budget opens when enough of the oldest have aged out to leave one free.
  const opens = recent[recent.length - cap] ?? now.getTime();
  return { mayOrder: false, because: 'BUDGET_SPENT', until: new Date(opens + NEW_ORDERS_SPAN_MS) };
}

/** The ledger with one more newOrder, to be stored before it is sent; what is older than 3 h is dropped. */
export function countNewOrder(ledger: LedgerRecord, at: Date): LedgerRecord {
  const kept = recentOrders(ledger.newOrders, at).map((ms) => new Date(ms).toISOString());
  return { ...ledger, newOrders: [...kept, at.toISOString()] };
}

/**
 * Whether an answer to a request for something new stops the account: a rate limit, or an overload that names its end
 * (protocol B-29: 429 and 503 alike are asked again after their Retry-After, not before).
 */
export function stopsAccount(problem: AcmeProblem): boolean {
  return classifyProblem(problem) === 'rate-limited' || (problem.status === 503 && problem.retryAt !== null);
}

/** The ledger after such an answer: the account is stopped until the CA's instant; an earlier one never shortens it. */
export function stopAfterRateLimit(ledger: LedgerRecord, problem: AcmeProblem, now: Date): LedgerRecord {
  const until = problem.retryAt ?? new Date(now.getTime() + UNNAMED_RATE_LIMIT_MS);
  const already = ledger.stoppedUntil === null ? null : new Date(ledger.stoppedUntil);
  if (already !== null && already >= until) return ledger;
  return {
    ...ledger,
    stoppedUntil: until.toISOString(),
    stoppedBecause: `${problemCode(problem)}: ${problem.detail}`,
  };
}

/** How many newOrders of the ledger count at this instant. */
export function newOrdersCounted(ledger: Pick<LedgerRecord, 'newOrders'>, now: Date): number {
  return recentOrders(ledger.newOrders, now).length;
}

/** Instants in ms inside the span, oldest first; an instant in our future (clock stepped back) counts as now. */
function recentOrders(instants: readonly string[], now: Date): readonly number[] {
  const floor = now.getTime() - NEW_ORDERS_SPAN_MS;
  return instants
    .map((text) => Math.min(Date.parse(text), now.getTime()))
    .filter((ms) => ms > floor)
    .sort((a, b) => a - b);
}
