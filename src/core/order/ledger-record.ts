/** What this server spent at one ACME account: `ledger/<provider>.json`. */
export interface LedgerRecord {
  readonly schemaVersion: 1;
  readonly provider: string;
  /** ISO instants of newOrder requests of the last 3 h, oldest first. */
  readonly newOrders: readonly string[];
  /** Orders that were placed and failed, of the last 24 h, oldest first; absent = none. */
  readonly failedOrders?: readonly { readonly vhost: string; readonly at: string }[];
  /** The account is stopped until then (rateLimited). */
  readonly stoppedUntil: string | null;
  readonly stoppedBecause: string | null;
}
