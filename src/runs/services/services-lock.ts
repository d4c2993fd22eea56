import { StateError } from '../../core/domain/autossl-error.js';
import type { HeldLock, LockKeeper } from '../ports/locks.js';

/**
 * The lock of everything that changes the certificates of the server's own services: one at a time. `note`: who holds it, for
 * whoever meets it. @throws StateError LOCKED
 */
export async function lockServices(locks: Pick<LockKeeper, 'tryAcquire'>, note: string): Promise<HeldLock> {
  return await lockOrRefuse(locks, 'run:services', note);
}

/** The lock, at once. @throws StateError LOCKED naming who holds it */
export async function lockOrRefuse(
  locks: Pick<LockKeeper, 'tryAcquire'>,
  name: string,
  note: string,
): Promise<HeldLock> {
  const lock = await locks.tryAcquire(name, note);
  if (!('heldBy' in lock)) return lock;
  const { pid, startedAt, note: other } = lock.heldBy;
  throw new StateError(
    'LOCKED',
    `another run is under way: process ${pid}, started ${startedAt} (${other})`,
    {
      advice: 'Try again when it has ended.',
    },
  );
}
