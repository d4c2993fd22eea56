import type { PublishedLimits } from '../order/limits/published-limits.js';

/**
 * A CA as data (protocol C4; the documented spec keys in our own spelling), corrected at run time from its directory.
 * Null stands for what nobody says: it is shown as unspecified.
 */
export interface ProviderDescription {
  readonly name: string;
  readonly displayName: string;
  /** `acme`: by RFC 8555; `local`: inside this program; `module`: a third party's program (design 5.14). */
  readonly kind: 'acme' | 'local' | 'module';
  /** Null when the administrator must give it (CustomACME) or none exists (LocalCA, modules). */
  readonly directoryUrl: string | null;
  /** Whether the administrator may (or, without one, must) name a directory: one of several, or one of one's own. */
  readonly takesDirectory: boolean;
  readonly dcvMethods: readonly ('http-01' | 'dns-01')[];
  /** `queue`: orders are parked at once and polled by the ladder; `api`: waited for within `patienceMs`. */
  readonly deliveryMethod: 'api' | 'queue';
  /** Null = no limit known. */
  readonly maxNamesPerCertificate: number | null;
  readonly httpMaxRedirects: number;
  readonly supportsWildcard: boolean;
  readonly supportsAncestorDcv: boolean;
  /** Documented days before expiry at which it renews (a ceiling, design 5.2). */
  readonly daysToReplace: number;
  /** Usual life of its certificates. */
  readonly validityPeriodMs: number | null;
  readonly averageDeliveryTimeMs: number | null;
  /** Null = no limit known. */
  readonly certificatesPerRegisteredDomainPerWeek: number | null;
  /** All limits that it publishes, for our own reckoning. */
  readonly limits: PublishedLimits;
  readonly requiresEab: boolean;
  /** RFC 9773; null = its directory was not asked yet. */
  readonly hasRenewalInfo: boolean | null;
  /** Profiles of its certificates, as its directory names them. */
  readonly profiles: readonly string[];
  /** The one that was chosen; absent: its default. */
  readonly profile?: string;
  /** Where its present terms are; null = none, or its directory was not asked yet. */
  readonly termsOfServiceUrl: string | null;
  /** RFC 8659 issuer domain names. */
  readonly caaIdentities: readonly string[];
  /** organizationName of its issuing certificates (CERTIFICATE_IS_FROM_HERE). */
  readonly issuerOrganizations: readonly string[];
  /**
   * Whether what these organizations issued is ours without a record of it. Not of CAs that also sell certificates to whom
   * they like: what a customer bought and installed stays (design 5.4).
   */
  readonly isKnownByIssuer: boolean;
  /** How long an order may keep a run waiting before it is parked. */
  readonly patienceMs: number;
  /** Bounds put on its Retry-After when polling. */
  readonly minPollMs: number;
  readonly maxPollMs: number;
  /** What it asks the administrator for, by its own names, and what it says of that; only of third parties'. */
  readonly properties: Readonly<Record<string, string | null>>;
  /** Its certificates are for trying out: no visitor trusts them. */
  readonly isForRehearsals: boolean;
  /** What an administrator should know before choosing it; null = nothing. */
  readonly note: string | null;
}
