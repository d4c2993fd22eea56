import { setTimeout as pause } from 'node:timers/promises';
import { findMaster, type MasterFinder } from '../system/daemon/master-finder.js';
import { childrenOf, type MasterProcess, titleOf } from '../system/daemon/process-table.js';
import { identityOf, identityWord } from '../system/process/process-identity.js';

/** What became of a reload. */
export type ReloadSight =
  /** New workers run under the same main process, or a new main process runs. */
  | { readonly state: 'renewed' }
  /** The main process lives and has the workers it had. */
  | { readonly state: 'unchanged' }
  | { readonly state: 'died'; readonly pid: number }
  | { readonly state: 'absent' }
  | { readonly state: 'failed'; readonly why: string };

/** The workers of a reload appear within milliseconds of the configuration's being loaded. */
const LOOK_EVERY_MS = 20;

/** How a reload is asked for and watched. */
export interface ReloadWatch {
  readonly finder: MasterFinder;
  readonly signal: 'SIGHUP' | 'SIGUSR1';
  /** Instead of the signal: gives what went wrong, or undefined. */
  readonly command?: () => Promise<string | undefined>;
  /** So long new workers are waited for. */
  readonly patienceMs: number;
  /** So long the main process must live after its new workers came. */
  readonly settleMs: number;
  /** Whether the new configuration is loaded, where one can tell: workers that came before are of the old one. */
  readonly isLoaded?: () => boolean;
  /** Whether a worker, by its title, still takes connections. Where one can tell, the old ones are waited for. */
  readonly isServing?: (title: string) => boolean;
}

/** Old workers stop taking connections within a tenth of a second; one that does not is stuck. */
const RETIRE_PATIENCE_MS = 5_000;

/** Asks the server to load its configuration anew and watches until it did, died or time is up. */
export async function reloadMaster(watch: ReloadWatch): Promise<ReloadSight> {
  const before = findMaster(watch.finder);
  const workers = before === undefined ? new Map<string, number>() : childrenOf(before.pid);
  if (watch.command !== undefined) {
    const why = await watch.command();
    if (why !== undefined) return { state: 'failed', why };
    if (before === undefined) return { state: findMaster(watch.finder) === undefined ? 'absent' : 'renewed' };
  } else {
    if (before === undefined) return { state: 'absent' };
    try {
      process.kill(before.pid, watch.signal);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'ESRCH'
        ? { state: 'died', pid: before.pid }
        : { state: 'failed', why: `it cannot be signalled: ${code}` };
    }
  }
  return await watchWorkers(watch, before, workers);
}

async function watchWorkers(
  { finder, command, patienceMs, settleMs, isLoaded, isServing }: ReloadWatch,
  before: MasterProcess,
  workers: ReadonlyMap<string, number>,
): Promise<ReloadSight> {
  const deadline = performance.now() + patienceMs;
  const old = new Set(workers.keys());
  let renewedAt: number | undefined;
  for (;;) {
    const now = performance.now();
    if (tokenOf(before.pid) === before.startToken) {
      const children = childrenOf(before.pid);
      // Seen before the configuration was loaded: spare workers of the old one.
      if (isLoaded?.() === false) for (const child of children.keys()) old.add(child);
      if ([...children.keys()].some((child) => !old.has(child))) renewedAt ??= now;
      if (renewedAt === undefined && now > deadline) return { state: 'unchanged' };
      if (renewedAt !== undefined && now - renewedAt >= settleMs) {
        const isOldServing = [...children].some(
          ([child, pid]) => old.has(child) && isServing?.(titleOf(pid)) === true,
        );
        if (!isOldServing || now - renewedAt > RETIRE_PATIENCE_MS) return { state: 'renewed' };
      }
    } else {
      // A command may restart; whoever only got a signal must not die of it.
      if (command !== undefined && findMaster(finder) !== undefined) return { state: 'renewed' };
      if (command === undefined || now > deadline) return { state: 'died', pid: before.pid };
    }
    await pause(LOOK_EVERY_MS);
  }
}

function tokenOf(pid: number): string | undefined {
  const identity = identityOf(pid);
  return identity === undefined ? undefined : identityWord(identity);
}
