import { StateError } from '../../core/domain/autossl-error.js';
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
import { noteOutage } from '../../core/order/limits/outage.js';
import { coverOf, instantTold, type RateLimitCover } from '../../core/order/limits/rate-limit-scope.js';
import { type KnownOrder, rebuiltLedger } from '../../core/order/limits/rebuilt-ledger.js';
import { settleLedger } from '../../core/order/limits/settled-ledger.js';
import { disobeyedInstant, stopEnd } from '../../core/order/limits/stop-end.js';
import type { AcmeProblem } from '../../core/order/resources.js';
import type { RunEvent } from '../../core/report/events/event.js';
import {
  ledgerMadeAnew,
  ledgerSettled,
  retryAfterDisobeyed,
} from '../../core/report/events/ledger-events.js';
import type { Clock } from '../ports/clock.js';
import type { Ledger } from '../ports/records.js';

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
  /**
   * What is remembered. What only a wrong clock can have written is put right for good before, and what cannot be read is made
   * anew of what else is known. @throws StateError CORRUPT_RECORD (a newer version's)
   */
  settled(): Promise<LedgerRecord>;
  /** An order of the website was placed and failed. */
  noteFailed(vhost: string): Promise<void>;
  /** The CA could not be used; `because`: printable or not. */
  noteDown(because: string): Promise<void>;
  /** The CA answered. Writes only where it did not before. */
  noteUp(): Promise<void>;
}

/** What a brake needs besides: a ledger that cannot be read is made anew where both are there. */
export interface LedgerKeeping {
  /** Orders of the last week that other records know of. */
  knownOrders?(): Promise<readonly KnownOrder[]>;
  /** Told of what was put right. */
  onEvent?(event: RunEvent): void;
}

/** What is done under a lock; it asks whether that is held before it writes. */
type FencedTask<Result> = (assertHeld: () => Promise<void>) => Promise<Result>;

/** `exclusively` keeps other processes off the ledger meanwhile; what it hands to its task throws where that failed. */
export function createOrderBrake(
  ledger: Pick<Ledger, 'read' | 'write'> & Partial<Pick<Ledger, 'replaceDamaged'>>,
  provider: string,
  clock: Pick<Clock, 'now'>,
  limits: AccountLimits,
  exclusively: <Result>(task: FencedTask<Result>) => Promise<Result> = (task) => task(async () => undefined),
  keeping: LedgerKeeping = {},
): LedgerBrake {
  // Orders run beside each other: reading, judging and writing is one turn.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(task: FencedTask<Result>): Promise<Result> => {
    const mine = turn.then(() => exclusively(task));
    turn = mine.catch(() => undefined);
    return mine;
  };
  const say = (event: RunEvent): void => keeping.onEvent?.(event);
  const readOrMakeAnew = async (assertHeld: () => Promise<void>): Promise<LedgerRecord> => {
    try {
      return await ledger.read(provider);
    } catch (error) {
      if (!isDamage(error) || ledger.replaceDamaged === undefined) throw error;
      const known = (await keeping.knownOrders?.()) ?? [];
      const anew = rebuiltLedger(provider, known, limits, await loadDomainOf(), clock.now());
      await assertHeld();
      const keptAt = await ledger.replaceDamaged(anew, clock.now());
      say(ledgerMadeAnew(provider, error.message, keptAt, known.length));
      return anew;
    }
  };
  const readSettled = async (assertHeld: () => Promise<void>): Promise<LedgerRecord> => {
    const record = await readOrMakeAnew(assertHeld);
    const { ledger: settled, corrections } = settleLedger(record, limits, clock.now());
    if (corrections.length === 0) return record;
    await assertHeld();
    await ledger.write(settled);
    say(ledgerSettled(provider, corrections));
    return settled;
  };
  const change = (make: (record: LedgerRecord) => LedgerRecord): Promise<void> =>
    inTurn(async (assertHeld) => {
      const record = await readSettled(assertHeld);
      const changed = make(record);
      if (changed === record) return;
      await assertHeld();
      await ledger.write(changed);
    });
  const isLimited = Number.isFinite(limits.newOrders) || limits.published.perRegisteredDomain !== null;
  const settled = async (): Promise<LedgerRecord> => {
    try {
      const record = await ledger.read(provider);
      if (settleLedger(record, limits, clock.now()).corrections.length === 0) return record;
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
    return inTurn(readSettled);
  };
  return {
    settled,
    admit: async (order) => {
      const domainOf = await loadDomainOf();
      return inTurn(async (assertHeld) => {
        const record = await readSettled(assertHeld);
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
      const told = disobeyedInstant(problem, clock.now(), instantTold(problem));
      if (told !== null) say(retryAfterDisobeyed(provider, told, stopEnd(problem, clock.now(), told)));
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
    noteDown: (because) => change((record) => noteOutage(record, because, clock.now())),
    noteUp: async () => {
      if ((await settled()).downSince == null) return;
      await change((record) => ({ ...record, downSince: null, downSeenAt: null, downBecause: null }));
    },
  };
}

function isDamage(error: unknown): error is StateError {
  return error instanceof StateError && error.code === 'CORRUPT_RECORD';
}

/** The public suffix list is loaded by whoever orders, and nobody else. */
export async function loadDomainOf(): Promise<(name: string) => string> {
  const { registeredDomainOf } = await import('../../core/domain/name/registered-domain.js');
  return registeredDomainOf;
}
