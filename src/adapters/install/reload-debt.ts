import { join } from 'node:path';
import type { ReloadDebt } from '../../runs/ports/installation.js';
import { ensureFolder, listFolder, removeFile, writeFileAtomically } from '../system/files/files.js';
import { identityWord, isWordAlive, ownIdentity } from '../system/process/process-identity.js';
import type { Tree } from '../system/tree.js';

/** Between the process's word and the number of its reload in a note's name. */
const SEPARATOR = '~';

/**
 * `staging/reload-owed/<process>~<n>` stands from before a process's first publication until after its next reload that
 * went well. A note of a living process is that process's own affair.
 */
export class FileReloadDebt implements ReloadDebt {
  readonly #tree: Tree;
  readonly #folder: string;
  readonly #word = identityWord(ownIdentity());
  /** Reloads begun: publications since are not settled by them. */
  #begun = 0;
  #noted: Promise<void> | null = null;

  constructor(tree: Tree) {
    this.#tree = tree;
    this.#folder = tree.reloadOwed();
  }

  /** @throws StateError WRITE_FAILED or NO_SPACE */
  owe(): Promise<void> {
    this.#noted ??= this.#note().catch((error: unknown) => {
      this.#noted = null;
      throw error;
    });
    return this.#noted;
  }

  async isOwed(): Promise<boolean> {
    return (await this.#owed()).length > 0;
  }

  async begin(): Promise<{ settle(): Promise<void> }> {
    this.#begun += 1;
    this.#noted = null;
    const since = this.#ownNote();
    const owed = (await this.#owed()).filter((name) => name !== since);
    return {
      settle: async () => {
        for (const name of owed) await removeFile(join(this.#folder, name));
      },
    };
  }

  async #note(): Promise<void> {
    const path = join(this.#folder, this.#ownNote());
    for (const folder of [this.#tree.own(), this.#tree.staging(), this.#folder])
      await ensureFolder(folder, 0o700);
    await writeFileAtomically(path, '', { mode: 0o600, uid: 0, gid: 0 });
  }

  #ownNote(): string {
    return `${this.#word}${SEPARATOR}${this.#begun}`;
  }

  /** Our own notes and those of processes that are gone. */
  async #owed(): Promise<readonly string[]> {
    return (await listFolder(this.#folder)).filter((name) => {
      const word = name.split(SEPARATOR)[0] ?? '';
      return word === this.#word || !isWordAlive(word);
    });
  }
}
