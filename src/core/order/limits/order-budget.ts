import type { LedgerRecord, LimitStop } from '../ledger-record.js';
import { type AccountLimits, type BucketKey, domainBucket, standingIn, takeFrom } from './buckets.js';
import { setKeyOf, stopsNow } from './limit-stop.js';
import type { Exemption, PublishedLimits } from './published-limits.js';

/** An order as limits see it. */
export interface PlannedOrder {
  readonly names: readonly string[];
  /** Their registered domains, each once. */
  readonly domains: readonly string[];
  /** Null: it counts. */
  readonly exemption: Exemption | null;
  /** One of its names was refused when it was last ordered. */
  readonly hasFailedBefore: boolean;
  /** In an emergency our own share does not count; what a CA says or publishes does (design 5.2). */
  readonly isEmergency: boolean;
  /** Its CA calls the certificate in place back: when our share is spent it has a reserve. Absent: no. */
  readonly isCalledBack?: boolean;
}

/** Whether a newOrder may be sent now, and if not, why and until when. */
export type BudgetVerdict =
  | { readonly mayOrder: true; readonly left: number }
  | {
      readonly mayOrder: false;
      readonly because: 'STOPPED_BY_CA' | 'BUDGET_SPENT';
      readonly until: Date;
    }
  | {
      readonly mayOrder: false;
      readonly because: 'LIMITED_BY_CA' | 'DOMAIN_LIMIT' | 'FAILED_BEFORE_LIMIT';
      readonly until: Date;
      /** The domain, name or set that is held back; what a CA said of it. */
      readonly subject: string;
      readonly words: string | null;
      readonly unpauseUrl: string | null;
    };

type Refused = Exclude<BudgetVerdict, { mayOrder: true }>;

/** The account as such: what its CA stopped, and what an order that counts like most finds left. */
export function judgeAccount(
  ledger: LedgerRecord,
  now: Date,
  limits: AccountLimits,
  {
    isEmergency = false,
    isExempt = false,
    isCalledBack = false,
  }: {
    readonly isEmergency?: boolean;
    readonly isExempt?: boolean;
    readonly isCalledBack?: boolean;
  } = {},
): Extract<BudgetVerdict, { mayOrder: true } | { because: 'STOPPED_BY_CA' | 'BUDGET_SPENT' }> {
  const stoppedUntil = ledger.stoppedUntil === null ? null : new Date(ledger.stoppedUntil);
  if (stoppedUntil !== null && stoppedUntil > now)
    return { mayOrder: false, because: 'STOPPED_BY_CA', until: stoppedUntil };
  if (isExempt) return { mayOrder: true, left: Number.POSITIVE_INFINITY };
  const own = ownBucketOf(ledger, isCalledBack, limits, now);
  const keys: readonly BucketKey[] = isEmergency ? ['new-orders-of-ca'] : [own, 'new-orders-of-ca'];
  const standings = keys.flatMap((key) => standingIn(ledger, key, limits, now) ?? []);
  const opensAt = latest(standings.map((one) => one.opensAt));
  if (opensAt !== null) return { mayOrder: false, because: 'BUDGET_SPENT', until: opensAt };
  const left = Math.min(Number.POSITIVE_INFINITY, ...standings.map((one) => one.left));
  const ours = isEmergency ? standingIn(ledger, 'new-orders', limits, now)?.left : undefined;
  return { mayOrder: true, left: Math.min(left, ours ?? left) };
}

/** The order, by all that is known: the account first, then what the CA stopped of its parts, then what those have left. */
export function judgeOrder(
  ledger: LedgerRecord,
  order: PlannedOrder,
  now: Date,
  limits: AccountLimits,
): BudgetVerdict {
  const account = judgeAccount(ledger, now, limits, {
    isEmergency: order.isEmergency,
    isExempt: order.exemption !== null,
    isCalledBack: order.isCalledBack === true,
  });
  if (!account.mayOrder) return account;
  const isReplacing = order.exemption === 'replaces';
  const held = [
    ...heldByStops(stopsNow(ledger, now), order, isReplacing),
    ...(order.exemption === null ? heldByBuckets(ledger, order, now, limits) : []),
  ];
  return held.sort((a, b) => b.until.getTime() - a.until.getTime())[0] ?? account;
}

