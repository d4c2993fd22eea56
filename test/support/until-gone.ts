import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** A run that ends by itself does so long before. */
const PATIENCE_MS = 60_000;
const POLL_MS = 25;

/** Waits until no process works on the tree that was started as this program. */
export async function untilGone(program: string, root: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (isThere(program, root)) {
    if (Date.now() > deadline) throw new Error(`${program} still works on ${root}`);
    await pause(POLL_MS);
  }
}

function isThere(program: string, root: string): boolean {
  return readdirSync('/proc').some((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      return (
        words.some((word) => word.endsWith(`/${program}`)) && environment.includes(`AUTOSSL_ROOT=${root}`)
      );
    } catch {
      return false;
    }
  });
}
