import { join } from 'node:path';
import type { Installer } from '../../runs/ports.js';
import { ensureFolder, listFolder, removeFile, writeFileAtomically } from '../system/files.js';
import { identityWord, isWordAlive, ownIdentity } from '../system/process-identity.js';
import type { Tree } from '../system/tree.js';

/** Between the process's word and the number of its reload in a note's name. */
const SEPARATOR = '~';

/**
 * An installer that remembers what it owes: `staging/reload-owed/<process>~<n>` stands from before a process's first
 * publication until after its next reload that went well. A note of a living process is that process's own affair.
 */
export class ReloadDebt implements Installer {
  readonly #tree: Tree;
  readonly #folder: string;
  readonly #command: Pick<Installer, 'reload'>;
  readonly #word = identityWord(ownIdentity());
  /** Publications during a reload are not settled by it. */
  #reloads = 0;
  #noted: Promise<void> | null = null;

  constructor(tree: Tree, command: Pick<Installer, 'reload'>) {
    this.#tree = tree;
    this.#folder = tree.reloadOwed();
    this.#command = command;
  }

  /** @throws StateError WRITE_FAILED or NO_SPACE */
  oweReload(): Promise<void> {
    this.#noted ??= this.#note().catch((error: unknown) => {
      this.#noted = null;
      throw error;
    });
    return this.#noted;
  }

  async isReloadOwed(): Promise<boolean> {
    return (await this.#owed()).length > 0;
  }

  async reload(): ReturnType<Installer['reload']> {
    const owed = await this.#owed();
    this.#reloads += 1;
    this.#noted = null;
    const outcome = await this.#command.reload();
    if (outcome === undefined || outcome.ok) {
      for (const name of owed) await removeFile(join(this.#folder, name));
    }
    return outcome;
  }

  async #note(): Promise<void> {
    for (const folder of [this.#tree.own(), this.#tree.staging(), this.#folder])
      await ensureFolder(folder, 0o700);
    const path = join(this.#folder, `${this.#word}${SEPARATOR}${this.#reloads}`);
    await writeFileAtomically(path, '', { mode: 0o600, uid: 0, gid: 0 });
  }

  /** Our own notes and those of processes that are gone. */
  async #owed(): Promise<readonly string[]> {
    return (await listFolder(this.#folder)).filter((name) => {
      const word = name.split(SEPARATOR)[0] ?? '';
      return word === this.#word || !isWordAlive(word);
    });
  }
}
