import { createHash } from 'node:crypto';
import { bitStringOctets, DerCursor, TAG } from '../der.js';
import type { CertificateFacts } from '../facts.js';
import { outlineCertificate } from '../outline.js';
import { derValue, sequenceOf } from './der-values.js';

/** id-sha1 as an AlgorithmIdentifier: what every responder knows (RFC 5019 2.1.1); it only names the issuer. */
const SHA1_ALGORITHM = Buffer.from('300906052b0e03021a0500', 'hex');

/**
 * DER of an OCSPRequest (RFC 6960 4.1.1) about one certificate, unsigned and without a nonce, so that responders may
 * answer with what they made beforehand (RFC 5019). @throws DerError for facts that `readCertificate` did not make
 */
export function responderQuestion(issuer: CertificateFacts, serial: string): Uint8Array {
  const { name, key } = issuerDigests(issuer, 'sha1');
  const certificate = sequenceOf([
    SHA1_ALGORITHM,
    derValue(TAG.octetString, name),
    derValue(TAG.octetString, key),
    derValue(TAG.integer, Buffer.from(serial, 'hex')),
  ]);
  return sequenceOf([sequenceOf([sequenceOf([sequenceOf([certificate])])])]);
}

/** By what a CertID names an issuer: digests of its name and of its public key’s bits. @throws DerError */
export function issuerDigests(
  issuer: CertificateFacts,
  algorithm: string,
): { readonly name: Buffer; readonly key: Buffer } {
  const { subject, spki } = outlineCertificate(issuer.der);
  return { name: digest(algorithm, subject), key: digest(algorithm, publicKeyBits(spki)) };
}

/** SHA-1 of the public key’s bits, by which a responder may name itself (RFC 6960 4.2.1). @throws DerError */
export function publicKeyDigest(spki: Uint8Array): Buffer {
  return digest('sha1', publicKeyBits(spki));
}

function publicKeyBits(spki: Uint8Array): Uint8Array {
  const parts = new DerCursor(spki).enter(TAG.sequence, 'the public key');
  parts.take(TAG.sequence, 'the key’s algorithm');
  return bitStringOctets(parts, parts.take(TAG.bitString, 'the key’s bits'));
}

function digest(algorithm: string, bytes: Uint8Array): Buffer {
  return createHash(algorithm).update(bytes).digest();
}
