import { asBuffer, bitStringOctets, DerCursor, hex, TAG } from '../der.js';
import type { PublicKeyFacts } from '../facts.js';

const UNCOMPRESSED = 4;

/** The modulus of an RSA key, lower-case hex without leading zero octets. @throws DerError for another key */
export function modulusOf(spki: Uint8Array): string {
  const numbers = rsaNumbers(spki);
  return hex(numbers.contents(numbers.take(TAG.integer, 'the modulus'))).replace(/^(00)+/, '');
}

/** The public exponent of an RSA key, lower-case hex without leading zeros. @throws DerError for another key */
export function exponentOf(spki: Uint8Array): string {
  const numbers = rsaNumbers(spki);
  numbers.take(TAG.integer, 'the modulus');
  return hex(numbers.contents(numbers.take(TAG.integer, 'the exponent'))).replace(/^0+/, '');
}

/** The point of an EC key, compressed (SEC 1 2.3.3: the parity of y says which of two it is), lower-case hex. @throws DerError */
export function compressedPointOf(spki: Uint8Array): string {
  const point = asBuffer(keyOctets(spki));
  if (point[0] !== UNCOMPRESSED) return hex(point);
  const half = (point.length - 1) / 2;
  return `0${2 + ((point.at(-1) ?? 0) & 1)}${hex(point.subarray(1, 1 + half))}`;
}

/** The number by which a public key is told from others, lower-case hex: modulus, compressed point, or the key's octets. @throws DerError */
export function publicNumberOf({ type, spki }: Pick<PublicKeyFacts, 'type' | 'spki'>): string {
  switch (type) {
    case 'rsa':
      return modulusOf(spki);
    case 'ec':
      return compressedPointOf(spki);
    default:
      return hex(keyOctets(spki));
  }
}

function rsaNumbers(spki: Uint8Array): DerCursor {
  return new DerCursor(keyOctets(spki)).enter(TAG.sequence, 'the RSA key');
}

function keyOctets(spki: Uint8Array): Uint8Array {
  const info = new DerCursor(spki).enter(TAG.sequence, 'the public key');
  info.next('the key algorithm');
  return bitStringOctets(info, info.take(TAG.bitString, 'the key'));
}
