import type { TrustAnchors } from '../certificate/chain/trust-anchors.js';
import type { CertificateFacts } from '../certificate/facts.js';
import type { Revocation } from '../certificate/revocation/revocation-list.js';
import type { KeyType } from '../domain/key-type.js';
import type { WantedName } from '../domain/name/names.js';
import type { StoredRenewalInfo } from '../renewal/verdict.js';

/** What a website's certificate is measured by. */
export interface EvaluationPolicy {
  /** Names that it should cover: wanted and not excluded. */
  readonly wantedNames: readonly WantedName[];
  readonly keyType: KeyType;
  readonly anchors: TrustAnchors;
  /** Whether a certificate with this fingerprint stands in `issued/` (or was adopted). */
  readonly isRecordedAsOurs: (fingerprint: string) => boolean;
  /**
   * Whether a certificate of ours came from the provider in use, or can come from no other; absent: it did. What visitors do
   * not trust is replaced where another provider was chosen since.
   */
  readonly isOfProviderInUse?: (leaf: CertificateFacts) => boolean;
  /** organizationName of the issuers of all built-in providers (CERTIFICATE_IS_FROM_HERE). */
  readonly issuerOrganizations: readonly string[];
  readonly kind: 'website' | 'hostname';
  /** The provider's documented days before expiry. */
  readonly daysToReplace: number;
  /** How far apart runs are on this server, in ms. */
  readonly runIntervalMs?: number;
  /** How much earlier than its neighbours it is renewed: `spreadShareOf` its name and certificate; absent = 0. */
  readonly spreadShare?: number;
  /** The stored ARI instant of this certificate; null when there is none. */
  readonly ari: StoredRenewalInfo | null;
  /** What is known of a certificate's revocation, by fingerprint; null: nothing. Absent: nothing of any. */
  readonly revocationOf?: (fingerprint: string) => Revocation | null;
  /** Whether an issuer said of a certificate with this key (`keyHashOf`) that somebody else has it; absent: of none. */
  readonly isKeyLost?: (keyHash: string) => boolean;
}
