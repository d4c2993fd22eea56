import { isThere, listFolder, removeFile, writeFileAtomically } from '../system/files/files.js';
import type { Tree } from '../system/tree.js';

/**
 * A mark outside `/var/cpanel/ssl`, which says that certificates of ours lie there: should that folder be gone, unmounted
 * or emptied, nothing inside it could tell.
 */
export class StateMark {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** The folder that should hold what it held, as documented; null when all is there, or never was. */
  async lostFolder(): Promise<string | null> {
    if (!(await isThere(this.#tree.stateMark()))) return null;
    for (const folder of [this.#tree.issued(), this.#tree.websitesTls()]) {
      if ((await listFolder(folder)).length === 0) return this.#tree.documented(folder) ?? folder;
    }
    return null;
  }

  /** From now on the folders are expected. @throws StateError */
  async set(): Promise<void> {
    if (await isThere(this.#tree.stateMark())) return;
    const text = 'Certificates of AutoSSL lie under /var/cpanel/ssl. See autossl_check(8).\n';
    await writeFileAtomically(this.#tree.stateMark(), text, { mode: 0o600, uid: 0, gid: 0 });
  }

  async unset(): Promise<void> {
    await removeFile(this.#tree.stateMark());
  }
}
