/** What a certificate says of itself. Plain data: no library type leaves this folder. */
export interface CertificateFacts {
  /** The DER bytes. */
  readonly der: Uint8Array;
  /** RFC 4514-like one-line forms, printable. */
  readonly subject: string;
  readonly issuer: string;
  /** The issuer's organizationName values (for CERTIFICATE_IS_FROM_HERE). */
  readonly issuerOrganizations: readonly string[];
  /** Lower-case hex of the serial number's DER content octets (leading 00 kept). */
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Lower-case dNSName entries, as written (may be wildcards, may be invalid). */
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly hasSubjectAltName: boolean;
  readonly key: PublicKeyFacts;
  /** OpenSSL's name of the signature algorithm, for example `sha256WithRSAEncryption`, or the OID. */
  readonly signatureAlgorithm: string;
  /** Subject equals issuer and the signature verifies with its own key. */
  readonly isSelfSigned: boolean;
  /** basicConstraints cA, read from DER. */
  readonly isCa: boolean;
  /** OIDs; null when the extension is absent. */
  readonly extendedKeyUsage: readonly string[] | null;
  readonly policyOids: readonly string[];
  readonly validationLevel: ValidationLevel;
  /** Lower-case hex; null when absent. */
  readonly authorityKeyIdentifier: string | null;
  readonly subjectKeyIdentifier: string | null;
  /** Where its revocation list lies (http, https; RFC 5280 4.2.1.13); empty when it names none. */
  readonly crlUrls: readonly string[];
  /** OCSP responders (http, https). */
  readonly ocspUrls: readonly string[];
  /** RFC 9773 section 4.1; null without an authority key identifier. */
  readonly ariCertificateId: string | null;
  /** Lower-case hex SHA-256 of the DER. */
  readonly fingerprint: string;
}

/** CA/B BR 7.1.6.1 policy OIDs decide; an unknown CA's leaf without them is judged by its subject. */
export type ValidationLevel = 'DV' | 'OV' | 'EV' | 'unknown';

export type PublicKeyFacts =
  | { readonly type: 'rsa'; readonly bits: number; readonly exponent: bigint; readonly spki: Uint8Array }
  | { readonly type: 'ec'; readonly curve: string; readonly bits: number; readonly spki: Uint8Array }
  | {
      readonly type: 'ed25519' | 'ed448' | 'dsa' | 'other';
      readonly bits: number | null;
      readonly oid: string;
      readonly spki: Uint8Array;
    };

/** The contents of a website's `combined` file, read and taken apart; nothing judged yet. */
export type CertificateEvidence =
  | { readonly kind: 'absent'; readonly path: string }
  | { readonly kind: 'empty'; readonly path: string }
  | { readonly kind: 'unreadable'; readonly path: string; readonly why: string }
  | {
      readonly kind: 'present';
      readonly path: string;
      readonly leaf: CertificateFacts;
      /** As found after the leaf, in file order. */
      readonly chain: readonly CertificateFacts[];
      /** SPKI bytes of the private key in the file; null when the file has no readable key. */
      readonly keySpki: Uint8Array | null;
      /** Why there is no readable key. */
      readonly keyFault: string | null;
    };
