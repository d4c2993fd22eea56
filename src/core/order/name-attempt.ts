import { isInstantDue } from '../domain/stored-instant.js';
import { type Fraction, LONGEST_RETRY_DELAY_MS, retryDelayMs } from './backoff.js';
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
  if (isEmergency || record.nextAttemptAt === null) return { mayTry: true };
  const until = new Date(record.nextAttemptAt);
  const isOver = isInstantDue(until, LONGEST_RETRY_DELAY_MS, now);
  return isOver ? { mayTry: true } : { mayTry: false, because: 'BACKOFF', until };
}

/** After so many failures in a row that are not the CA's word, only the longest wait is left: what is wrong here lasts. */
const QUICK_RETRIES_HERE = 1;

/**
 * A failure that cost an order, as `rememberFailure` takes it; `source` ca = a CA counted it, local = it fell out before
 * the CA looked (not placed, not shown by DNS), or the CA said nothing of it.
 */
export type NameFailure = {
  readonly at: Date;
  readonly code: string;
  /** Kept as it came (it is escaped where it is shown), at most 500 characters. */
  readonly message: string;
  /** Life of the certificates asked for, null = unknown: bounds the longest wait. */
  readonly lifeMs: number | null;
  readonly fraction: Fraction;
} & ({ readonly source: 'local' } | { readonly source: 'ca'; readonly provider: string });

/**
 * The record after one more failure. A CA's puts the name off by 1, 10, 100 min, then min(24 h, life/10), ±25 %; a local
 * one by 1 min and then at once by the longest wait, and does not count for the CA's limit per hour.
 */
export function rememberFailure(
  name: string,
  record: NameRecord | undefined,
  failure: NameFailure,
): NameRecord {
  const before = record ?? emptyRecord(name);
  const at = failure.at.toISOString();
  const consecutiveFailures = before.consecutiveFailures + 1;
  const isLasting = failure.source === 'local' && consecutiveFailures > QUICK_RETRIES_HERE;
  const waitMs = isLasting
    ? retryDelayMs(Number.MAX_SAFE_INTEGER, failure.lifeMs, failure.fraction)
    : retryDelayMs(consecutiveFailures, failure.lifeMs, failure.fraction);
  const counted = failure.source === 'local' ? [] : [{ at, provider: failure.provider, code: failure.code }];
  return {
    ...before,
    consecutiveFailures,
    caFailures: [...counted, ...before.caFailures].slice(0, KEPT_CA_FAILURES),
    lastFailure: {
      at,
      code: failure.code,
      message: failure.message.slice(0, KEPT_MESSAGE_LENGTH),
      source: failure.source,
    },
    nextAttemptAt: new Date(failure.at.getTime() + waitMs).toISOString(),
  };
}

/** Whether the name's last order failed before the CA looked: then more is tried here before the next. */
export function isSuspectHere(record: NameRecord | undefined): boolean {
  return record !== undefined && record.consecutiveFailures > 0 && record.lastFailure?.source === 'local';
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
