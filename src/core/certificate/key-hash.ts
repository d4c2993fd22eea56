import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';

/** By which a key is remembered, whatever certificate it is in: SHA-256 of its SubjectPublicKeyInfo (DER), hex. */
export function keyHashOf(spki: Uint8Array): string {
  return createHash('sha256').update(spki).digest('hex');
}

/** The same of a private key; null: it cannot be read. */
export function keyHashOfPrivate(keyPem: string): string | null {
  try {
    const spki = createPublicKey(createPrivateKey(keyPem)).export({ type: 'spki', format: 'der' });
    return keyHashOf(spki);
  } catch {
    return null;
  }
}
