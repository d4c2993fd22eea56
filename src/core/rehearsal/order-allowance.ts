import type { LedgerRecord } from '../order/ledger-record.js';
import { stopAccount } from '../order/limits/account-stop.js';
import type { AccountLimits } from '../order/limits/buckets.js';
import { type BudgetVerdict, countOrder, judgeAccount } from '../order/limits/order-budget.js';
import { NO_PUBLISHED_LIMITS } from '../order/limits/published-limits.js';
import type { AcmeProblem } from '../order/resources.js';

/** What an order is, as limits see it. */
export interface OrderNeed {
  readonly isEmergency: boolean;
  /** The CA does not count it: it says which certificate it replaces. */
  readonly isExempt: boolean;
}

/** Whether this server may send a newOrder: the only door of a rehearsal to the arithmetic of limits. */
export interface OrderAllowance {
  judge(now: Date, order: OrderNeed): BudgetVerdict;
  /** One newOrder is sent. */
  count(now: Date): void;
  /** The CA answered with a rate limit. */
  stop(problem: AcmeProblem, now: Date): void;
}

/** A made-up website's names are nobody's neighbours: limits of registered domains are left aside. */
const COUNTED_ORDER = {
  names: [],
  domains: [],
  exemption: null,
  hasFailedBefore: false,
  isEmergency: false,
} as const;

/** The arithmetic of production's ledger: our own share of new orders, and what a CA stops. */
export class LedgerAllowance implements OrderAllowance {
  readonly #limits: AccountLimits;
  #ledger: LedgerRecord = {
    schemaVersion: 1,
    provider: 'rehearsal',
    newOrders: [],
    stoppedUntil: null,
    stoppedBecause: null,
  };

  /** @param newOrders our share: at once, refilled in 3 hours */
  constructor(newOrders: number) {
    this.#limits = { newOrders, published: NO_PUBLISHED_LIMITS };
  }

  judge(now: Date, need: OrderNeed): BudgetVerdict {
    return judgeAccount(this.#ledger, now, this.#limits, need);
  }

  count(now: Date): void {
    this.#ledger = countOrder(this.#ledger, COUNTED_ORDER, now, this.#limits).ledger;
  }

  stop(problem: AcmeProblem, now: Date): void {
    this.#ledger = stopAccount(this.#ledger, problem, now);
  }
}
