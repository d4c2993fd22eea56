import * as fs from 'node:fs';
import { join } from 'node:path';
import { isErrno } from '../files/files.js';
import {
  bootInstantMs,
  livenessOf,
  type ProcessIdentity,
  parseIdentity,
} from '../process/process-identity.js';

/** Who holds a lock, as its record in the lock's folder says. */
export interface LockOwner {
  readonly identity: ProcessIdentity;
  readonly token: string;
  readonly startedAt: string;
  readonly note: string;
}

/** What lies at a lock's path. `unclear`: something that names no owner. */
export type LockState =
  | { readonly kind: 'free' }
  | { readonly kind: 'owned'; readonly owner: LockOwner }
  | { readonly kind: 'unclear'; readonly entries: readonly string[] };

/** A lock that names no judgeable owner counts as left behind when nobody refreshed it for so long. */
export const STALE_MS = 60_000;

/**
 * A lock is a folder holding one file, `<token>.json`: the owner's record. It is made aside and renamed into place, so
 * taking the lock and naming its owner are one step of the kernel (a rename onto a folder with a file in it fails, onto
 * an empty one succeeds). It is broken by unlinking the dead owner's own file: whoever comes second finds nothing of that
 * name, and cannot hit the lock of a third who took it in between.
 */
export function lockFileSystem(owner: LockOwner, aside: string): object {
  const record = `${owner.token}.json`;
  const leave = (path: string): void => {
    fs.rmSync(join(path, record), { force: true });
    fs.rmdirSync(path);
  };
  return {
    stat: fs.stat,
    utimes: fs.utimes,
    mkdir: (path: string, done: Done) => {
      answer(done, () => {
        fs.mkdirSync(aside, { mode: 0o700 });
        try {
          fs.writeFileSync(join(aside, record), JSON.stringify(owner), { flag: 'wx', mode: 0o600 });
          fs.renameSync(aside, path);
        } catch (error) {
          fs.rmSync(aside, { recursive: true, force: true });
          throw isErrno(error, 'ENOTEMPTY') ? Object.assign(new Error('held'), { code: 'EEXIST' }) : error;
        }
      });
    },
    rmdir: (path: string, done: Done) => answer(done, () => leave(path)),
    rmdirSync: leave,
  };
}

/** What lies at the path now. @throws the file system's error when it cannot be read */
export function readLockState(path: string): LockState {
  let entries: readonly string[];
  try {
    entries = fs.readdirSync(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return { kind: 'free' };
    throw error;
  }
  if (entries.length === 0) return { kind: 'free' };
  for (const entry of entries) {
    const owner = readOwner(join(path, entry));
    if (owner !== undefined && entry === `${owner.token}.json`) return { kind: 'owned', owner };
  }
  return { kind: 'unclear', entries };
}

/** Whether nobody can be at work under that lock any more. An owner that lives, stopped or slow, is never left behind. */
export function isLeftBehind(path: string, state: LockState): boolean {
  if (state.kind === 'free') return true;
  const liveness = state.kind === 'owned' ? livenessOf(state.owner.identity) : 'unknown';
  return liveness === 'unknown' ? isStale(path) : liveness === 'gone';
}

/** Whether only its age says that it was left behind: then a jump of the clock says the same of one that is held. */
export function isLeftBehindByAge(state: LockState): boolean {
  return (
    state.kind === 'unclear' || (state.kind === 'owned' && livenessOf(state.owner.identity) === 'unknown')
  );
}

/** When the lock was refreshed last, in ms; null when it is gone. */
export function refreshedAt(path: string): number | null {
  return fs.statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null;
}

/** Frees the lock of that state, and no other that came in its place. */
export function breakLock(path: string, state: LockState): void {
  const entries = state.kind === 'unclear' ? state.entries : [];
  for (const entry of state.kind === 'owned' ? [`${state.owner.token}.json`] : entries) {
    fs.rmSync(join(path, entry), { force: true, recursive: true });
  }
}

/** Whether the owner's record still lies there: the lock was not broken. */
export function isOwnerInPlace(path: string, token: string): boolean {
  return fs.existsSync(join(path, `${token}.json`));
}

/** Also one from the future: its owner would have refreshed it since the clock was put back. */
function isStale(path: string): boolean {
  try {
    const { mtimeMs } = fs.statSync(path);
    const now = Date.now();
    return mtimeMs < now - STALE_MS || mtimeMs > now + STALE_MS || mtimeMs < bootInstantMs();
  } catch {
    return true;
  }
}

function readOwner(path: string): LockOwner | undefined {
  try {
    const value = JSON.parse(fs.readFileSync(path, 'utf8')) as Record<string, unknown>;
    const identity = parseIdentity(value['identity']);
    const { token, startedAt, note } = value;
    if (identity === undefined || typeof token !== 'string') return undefined;
    return { identity, token, startedAt: String(startedAt), note: String(note) };
  } catch {
    return undefined;
  }
}

/** The callback form that proper-lockfile calls. */
type Done = (error: Error | null) => void;

function answer(done: Done, act: () => void): void {
  let fault: Error | null = null;
  try {
    act();
  } catch (error) {
    fault = error as Error;
  }
  setImmediate(done, fault);
}
