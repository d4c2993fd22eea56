import type { OrderRecord } from '../../core/order/record.js';
import type { DueIndex } from '../../core/plan/due-website.js';

/** What is staged for an order beside its record. */
export interface StagedOrder {
  readonly keyPem: string;
  readonly csrDer: Uint8Array;
  /** Null until downloaded. */
  readonly chainPem: string | null;
}

/** The order journal: `orders/` and `staging/`. Each call is durable (fsync) before it resolves. */
export interface OrderStore {
  /** Stages key and CSR first, then the record. */
  create(record: OrderRecord, staged: { keyPem: string; csrDer: Uint8Array }): Promise<void>;
  update(record: OrderRecord): Promise<void>;
  /** Stages the chain; call before the record says `downloaded`. */
  stageChain(id: string, chainPem: string): Promise<void>;
  readStaged(id: string): Promise<StagedOrder>;
  /** Unfinished orders, oldest first; a damaged record is reported as `broken`. */
  list(): Promise<readonly OrderJournalEntry[]>;
  read(id: string): Promise<OrderRecord | undefined>;
  /** Removes record, then staging (never the other way round). */
  remove(id: string): Promise<void>;
}

export type OrderJournalEntry =
  | { readonly state: 'ok'; readonly record: OrderRecord }
  | { readonly state: 'broken'; readonly path: string; readonly why: string };

/** One certificate that we got: `issued/<vhost>.json` holds these, newest first (format fixed, ARCHITECTURE.md). */
export interface IssuedRecord {
  readonly fingerprint: string;
  readonly account: string;
  readonly vhost: string;
  readonly provider: string;
  readonly directoryUrl: string;
  readonly acmeAccountUrl: string | null;
  readonly orderUrl: string | null;
  readonly orderId: string;
  readonly names: readonly string[];
  readonly because: readonly string[];
  readonly ariCertificateId: string | null;
  /** What its order said that it replaces (RFC 9773); absent in records of former versions, and where nothing was said. */
  readonly replaces?: string | null;
  /** The provider that it was ordered in place of, and that has the next turn; absent: none. */
  readonly insteadOf?: string;
  readonly serial: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly issuedAt: string;
}

/** A certificate that a CA issued for an order of ours and that was never put in place, beside the issued ones. */
export interface UnfitRecord {
  readonly vhost: string;
  readonly account: string;
  readonly provider: string;
  readonly directoryUrl: string;
  readonly orderUrl: string | null;
  readonly orderId: string;
  readonly names: readonly string[];
  /** What is wrong with it: code and clause. */
  readonly code: string;
  readonly why: string;
  readonly at: string;
  readonly chainPem: string;
}

export interface IssuedStore {
  /** Newest first; empty when we never issued for it. */
  read(vhost: string): Promise<readonly IssuedRecord[]>;
  /** Certificates got since then, of all websites; what cannot be read is left out. */
  since(instant: Date): Promise<readonly IssuedRecord[]>;
  /** Adds a record (idempotent by fingerprint); keeps the expired ones for at most 90 days and 20 records. */
  add(record: IssuedRecord): Promise<void>;
  /** Adds what was issued in vain (idempotent by order), as long as the expired ones; it makes nothing ours. */
  addUnfit(record: UnfitRecord): Promise<void>;
}

/** What is due between two runs of autossl_check: a cache, of which the next run makes another. */
export interface DueIndexStore {
  /** Nothing is due where there is none, or a damaged one. Cheap: one small file. */
  read(): DueIndex;
  /** @throws StateError WRITE_FAILED, NO_SPACE */
  write(index: DueIndex): Promise<void>;
}
