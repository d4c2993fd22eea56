import { isInstantDue } from '../domain/stored-instant.js';
import { type Fraction, LONGEST_RETRY_DELAY_MS, retryDelayMs } from './backoff.js';
import { FAILED_AUTHORIZATIONS } from './limits/published-limits.js';
import type { NameRecord } from './name-record.js';

/** Of the failed authorizations that a CA allows those that are left to people (design 5.2). */
const LEFT_TO_PEOPLE = 2;
/** Failures of one name that a CA may count within `FAILURES_SPAN_MS`; kept at every CA, as at the strictest. */
export const CA_FAILURES_PER_HOUR = FAILED_AUTHORIZATIONS.capacity - LEFT_TO_PEOPLE;
const FAILURES_SPAN_MS = FAILED_AUTHORIZATIONS.periodMs;
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
  const { opensAt } = failuresOf(record, now);
  if (opensAt !== null) return { mayTry: false, because: 'HOURLY_LIMIT', until: opensAt };
  if (isEmergency || record.nextAttemptAt === null) return { mayTry: true };
  const until = new Date(record.nextAttemptAt);
  const isOver = isInstantDue(until, LONGEST_RETRY_DELAY_MS, now);
  return isOver ? { mayTry: true } : { mayTry: false, because: 'BACKOFF', until };
}

/** What is left of the failures that a CA may count of a name within the hour. */
export interface FailuresStanding {
  readonly left: number;
  readonly cap: number;
  /** When one more may be risked; null = now. */
  readonly opensAt: Date | null;
  /** When none counts any more; null = none does. */
  readonly fullAt: Date | null;
}

/** Whichever CA counted them. A failure in the future (a clock that stepped back) counts as of now. */
export function failuresOf({ caFailures }: Pick<NameRecord, 'caFailures'>, now: Date): FailuresStanding {
  const recent = caFailures
    .map((failure) => Math.min(Date.parse(failure.at), now.getTime()))
    .filter((ms) => ms > now.getTime() - FAILURES_SPAN_MS)
    .sort((a, b) => a - b);
  const over = (ms: number | undefined): Date | null =>
    ms === undefined ? null : new Date(ms + FAILURES_SPAN_MS);
  return {
    left: Math.max(0, CA_FAILURES_PER_HOUR - recent.length),
    cap: CA_FAILURES_PER_HOUR,
    opensAt: over(recent.at(-CA_FAILURES_PER_HOUR)),
    fullAt: over(recent.at(-1)),
  };
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
