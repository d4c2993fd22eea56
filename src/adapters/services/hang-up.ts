import { setTimeout as pause } from 'node:timers/promises';
import { reasonOf } from '../../core/domain/system-fault.js';
import type { ServerCheck } from '../../core/plan/install/install-liveness.js';
import { socketInodesOf } from '../system/daemon/listening-sockets.js';
import { childrenOf, type MasterProcess } from '../system/daemon/process-table.js';
import type { ServerControl } from '../system/daemon/server-control.js';

const LOOK_EVERY_MS = 20;
/** A daemon that opens its sockets again does so within a tenth of a second. */
const SOCKETS_PATIENCE_MS = 5_000;
/** One that keeps them shows its reload by new processes, or not at all while nobody connects. */
const PROCESSES_PATIENCE_MS = 1_000;
/** Whoever stopped listening has died, or is not coming back. */
const LISTEN_PATIENCE_MS = 10_000;

/**
 * Sends SIGHUP to a daemon's main process and waits until the effect is seen, or should have been: new sockets where it opens
 * them again, else new processes. Ok when it lives and listens where it did; whether it serves the new certificate is the
 * caller's to ask.
 */
export async function hangUp(
  control: ServerControl,
  { awaitsNewSockets }: { readonly awaitsNewSockets: boolean },
): Promise<ServerCheck> {
  const master = control.master();
  if (master === undefined) return { ok: false, why: 'it does not run' };
  const before = traitsOf(master, awaitsNewSockets);
  const listened = control.liveness().listening ?? [];
  try {
    process.kill(master.pid, 'SIGHUP');
  } catch (error) {
    return { ok: false, why: `it cannot be signalled: ${reasonOf(error)}` };
  }
  const patienceMs = awaitsNewSockets ? SOCKETS_PATIENCE_MS : PROCESSES_PATIENCE_MS;
  const sentAt = performance.now();
  for (;;) {
    await pause(LOOK_EVERY_MS);
    const now = control.liveness();
    if (now.startToken !== master.startToken) return { ok: false, why: `it (pid ${master.pid}) died` };
    const elapsedMs = performance.now() - sentAt;
    const isListening = listened.every((socket) => now.listening?.includes(socket) ?? true);
    const isRenewed = [...traitsOf(master, awaitsNewSockets)].some((trait) => !before.has(trait));
    if (isListening && (isRenewed || elapsedMs > patienceMs)) return { ok: true };
    if (elapsedMs > LISTEN_PATIENCE_MS) return { ok: false, why: 'it no longer listens where it did' };
  }
}

/** What a reload makes others of. */
function traitsOf({ pid }: MasterProcess, areSockets: boolean): ReadonlySet<string> {
  try {
    return new Set(areSockets ? socketInodesOf(pid) : childrenOf(pid).keys());
  } catch {
    return new Set();
  }
}
