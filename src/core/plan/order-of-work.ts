import type { PlannedAction } from './action.js';

/**
 * The order in which a run works (design 5.6): websites without an acceptable certificate before renewals across the
 * whole server, then what the CA calls back or is about to expire, then least lifetime left, then a wrong key type alone, then by name so that runs are repeatable.
 */
export function inOrderOfWork<T extends { readonly action: PlannedAction }>(work: readonly T[]): T[] {
  return [...work].sort((a, b) => compareActions(a.action, b.action));
}

/** Less than 0: `a` is worked on before `b`. */
export function compareActions(a: PlannedAction, b: PlannedAction): number {
  return (
    urgency(a) - urgency(b) ||
    compareText(a.notAfter ?? '', b.notAfter ?? '') ||
    compareText(a.account, b.account) ||
    compareText(a.vhost, b.vhost)
  );
}

function urgency(action: PlannedAction): number {
  if (action.isNew) return 0;
  if (action.because.some(({ code }) => code === 'CALLED_BACK' || code === 'EMERGENCY')) return 1;
  return action.because.every((reason) => reason.code === 'KEY_TYPE_DIFFERS') ? 3 : 2;
}

/** Code-unit order: ISO instants sort by time, and the result does not depend on the locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
