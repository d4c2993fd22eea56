import type { ChallengeMethod } from '../domain/challenge-method.js';
import type { FailedName } from './names-to-drop.js';
import { nextPollAt, type PollLimits, parkedPollAt } from './polling.js';
import type { OrderPhase } from './record.js';
import type { AcmeAuthorization, AcmeChallenge, AcmeOrder, AcmeProblem } from './resources.js';

/** All that is known of one order: the journal's word, and what was last read from the CA. */
export interface OrderView {
  readonly phase: OrderPhase;
  readonly names: readonly string[];
  /** Of these, those that are to be proved by DNS where the CA lets us; absent = none. */
  readonly byDns?: readonly string[];
  /** How this process can prove names; absent = by http-01 alone. */
  readonly methods?: readonly ChallengeMethod[];
  readonly createdAt: Date;
  readonly hasOrderUrl: boolean;
  /** Null until it was read in this process. */
  readonly order: AcmeOrder | null;
  /** As last read, in any order; those never read are missing. */
  readonly authorizations: readonly AcmeAuthorization[];
  /** True when the unfinished authorizations were read after the order was. */
  readonly areAuthorizationsFresh: boolean;
  /** URLs of the challenges presented and answered in this process. */
  readonly answered: ReadonlySet<string>;
  /**
   * `unsure`: the CSR may or may not have reached the CA (crash, lost answer, `orderNotReady`); `accepted`: the CA took
   * it, it is never sent again.
   */
  readonly finalize: 'not-sent' | 'unsure' | 'accepted';
  readonly finalizeAttempts: number;
  /** Reads since the last step forward. */
  readonly polls: number;
  /** When the order last moved by our doing in this process, or when this process took it up. */
  readonly steppedForwardAt: Date;
  /** Until then this process waits; afterwards the order is parked. */
  readonly patienceEndsAt: Date;
  readonly limits: PollLimits;
  /** Whether the CA's clock agrees with ours. */
  readonly isClockVouched: boolean;
}

/** One challenge to present, and to answer unless the CA already works on it. */
export interface ChallengeToAnswer {
  readonly name: string;
  readonly challenge: AcmeChallenge & { readonly type: ChallengeMethod; readonly token: string };
  readonly needsAnswer: boolean;
}

/** The one next thing to do for an order. */
export type OrderStep =
  | { readonly do: 'place' }
  | { readonly do: 'read-order' }
  | { readonly do: 'read-authorizations'; readonly urls: readonly string[] }
  | { readonly do: 'answer-challenges'; readonly challenges: readonly ChallengeToAnswer[] }
  | { readonly do: 'wait'; readonly until: Date; readonly afterwards: AfterWaiting }
  | { readonly do: 'finalize' }
  | { readonly do: 'download'; readonly url: string }
  | { readonly do: 'done' }
  | { readonly do: 'park'; readonly pollAt: Date }
  | {
      readonly do: 'give-up';
      readonly problem: AcmeProblem;
      readonly failedNames: readonly FailedName[];
      /** Authorizations that the CA would otherwise hand out again, stuck. */
      readonly toDeactivate: readonly string[];
    }
  | { readonly do: 'expired' };

export type AfterWaiting =
  | { readonly do: 'read-order' }
  | { readonly do: 'read-authorizations'; readonly urls: readonly string[] };

/** Waits for the next poll, or null when that lies beyond this process's patience. */
export function waitWithinPatience(view: OrderView, now: Date, afterwards: AfterWaiting): OrderStep | null {
  const until = nextPollAt(view.order?.retryAt ?? null, view.polls, view.limits, now);
  return until > view.patienceEndsAt ? null : { do: 'wait', until, afterwards };
}

/** Parks the order until the next rung of the ladder. */
export function park(view: OrderView, now: Date): OrderStep {
  return {
    do: 'park',
    pollAt: parkedPollAt(view.createdAt, view.order?.retryAt ?? null, view.limits, now),
  };
}
