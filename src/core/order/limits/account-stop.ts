import { UNNAMED_RATE_LIMIT_MS } from '../backoff.js';
import { classifyProblem } from '../classification.js';
import type { LedgerRecord } from '../ledger-record.js';
import { problemCode } from '../problem-type.js';
import type { AcmeProblem } from '../resources.js';

/** A stop that ends so soon is waited out where it is met; for any longer one a run is not held up. */
const SHORT_STOP_MS = 30_000;

/** How long to wait, in ms, for a stop of the account that ends soon; null: it does not, or nothing of that kind is in the way. */
export function shortStopMs(
  verdict:
    | { readonly mayOrder: true }
    | { readonly mayOrder: false; readonly because: string; readonly until: Date },
  now: Date,
): number | null {
  if (verdict.mayOrder || verdict.because !== 'STOPPED_BY_CA') return null;
  const ms = verdict.until.getTime() - now.getTime();
  return ms > SHORT_STOP_MS ? null : Math.max(0, ms);
}

/**
 * Whether an answer to a request for something new holds orders back: a rate limit, or an overload that names its end
 * (protocol B-29: 429 and 503 alike are asked again after their Retry-After, not before).
 */
export function holdsOrdersBack(problem: AcmeProblem): boolean {
  return classifyProblem(problem) === 'rate-limited' || (problem.status === 503 && problem.retryAt !== null);
}

/** The ledger after such an answer: the account is stopped until the CA's instant; an earlier one never shortens it. */
export function stopAccount(ledger: LedgerRecord, problem: AcmeProblem, now: Date): LedgerRecord {
  const until = problem.retryAt ?? new Date(now.getTime() + UNNAMED_RATE_LIMIT_MS);
  const already = ledger.stoppedUntil === null ? null : new Date(ledger.stoppedUntil);
  if (already !== null && already >= until) return ledger;
  return {
    ...ledger,
    stoppedUntil: until.toISOString(),
    stoppedBecause: `${problemCode(problem)}: ${problem.detail}`,
  };
}
