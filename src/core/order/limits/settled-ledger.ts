import type { LedgerRecord, LimitStop } from '../ledger-record.js';
import { type AccountLimits, type BucketKey, CLOCK_SLACK_MS, longestDebtMs, rateOf } from './buckets.js';
import { LONGEST_STOP_MS } from './stop-end.js';

/** A ledger without instants that only a wrong clock can have written, and what was found of them. */
export interface SettledLedger {
  /** The same object where nothing was found. */
  readonly ledger: LedgerRecord;
  /** One clause each, without a full stop; printable only when escaped. */
  readonly corrections: readonly string[];
}

/**
 * Instants that lie further ahead than a right clock ever puts them, brought back so that they end within their own span from now
 * on: a bucket is empty and fills again, a stop lasts as long as it was meant to, a failed order happened now. To be stored once
 * by whoever orders: judged anew from each reading's own now it would never end.
 */
export function settleLedger(ledger: LedgerRecord, limits: AccountLimits, now: Date): SettledLedger {
  const corrections: string[] = [];
  const changes: Partial<Omit<LedgerRecord, 'schemaVersion' | 'provider'>>[] = [
    settledBuckets(ledger, limits, now, corrections),
    settledAccountStop(ledger, now, corrections),
    settledStops(ledger, now, corrections),
    settledFailures(ledger, now, corrections),
  ];
  if (corrections.length === 0) return { ledger, corrections };
  return { ledger: Object.assign({ ...ledger }, ...changes) as LedgerRecord, corrections };
}

function settledBuckets(
  { fullAt = {}, newOrders }: LedgerRecord,
  limits: AccountLimits,
  now: Date,
  corrections: string[],
): Partial<LedgerRecord> {
  const settled = Object.entries(fullAt).map(([key, at]): [string, string] => {
    const rate = rateOf(key as BucketKey, limits);
    if (rate === null || Date.parse(at) <= now.getTime() + longestDebtMs(rate) + CLOCK_SLACK_MS)
      return [key, at];
    corrections.push(`the limit “${key}” would be free again at ${at} only`);
    return [key, new Date(now.getTime() + rate.periodMs).toISOString()];
  });
  const isAhead = (at: string): boolean => Date.parse(at) > now.getTime() + CLOCK_SLACK_MS;
  if (newOrders.some(isAhead)) corrections.push(`orders were counted that lie ahead`);
  return {
    fullAt: Object.fromEntries(settled),
    newOrders: newOrders.map((at) => (isAhead(at) ? now.toISOString() : at)),
  };
}

function settledAccountStop(
  { stoppedUntil, stoppedAt }: LedgerRecord,
  now: Date,
  corrections: string[],
): Partial<LedgerRecord> {
  if (stoppedUntil === null) return {};
  const until = settledEnd(stoppedUntil, stoppedAt ?? null, now);
  if (until === null) return {};
  corrections.push(`the account would be stopped until ${stoppedUntil}`);
  return { stoppedUntil: until, stoppedAt: now.toISOString() };
}

function settledStops({ stops = [] }: LedgerRecord, now: Date, corrections: string[]): Partial<LedgerRecord> {
  const settled = stops.map((stop): LimitStop => {
    const until = settledEnd(stop.until, stop.notedAt ?? null, now);
    if (until === null) return stop;
    corrections.push(`${stop.key} would be stopped until ${stop.until}`);
    return { ...stop, until, notedAt: now.toISOString() };
  });
  return { stops: settled };
}

/** Null: it may stay as it is. */
function settledEnd(until: string, notedAt: string | null, now: Date): string | null {
  const isNotedAhead = notedAt !== null && Date.parse(notedAt) > now.getTime() + CLOCK_SLACK_MS;
  const isTooFar = Date.parse(until) > now.getTime() + LONGEST_STOP_MS + CLOCK_SLACK_MS;
  if (!isNotedAhead && !isTooFar) return null;
  // Of one whose length nobody knows the CA is asked again: what it still means it says.
  const lastsMs = isNotedAhead ? Date.parse(until) - Date.parse(notedAt) : 0;
  return new Date(now.getTime() + Math.max(0, Math.min(lastsMs, LONGEST_STOP_MS))).toISOString();
}

function settledFailures(
  { failedOrders = [] }: LedgerRecord,
  now: Date,
  corrections: string[],
): Partial<LedgerRecord> {
  const isAhead = ({ at }: { readonly at: string }): boolean =>
    Date.parse(at) > now.getTime() + CLOCK_SLACK_MS;
  const ahead = failedOrders.filter(isAhead);
  if (ahead.length === 0) return {};
  corrections.push(`${ahead.length} failed orders lie ahead`);
  return {
    failedOrders: failedOrders.map((one) => (isAhead(one) ? { ...one, at: now.toISOString() } : one)),
  };
}
