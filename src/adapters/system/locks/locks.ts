import { randomBytes } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError, StateError } from '../../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../../core/domain/name/names.js';
import { reasonOf } from '../../../core/domain/system-fault.js';
import type { HeldLock, LockHolder, LockKeeper, LockWatch } from '../../../runs/ports/locks.js';
import { systemClock } from '../clock.js';
import { ensureBaseFolders } from '../files/base-folders.js';
import { ensureFolder, isErrno, temporaryPathIn } from '../files/files.js';
import { ownIdentity } from '../process/process-identity.js';
import type { Tree } from '../tree.js';
import {
  breakLock,
  isLeftBehind,
  isLeftBehindByAge,
  isOwnerInPlace,
  type LockOwner,
  type LockState,
  lockFileSystem,
  readLockState,
  refreshedAt,
  STALE_MS,
} from './lock-folder.js';
import { lockFolderName } from './lock-names.js';

/** How often the holder refreshes its lock. */
const UPDATE_MS = 10_000;
/** By how much a busy holder may be late. */
const LATE_MS = 5000;
/** How often a waiter looks again at a lock that another process holds. */
const LOOK_AGAIN_MS = 100;
/** A lock that changes hands between our looks is tried again so often before it counts as held. */
const MAX_TRIES = 5;

/**
 * Locks between processes and within this one (design 5.7): folders in `locks/`, kept by proper-lockfile, with an owner
 * record inside. A lock whose owner died by any signal is taken over at once; one whose owner lives is never broken, even
 * when it was stopped for minutes.
 */
export class FileLockKeeper implements LockKeeper, LockWatch {
  readonly #folder: string;
  readonly #tree: Tree;
  readonly #watchMs: number;
  #isReady = false;
  /** The last of those in this process who wait for a lock or hold it through `acquire`. */
  readonly #queues = new Map<string, Promise<void>>();

  /** @param watchMs how long a lock is watched whose owner cannot be looked at, before it counts as left behind */
  constructor(tree: Tree, watchMs = UPDATE_MS + LATE_MS) {
    this.#tree = tree;
    this.#watchMs = watchMs;
    this.#folder = tree.locks();
  }

