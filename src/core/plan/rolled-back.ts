import type { Evaluation } from '../evaluation/evaluation.js';

/**
 * Whether somebody went back to a former certificate of ours that visitors can live with: then that the newer one is gone
 * is no fault. `issued`: what we got for the website, newest first.
 */
export function isRolledBack(
  { fingerprint, tlsStatus }: Pick<Evaluation, 'fingerprint' | 'tlsStatus'>,
  issued: readonly { readonly fingerprint: string }[],
): boolean {
  const age = issued.findIndex((one) => one.fingerprint === fingerprint);
  return age > 0 && tlsStatus !== 'defective';
}
