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
  // For which reason is told late, or never.
  'REVOKED',
  'KEY_COMPROMISED',
]);

/** Whether its issuer holds that somebody else has the key. */
export function isKeyCompromised({ defects }: Pick<Evaluation, 'defects'>): boolean {
  return defects.some(({ code }) => code === 'KEY_COMPROMISED');
}

/**
 * Whether the next certificate may keep the present one's key (setting `reuseKey`): it is sound, its own, of the wanted type, and the
 * certificate goes in its own time. What the CA called back or brought forward, and what is so late that something went wrong,
 * has a new one: a CA wants certificates back for their keys, too, and says so last of all.
 */
export function mayReuseKey({
  ownership,
  defects,
  renewal,
}: Pick<Evaluation, 'ownership' | 'defects' | 'renewal'>): boolean {
  const isInItsTime =
    renewal === null || (renewal.isDeferrable && !renewal.isEmergency && renewal.isBroughtForward !== true);
  return ownership !== 'none' && isInItsTime && !defects.some(({ code }) => KEY_DEFECTS.has(code));
}
