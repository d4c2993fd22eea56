import type { PlannedAction } from './action.js';

/**
 * The order in which a run works (design 5.6): what the CA took or calls back and what is about to expire before everything else, then
 * websites without an acceptable certificate before renewals across the whole server, then least lifetime left, then a wrong key
 * type alone, then by name so that runs are repeatable.
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

/** What a website that is secured now loses unless it is worked on soon, and our own share of the orders holds back least. */
const PRESSING: ReadonlySet<string> = new Set(['CALLED_BACK', 'EMERGENCY', 'REVOKED', 'KEY_COMPROMISED']);

/** Whether it comes before whatever is new or due in its own time: a migration of thousands must not hold it up. */
export function presses({ because }: Pick<PlannedAction, 'because'>): boolean {
  return because.some(({ code }) => PRESSING.has(code));
}

function urgency(action: PlannedAction): number {
  if (presses(action)) return 0;
  if (action.isNew) return 1;
  return action.because.every((reason) => reason.code === 'KEY_TYPE_DIFFERS') ? 3 : 2;
}

/** Code-unit order: ISO instants sort by time, and the result does not depend on the locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
