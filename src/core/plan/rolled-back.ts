import type { Evaluation } from '../evaluation/evaluation.js';

/**
 * Whether somebody went back to a former certificate of ours that visitors can live with, while the newer one is good still:
 * then that this one is gone is no fault. `issued`: what we got for the website, newest first.
 */
export function isRolledBack(
  { fingerprint, tlsStatus }: Pick<Evaluation, 'fingerprint' | 'tlsStatus'>,
  issued: readonly { readonly fingerprint: string; readonly notAfter: string }[],
  now: Date,
): boolean {
  const age = issued.findIndex((one) => one.fingerprint === fingerprint);
  const isNewestGood = Date.parse(issued[0]?.notAfter ?? '') > now.getTime();
  return age > 0 && isNewestGood && tlsStatus !== 'defective';
}
