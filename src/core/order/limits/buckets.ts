import type { LedgerRecord } from '../ledger-record.js';
import {
  allTakenAt,
  type BucketStanding,
  type FullAtMs,
  putBack,
  type Rate,
  shareOf,
  standingOf,
  taken,
} from './gcra.js';
import { NEW_ORDERS_SPAN_MS, type PublishedLimits } from './published-limits.js';

/** What an account may spend: what its CA publishes, and our own share of it. */
export interface AccountLimits {
  /** New orders at once, refilled in 3 h (setting `limits.newOrdersPer3Hours`); infinite at a CA of our own. */
  readonly newOrders: number;
  readonly published: PublishedLimits;
}

/** Of the orders of our share, those for names that failed before: whatever becomes of them, the others have the rest. */
const FAILED_BEFORE_SHARE = 0.2;
/**
 * Of the certificates of a registered domain those that we ask for: the CA counts when it issues, a little later than we do, so
 * that its bucket is refilled later, too.
 */
const DOMAIN_SHARE = 0.9;

/** What two looks at one clock may be apart without it having been wrong. */
export const CLOCK_SLACK_MS = 60_000;
/**
 * Kept beside our share for what its CA calls back: where the CA does not exempt it from its limits, and all of the share is spent
 * on other websites.
 */
const CALLED_BACK_SHARE = 0.2;

/** The buckets of an account, by their keys in the ledger. */
export type BucketKey =
  | 'new-orders'
  | 'new-orders-of-ca'
  | 'failed-before'
  | 'called-back'
  | `domain ${string}`;

/** The rate of a bucket; null = there is no such limit. */
export function rateOf(key: BucketKey, { newOrders, published }: AccountLimits): Rate | null {
  const ours = Number.isFinite(newOrders)
    ? { capacity: Math.max(1, newOrders), periodMs: NEW_ORDERS_SPAN_MS }
    : null;
  switch (key) {
    case 'new-orders':
      return ours;
    case 'new-orders-of-ca':
      // Whoever allows himself more than the CA publishes was granted more.
      return published.newOrders === null || ours === null || ours.capacity <= published.newOrders.capacity
        ? published.newOrders
        : ours;
    case 'failed-before':
      return ours === null ? null : shareOf(ours, FAILED_BEFORE_SHARE);
    case 'called-back':
      return ours === null ? null : shareOf(ours, CALLED_BACK_SHARE);
    default:
      return published.perRegisteredDomain === null
        ? null
        : shareOf(published.perRegisteredDomain, DOMAIN_SHARE);
  }
}

/** The bucket of a registered domain. */
export function domainBucket(domain: string): BucketKey {
  return `domain ${domain}`;
}

/** What is left of a bucket; null = it has no limit. */
export function standingIn(
  ledger: BucketLedger,
  key: BucketKey,
  limits: AccountLimits,
  now: Date,
): BucketStanding | null {
  const rate = rateOf(key, limits);
  return rate === null ? null : standingOf(rate, fullAtOf(ledger, key, rate, now), now);
}

/** Registered domains of which something is spent, least left first. */
export function spentDomains(
  ledger: BucketLedger,
  limits: AccountLimits,
  now: Date,
): readonly { readonly domain: string; readonly standing: BucketStanding; readonly cap: number }[] {
  const prefix = domainBucket('');
  return Object.keys(ledger.fullAt ?? {})
    .filter((key) => key.startsWith(prefix))
    .flatMap((key) => {
      const domain = key.slice(prefix.length);
      const standing = standingIn(ledger, domainBucket(domain), limits, now);
      const cap = rateOf(domainBucket(domain), limits)?.capacity ?? 0;
      return standing === null || standing.left >= cap ? [] : [{ domain, standing, cap }];
    })
    .sort((a, b) => a.standing.left - b.standing.left || (a.domain < b.domain ? -1 : 1));
}

