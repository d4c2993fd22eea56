import type { AcmeProtocolError } from '../../core/domain/autossl-error.js';
import type { KeyType } from '../../core/domain/key-type.js';
import type { WantedName } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';
import type { ProblemClass } from '../../core/order/classification.js';
import type { LimitStop } from '../../core/order/ledger-record.js';
import type { FailedName } from '../../core/order/names-to-drop.js';
import type { OrderRecord } from '../../core/order/record.js';
import type { AcmeProblem } from '../../core/order/resources.js';
import type { ProviderDescription } from '../../core/provider/description.js';
import type { RunEvent } from '../../core/report/events/event.js';
import type { CaAccount, CertificateAuthority } from '../ports/authority.js';
import type { ChallengeSolver, DnsChallengeSolver } from '../ports/challenges.js';
import type { Clock, RandomSource } from '../ports/clock.js';
import type { OrderStore, UnfitRecord } from '../ports/orders.js';
import type { OrderBrake } from './order-brake.js';

/** One certificate to get. */
export interface OrderRequest {
  readonly website: Website;
  /** What to ask for: validated locally, within the provider's limit, at least one. */
  readonly names: readonly WantedName[];
  /** Of these, those that passed by DNS. */
  readonly byDns?: readonly WantedName[] | undefined;
  readonly keyType: KeyType;
  /** RFC 9773 certificate id of the certificate that this one takes the place of. */
  readonly replaces: string | null;
  /** Of the certificate; absent or null: the CA's default. */
  readonly profile?: string | null;
  /** Codes of the plan's reasons. */
  readonly because: readonly string[];
  readonly provider: ProviderDescription;
  readonly directoryUrl: string;
  readonly logStartedAt: string | null;
  /** The key to order for (setting `reuseKey`), PEM; a new one is made unless given. */
  readonly reusedKeyPem?: string | undefined;
  /** Overrides our own share of the order budget, never the CA's Retry-After (design 5.2). */
  readonly isEmergency?: boolean;
  /** The provider whose turn it was, where this one stands in for it. */
  readonly insteadOf?: string | undefined;
  /** End of the present certificate, ISO; null: there is none. */
  readonly neededBy?: string | null;
  /** The CA certified exactly these names before. */
  readonly wasCertified?: boolean;
  /** One of the names was refused when it was last ordered. */
  readonly hasFailedBefore?: boolean;
}

/** What an order that was placed needs of the world. */
export interface RunningOrderPorts {
  readonly authority: CertificateAuthority;
  readonly account: CaAccount;
  readonly orders: OrderStore;
  readonly solver: ChallengeSolver;
  /** Null: no zone is edited from here. */
  readonly dns: DnsChallengeSolver | null;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly brake: OrderBrake;
  /** Whether the CA's clock agreed with ours when it was opened: else no order is over by ours. */
  readonly isClockVouched: boolean;
  /** Remembers what was issued for an order and is not put in place. */
  keepUnfit(record: UnfitRecord): Promise<void>;
  onEvent(event: RunEvent): void;
  readonly signal?: AbortSignal;
}

/** Throws StateError LOCK_LOST when what is worked under is held no more. */
export type AssertHeld = () => Promise<void>;

/** What a new order needs besides. */
export interface OrderPorts extends RunningOrderPorts {
  /**
   * Runs one task at a time for the whole server, in order: journal → newOrder → its URL journalled, before the next
   * begins, so that a `kill -9` wastes at most one newOrder. The task is handed what throws once the turn, or the lock of the
   * website, is somebody else's: it asks right before each newOrder.
   */
  placeOrderQueue<Result>(task: (assertHeld: AssertHeld) => Promise<Result>): Promise<Result>;
  /** Whether no newOrder may be sent any more in this run; asked inside that queue. */
  isStopped(): boolean;
  /** Told of a newOrder that gave no order, inside that queue: what waits behind it must know. */
  noteNotPlaced(why: AcmeProtocolError | RefusedOrder): Promise<void> | undefined;
  /** Told of one that gave an order: the CA can be talked to. */
  notePlaced(): void;
  makeKeyAndCsr(
    keyType: KeyType,
    names: readonly WantedName[],
    reusedKeyPem?: string,
  ): Promise<{ readonly keyPem: string; readonly csrDer: Uint8Array }>;
}

/** Why an order ended without a certificate and without a refusal. */
export type AbandonReason =
  /** Our brake: nothing was asked. */
  | 'BUDGET_SPENT'
  | 'STOPPED_BY_CA'
  | 'LIMITED_BY_CA'
  | 'DOMAIN_LIMIT'
  | 'FAILED_BEFORE_LIMIT'
  /** What other orders met stopped this run's ordering: nothing was asked. */
  | 'RUN_ORDERS_NO_MORE'
  /** Crashed before the CA's answer was journalled: left to expire at the CA. */
  | 'NEVER_PLACED'
  /** The CA no longer has it, or its time is over. */
  | 'ORDER_GONE'
  | 'ORDER_EXPIRED'
  /** The website left the server while its challenges waited. */
  | 'WEBSITE_GONE'
  /** What the CA issued is not fit to be put in place (`record.doubt` says why). */
  | 'CERTIFICATE_UNFIT'
  /** Only cleaning remained, and is done. */
  | 'ALREADY_PUBLISHED'
  | 'ALREADY_FAILED';

/** An order that the CA refused, whole or for some of its names. */
export type RefusedOrder = Extract<OrderResult, { outcome: 'refused' }>;

/** What became of an order. The journal's record is gone for `refused` and `abandoned`, and stays for the others. */
export type OrderResult =
  | {
      /** The pair is staged: publish it, then `orders.remove(record.id)`. */
      readonly outcome: 'issued';
      readonly record: OrderRecord;
      readonly keyPem: string;
      /** Leaf first. */
      readonly chainPem: string;
    }
  | {
      /** Parked: `resumeOrder` from `pollAt` on. */
      readonly outcome: 'pending';
      readonly record: OrderRecord;
      readonly pollAt: Date;
      /** Set when it waits because we could not talk to the CA. */
      readonly trouble: AcmeProtocolError | null;
      /** Set when it waits because the CA refused a request for now. `record.doubt` tells of what is read again. */
      readonly problem: AcmeProblem | null;
    }
  | {
      readonly outcome: 'refused';
      readonly record: OrderRecord;
      readonly problem: AcmeProblem;
      readonly classification: ProblemClass;
      /** Names to blame: the rest may be ordered again, once, without them. Empty: the order as a whole was refused. */
      readonly failedNames: readonly FailedName[];
      /** Limits of the CA that it met and that cover less than the account. */
      readonly stops?: readonly LimitStop[];
    }
  | {
      readonly outcome: 'abandoned';
      readonly record: OrderRecord | null;
      readonly why: AbandonReason;
      /** When ordering again makes sense; null = at the next run. */
      readonly retryAt: Date | null;
    };
