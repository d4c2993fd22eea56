import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { KeyType } from '../../../core/domain/key-type.js';

const generate = promisify(generateKeyPair);

/** F4: the exponent that every CA takes. */
const PUBLIC_EXPONENT = 0x10001;

/** A new private key, PKCS #8 PEM, unencrypted. Made off the main thread (an RSA-4096 key takes a second). */
export async function generateKey(type: KeyType): Promise<string> {
  const { privateKey } = await pair(type);
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function pair(type: KeyType) {
  switch (type) {
    case 'rsa-2048':
      return generate('rsa', { modulusLength: 2048, publicExponent: PUBLIC_EXPONENT });
    case 'rsa-4096':
      return generate('rsa', { modulusLength: 4096, publicExponent: PUBLIC_EXPONENT });
    case 'ecdsa-prime256v1':
      return generate('ec', { namedCurve: 'prime256v1' });
    case 'ecdsa-secp384r1':
      return generate('ec', { namedCurve: 'secp384r1' });
  }
}
