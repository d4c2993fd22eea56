import type { LedgerRecord } from '../ledger-record.js';
import { type AccountLimits, domainBucket, takeFrom } from './buckets.js';

const DAY_MS = 24 * 60 * 60_000;
/** The longest span of a limit that is counted here: certificates of a registered domain. */
export const COUNTED_SPAN_MS = 7 * DAY_MS;

/** An order that is known of although the ledger is lost. */
export interface KnownOrder {
  readonly names: readonly string[];
  readonly at: Date;
}

/**
 * A ledger in place of one that cannot be read, by the orders of the last week that other records know of: all of them count,
 * whatever the CA exempted. What a CA stopped it will say again.
 */
export function rebuiltLedger(
  provider: string,
  known: readonly KnownOrder[],
  limits: AccountLimits,
  registeredDomainOf: (name: string) => string,
  now: Date,
): LedgerRecord {
  const nothing: LedgerRecord = {
    schemaVersion: 1,
    provider,
    newOrders: [],
    stoppedUntil: null,
    stoppedBecause: null,
  };
  const counted = known
    .map(({ names, at }) => ({ names, at: at > now ? now : at }))
    .filter(({ at }) => at.getTime() > now.getTime() - COUNTED_SPAN_MS)
    .sort((a, b) => a.at.getTime() - b.at.getTime())
    .reduce((ledger, { names, at }) => {
      const domains = [...new Set(names.map(registeredDomainOf))].map(domainBucket);
      return takeFrom(ledger, ['new-orders', 'new-orders-of-ca', ...domains], limits, at);
    }, nothing);
  return takeFrom(counted, [], limits, now);
}
