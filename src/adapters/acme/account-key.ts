import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import { StateError } from '../../core/domain/autossl-error.js';

/** Kinds of ACME account key (RFC 8555 section 6.2; not every CA takes each). */
export const ACCOUNT_KEY_TYPES = ['ecdsa-prime256v1', 'ecdsa-secp384r1', 'rsa-2048', 'ed25519'] as const;
export type AccountKeyType = (typeof ACCOUNT_KEY_TYPES)[number];

/** JWS algorithms (RFC 7518, RFC 8037) that an account key signs with. */
export type SignatureAlgorithm = 'ES256' | 'ES384' | 'RS256' | 'EdDSA';

/** An account's key, ready to sign. */
export interface AccountKey {
  readonly pem: string;
  readonly privateKey: KeyObject;
  readonly algorithm: SignatureAlgorithm;
  /** Public part. */
  readonly jwk: JsonWebKey;
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string;
}

/** A fresh key as PKCS#8 PEM. */
export async function generateAccountKeyPem(type: AccountKeyType): Promise<string> {
  const { privateKey } = await generate(type);
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** @param path for the message @throws StateError CORRUPT_RECORD when it is no private key that ACME can use */
export async function readAccountKey(pem: string, path: string): Promise<AccountKey> {
  const { calculateJwkThumbprint } = await import('jose');
  try {
    const privateKey = createPrivateKey(pem);
    const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
    const algorithm = algorithmOf(jwk);
    const thumbprint = await calculateJwkThumbprint(jwk, 'sha256');
    return { pem, privateKey, algorithm, jwk, thumbprint };
  } catch (error) {
    throw new StateError('CORRUPT_RECORD', `the ACME account key ${path} cannot be used`, {
      cause: error,
      advice: 'Restore it from a backup, or move it away: a new account is then registered.',
    });
  }
}

function algorithmOf(jwk: JsonWebKey): SignatureAlgorithm {
  if (jwk.kty === 'RSA') return 'RS256';
  if (jwk.kty === 'EC' && jwk.crv === 'P-256') return 'ES256';
  if (jwk.kty === 'EC' && jwk.crv === 'P-384') return 'ES384';
  if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519') return 'EdDSA';
  throw new Error(`no ACME signature algorithm for a key of kind ${jwk.kty} ${jwk.crv ?? ''}`);
}

function generate(type: AccountKeyType): Promise<{ readonly privateKey: KeyObject }> {
  const generatePair = promisify(generateKeyPair);
  switch (type) {
    case 'ecdsa-prime256v1':
      return generatePair('ec', { namedCurve: 'P-256' });
    case 'ecdsa-secp384r1':
      return generatePair('ec', { namedCurve: 'P-384' });
    case 'rsa-2048':
      return generatePair('rsa', { modulusLength: 2048 });
    case 'ed25519':
      return generatePair('ed25519', undefined);
  }
}
