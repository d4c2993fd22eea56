import { printable } from '../../domain/names.js';
import type { RunEvent } from '../event.js';
import { counted } from '../wording.js';

/** What a daemon answers for now. `isNamed` false: as soon as its configuration names the table. */
export function namesOffered(
  daemon: string,
  facts: { readonly names: number; readonly certificates: number; readonly isNamed: boolean },
): RunEvent {
  const what = `${counted(facts.names, 'name')} with ${counted(facts.certificates, 'certificate')} of customers`;
  return {
    type: facts.isNamed ? 'success' : 'out',
    code: 'NAMES_OFFERED',
    indent: 0,
    contents: facts.isNamed
      ? `${printable(daemon)} answers for ${what}.`
      : `${printable(daemon)} can answer for ${what} when its configuration has the lines that “autossl sni” prints.`,
    data: facts,
  };
}

/** The daemon does not pass its own test, whatever we do. `isRunning` false: it may never have been set up. */
export function offerHeld(daemon: string, why: string, isRunning: boolean): RunEvent {
  return {
    type: isRunning ? 'error' : 'warn',
    code: 'NAMES_HELD',
    indent: 0,
    ...(isRunning ? { fault: 'ours' as const } : {}),
    contents: `The names that ${printable(daemon)} answers for stay as they are, its configuration does not pass its own test: ${printable(why)}. Repair it; the next run goes on.`,
  };
}

/** It refused the new table, or died of it: the former one lies there. `restored`: what became of that. */
export function offerRefused(daemon: string, why: string, restored: string): RunEvent {
  return {
    type: 'error',
    code: 'NAMES_REFUSED',
    indent: 0,
    fault: 'ours',
    contents: `${printable(daemon)} does not take the certificates of customers by name: ${printable(why)}. ${printable(restored)} Websites are not concerned; the next run tries again.`,
  };
}

/** We could not do our part. */
export function offerFailed(why: string, advice: string | null): RunEvent {
  return {
    type: 'error',
    code: 'NAMES_NOT_OFFERED',
    indent: 0,
    fault: 'ours',
    contents: `Mail and FTP were not given the certificates of customers: ${printable(why)}.${advice === null ? '' : ` ${printable(advice)}`}`,
  };
}
