import type { CertificateFacts } from '../certificate/facts.js';
import type { WantedName } from '../domain/name/names.js';
import type { RenewalVerdict } from '../renewal/verdict.js';

export type DefectCode =
  | 'CERTIFICATE_ABSENT'
  | 'CERTIFICATE_EMPTY'
  | 'CERTIFICATE_UNREADABLE'
  | 'KEY_UNREADABLE'
  | 'CERTIFICATE_EXPIRED'
  | 'CERTIFICATE_NOT_YET_VALID'
  | 'SELF_SIGNED'
  | 'CHAIN_INCOMPLETE'
  | 'CHAIN_UNTRUSTED'
  | 'RSA_KEY_TOO_SMALL'
  | 'RSA_EXPONENT_WEAK'
  | 'CURVE_TOO_SMALL'
  | 'KEY_TYPE_UNSUPPORTED'
  | 'WEAK_SIGNATURE'
  | 'REVOKED'
  | 'KEY_COMPROMISED'
  | 'NO_SUBJECT_ALT_NAME'
  | 'NO_SERVER_AUTH'
  | 'KEY_MISMATCH'
  | 'NAMES_MISSING'
  | 'KEY_TYPE_DIFFERS';

/**
 * `defective`: visitors are or will be warned, replace it; `incomplete`: fine for the names it has;
 * `preference`: not what was asked for, waits for the renewal; `warning`: said, never a reason to order.
 */
export type DefectSeverity = 'defective' | 'incomplete' | 'preference' | 'warning';

export interface Defect {
  readonly code: DefectCode;
  readonly severity: DefectSeverity;
  /** Where the rule stands, for example `RFC 5280 4.1.2.5`. */
  readonly citation: string;
  /** One printable sentence; ends with OpenSSL's verification tail where one exists. */
  readonly message: string;
  /** For NAMES_MISSING: the names. */
  readonly names?: readonly WantedName[];
}

/** The documented three values. */
export type TlsStatus = 'ok' | 'incomplete' | 'defective';

/** Whose certificate it is (design 5.4). */
export type Ownership = 'ours' | 'foreign' | 'none';

export interface Evaluation {
  readonly tlsStatus: TlsStatus;
  readonly defects: readonly Defect[];
  readonly ownership: Ownership;
  /** Null when there is no certificate to renew. */
  readonly renewal: RenewalVerdict | null;
  /** Wanted names that the certificate covers; none when it is self-signed: that secures nobody. */
  readonly securedNames: readonly WantedName[];
  readonly missingNames: readonly WantedName[];
  readonly notAfter: Date | null;
  readonly fingerprint: string | null;
  readonly ariCertificateId: string | null;
  /** Who signed it, on the way to a trusted root; absent or null where no such way was found. */
  readonly issuer?: CertificateFacts | null;
}
