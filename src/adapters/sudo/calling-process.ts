import { readFileSync } from 'node:fs';

/** sudo has one process or two between its caller and the program; no chain of root's own is longer. */
const MAX_ANCESTORS = 32;

/**
 * The real uid of the nearest process above us that is not root's: whoever called sudo. Null when there is none, for example
 * because it is gone. `read` gives the text of /proc/PID/status, or throws.
 */
export function uidAbove(parentPid: number, read: (pid: number) => string = readStatus): number | null {
  try {
    for (let pid = parentPid, left = MAX_ANCESTORS; pid > 0 && left > 0; left -= 1) {
      const text = read(pid);
      const uid = Number(/^Uid:\s+(\d+)/m.exec(text)?.[1]);
      if (uid !== 0) return Number.isSafeInteger(uid) ? uid : null;
      pid = Number(/^PPid:\s+(\d+)/m.exec(text)?.[1] ?? 0);
    }
  } catch {
    // It ended while we looked.
  }
  return null;
}

function readStatus(pid: number): string {
  return readFileSync(`/proc/${pid}/status`, 'latin1');
}
