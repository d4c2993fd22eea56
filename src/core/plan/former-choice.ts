import { UsageError } from '../domain/autossl-error.js';
import { quoteForMessage } from '../domain/name/names.js';

/** Fewer digits could be a slip of the hand; a full SHA-256 has 64. */
const FINGERPRINT_PREFIX = /^[0-9a-f]{4,64}$/;

/** One of the former sets, or why none can be named. */
export type FormerChoice<T> =
  | { readonly former: T }
  | { readonly why: 'NOTHING_KEPT' | 'NO_MATCH' | 'AMBIGUOUS' };

/**
 * The beginning of a certificate's SHA-256 fingerprint, as people copy it (with or without colons), in lower case.
 * @throws UsageError BAD_ARGUMENT below 4 digits and for what is no hexadecimal number
 */
export function parseFingerprintPrefix(text: string): string {
  const prefix = text.replaceAll(':', '').toLowerCase();
  if (FINGERPRINT_PREFIX.test(prefix)) return prefix;
  throw new UsageError(
    'BAD_ARGUMENT',
    `${quoteForMessage(text)} does not begin a SHA-256 fingerprint: it takes 4 to 64 hexadecimal digits`,
  );
}

/** Of the sets that are kept, newest first, the one to go back to: the newest, or the newest whose fingerprint begins so. */
export function chooseFormer<T extends { readonly fingerprint: string }>(
  kept: readonly T[],
  prefix: string | null,
): FormerChoice<T> {
  const matching = kept.filter(({ fingerprint }) => fingerprint.startsWith(prefix ?? ''));
  const [newest] = matching;
  if (kept.length === 0) return { why: 'NOTHING_KEPT' };
  if (newest === undefined) return { why: 'NO_MATCH' };
  const isAmbiguous =
    prefix !== null && matching.some(({ fingerprint }) => fingerprint !== newest.fingerprint);
  return isAmbiguous ? { why: 'AMBIGUOUS' } : { former: newest };
}
