import { lstatSync, readlinkSync } from 'node:fs';
import { rename, rmdir, symlink, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { NightlyTime, ProgramPlaces } from '../../core/plan/setup/setup-files.js';
import {
  digestOf,
  type FoundThing,
  type MadeThing,
  type SetupItem,
  type SetupPlaces,
} from '../../core/plan/setup/setup-steps.js';
import {
  asWriteError,
  ensureFolder,
  isErrno,
  isThere,
  readBytes,
  removeFile,
  syncFolder,
  temporaryPathIn,
  writeFileAtomically,
} from '../system/files/files.js';
import { sweepFolder } from '../system/files/temporary-files.js';
import type { Tree } from '../system/tree.js';
import { readInstallation } from './installation.js';
import { SetupJournalFile } from './journal.js';

const FOLDER_MODE = 0o755;

/** The places of this server where a set-up puts things. Nothing is judged here. */
export class ServerStation {
  readonly places: SetupPlaces;
  readonly #tree: Tree;
  readonly #program: string;
  readonly #node: string;
  readonly #journal: SetupJournalFile;

  /** @param program the running script; @param node what runs it; both absolute */
  constructor(tree: Tree, program: string, node: string) {
    this.#tree = tree;
    this.#program = program;
    this.#node = node;
    this.#journal = new SetupJournalFile(tree);
    this.places = {
      cronFile: tree.cronFile(),
      maintenanceHook: tree.maintenanceHook(),
      programLinks: tree.cpanelPrograms(),
      scriptLinks: tree.cpanelScripts(),
      sudoers: tree.sudoers(),
    };
  }

  readInstallation(): Promise<ProgramPlaces & { readonly writableByOthers: readonly string[] }> {
    return readInstallation(this.#program, this.#node, this.#tree.isPrivate ? this.#tree.root : null);
  }

  readJournal(): Promise<{ readonly nightly: NightlyTime | null; readonly made: readonly MadeThing[] }> {
    return this.#journal.read();
  }

  writeJournal(journal: {
    readonly nightly: NightlyTime | null;
    readonly made: readonly MadeThing[];
  }): Promise<void> {
    return this.#journal.write(journal);
  }

  /** What lies there; a link is not followed. @throws the file system's error */
  async look(path: string): Promise<FoundThing> {
    this.#tree.assertInside(dirname(path));
    const facts = lstatSync(path, { throwIfNoEntry: false });
    if (facts === undefined) return { state: 'absent' };
    if (facts.isSymbolicLink()) return { state: 'link', target: readlinkSync(path) };
    if (facts.isDirectory()) return { state: 'folder' };
    return facts.isFile() ? { state: 'file', digest: digestOf(await readBytes(path)) } : { state: 'other' };
  }

  async missingFolders(path: string): Promise<readonly string[]> {
    const missing: string[] = [];
    for (let folder = dirname(path); !(await isThere(folder)); folder = dirname(folder))
      missing.unshift(folder);
    return missing;
  }

  /** @throws StateError WRITE_FAILED, NO_SPACE; ConfigurationError UNSAFE_FILE */
  async make({ path, thing }: SetupItem): Promise<void> {
    const folder = dirname(path);
    this.#tree.assertInside(folder);
    await ensureFolder(folder, FOLDER_MODE);
    sweepFolder(folder);
    if (thing.kind === 'file') {
      await writeFileAtomically(path, thing.contents, { mode: thing.mode, uid: 0, gid: 0 });
    } else await linkAtomically(path, thing.target);
  }

  /** @throws StateError WRITE_FAILED */
  async remove(path: string): Promise<void> {
    this.#tree.assertInside(dirname(path));
    await removeFile(path);
  }

  /** @throws StateError WRITE_FAILED */
  async removeFolder(path: string): Promise<boolean> {
    this.#tree.assertInside(path);
    try {
      await rmdir(path);
      return true;
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return true;
      if (isErrno(error, 'ENOTEMPTY') || isErrno(error, 'EEXIST')) return false;
      throw asWriteError(error, path);
    }
  }
}

/** A link aside, renamed into place: callers find the old one or the new one. */
async function linkAtomically(path: string, target: string): Promise<void> {
  const folder = dirname(path);
  const aside = temporaryPathIn(folder);
  try {
    await symlink(target, aside);
    await rename(aside, path);
    await syncFolder(folder);
  } catch (error) {
    await unlink(aside).catch(() => undefined);
    throw asWriteError(error, path);
  }
}
