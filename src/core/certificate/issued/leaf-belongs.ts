import { createPrivateKey, X509Certificate } from 'node:crypto';

/** Whether the first certificate of a PEM chain was made for this private key; false for what cannot be read. */
export function leafBelongsToKey(chainPem: string, keyPem: string): boolean {
  try {
    return new X509Certificate(chainPem).checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return false;
  }
}
