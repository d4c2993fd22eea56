/**
 * What to do for one website. Plain JSON data: `--dry-run --json` prints it and a real run logs it first, so it holds
 * nothing that depends on the instant of the run (no "days left").
 */
export interface PlannedAction {
  readonly account: string;
  readonly vhost: string;
  readonly kind: ActionKind;
  readonly because: readonly Reason[];
  /** Names to ask for, in priority order, within the provider's limit; empty for keep. */
  readonly names: readonly string[];
  /** Names wanted and not asked for. */
  readonly leftOut: readonly { readonly name: string; readonly why: LeftOutCode }[];
  /** ISO instant at which something is next due for this website; null = now (or never, for keep without certificate). */
  readonly dueAt: string | null;
  /** True when the website has no certificate of its own that visitors would accept: new before renewal. */
  readonly isNew: boolean;
  /** ISO expiry of the present certificate. */
  readonly notAfter: string | null;
  readonly keyType: string;
}

export type ActionKind = 'keep' | 'request' | 'replace' | 'await-order' | 'defer';
export type LeftOutCode = 'EXCLUDED' | 'OVER_PROVIDER_LIMIT' | 'WILDCARD_UNSUPPORTED' | 'BACKOFF';

/** A reason has a stable code and one printable sentence. */
export interface Reason {
  readonly code: string;
  readonly message: string;
}
