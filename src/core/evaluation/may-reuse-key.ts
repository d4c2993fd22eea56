import type { DefectCode, Evaluation } from './evaluation.js';

/** What is wrong with the key itself: a new certificate for it would be as bad, would be refused, or is not what is wanted. */
const KEY_DEFECTS: ReadonlySet<DefectCode> = new Set([
  'KEY_UNREADABLE',
  'KEY_MISMATCH',
  'KEY_TYPE_DIFFERS',
  'KEY_TYPE_UNSUPPORTED',
  'RSA_KEY_TOO_SMALL',
  'RSA_EXPONENT_WEAK',
  'CURVE_TOO_SMALL',
]);

const IN_DOUBT: ReadonlySet<DefectCode> = new Set(['REVOKED', 'KEY_COMPROMISED']);

/**
 * Whether somebody else may have the key, as far as can be told in time: the issuer says so, or took the certificate back, calls it
 * back or wants it earlier than it had said. A CA wants certificates back for their keys, too, and says so last of all.
 */
export function isKeyInDoubt({ defects, renewal }: Pick<Evaluation, 'defects' | 'renewal'>): boolean {
  const isWantedBack = renewal !== null && (!renewal.isDeferrable || renewal.isBroughtForward === true);
  return isWantedBack || defects.some(({ code }) => IN_DOUBT.has(code));
}

/**
 * Whether the next certificate may keep the present one's key (setting `reuseKey`): it is sound, its own, of the wanted type, not in
 * doubt, and the certificate goes in its own time. What is so late that something went wrong has a new one.
 */
export function mayReuseKey(evaluation: Pick<Evaluation, 'ownership' | 'defects' | 'renewal'>): boolean {
  const { ownership, defects, renewal } = evaluation;
  return (
    ownership !== 'none' &&
    renewal?.isEmergency !== true &&
    !isKeyInDoubt(evaluation) &&
    !defects.some(({ code }) => KEY_DEFECTS.has(code))
  );
}
