import { ATTRIBUTE, attributeValues, readName } from './distinguished-name.js';
import type { CertificateFacts } from './facts.js';
import { compressedPointOf, exponentOf, modulusOf } from './key/public-number.js';
import { outlineCertificate } from './outline.js';

/** What the documented `certificate_info` says of a certificate (behaviour section 9.4), as plain values. */
export interface CertificateDetails {
  /** Names and addresses of its subjectAltName. */
  readonly domains: readonly string[];
  readonly isSelfSigned: boolean;
  readonly issuerCommonName: string | null;
  readonly issuerOrganization: string | null;
  /** One line, RFC 4514. */
  readonly issuerText: string;
  readonly subjectText: string;
  readonly subjectCommonName: string | null;
  readonly keyAlgorithm: 'rsaEncryption' | 'id-ecPublicKey' | string;
  /** Lower-case hex without leading zero octets; null unless RSA. */
  readonly modulus: string | null;
  /** Lower-case hex; null unless RSA. */
  readonly publicExponent: string | null;
  /** In bits; null unless RSA. */
  readonly modulusLength: number | null;
  /** OpenSSL's name; null unless EC. */
  readonly ecdsaCurveName: string | null;
  /** The point, compressed (SEC 1 2.3.3), lower-case hex; null unless EC. */
  readonly ecdsaPublic: string | null;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** OpenSSL's name. */
  readonly signatureAlgorithm: string;
  readonly validationType: 'dv' | 'ov' | 'ev' | null;
  /** Lower-case hex SHA-256. */
  readonly fingerprint: string;
}

/** @throws DerError for facts that `readCertificate` did not make */
export function detailsOf(facts: CertificateFacts): CertificateDetails {
  const { key, validationLevel } = facts;
  const outline = outlineCertificate(facts.der);
  const issuer = readName(outline.issuer);
  const isEc = key.type === 'ec';
  const modulus = key.type === 'rsa' ? modulusOf(key.spki) : null;
  return {
    domains: [...facts.dnsNames, ...facts.ipAddresses],
    isSelfSigned: facts.isSelfSigned,
    issuerCommonName: attributeValues(issuer, ATTRIBUTE.commonName)[0] ?? null,
    issuerOrganization: attributeValues(issuer, ATTRIBUTE.organization)[0] ?? null,
    issuerText: facts.issuer,
    subjectText: facts.subject,
    subjectCommonName: attributeValues(readName(outline.subject), ATTRIBUTE.commonName)[0] ?? null,
    keyAlgorithm: ALGORITHMS.get(key.type) ?? ('oid' in key ? key.oid : key.type),
    modulus,
    publicExponent: key.type === 'rsa' ? exponentOf(key.spki) : null,
    modulusLength: key.type === 'rsa' ? key.bits : null,
    ecdsaCurveName: isEc ? key.curve : null,
    ecdsaPublic: isEc ? compressedPointOf(key.spki) : null,
    notBefore: facts.notBefore,
    notAfter: facts.notAfter,
    signatureAlgorithm: facts.signatureAlgorithm,
    validationType:
      validationLevel === 'unknown' ? null : (validationLevel.toLowerCase() as 'dv' | 'ov' | 'ev'),
    fingerprint: facts.fingerprint,
  };
}

/** OpenSSL's names. */
const ALGORITHMS: ReadonlyMap<string, string> = new Map([
  ['rsa', 'rsaEncryption'],
  ['ec', 'id-ecPublicKey'],
]);
