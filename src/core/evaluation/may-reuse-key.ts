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
  'KEY_COMPROMISED',
]);

/** Whether its issuer holds that somebody else has the key. */
export function isKeyCompromised({ defects }: Pick<Evaluation, 'defects'>): boolean {
  return defects.some(({ code }) => code === 'KEY_COMPROMISED');
}

/** Whether the next certificate may keep the present one's key (setting `reuseKey`): it is sound, its own, and of the wanted type. */
export function mayReuseKey({ ownership, defects }: Pick<Evaluation, 'ownership' | 'defects'>): boolean {
  return ownership !== 'none' && !defects.some(({ code }) => KEY_DEFECTS.has(code));
}
