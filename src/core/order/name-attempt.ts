import { type Fraction, retryDelayMs } from './backoff.js';
import type { NameRecord } from './name-record.js';

const HOUR_MS = 60 * 60_000;
/** Let's Encrypt allows 5 failed authorizations per name, account and hour; two are left to people (design 5.2, protocol B-11). */
export const CA_FAILURES_PER_HOUR = 3;
/** How many failures a record keeps; beyond the hour limit they only tell a story. */
const KEPT_CA_FAILURES = 20;
/** A CA's text is kept for `why` and mails, not at any length. */
const KEPT_MESSAGE_LENGTH = 500;

/** Whether a name may be put into an order now. */
export type NameAttemptVerdict =
  | { readonly mayTry: true }
  | { readonly mayTry: false; readonly because: 'BACKOFF' | 'HOURLY_LIMIT'; readonly until: Date };

/**
 * Whether a name may be put into an order now: fewer than 3 failures counted by a CA within the hour, and its backoff
 * over. `isEmergency` overrides the backoff, never the hourly limit (design 5.2).
 */
export function judgeNameAttempt(
  record: NameRecord | undefined,
  now: Date,
  isEmergency = false,
): NameAttemptVerdict {
  if (record === undefined) return { mayTry: true };
  const recent = record.caFailures
    .map((failure) => Math.min(Date.parse(failure.at), now.getTime()))
    .filter((ms) => ms > now.getTime() - HOUR_MS)
    .sort((a, b) => a - b);
  if (recent.length >= CA_FAILURES_PER_HOUR) {
    const oldest = recent[recent.length - CA_FAILURES_PER_HOUR] ?? now.getTime();
    return { mayTry: false, because: 'HOURLY_LIMIT', until: new Date(oldest + HOUR_MS) };
  }
  const nextAttemptAt = record.nextAttemptAt === null ? null : new Date(record.nextAttemptAt);
  if (!isEmergency && nextAttemptAt !== null && nextAttemptAt > now)
    return { mayTry: false, because: 'BACKOFF', until: nextAttemptAt };
  return { mayTry: true };
}

/** A failure as `rememberFailure` takes it; `source` local = our own preflight, which no CA counted. */
export type NameFailure = {
  readonly at: Date;
  readonly code: string;
  /** Kept as it came (it is escaped where it is shown), at most 500 characters. */
  readonly message: string;
} & (
  | { readonly source: 'local' }
  | {
      readonly source: 'ca';
      readonly provider: string;
      /** Life of the certificates asked for, null = unknown: bounds the longest wait. */
      readonly lifeMs: number | null;
      readonly fraction: Fraction;
    }
);

/**
 * The record after one more failure. A CA's failure puts the name off by 1, 10, 100 min, then min(24 h, life/10), ±25 %;
 * a local one costs nothing at the CA and leaves the next attempt where it was.
 */
export function rememberFailure(
  name: string,
  record: NameRecord | undefined,
  failure: NameFailure,
): NameRecord {
  const before = record ?? emptyRecord(name);
  const at = failure.at.toISOString();
  const seen: NameRecord = {
    ...before,
    consecutiveFailures: before.consecutiveFailures + 1,
    lastFailure: {
      at,
      code: failure.code,
      message: failure.message.slice(0, KEPT_MESSAGE_LENGTH),
      source: failure.source,
    },
  };
  if (failure.source === 'local') return seen;
  const caFailures = [{ at, provider: failure.provider, code: failure.code }, ...before.caFailures].slice(
    0,
    KEPT_CA_FAILURES,
  );
  const since = before.lastPassedAt === null ? Number.NEGATIVE_INFINITY : Date.parse(before.lastPassedAt);
  const inARow = caFailures.filter((one) => Date.parse(one.at) > since).length;
  const waitMs = retryDelayMs(inARow, failure.lifeMs, failure.fraction);
  return { ...seen, caFailures, nextAttemptAt: new Date(failure.at.getTime() + waitMs).toISOString() };
}

/** The record after a CA accepted the name: backoff over; failures of the last hour still count towards the hour. */
export function rememberSuccess(name: string, record: NameRecord | undefined, at: Date): NameRecord {
  return {
    ...(record ?? emptyRecord(name)),
    lastPassedAt: at.toISOString(),
    consecutiveFailures: 0,
    lastFailure: null,
    nextAttemptAt: null,
  };
}

function emptyRecord(name: string): NameRecord {
  return {
    schemaVersion: 1,
    name,
    lastPassedAt: null,
    consecutiveFailures: 0,
    caFailures: [],
    lastFailure: null,
    nextAttemptAt: null,
  };
}
