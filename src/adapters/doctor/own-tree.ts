import { constants, type Stats } from 'node:fs';
import { lstat, open, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { findMasters } from '../system/daemon/process-table.js';
import { isErrno } from '../system/files/files.js';
import { leftBehindIn } from '../system/files/temporary-files.js';
import { breakLock, isLeftBehind, readLockState } from '../system/locks/lock-folder.js';
import type { Tree } from '../system/tree.js';

const PERMISSION_BITS = 0o7777;
const OTHERS_BITS = 0o077;
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const KEY_MODE = 0o600;
/** The web server walks through it, nobody lists it (design section 3). */
const CHALLENGES_MODE = 0o711;
/** More files are not walked through: each order, website and name has a few. */
const MOST_ENTRIES = 500_000;
const CRON_PROGRAMS = ['cron', 'crond'];
const AT_PROGRAMS = ['atd'];

/** Something of ours that does not lie there as we made it. */
export interface Misplaced {
  readonly path: string;
  readonly what: string;
  /** The mode that it should have; null: it is a link, which is left alone. */
  readonly mode: number | null;
}

/** Files and folders that only we write: what they are like, and the few things that may safely be put right. */
export class OwnTreeState {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** What others could change or read, what is not ours, and links where we make none. Follows no link. */
  async misplaced(): Promise<readonly Misplaced[]> {
    const found: Misplaced[] = [];
    const challenges = await look(this.#tree.challenges());
    if (challenges !== undefined) judge(this.#tree.challenges(), challenges, CHALLENGES_MODE, found);
    const own = await look(this.#tree.own());
    if (own !== undefined) {
      judge(this.#tree.own(), own, FOLDER_MODE, found);
      if (own.isDirectory()) await this.#walk(this.#tree.own(), found, { left: MOST_ENTRIES });
    }
    for (const name of await namesOf(this.#tree.websitesTls())) {
      const path = join(this.#tree.websitesTls(), name, 'combined');
      const facts = await look(path);
      if (facts === undefined || facts.isDirectory()) continue;
      judge(path, facts, KEY_MODE, found);
    }
    return found;
  }

  async #walk(folder: string, found: Misplaced[], room: { left: number }): Promise<void> {
    for (const name of await namesOf(folder)) {
      room.left -= 1;
      if (room.left < 0) return;
      const path = join(folder, name);
      const facts = await look(path);
      if (facts === undefined) continue;
      judge(path, facts, facts.isDirectory() ? FOLDER_MODE : FILE_MODE, found);
      if (facts.isDirectory()) await this.#walk(path, found, room);
    }
  }

  /** Gives it our owner and mode, unless it is a link by now. False: it was left as it is. */
  async putRight({ path, mode }: Misplaced): Promise<boolean> {
    if (mode === null) return false;
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const file = await open(path, flags).catch(() => null);
    if (file === null) return false;
    try {
      const facts = await file.stat();
      if (!facts.isDirectory() && (!facts.isFile() || facts.nlink > 1)) return false;
      const uid = process.getuid?.() ?? 0;
      if (facts.uid !== uid) await file.chown(uid, process.getgid?.() ?? 0);
      await file.chmod(mode);
      return true;
    } finally {
      await file.close();
    }
  }

  /** Temporary files that dead processes left. */
  async leftovers(): Promise<readonly string[]> {
    const own = this.#tree.own();
    const folders = [
      own,
      ...(await foldersBelow(own, 3)),
      ...(await foldersBelow(this.#tree.websitesTls(), 1)),
      ...(await foldersBelow(this.#tree.copies(), 1)),
      this.#tree.base(),
      this.#tree.logs(),
    ];
    return folders.flatMap((folder) => leftBehindIn(folder));
  }

  /** Names of the locks whose holders are dead. */
  async deadLocks(): Promise<readonly string[]> {
    const dead: string[] = [];
    for (const name of await namesOf(this.#tree.locks())) {
      const path = join(this.#tree.locks(), name);
      if ((await look(path))?.isDirectory() !== true) continue;
      const state = readLockState(path);
      if (state.kind !== 'free' && isLeftBehind(path, state)) dead.push(name);
    }
    return dead;
  }

  /** Frees a lock whose holder is dead still. */
  freeLock(name: string): boolean {
    const path = join(this.#tree.locks(), basename(name));
    const state = readLockState(path);
    if (state.kind === 'free' || !isLeftBehind(path, state)) return false;
    breakLock(path, state);
    return true;
  }

  /** Files of `index/` that are no JSON: caches, made anew when they are not there. */
  async damagedCaches(): Promise<readonly string[]> {
    const damaged: string[] = [];
    for (const folder of [this.#tree.index(), this.#tree.directories(), this.#tree.crlCache()]) {
      for (const name of await namesOf(folder)) {
        const path = join(folder, name);
        if (!name.endsWith('.json') || (await look(path))?.isFile() !== true) continue;
        if (!(await isJson(path))) damaged.push(path);
      }
    }
    return damaged;
  }

  /** Takes away a cache. */
  async removeCache(path: string): Promise<void> {
    await rm(path, { force: true });
  }

  /** Notices that were not sent and wait since then, the oldest. */
  async oldestNotice(): Promise<Date | null> {
    let oldest: Date | null = null;
    const folder = this.#tree.outbox();
    for (const name of await namesOf(folder)) {
      const facts = await look(join(folder, name));
      if (facts?.isFile() !== true) continue;
      // The outbox keeps in `mtime` when it looks again.
      const since = facts.birthtimeMs > 0 ? facts.birthtime : facts.ctime;
      if (oldest === null || since < oldest) oldest = since;
    }
    return oldest;
  }

  /** Whether cron and atd run; null without /proc. */
  async daemons(): Promise<{ readonly cron: boolean; readonly at: boolean } | null> {
    if ((await namesOf('/proc')).length === 0) return null;
    const runs = (programs: readonly string[]): boolean => findMasters(programs, () => true).length > 0;
    return { cron: runs(CRON_PROGRAMS), at: runs(AT_PROGRAMS) };
  }
}

function judge(path: string, facts: Stats, mode: number, found: Misplaced[]): void {
  if (facts.isSymbolicLink()) {
    found.push({ path, what: 'is a link', mode: null });
    return;
  }
  const is = facts.mode & PERMISSION_BITS;
  const isLoose = (is & OTHERS_BITS & ~mode) !== 0 || (facts.isDirectory() && (is & mode) !== mode);
  if (facts.uid !== process.getuid?.()) found.push({ path, what: `belongs to uid ${facts.uid}`, mode });
  else if (isLoose) found.push({ path, what: `has mode ${is.toString(8)}, not ${mode.toString(8)}`, mode });
}

async function look(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}

async function namesOf(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return [];
    throw error;
  }
}

async function foldersBelow(folder: string, depth: number): Promise<string[]> {
  if (depth === 0) return [];
  const found: string[] = [];
  for (const name of await namesOf(folder)) {
    const path = join(folder, name);
    if ((await look(path))?.isDirectory() !== true) continue;
    found.push(path, ...(await foldersBelow(path, depth - 1)));
  }
  return found;
}

async function isJson(path: string): Promise<boolean> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    JSON.parse(await file.readFile('utf8'));
    return true;
  } catch (error) {
    if (error instanceof SyntaxError || (error as Error).name === 'SyntaxError') return false;
    throw error;
  } finally {
    await file.close();
  }
}
