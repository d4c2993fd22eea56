import { hash } from 'node:crypto';
import { isSignedBy, verifyingKey } from './chain/verification.js';
import { asBuffer, hex, time } from './der.js';
import { ATTRIBUTE, attributeValues, readName, renderName } from './distinguished-name.js';
import { readExtensions } from './extensions.js';
import type { CertificateFacts } from './facts.js';
import { readPublicKey } from './key/public-key.js';
import { readSignatureAlgorithm } from './key/signature-algorithm.js';
import { type CertificateOutline, outlineCertificate } from './outline.js';
import { validationLevelOf } from './validation-level.js';

/**
 * What a certificate says of itself: the one door to certificate reading. A walk over the DER, checked at every step;
 * OpenSSL is asked only whether a certificate with subject = issuer signed itself.
 * @throws DerError with one clause that says which part is wrong
 */
export function readCertificate(der: Uint8Array): CertificateFacts {
  const outline = outlineCertificate(der);
  const { cursor } = outline;
  const issuer = readName(outline.issuer);
  const subject = readName(outline.subject);
  const extensions = readExtensions(outline.extensions);
  const key = readPublicKey(outline.spki);
  const algorithm = readSignatureAlgorithm(outline.signatureAlgorithm);
  const isSelfIssued = asBuffer(outline.issuer).equals(outline.subject);
  const { authorityKeyIdentifier, subjectKeyIdentifier, isCa, policyOids } = extensions;
  return {
    der: outline.der,
    subject: renderName(subject),
    issuer: renderName(issuer),
    issuerOrganizations: attributeValues(issuer, ATTRIBUTE.organization),
    serial: hex(outline.serial),
    notBefore: time(cursor, outline.notBefore, 'notBefore'),
    notAfter: time(cursor, outline.notAfter, 'notAfter'),
    dnsNames: extensions.dnsNames,
    ipAddresses: extensions.ipAddresses,
    hasSubjectAltName: extensions.hasSubjectAltName,
    key,
    signatureAlgorithm: algorithm.name,
    isSelfSigned: isSelfIssued && (algorithm.keyType === null || signedItself(outline)),
    isCa,
    extendedKeyUsage: extensions.extendedKeyUsage,
    policyOids,
    validationLevel: validationLevelOf({ policyOids, subject, isCa, isSelfIssued }),
    authorityKeyIdentifier: authorityKeyIdentifier && hex(authorityKeyIdentifier),
    subjectKeyIdentifier: subjectKeyIdentifier && hex(subjectKeyIdentifier),
    crlUrls: extensions.crlUrls,
    ocspUrls: extensions.ocspUrls,
    ariCertificateId: authorityKeyIdentifier && ariCertificateId(authorityKeyIdentifier, outline.serial),
    fingerprint: hash('sha256', outline.der, 'hex'),
  };
}

/** RFC 9773 4.1: both halves are DER content octets, base64url without padding. */
export function ariCertificateId(authorityKeyIdentifier: Uint8Array, serial: Uint8Array): string {
  return `${asBuffer(authorityKeyIdentifier).toString('base64url')}.${asBuffer(serial).toString('base64url')}`;
}

/** A key or algorithm that we do not verify and that claims to have signed itself is believed: there is no other word. */
function signedItself(outline: CertificateOutline): boolean {
  const key = verifyingKey(outline.spki);
  return key === undefined || isSignedBy(outline, key);
}
