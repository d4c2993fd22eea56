import { type CertificateDetails, detailsOf } from '../core/certificate/certificate-details.js';
import { certificateIdOf } from '../core/certificate/certificate-id.js';
import type { CertificateFacts } from '../core/certificate/facts.js';
import { flag, integer, list, object, orNull, type Shape, text } from './shape.js';

/** What every description of a certificate has (behaviour section 9.4). Instants are seconds since 1970. */
const COMMON = {
  domains: list(text),
  ecdsa_curve_name: orNull(text),
  ecdsa_public: orNull(text),
  is_self_signed: flag,
  'issuer.commonName': orNull(text),
  'issuer.organizationName': orNull(text),
  issuer_text: text,
  key_algorithm: text,
  modulus: orNull(text),
  modulus_length: orNull(integer),
  not_after: integer,
  not_before: integer,
  signature_algorithm: text,
  validation_type: orNull({ ...text, enum: ['dv', 'ov', 'ev'] }),
};

/** `certificate_info` of services. */
export const CERTIFICATE_INFO: Shape = object(COMMON);

export function certificateInfo(details: CertificateDetails) {
  return {
    domains: details.domains,
    ecdsa_curve_name: details.ecdsaCurveName,
    ecdsa_public: details.ecdsaPublic,
    is_self_signed: details.isSelfSigned ? 1 : 0,
    'issuer.commonName': details.issuerCommonName,
    'issuer.organizationName': details.issuerOrganization,
    issuer_text: details.issuerText,
    key_algorithm: details.keyAlgorithm,
    modulus: details.modulus,
    modulus_length: details.modulusLength,
    not_after: secondsOf(details.notAfter),
    not_before: secondsOf(details.notBefore),
    signature_algorithm: details.signatureAlgorithm,
    validation_type: details.validationType,
  };
}

/** `crt` of websites. */
export const CERTIFICATE_ROW: Shape = object({
  ...COMMON,
  created: integer,
  encryption_algorithm: text,
  id: text,
  public_exponent: orNull(text),
  'subject.commonName': orNull(text),
  subject_text: text,
});

export function certificateRow(leaf: CertificateFacts) {
  const details = detailsOf(leaf);
  return {
    ...certificateInfo(details),
    created: secondsOf(details.notBefore),
    encryption_algorithm: details.keyAlgorithm,
    id: certificateIdOf(leaf),
    public_exponent: details.publicExponent,
    'subject.commonName': details.subjectCommonName,
    subject_text: details.subjectText,
  };
}

/** The id of a bundle is that of its first certificate; null: there is none. */
export function bundleIdOf([first]: readonly CertificateFacts[]): string | null {
  return first === undefined ? null : certificateIdOf(first);
}

/** Seconds since 1970, cut down. */
export function secondsOf(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}
