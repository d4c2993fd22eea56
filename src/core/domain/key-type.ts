import { quoteForMessage } from './name/names.js';

/** The documented values of `ssl_default_key_type` and `SSL_DEFAULT_KEY_TYPE` (the latter also `system`). */
export const KEY_TYPES = ['rsa-2048', 'rsa-4096', 'ecdsa-prime256v1', 'ecdsa-secp384r1'] as const;
export type KeyType = (typeof KEY_TYPES)[number];

/** Documented default of `ssl_default_key_type`. */
export const DEFAULT_KEY_TYPE: KeyType = 'rsa-2048';

export function isKeyType(text: string): text is KeyType {
  return (KEY_TYPES as readonly string[]).includes(text);
}

/** A key type, and the text that named none and was therefore passed over. */
export interface KeyTypeChoice {
  readonly keyType: KeyType;
  readonly unknown: string | null;
}

/**
 * The key type that a setting asks for. Absent, empty or `system` follows what stands behind it: for an account the
 * server's, for the server the documented default. So does a value that is not documented; the caller must report it.
 */
export function chooseKeyType(setting: string | undefined, behindIt: KeyType): KeyTypeChoice {
  if (setting === undefined || setting === '' || setting === 'system')
    return { keyType: behindIt, unknown: null };
  return isKeyType(setting) ? { keyType: setting, unknown: null } : { keyType: behindIt, unknown: setting };
}

/** What is there and what is used instead. */
export function unknownKeyType(setting: string, unknown: string, used: KeyType): string {
  return `${setting}=${quoteForMessage(unknown)} is not a key type; ${used} is used`;
}
