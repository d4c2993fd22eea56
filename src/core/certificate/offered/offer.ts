import type { CertificateFacts } from '../facts.js';

/** What an administrator hands over: contents of files, or pasted text. */
export interface OfferedFiles {
  readonly certificate: Uint8Array;
  /** Null: it is in the certificate's file, or to be looked for. */
  readonly key: Uint8Array | null;
  /** Certificates of issuers. */
  readonly bundle: Uint8Array | null;
}

/** A pair that was taken out of these, its strength, dates and issuers not judged yet. */
export interface TakenOffer {
  readonly leaf: CertificateFacts;
  /** Proved to belong to the leaf; null: none was given. */
  readonly keyPem: string | null;
  /** The other certificates that were given, each once, in their order. */
  readonly given: readonly CertificateFacts[];
  readonly warnings: readonly OfferFinding[];
}

/** Why a certificate is not installed, or what speaks against it. */
export interface OfferFinding {
  /** Stable. */
  readonly code: string;
  /** One printable sentence. */
  readonly message: string;
  /** One sentence: what to do; null where the message says all. */
  readonly advice: string | null;
}

export type OfferRefusalCode =
  | 'CERTIFICATE_EMPTY'
  | 'CERTIFICATE_UNREADABLE'
  | 'CERTIFICATE_AND_KEY_SWAPPED'
  | 'BUNDLE_UNREADABLE'
  | 'KEY_MISSING'
  | 'KEY_ENCRYPTED'
  | 'KEY_UNREADABLE'
  | 'KEY_MISMATCH';

/** Nothing can be installed of what was given. */
export interface RefusedOffer {
  readonly refused: OfferFinding & { readonly code: OfferRefusalCode };
}

/** A refusal for `code`. */
export function refusedOffer(
  code: OfferRefusalCode,
  message: string,
  advice: string | null = null,
): RefusedOffer {
  return { refused: { code, message, advice } };
}
