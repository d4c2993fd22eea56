import { readFileSync } from 'node:fs';
import { childrenOf } from '../system/daemon/process-table.js';
import type { ServerControl } from '../system/daemon/server-control.js';

/** Bytes of address space that the running config process of Dovecot may have; null: no limit, or there is none that runs. */
export function addressSpaceOf(control: ServerControl): number | null {
  const master = control.master();
  if (master === undefined) return null;
  for (const pid of childrenOf(master.pid).values()) {
    try {
      if (readFileSync(`/proc/${pid}/comm`, 'utf8').trim() !== 'config') continue;
      const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
      const [, soft] = /^Max address space +(\d+) /m.exec(limits) ?? [];
      return soft === undefined ? null : Number(soft);
    } catch {
      // It ended while we looked.
    }
  }
  return null;
}
