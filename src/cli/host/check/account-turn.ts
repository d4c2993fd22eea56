import { ignoreCallersTerminal, shedCallersHold } from '../../../adapters/background/callers-hold.js';
import { FileLockKeeper } from '../../../adapters/system/locks/locks.js';
import type { Tree } from '../../../adapters/system/tree.js';
import type { AccountName } from '../../../core/domain/account/account-name.js';
import { StateError } from '../../../core/domain/autossl-error.js';

/** Most calls are answered in a tenth of a second. */
const PATIENCE_MS = 15_000;

/**
 * Does the work when it is the account's turn: one call at a time of each module, however many of them a customer starts.
 * Only then is the caller's hold shed, so that those who wait stay within the account's limits.
 * @throws StateError LOCKED after a while; what the work throws
 */
export async function inTurnOf<T>(
  tree: Tree,
  account: AccountName,
  module: string,
  work: () => Promise<T>,
): Promise<T> {
  // Else one that waits, or has just got its turn, could be stopped with the lock held.
  ignoreCallersTerminal();
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const name = `uapi-${module}:${account}`;
  const lock = await new FileLockKeeper(tree).acquire(name, 'uapi', patience).catch((error: unknown) => {
    if (!patience.aborted) throw error;
    throw new StateError('LOCKED', 'another call of this account is being answered');
  });
  try {
    shedCallersHold();
    return await work();
  } finally {
    await lock.release();
  }
}
