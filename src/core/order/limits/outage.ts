import type { LedgerRecord } from '../ledger-record.js';

/**
 * How far two failures to use a CA may lie apart to be of one outage: the poller tries hourly, and without it two nights follow
 * each other in a day and what `RandomizedDelaySec` and a long run take.
 */
const LONGEST_GAP_MS = 26 * 60 * 60_000;

type Outage = Pick<LedgerRecord, 'downSince' | 'downSeenAt'>;

/**
 * Since when a CA cannot be used, as far as failures show that followed each other; null: nothing is known of one now. What was
 * noted long ago (a restored backup, one failure and then nobody who asked), or by a clock that was ahead, is no outage.
 */
export function outageSince({ downSince, downSeenAt }: Outage, now: Date): Date | null {
  if (downSince == null || downSeenAt == null) return null;
  const [since, seen] = [Date.parse(downSince), Date.parse(downSeenAt)];
  const isOneOutage = seen <= now.getTime() && now.getTime() - seen <= LONGEST_GAP_MS && since <= seen;
  return isOneOutage ? new Date(since) : null;
}

/** The ledger after one more failure. */
export function noteOutage(ledger: LedgerRecord, because: string, now: Date): LedgerRecord {
  return {
    ...ledger,
    downSince: (outageSince(ledger, now) ?? now).toISOString(),
    downSeenAt: now.toISOString(),
    downBecause: because,
  };
}
