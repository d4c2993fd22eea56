import { asBuffer, bitStringOctets, DerCursor, hex, objectIdentifier, TAG } from '../der.js';
import type { PublicKeyFacts } from '../facts.js';

export const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
export const EC_PUBLIC_KEY = '1.2.840.10045.2.1';

/** Named curves by OID: OpenSSL's name and the field size in bits. */
const CURVES: Readonly<Record<string, readonly [name: string, bits: number]>> = {
  '1.2.840.10045.3.1.1': ['prime192v1', 192],
  '1.3.132.0.33': ['secp224r1', 224],
  '1.2.840.10045.3.1.7': ['prime256v1', 256],
  '1.3.132.0.10': ['secp256k1', 256],
  '1.3.132.0.34': ['secp384r1', 384],
  '1.3.132.0.35': ['secp521r1', 521],
  '1.3.36.3.3.2.8.1.1.7': ['brainpoolP256r1', 256],
  '1.3.36.3.3.2.8.1.1.11': ['brainpoolP384r1', 384],
  '1.3.36.3.3.2.8.1.1.13': ['brainpoolP512r1', 512],
};

const OTHER_KEYS: Readonly<
  Record<string, readonly [type: 'ed25519' | 'ed448' | 'dsa', bits: number | null]>
> = {
  '1.3.101.112': ['ed25519', 256],
  '1.3.101.113': ['ed448', 456],
  '1.2.840.10040.4.1': ['dsa', null],
};

/** What a SubjectPublicKeyInfo says. No OpenSSL is involved: safe on any bytes. @throws DerError */
export function readPublicKey(spki: Uint8Array): PublicKeyFacts {
  const info = new DerCursor(spki).enter(TAG.sequence, 'the public key');
  const algorithm = info.enter(TAG.sequence, 'the key algorithm');
  const oid = objectIdentifier(algorithm, algorithm.take(TAG.objectIdentifier, 'the key algorithm'));
  const key = bitStringOctets(info, info.take(TAG.bitString, 'the key'));
  if (oid === RSA_ENCRYPTION) return { type: 'rsa', ...rsaNumbers(key), spki };
  if (oid === EC_PUBLIC_KEY) return { type: 'ec', ...curveOf(algorithm, key), spki };
  const [type, bits] = OTHER_KEYS[oid] ?? ['other', null];
  return { type, bits, oid, spki };
}

function rsaNumbers(key: Uint8Array): { bits: number; exponent: bigint } {
  const numbers = new DerCursor(key).enter(TAG.sequence, 'the RSA key');
  const modulus = magnitude(numbers.contents(numbers.take(TAG.integer, 'the modulus')));
  const exponent = magnitude(numbers.contents(numbers.take(TAG.integer, 'the exponent')));
  const top = modulus[0];
  return {
    bits: top === undefined ? 0 : modulus.length * 8 - Math.clz32(top) + 24,
    exponent: exponent.length === 0 ? 0n : BigInt(`0x${hex(exponent)}`),
  };
}

/** Without leading zero octets. */
function magnitude(integer: Uint8Array): Uint8Array {
  const first = integer.findIndex((octet) => octet !== 0);
  return first === -1 ? integer.subarray(integer.length) : integer.subarray(first);
}

function curveOf(algorithm: DerCursor, point: Uint8Array): { curve: string; bits: number } {
  if (algorithm.peek() !== TAG.objectIdentifier) return { curve: 'explicit', bits: pointBits(point) };
  const oid = objectIdentifier(algorithm, algorithm.next('the curve'));
  const [curve, bits] = CURVES[oid] ?? [oid, pointBits(point)];
  return { curve, bits };
}

/** The field size that an encoded point (SEC 1 2.3.3) suggests. */
function pointBits(point: Uint8Array): number {
  const isCompressed = point[0] === 2 || point[0] === 3;
  return Math.max(0, Math.floor((point.length - 1) / (isCompressed ? 1 : 2)) * 8);
}

/**
 * Whether two SubjectPublicKeyInfos hold the same key, although one may write the RSA parameters or the point of a
 * curve in another way. False for bytes that cannot be read.
 */
export function isSameKey(a: Uint8Array, b: Uint8Array): boolean {
  if (asBuffer(a).equals(b)) return true;
  try {
    return bareKey(a) === bareKey(b);
  } catch {
    return false;
  }
}

function bareKey(spki: Uint8Array): string {
  const facts = readPublicKey(spki);
  const info = new DerCursor(spki).enter(TAG.sequence, 'the public key');
  info.next('the key algorithm');
  const key = bitStringOctets(info, info.take(TAG.bitString, 'the key'));
  if (facts.type === 'ec') return `${facts.curve} ${compressed(key)}`;
  return facts.type === 'rsa' ? `rsa ${hex(key)}` : hex(spki);
}

/** SEC 1 2.3.3: the parity of y and x. */
function compressed(point: Uint8Array): string {
  if (point[0] !== 4) return hex(point);
  const half = (point.length - 1) / 2;
  return `0${2 + ((point.at(-1) ?? 0) & 1)}${hex(point.subarray(1, 1 + half))}`;
}
