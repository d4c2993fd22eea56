import { createHash } from 'node:crypto';
import type { CertificateFacts, PublicKeyFacts } from './facts.js';
import { publicNumberOf } from './key/public-number.js';

/** Of a key's number, at each end. */
const SHOWN_DIGITS = 5;
/** The documented ids end in so many hexadecimal digits. */
const DIGEST_DIGITS = 32;
/** A file name is made of it; no name of the web is longer. */
const MAX_LABEL_LENGTH = 150;

/**
 * The documented forms of ids (behaviour section 13). What their last field is made of is not documented: here it is the
 * beginning of the SHA-256 of the certificate, the request, or the public key, so that equal things have equal ids.
 */
export function certificateIdOf(leaf: CertificateFacts): string {
  const [first = leaf.subject] = leaf.dnsNames;
  const endsAt = Math.floor(leaf.notAfter.getTime() / 1000);
  return [labelOf(first), digitsOf(leaf.key), endsAt, leaf.fingerprint.slice(0, DIGEST_DIGITS)].join('_');
}

/** The same for a private key, by its public half. @throws DerError */
export function keyIdOf(key: Pick<PublicKeyFacts, 'type' | 'spki'>): string {
  return [digitsOf(key), digestOf(key.spki)].join('_');
}

/** The same for a signing request. `domain`: the first that it asks for. @throws DerError */
export function requestIdOf(
  domain: string,
  key: Pick<PublicKeyFacts, 'type' | 'spki'>,
  der: Uint8Array,
): string {
  return [labelOf(domain), digitsOf(key), digestOf(der)].join('_');
}

/** Letters, digits and underscores alone: it becomes a part of file names. */
function labelOf(name: string): string {
  return name.slice(0, MAX_LABEL_LENGTH).replace(/[^A-Za-z0-9]/g, '_');
}

function digitsOf(key: Pick<PublicKeyFacts, 'type' | 'spki'>): string {
  const number = publicNumberOf(key);
  return `${number.slice(0, SHOWN_DIGITS)}_${number.slice(-SHOWN_DIGITS)}`;
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, DIGEST_DIGITS);
}
