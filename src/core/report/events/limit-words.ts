import { quoteForMessage } from '../../domain/name/names.js';
import type { BudgetVerdict } from '../../order/limits/order-budget.js';
import type { WaitCode } from '../status/waiting.js';
import { storedRefusalWords } from './refusal-words.js';

/** Why limits hold something back. */
export type HeldBack = Exclude<BudgetVerdict, { readonly mayOrder: true }>;

/** The same as one clause without a full stop. `newOrders`: our share in 3 h; `stoppedBecause`: what the CA said of the account. */
export function limitWords(
  held: HeldBack,
  { newOrders, stoppedBecause }: { readonly newOrders: number; readonly stoppedBecause: string | null },
): string {
  switch (held.because) {
    case 'STOPPED_BY_CA':
      return storedRefusalWords('the provider stopped our account', stoppedBecause);
    case 'BUDGET_SPENT':
      return `${newOrders} orders were made in 3 hours, which is our own limit`;
    case 'DOMAIN_LIMIT':
      return `${quoteForMessage(held.subject)} got what we allow ourselves of the provider’s certificates a week for one registered domain`;
    case 'FAILED_BEFORE_LIMIT':
      return 'names that failed before have a small share of the orders, which is spent';
    case 'LIMITED_BY_CA': {
      const [few = ''] = held.subject.split(',');
      const what = held.subject.includes(',') ? `${quoteForMessage(few)} and others` : quoteForMessage(few);
      if (held.unpauseUrl !== null) return `the provider has paused ${what} until a person ends that`;
      return storedRefusalWords(`the provider takes no orders for ${what}`, held.words);
    }
  }
}

/** Limits are waits by their own names. */
export function waitCodeOf({ because }: HeldBack): WaitCode {
  return because;
}
