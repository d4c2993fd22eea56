import type { Evaluation } from '../evaluation/evaluation.js';

/** Whether orders for a website are to be expected: its certificate is ours, or it has none that anybody trusts. */
export function isOursToRenew({
  ownership,
  tlsStatus,
}: Pick<Evaluation, 'ownership' | 'tlsStatus'>): boolean {
  return ownership !== 'foreign' || tlsStatus === 'defective';
}
