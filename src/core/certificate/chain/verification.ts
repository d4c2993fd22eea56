import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { readPublicKey } from '../key/public-key.js';
import { readSignatureAlgorithm } from '../key/signature-algorithm.js';

/** OpenSSL refuses to verify with larger ones (OPENSSL_RSA_MAX_MODULUS_BITS). */
const MAX_RSA_BITS = 16_384;

/** What a signature check needs of a signed object. */
export interface SignedBytes {
  readonly tbs: Uint8Array;
  readonly signatureAlgorithm: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * The key as OpenSSL takes it; undefined for kinds that we do not hand to OpenSSL from untrusted input (DSA, curves
 * with explicit parameters, unknown ones) and for keys that it refuses.
 */
export function verifyingKey(spki: Uint8Array): KeyObject | undefined {
  try {
    const facts = readPublicKey(spki);
    const isSafe =
      (facts.type === 'rsa' && facts.bits <= MAX_RSA_BITS) ||
      (facts.type === 'ec' && facts.curve !== 'explicit') ||
      facts.type === 'ed25519' ||
      facts.type === 'ed448';
    return isSafe ? createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the key made the signature; false also for algorithms that we cannot check. Never throws. */
export function isSignedBy(signed: SignedBytes, key: KeyObject): boolean {
  try {
    const { keyType, hash, isPss } = readSignatureAlgorithm(signed.signatureAlgorithm);
    if (keyType === null || keyType !== key.asymmetricKeyType) return false;
    const how = isPss
      ? {
          key,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: constants.RSA_PSS_SALTLEN_AUTO,
        }
      : key;
    return verify(hash, signed.tbs, how, signed.signature);
  } catch {
    return false;
  }
}
