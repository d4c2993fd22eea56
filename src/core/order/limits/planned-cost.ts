import type { LedgerRecord } from '../ledger-record.js';
import { type AccountLimits, allTakenFrom, domainBucket } from './buckets.js';

/** An order that is planned, as far as limits look at it. */
export interface CountedOrder {
  readonly domains: readonly string[];
  readonly isExempt: boolean;
  readonly hasFailedBefore: boolean;
}

/** What these orders cost, and when the last could be sent, were nothing else ordered meanwhile. ISO instants. */
export function costOf(
  orders: readonly CountedOrder[],
  ledger: LedgerRecord,
  limits: AccountLimits,
  now: Date,
): {
  readonly orders: number;
  readonly exempt: number;
  readonly failedBefore: number;
  readonly doneAt: string | null;
  readonly domains: readonly { readonly domain: string; readonly orders: number; readonly doneAt: string }[];
} {
  const counted = orders.filter(({ isExempt }) => !isExempt);
  const failedBefore = counted.filter((one) => one.hasFailedBefore).length;
  const perDomain = new Map<string, number>();
  for (const { domains } of counted)
    for (const domain of domains) perDomain.set(domain, (perDomain.get(domain) ?? 0) + 1);
  const late = [...perDomain].flatMap(([domain, count]) => {
    const doneAt = allTakenFrom(ledger, domainBucket(domain), count, limits, now);
    return doneAt === null ? [] : [{ domain, orders: count, doneAt: doneAt.toISOString() }];
  });
  const ends = [
    allTakenFrom(ledger, 'new-orders', counted.length, limits, now),
    allTakenFrom(ledger, 'new-orders-of-ca', counted.length, limits, now),
    allTakenFrom(ledger, 'failed-before', failedBefore, limits, now),
  ].map((end) => end?.toISOString() ?? null);
  const last = [...ends, ...late.map(({ doneAt }) => doneAt)]
    .filter((one) => one !== null)
    .sort()
    .at(-1);
  return {
    orders: orders.length,
    exempt: orders.length - counted.length,
    failedBefore,
    doneAt: last ?? null,
    domains: late.sort((a, b) => (a.doneAt > b.doneAt ? -1 : 1)),
  };
}
