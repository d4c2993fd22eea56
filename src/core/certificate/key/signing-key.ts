import { createPublicKey, webcrypto } from 'node:crypto';
import { InternalError } from '../../domain/autossl-error.js';
import { privateKeyFromPem } from './private-key.js';
import { readPublicKey } from './public-key.js';

type SigningAlgorithm = RsaHashedImportParams | (EcKeyImportParams & { readonly hash: string });

/** One of our own keys as the certificate library wants it. */
export interface SigningKey {
  readonly spki: Uint8Array;
  readonly keys: CryptoKeyPair;
  readonly signingAlgorithm: SigningAlgorithm;
}

/** Web Crypto's names of the curves that our own keys may have, and the hash of matching strength. */
const CURVES: Readonly<Record<string, readonly [namedCurve: string, hash: string]>> = {
  prime256v1: ['P-256', 'SHA-256'],
  secp384r1: ['P-384', 'SHA-384'],
  secp521r1: ['P-521', 'SHA-512'],
};

/** @throws InternalError for a key that is not RSA or on one of those curves, DerError for an unreadable one */
export async function openSigningKey(keyPem: string): Promise<SigningKey> {
  const privateKey = privateKeyFromPem(keyPem);
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const signingAlgorithm = algorithmFor(spki);
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  const keys = {
    privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, signingAlgorithm, false, ['sign']),
    publicKey: await webcrypto.subtle.importKey('spki', spki, signingAlgorithm, true, ['verify']),
  };
  return { spki, keys, signingAlgorithm };
}

function algorithmFor(spki: Uint8Array): SigningAlgorithm {
  const facts = readPublicKey(spki);
  if (facts.type === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const curve = facts.type === 'ec' ? CURVES[facts.curve] : undefined;
  if (curve === undefined) throw new InternalError('BUG', `a ${facts.type} key of ours cannot sign requests`);
  return { name: 'ECDSA', namedCurve: curve[0], hash: curve[1] };
}
