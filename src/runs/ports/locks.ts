/** Held lock; `signal` aborts when it was lost (stolen, stale). */
export interface HeldLock {
  readonly signal: AbortSignal;
  /** Fencing: throws StateError LOCK_LOST when another holder took it. Call just before each rename into place. */
  assertHeld(): Promise<void>;
  release(): Promise<void>;
}

export interface LockKeeper {
  /** Undefined with the holder's description when another live process holds it. */
  tryAcquire(name: string, note: string): Promise<HeldLock | { readonly heldBy: LockHolder }>;
  acquire(name: string, note: string, signal?: AbortSignal): Promise<HeldLock>;
}

/** Who is at work under which lock. Only looks. */
export interface LockWatch {
  /** Null: nobody. @throws StateError TREE_UNREADABLE */
  holderOf(name: string): LockHolder | null;
}

export interface LockHolder {
  readonly pid: number;
  readonly startedAt: string;
  readonly note: string;
}
