import { countFailedOrder } from '../../core/order/failed-orders.js';
import type { LedgerRecord } from '../../core/order/ledger-record.js';
import { stopAccount } from '../../core/order/limits/account-stop.js';
import { type AccountLimits, type BucketKey, giveBack } from '../../core/order/limits/buckets.js';
import { addStops } from '../../core/order/limits/limit-stop.js';
import {
  type BudgetVerdict,
  countOrder,
  exemptionOf,
  judgeOrder,
} from '../../core/order/limits/order-budget.js';
import { coverOf, type RateLimitCover } from '../../core/order/limits/rate-limit-scope.js';
import type { AcmeProblem } from '../../core/order/resources.js';
import type { Clock, Ledger } from '../ports.js';

/** What limits look at in an order. */
export interface LimitedOrder {
  readonly names: readonly string[];
  /** It says which certificate it replaces. */
  readonly isReplacing: boolean;
  /** The CA certified exactly these names before. */
  readonly wasCertified: boolean;
  /** One of its names was refused when it was last ordered. */
  readonly hasFailedBefore: boolean;
  readonly isEmergency: boolean;
  /** Its CA calls the certificate in place back. */
  readonly isCalledBack?: boolean;
}

/** `taken`: what the order gives back should no certificate come of it. */
export type Admission =
  | { readonly mayOrder: true; readonly taken: readonly string[] }
  | Exclude<BudgetVerdict, { mayOrder: true }>;

/** The limits of one ACME account (design 5.18): every newOrder passes here, and is counted before it is sent. */
export interface OrderBrake {
  /** Counts one newOrder, durably, when it may be sent and there is a limit. */
  admit(order: LimitedOrder): Promise<Admission>;
  /** No certificate came of an order that took this. */
  release(taken: readonly string[]): Promise<void>;
  /** The CA answered `rateLimited`: what the limit covers is stopped until its instant, across runs. Gives what that is. */
  stop(problem: AcmeProblem, about?: Pick<LimitedOrder, 'names' | 'isReplacing'>): Promise<RateLimitCover>;
}

/** The same, and what else is remembered of the account beside it. */
export interface LedgerBrake extends OrderBrake {
  /** An order of the website was placed and failed. */
  noteFailed(vhost: string): Promise<void>;
  /** The CA could not be used; `because`: printable or not. */
  noteDown(because: string): Promise<void>;
  /** The CA answered. Writes only where it did not before. */
  noteUp(): Promise<void>;
}

/** What is done under a lock; it asks whether that is held before it writes. */
type FencedTask<Result> = (assertHeld: () => Promise<void>) => Promise<Result>;

/** `exclusively` keeps other processes off the ledger meanwhile; what it hands to its task throws where that failed. */
export function createOrderBrake(
  ledger: Pick<Ledger, 'read' | 'write'>,
  provider: string,
  clock: Pick<Clock, 'now'>,
  limits: AccountLimits,
  exclusively: <Result>(task: FencedTask<Result>) => Promise<Result> = (task) => task(async () => undefined),
): LedgerBrake {
  // Orders run beside each other: reading, judging and writing is one turn.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(task: FencedTask<Result>): Promise<Result> => {
    const mine = turn.then(() => exclusively(task));
    turn = mine.catch(() => undefined);
    return mine;
  };
  const change = (make: (record: LedgerRecord) => LedgerRecord): Promise<void> =>
    inTurn(async (assertHeld) => {
      const record = await ledger.read(provider);
      const changed = make(record);
      if (changed === record) return;
      await assertHeld();
      await ledger.write(changed);
    });
  const isLimited = Number.isFinite(limits.newOrders) || limits.published.perRegisteredDomain !== null;
  return {
    admit: async (order) => {
      const domainOf = await loadDomainOf();
      return inTurn(async (assertHeld) => {
        const record = await ledger.read(provider);
        const planned = {
          ...order,
          domains: [...new Set(order.names.map(domainOf))],
          exemption: exemptionOf(order, limits.published),
        };
        const verdict = judgeOrder(record, planned, clock.now(), limits);
        if (!verdict.mayOrder) return verdict;
        // What has no limit is not counted: ten thousand first orders would rewrite the file each.
        if (!isLimited) return { mayOrder: true, taken: [] };
        const counted = countOrder(record, planned, clock.now(), limits);
        if (counted.ledger !== record) {
          await assertHeld();
          await ledger.write(counted.ledger);
        }
        return { mayOrder: true, taken: counted.taken };
      });
    },
    release: async (taken) => {
      const keys = taken.filter((key): key is BucketKey => key.startsWith('domain '));
      if (keys.length > 0) await change((record) => giveBack(record, keys, limits, clock.now()));
    },
    stop: async (problem, about) => {
      const registeredDomainOf = await loadDomainOf();
      const cover: RateLimitCover =
        about === undefined
          ? { covers: 'account' }
          : coverOf(problem, { ...about, registeredDomainOf }, clock.now());
      await change((record) =>
        cover.covers === 'account'
          ? stopAccount(record, problem, clock.now())
          : addStops(record, cover.stops, clock.now()),
      );
      return cover;
    },
    noteFailed: (vhost) => change((record) => countFailedOrder(record, vhost, clock.now())),
    noteDown: (because) =>
      change((record) => ({
        ...record,
        downSince: record.downSince ?? clock.now().toISOString(),
        downBecause: because,
      })),
    noteUp: async () => {
      if ((await ledger.read(provider)).downSince == null) return;
      await change((record) => ({ ...record, downSince: null, downBecause: null }));
    },
  };
}

/** The public suffix list is loaded by whoever orders, and nobody else. */
export async function loadDomainOf(): Promise<(name: string) => string> {
  const { registeredDomainOf } = await import('../../core/domain/name/registered-domain.js');
  return registeredDomainOf;
}