/** Whether a name of a planned order is held back by itself: then the others may go without it. */
export function judgeName(
  ledger: LedgerRecord,
  name: { readonly name: string; readonly domain: string; readonly hasFailedBefore: boolean },
  order: Pick<PlannedOrder, 'exemption' | 'isEmergency'>,
  now: Date,
  limits: AccountLimits,
): Refused | null {
  const alone = {
    ...order,
    names: [name.name],
    domains: [name.domain],
    hasFailedBefore: name.hasFailedBefore,
  };
  // The set is that of the whole order, and nobody's name.
  const stops = stopsNow(ledger, now).filter(({ scope }) => scope !== 'exact-set');
  const held = [
    ...heldByStops(stops, alone, order.exemption === 'replaces'),
    ...(order.exemption === null ? heldByBuckets(ledger, alone, now, limits) : []),
  ];
  return held.sort((a, b) => b.until.getTime() - a.until.getTime())[0] ?? null;
}

/** The ledger with the order in it, to be stored before it is sent, and what it took that an order without a certificate gives back. */
export function countOrder(
  ledger: LedgerRecord,
  order: PlannedOrder,
  now: Date,
  limits: AccountLimits,
): { readonly ledger: LedgerRecord; readonly taken: readonly BucketKey[] } {
  if (order.exemption !== null) return { ledger, taken: [] };
  const domains = limits.published.perRegisteredDomain === null ? [] : order.domains.map(domainBucket);
  const own = ownBucketOf(ledger, order.isCalledBack === true && !order.isEmergency, limits, now);
  const spent: BucketKey[] = [own, 'new-orders-of-ca'];
  if (order.hasFailedBefore) spent.push('failed-before');
  return { ledger: takeFrom(ledger, [...spent, ...domains], limits, now), taken: domains };
}

/** What an order takes from our share, or from what is kept for those that are called back. */
function ownBucketOf(
  ledger: LedgerRecord,
  isCalledBack: boolean,
  limits: AccountLimits,
  now: Date,
): 'new-orders' | 'called-back' {
  const isSpent = isCalledBack && (standingIn(ledger, 'new-orders', limits, now)?.opensAt ?? null) !== null;
  return isSpent ? 'called-back' : 'new-orders';
}

/** Why an order does not count at this CA; null: it does. `wasCertified`: it certified exactly these names before. */
export function exemptionOf(
  order: { readonly isReplacing: boolean; readonly wasCertified: boolean },
  { exemptions }: PublishedLimits,
): Exemption | null {
  if (order.isReplacing && exemptions.includes('replaces')) return 'replaces';
  if (order.wasCertified && exemptions.includes('same-names')) return 'same-names';
  return null;
}

function heldByStops(
  stops: readonly LimitStop[],
  order: Pick<PlannedOrder, 'names' | 'domains'>,
  isReplacing: boolean,
): Refused[] {
  const set = setKeyOf(order.names);
  return stops
    .filter(({ scope, key, holdsRenewals }) => {
      if (isReplacing && !holdsRenewals) return false;
      if (scope === 'exact-set') return key === set;
      return (scope === 'name' ? order.names : order.domains).includes(key);
    })
    .map(({ key, until, because, unpauseUrl }) => ({
      mayOrder: false,
      because: 'LIMITED_BY_CA',
      until: new Date(until),
      subject: key,
      words: because,
      unpauseUrl,
    }));
}

function heldByBuckets(
  ledger: LedgerRecord,
  order: Omit<PlannedOrder, 'exemption'>,
  now: Date,
  limits: AccountLimits,
): Refused[] {
  const common = { mayOrder: false, words: null, unpauseUrl: null } as const;
  const held: Refused[] = [];
  for (const domain of order.domains) {
    const opensAt = standingIn(ledger, domainBucket(domain), limits, now)?.opensAt ?? null;
    if (opensAt !== null) held.push({ ...common, because: 'DOMAIN_LIMIT', until: opensAt, subject: domain });
  }
  const failed = order.hasFailedBefore ? standingIn(ledger, 'failed-before', limits, now) : null;
  const [subject = ''] = order.names;
  if (!order.isEmergency && failed?.opensAt != null)
    held.push({ ...common, because: 'FAILED_BEFORE_LIMIT', until: failed.opensAt, subject });
  return held;
}

function latest(instants: readonly (Date | null)[]): Date | null {
  return instants.reduce((last, one) => (one !== null && (last === null || one > last) ? one : last), null);
}
