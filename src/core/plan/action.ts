import type { WantedName } from '../domain/name/names.js';
import type { DefectCode } from '../evaluation/evaluation.js';

/**
 * What to do for one website. Plain JSON data: `--dry-run --json` prints it and a real run logs it first, so it holds
 * nothing that depends on the instant of the run (no "days left").
 */
export interface PlannedAction {
  readonly account: string;
  readonly vhost: string;
  readonly kind: ActionKind;
  readonly because: readonly Reason[];
  /**
   * Names to validate, in priority order; what passes is asked for, up to the provider's limit (the documentation
   * applies the limit after validation). Empty for keep.
   */
  readonly names: readonly WantedName[];
  /** Names wanted and not even tried. */
  readonly leftOut: readonly LeftOutName[];
  /** ISO instant at which something is next due for this website; null = now, or nothing is foreseen. */
  readonly dueAt: string | null;
  /** True when visitors have no acceptable certificate now: new before renewal across the whole server. */
  readonly isNew: boolean;
  /** ISO expiry of the present certificate. */
  readonly notAfter: string | null;
  readonly keyType: string;
  /** Where the CA explains why it wants the certificate replaced; absent: nowhere. */
  readonly explanationUrl?: string;
}

/** Stands in the issued record of a certificate that was found on the server and recorded as ours (design 5.4). */
export const ADOPTED_REASON = 'ADOPTED';

export type ActionKind = 'keep' | 'request' | 'replace' | 'await-order';

export interface LeftOutName {
  readonly name: string;
  readonly why: LeftOutCode;
}
export type LeftOutCode =
  | 'EXCLUDED'
  | 'OVER_PROVIDER_LIMIT'
  /** The provider takes no wildcards. */
  | 'WILDCARD_UNSUPPORTED'
  /** Nothing edits zones here, and no certificate secures it now. */
  | 'WILDCARD_NEEDS_DNS';

/**
 * Whether wildcards can be had, as far as settings and what edits zones tell. `unsure`: only looking tells, so it is tried and
 * fails with the reason; `no-editor`: nothing edits zones here; `unsupported`: the provider takes none.
 */
export type WildcardAbility = 'yes' | 'unsure' | 'no-editor' | 'unsupported';

/** A reason has a stable code and one printable sentence. */
export interface Reason {
  readonly code: ReasonCode;
  readonly message: string;
}

export type ReasonCode =
  | DefectCode
  | 'VALID'
  | 'NO_NAMES'
  | 'FOREIGN_CERTIFICATE'
  | 'RENEWAL_DUE'
  | 'EMERGENCY'
  /** The CA wants the certificate replaced now (RFC 9773): it may be about to be revoked. */
  | 'CALLED_BACK'
  | 'ORDER_PENDING';
