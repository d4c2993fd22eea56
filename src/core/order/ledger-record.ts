/** What this server spent at one ACME account: `ledger/<provider>.json`. */
export interface LedgerRecord {
  readonly schemaVersion: 1;
  readonly provider: string;
  /**
   * ISO instants of newOrder requests of the last 3 h, oldest first, as former versions kept them: they still count, and are
   * gone with the next order. Kept as an empty list, so that a former version can read the file.
   */
  readonly newOrders: readonly string[];
  /** When each bucket of `limits/buckets.ts` will be full again, ISO, by its key; one that is full is not listed. Absent = all are. */
  readonly fullAt?: Readonly<Record<string, string>>;
  /** What the CA stopped that is less than the account; those that are over are dropped. Absent = none. */
  readonly stops?: readonly LimitStop[];
  /** Orders that were placed and failed, of the last 24 h, oldest first; absent = none. */
  readonly failedOrders?: readonly { readonly vhost: string; readonly at: string }[];
  /** The account is stopped until then (rateLimited). */
  readonly stoppedUntil: string | null;
  /** When that was noted; absent in records of former versions. */
  readonly stoppedAt?: string | null;
  readonly stoppedBecause: string | null;
  /** Since when the CA could not be used, every time it was tried; null or absent = it answered last. Read by `outageSince`. */
  readonly downSince?: string | null;
  /** When it was last found so; absent in records of former versions. */
  readonly downSeenAt?: string | null;
  /** Why, at the last trial; null or absent with `downSince`. */
  readonly downBecause?: string | null;
}

/** What a CA's limit covers when it is less than the account: the registered domain, the exact set of names, or one name. */
export type StopScope = 'registered-domain' | 'exact-set' | 'name';

/** A part of what an account may order for, stopped by its CA. */
export interface LimitStop {
  readonly scope: StopScope;
  /** The domain, the name, or the names of the set, sorted and joined by commas. */
  readonly key: string;
  /** ISO. */
  readonly until: string;
  /** When it was noted, ISO; absent in records of former versions. */
  readonly notedAt?: string;
  /** The CA's code and words, unescaped. */
  readonly because: string;
  /** Where a person loosens a pause; null = it ends by itself. */
  readonly unpauseUrl: string | null;
  /** The order that met it said which certificate it replaces: what is else exempt is held back too. */
  readonly holdsRenewals: boolean;
}