/** When `count` more will have been taken from a bucket, each as soon as it may; null = now. */
export function allTakenFrom(
  ledger: BucketLedger,
  key: BucketKey,
  count: number,
  limits: AccountLimits,
  now: Date,
): Date | null {
  const rate = rateOf(key, limits);
  return rate === null ? null : allTakenAt(rate, fullAtOf(ledger, key, rate, now), now, count);
}

type BucketLedger = Pick<LedgerRecord, 'fullAt' | 'newOrders'>;

/** The ledger after one was taken from each of these buckets that have a limit. Buckets that are full again are dropped. */
export function takeFrom(
  ledger: LedgerRecord,
  keys: readonly BucketKey[],
  limits: AccountLimits,
  now: Date,
): LedgerRecord {
  const inherited: BucketKey[] = ledger.newOrders.length > 0 ? ['new-orders', 'new-orders-of-ca'] : [];
  const changed = new Map<string, number | null>();
  for (const key of new Set([...inherited, ...keys])) {
    const rate = rateOf(key, limits);
    if (rate === null) continue;
    const fullAt = fullAtOf(ledger, key, rate, now);
    // Emergencies may overdraw our own share, which is open again one filling later.
    const spent = Math.min(taken(rate, fullAt, now), now.getTime() + longestDebtMs(rate));
    changed.set(key, keys.includes(key) ? spent : fullAt);
  }
  return withBuckets(ledger, changed, now);
}

/** The ledger after what an order took that got no certificate was put back. */
export function giveBack(
  ledger: LedgerRecord,
  keys: readonly BucketKey[],
  limits: AccountLimits,
  now: Date,
): LedgerRecord {
  const changed = new Map<string, number | null>();
  for (const key of keys) {
    const rate = rateOf(key, limits);
    if (rate !== null) changed.set(key, putBack(rate, fullAtOf(ledger, key, rate, now), now));
  }
  return changed.size === 0 ? ledger : withBuckets({ ...ledger }, changed, now, true);
}

/** How far ahead a right clock puts the instant at which a bucket is full: that of one that opens after one filling, in ms. */
export function longestDebtMs({ capacity, periodMs }: Rate): number {
  return 2 * periodMs - periodMs / capacity;
}

function withBuckets(
  ledger: LedgerRecord,
  changed: ReadonlyMap<string, FullAtMs>,
  now: Date,
  keepsInstants = false,
): LedgerRecord {
  const before = Object.entries(ledger.fullAt ?? {}).map(([key, at]) => [key, Date.parse(at)] as const);
  const all = new Map<string, FullAtMs>([...before, ...changed]);
  const kept = [...all].flatMap(([key, at]) =>
    at === null || at <= now.getTime() ? [] : [[key, new Date(Math.ceil(at)).toISOString()] as const],
  );
  return {
    ...ledger,
    newOrders: keepsInstants ? ledger.newOrders : [],
    fullAt: Object.fromEntries(kept),
  };
}

/** Instants that a former version left count as one newOrder each. */
function fullAtOf(ledger: BucketLedger, key: BucketKey, rate: Rate, now: Date): FullAtMs {
  const stored = Object.hasOwn(ledger.fullAt ?? {}, key) ? Date.parse(ledger.fullAt?.[key] ?? '') : null;
  // Only a clock that was wrong writes so (settled-ledger.ts, which is stored): then it is empty, and fills from now on.
  const isWrong = stored !== null && stored > now.getTime() + longestDebtMs(rate) + CLOCK_SLACK_MS;
  const known = isWrong ? now.getTime() + rate.periodMs : stored;
  if (key !== 'new-orders' && key !== 'new-orders-of-ca') return known;
  return [...ledger.newOrders]
    .map((text) => Math.min(Date.parse(text), now.getTime()))
    .filter((ms) => ms > now.getTime() - NEW_ORDERS_SPAN_MS)
    .sort((a, b) => a - b)
    .reduce<FullAtMs>((fullAt, ms) => taken(rate, fullAt, new Date(ms)), known);
}
