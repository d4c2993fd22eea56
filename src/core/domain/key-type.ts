/** The documented values of `ssl_default_key_type` and `SSL_DEFAULT_KEY_TYPE` (the latter also `system`). */
export const KEY_TYPES = ['rsa-2048', 'rsa-4096', 'ecdsa-prime256v1', 'ecdsa-secp384r1'] as const;
export type KeyType = (typeof KEY_TYPES)[number];

/** Documented default of `ssl_default_key_type`. */
export const DEFAULT_KEY_TYPE: KeyType = 'rsa-2048';

export function isKeyType(text: string): text is KeyType {
  return (KEY_TYPES as readonly string[]).includes(text);
}
