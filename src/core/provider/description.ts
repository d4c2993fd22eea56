/** A CA as data (protocol C4; the documented spec keys in our own spelling), corrected at run time from its directory. */
export interface ProviderDescription {
  readonly name: string;
  readonly displayName: string;
  readonly kind: 'acme' | 'local';
  /** Null when the administrator must give it (CustomACME) or none exists (LocalCA). */
  readonly directoryUrl: string | null;
  readonly dcvMethods: readonly ('http-01' | 'dns-01')[];
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
  readonly averageDeliveryTimeMs: number;
  readonly certificatesPerRegisteredDomainPerWeek: number | null;
  readonly requiresEab: boolean;
  /** RFC 8659 issuer domain names. */
  readonly caaIdentities: readonly string[];
  /** organizationName of its issuing certificates (CERTIFICATE_IS_FROM_HERE). */
  readonly issuerOrganizations: readonly string[];
  /** How long an order may keep a run waiting before it is parked. */
  readonly patienceMs: number;
  /** Bounds put on its Retry-After when polling. */
  readonly minPollMs: number;
  readonly maxPollMs: number;
}
