import { printable } from '../../domain/name/names.js';
import { advisedLimitLines, megabytes, type RoomFit } from '../../sni/dovecot-room.js';
import type { RunEvent } from '../events/event.js';
import { counted } from '../text/wording.js';

/** What a daemon has in its table now, and whether it was seen to answer with that. */
export interface OfferedFacts {
  readonly names: number;
  readonly certificates: number;
  /** Whether its configuration names the table. */
  readonly isNamed: boolean;
  /** By handshakes after it took the table. */
  readonly isSeen: boolean;
}

/** What a daemon answers for now, or could. */
export function namesOffered(daemon: string, facts: OfferedFacts): RunEvent {
  return {
    type: facts.isNamed ? 'success' : 'out',
    code: 'NAMES_OFFERED',
    indent: 0,
    contents: offeredWords(printable(daemon), facts),
    data: facts,
  };
}

function offeredWords(daemon: string, { names, certificates, isNamed, isSeen }: OfferedFacts): string {
  const what = `${counted(names, 'name')} with ${counted(certificates, 'certificate')} of customers`;
  if (!isNamed)
    return `${daemon} can answer for ${what} when its configuration has the lines that “autossl sni” prints.`;
  if (isSeen) return `${daemon} answers for ${what}.`;
  if (names === 0) return `${daemon} was given ${what}.`;
  return `${daemon} was given ${what}; nobody could be asked whether it answers for them.`;
}

/** More than the daemon's memory holds: the rest is held back until its limit is raised. */
export function namesHeldBack(daemon: string, fit: RoomFit): RunEvent {
  const certificates = new Set(fit.held.map(({ pair }) => pair)).size;
  return {
    type: 'error',
    code: 'NAMES_HELD_BACK',
    indent: 0,
    fault: 'ours',
    contents: `${counted(fit.held.length, 'name')} of customers with ${counted(certificates, 'certificate')} are held back from ${printable(daemon)}: with all of them its config process needs some ${megabytes(fit.needBytes)} MB at a reload, and may have ${megabytes(fit.limitBytes ?? 0)}. ${roomAdvice(fit)}`,
    data: { names: fit.held.length, certificates, lines: advisedLimitLines(fit) },
  };
}

/** All fit, but more than half of the limit is used up. */
export function roomIsScarce(daemon: string, fit: RoomFit): RunEvent {
  return {
    type: 'warn',
    code: 'NAMES_NEED_ROOM',
    indent: 0,
    contents: `With the certificates of customers the config process of ${printable(daemon)} needs some ${megabytes(fit.needBytes)} MB at a reload, and may have ${megabytes(fit.limitBytes ?? 0)}; what does not fit will be held back. ${roomAdvice(fit)}`,
    data: { lines: advisedLimitLines(fit) },
  };
}

function roomAdvice(fit: RoomFit): string {
  const lines = advisedLimitLines(fit).map((line) => `“${line.trim()}”`);
  return `Add to dovecot.conf, each on a line of its own: ${lines.join(' ')}; the next run does the rest.`;
}

/** It looks names up by itself, and does not find this one. Nothing was changed that could be put back. */
export function namesNotServed(daemon: string, why: string): RunEvent {
  return {
    type: 'error',
    code: 'NAMES_NOT_SERVED',
    indent: 0,
    fault: 'ours',
    contents: `${printable(daemon)} has the certificates of customers by name and does not serve them: ${printable(why)}. Compare its configuration with what “autossl sni” prints, and look into its log.`,
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