  /** @throws StateError WRITE_FAILED or NO_SPACE, ConfigurationError UNSAFE_FILE, InternalError BUG (name) */
  async tryAcquire(name: string, note: string): Promise<HeldLock | { readonly heldBy: LockHolder }> {
    const path = join(this.#folder, lockFolderName(name));
    await this.#prepareFolder();
    let state: LockState = { kind: 'free' };
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const held = await take(path, name, note, this.#folder);
      if (held !== undefined) return held;
      state = readLockState(path);
      if (!isGivenUp(state) && !(isLeftBehind(path, state) && (await this.#isStill(path, state)))) break;
      clear(path, state);
    }
    return { heldBy: holderOf(state) };
  }

  /** A lock that only its age speaks against is watched for longer than its holder would take to refresh it. */
  async #isStill(path: string, state: LockState): Promise<boolean> {
    if (!isLeftBehindByAge(state)) return true;
    const before = refreshedAt(path);
    await systemClock.sleep(this.#watchMs);
    return refreshedAt(path) === before;
  }

  /** Makes and breaks nothing. @throws StateError TREE_UNREADABLE */
  holderOf(name: string): LockHolder | null {
    const path = join(this.#folder, lockFolderName(name));
    try {
      const state = readLockState(path);
      return isLeftBehind(path, state) ? null : holderOf(state);
    } catch (error) {
      const why = `the locks cannot be read: ${reasonOf(error)}`;
      throw new StateError('TREE_UNREADABLE', why, { cause: error });
    }
  }

  /**
   * Waits for the lock; within this process first come, first served. Rejects with the signal's reason.
   * @throws as `tryAcquire`
   */
  async acquire(name: string, note: string, signal?: AbortSignal): Promise<HeldLock> {
    const before = this.#queues.get(name);
    let leave = (): void => undefined;
    const turn = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const tail = (before ?? Promise.resolve()).then(() => turn);
    this.#queues.set(name, tail);
    void tail.then(() => {
      if (this.#queues.get(name) === tail) this.#queues.delete(name);
    });
    try {
      if (before !== undefined) await unlessAborted(before, signal);
      for (;;) {
        signal?.throwIfAborted();
        const result = await this.tryAcquire(name, note);
        if (!('heldBy' in result)) {
          return { ...result, release: () => result.release().finally(leave) };
        }
        await systemClock.sleep(LOOK_AGAIN_MS, signal);
      }
    } catch (error) {
      leave();
      throw error;
    }
  }

  async #prepareFolder(): Promise<void> {
    if (this.#isReady) return;
    this.#tree.assertInside(this.#folder);
    await ensureBaseFolders(this.#tree);
    await ensureFolder(this.#tree.own(), 0o700);
    await ensureFolder(this.#folder, 0o700);
    const facts = lstatSync(this.#folder);
    if (!facts.isDirectory() || facts.uid !== process.getuid?.() || (facts.mode & 0o022) !== 0) {
      throw new ConfigurationError(
        'UNSAFE_FILE',
        `${quoteForMessage(this.#folder)} is not a folder that only its owner, who runs this, may write`,
        { advice: 'Others could fake or delete locks there: give it back to root, mode 0700.' },
      );
    }
    this.#isReady = true;
  }
}

async function take(path: string, name: string, note: string, folder: string): Promise<HeldLock | undefined> {
  const { default: lockfile } = await import('proper-lockfile');
  const token = randomBytes(16).toString('hex');
  const owner: LockOwner = {
    identity: ownIdentity(),
    token,
    startedAt: new Date().toISOString(),
    note,
  };
  const lost = new AbortController();
  const lostError = (): StateError =>
    new StateError('LOCK_LOST', `the lock ${quoteForMessage(name)} was taken from this run`);
  const fs = lockFileSystem(owner, temporaryPathIn(folder));
  let letGo: () => Promise<void>;
  try {
    letGo = await lockfile.lock(path, {
      fs,
      lockfilePath: path,
      realpath: false,
      retries: 0,
      stale: STALE_MS,
      update: UPDATE_MS,
      onCompromised: () => lost.abort(lostError()),
    });
  } catch (error) {
    if (isHeld(error)) return undefined;
    throw asLockError(error, path);
  }
  return {
    signal: lost.signal,
    assertHeld: async () => {
      if (lost.signal.aborted || !isOwnerInPlace(path, token)) throw lostError();
    },
    release: async () => {
      try {
        // Refused when it was compromised; then our record, if it still lies there, must go all the same.
        await letGo().catch(() => breakLock(path, { kind: 'owned', owner }));
      } catch {
        givenUp.add(token);
        // The file system refuses it. The record says nothing in this process any more, and after it to nobody.
      }
    },
  };
}

/** Tokens of locks that this process let go of, and whose records could not be taken away. */
const givenUp = new Set<string>();

function isGivenUp(state: LockState): boolean {
  return state.kind === 'owned' && givenUp.has(state.owner.token);
}

/** @throws StateError WRITE_FAILED */
function clear(path: string, state: LockState): void {
  try {
    breakLock(path, state);
  } catch (error) {
    throw asLockError(error, path);
  }
}

function asLockError(error: unknown, path: string): StateError {
  return new StateError('WRITE_FAILED', `cannot make the lock ${quoteForMessage(path)}: ${reasonOf(error)}`, {
    cause: error,
    advice: 'Check the owner, mode and free space of that folder; run as root.',
  });
}

function holderOf(state: LockState): LockHolder {
  if (state.kind !== 'owned') return { pid: 0, startedAt: '', note: 'unknown' };
  return { pid: state.owner.identity.pid, startedAt: state.owner.startedAt, note: state.owner.note };
}

/** ELOCKED: fresh; ENOTEMPTY: older than `stale`, but with an owner's record inside, which we judge ourselves. */
function isHeld(error: unknown): boolean {
  return ['ELOCKED', 'ENOTEMPTY', 'EEXIST'].some((code) => isErrno(error, code));
}

function unlessAborted(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    void promise.then(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
  });
}
