import { type BudgetVerdict, countNewOrder, judgeBudget, stopAfterRateLimit } from '../order/budget.js';
import type { LedgerRecord } from '../order/ledger-record.js';
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

/** The arithmetic of production's ledger; within one instant of the rehearsal the list is gone through but once. */
export class LedgerAllowance implements OrderAllowance {
  readonly #cap: number;
  #ledger: LedgerRecord = {
    schemaVersion: 1,
    provider: 'rehearsal',
    newOrders: [],
    stoppedUntil: null,
    stoppedBecause: null,
  };
  #judged: { readonly at: number; readonly verdict: BudgetVerdict } | null = null;
  /** Sent at the instant that was judged last. */
  #sent = 0;

  constructor(cap: number) {
    this.#cap = cap;
  }

  judge(now: Date, { isEmergency, isExempt }: OrderNeed): BudgetVerdict {
    const { verdict } = this.#at(now);
    if (!verdict.mayOrder) {
      const isFree = (isEmergency || isExempt) && verdict.because === 'BUDGET_SPENT';
      return isFree ? { mayOrder: true, left: 0 } : verdict;
    }
    if (isExempt) return { mayOrder: true, left: Number.POSITIVE_INFINITY };
    const left = verdict.left - this.#sent;
    if (left > 0 || isEmergency) return { mayOrder: true, left: Math.max(0, left) };
    this.#settle();
    return judgeBudget(this.#ledger, now, this.#cap);
  }

  count(now: Date): void {
    this.#at(now);
    this.#sent += 1;
  }

  stop(problem: AcmeProblem, now: Date): void {
    this.#settle();
    this.#ledger = stopAfterRateLimit(this.#ledger, problem, now);
  }

  #at(now: Date): { readonly at: number; readonly verdict: BudgetVerdict } {
    const at = now.getTime();
    if (this.#judged === null || this.#judged.at !== at) {
      this.#settle();
      this.#judged = { at, verdict: judgeBudget(this.#ledger, now, this.#cap) };
    }
    return this.#judged;
  }

  /** Writes down what was sent at the instant judged last. */
  #settle(): void {
    const sent = this.#sent;
    if (this.#judged !== null && sent > 0 && Number.isFinite(this.#cap)) {
      const at = new Date(this.#judged.at);
      const counted = countNewOrder(this.#ledger, at);
      const more = Array.from({ length: sent - 1 }, () => at.toISOString());
      this.#ledger = { ...counted, newOrders: [...counted.newOrders, ...more] };
    }
    this.#sent = 0;
    this.#judged = null;
  }
}
