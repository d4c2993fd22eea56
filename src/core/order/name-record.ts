/** Retry memory of one name: `names/<name>.json`. */
export interface NameRecord {
  readonly schemaVersion: 1;
  readonly name: string;
  readonly lastPassedAt: string | null;
  /** Orders in a row that it fell out of, for whatever reason. */
  readonly consecutiveFailures: number;
  /** Failures that a CA counted (its authorizations), newest first, at most 20. */
  readonly caFailures: readonly { readonly at: string; readonly provider: string; readonly code: string }[];
  readonly lastFailure: {
    readonly at: string;
    readonly code: string;
    readonly message: string;
    readonly source: 'local' | 'ca';
  } | null;
  /** Not before then is the name put into an order again; null = at once. */
  readonly nextAttemptAt: string | null;
}
