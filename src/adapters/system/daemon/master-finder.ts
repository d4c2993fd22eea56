import { readFileSync } from 'node:fs';
import { listeningSocketsOf } from './listening-sockets.js';
import { findMasters, type IsOwner, type MasterProcess, masterAt } from './process-table.js';

/** Where a server's main process is found. */
export interface MasterFinder {
  /** Names of its program. */
  readonly programs: readonly string[];
  /** Null: looked for among all processes. */
  readonly pidFile: string | null;
  /** Tells this server from another of its kind. */
  readonly accepts: (master: MasterProcess) => boolean;
  /** Absent: it runs as we do. */
  readonly isOwner?: IsOwner;
}

/**
 * The main process that runs now; undefined when it does not. A pid file is believed only as far as that process really runs
 * the server's program: pids are given away again.
 */
export function findMaster({ programs, pidFile, accepts, isOwner }: MasterFinder): MasterProcess | undefined {
  if (pidFile === null) {
    const found = findMasters(programs, isOwner).filter(accepts);
    // Somebody may run the same program for something else for a moment (`dovecot --version`): that listens nowhere.
    const listens = ({ pid }: MasterProcess): boolean => (listeningSocketsOf(pid)?.length ?? 0) > 0;
    return found.length < 2 ? found[0] : (found.find(listens) ?? found[0]);
  }
  let text: string;
  try {
    text = readFileSync(pidFile, 'latin1').trim();
  } catch {
    return undefined;
  }
  // A config test without a running server leaves an empty one.
  return /^[1-9]\d{0,9}$/.test(text) ? masterAt(Number(text), programs, isOwner) : undefined;
}
