import type { DcvOutcome } from '../dcv/outcome.js';
import type { ValidatedName } from './admit-request.js';

/**
 * Names that one run puts into orders although its own look at them told nothing (design 5.6): were they all to fail at
 * the CA, they would still be far from its limits, and the next run leaves them out by their backoff.
 */
export const UNSURE_NAMES_PER_RUN = 20;
/** Of them for one account: whoever has many names that tell nothing must not take what others need. */
export const UNSURE_NAMES_PER_ACCOUNT = 5;

/** A name with what it may be ordered on: seen to work, or only not seen to fail. */
export interface WeighedName extends ValidatedName {
  readonly isUnsure: boolean;
}

/** Whether the failure may be seen from here alone. */
export function isInconclusive(outcome: DcvOutcome): boolean {
  return !outcome.passed && !outcome.isConclusive;
}

/** Lets the first `allowed` names that failed inconclusively pass as unsure ones; what else failed stays failed. */
export function weighOutcomes(outcomes: readonly DcvOutcome[], allowed: number): WeighedName[] {
  let left = allowed;
  return outcomes.map((outcome) => {
    const isUnsure = isInconclusive(outcome) && left > 0;
    if (isUnsure) left -= 1;
    if (outcome.passed && outcome.method !== undefined)
      return { name: outcome.name, passed: true, isUnsure, method: outcome.method };
    if (outcome.passed || isUnsure) return { name: outcome.name, passed: true, isUnsure };
    return { name: outcome.name, passed: false, isUnsure, fault: outcome.fault };
  });
}
