import { join } from 'node:path';
import { InternalError } from '../../core/domain/autossl-error.js';
import type { MaterialKind, MaterialStore } from '../../runs/ports/material.js';
import { ensureBaseFolders } from '../system/files/base-folders.js';
import { asWriteError, ensureFolder, writeFileAtomically } from '../system/files/files.js';
import type { Tree } from '../system/tree.js';
import { TreeReader } from '../system/tree-reader.js';

const EXTENSION: Readonly<Record<MaterialKind, string>> = { certs: '.crt', keys: '.key', csrs: '.csr' };
const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = { mode: 0o600, uid: 0, gid: 0 };
/** Chains take a few kilobytes. */
const MAX_BYTES = 256 * 1024;
const ID = /^\w{1,240}$/;

/** Root's own store in the tree; folders and files are root's alone. */
export class SystemMaterial implements MaterialStore {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  async *list(kind: MaterialKind): AsyncGenerator<{ id: string; path: string; text: string }> {
    const reader = new TreeReader(this.#tree);
    const folder = this.#folder(kind);
    let names: readonly string[] = [];
    try {
      names = reader.list(folder);
    } catch {
      // Nothing was ever kept.
    }
    for (const name of [...names].sort()) {
      const id = name.slice(0, -EXTENSION[kind].length);
      if (!name.endsWith(EXTENSION[kind]) || !ID.test(id)) continue;
      const path = join(folder, name);
      const reading = reader.read(path, MAX_BYTES);
      if (reading.state === 'read') yield { id, path: this.#documented(path), text: reading.text };
    }
  }

  async save(kind: MaterialKind, id: string, pem: string): Promise<string> {
    if (!ID.test(id)) throw new InternalError('BUG', 'an id of a key or certificate is none');
    const folder = this.#folder(kind);
    this.#tree.assertInside(folder);
    const path = join(folder, `${id}${EXTENSION[kind]}`);
    try {
      await ensureBaseFolders(this.#tree);
      await ensureFolder(this.#tree.rootMaterial(), PRIVATE_FOLDER);
      await ensureFolder(folder, PRIVATE_FOLDER);
      await writeFileAtomically(path, pem, PRIVATE_FILE);
    } catch (error) {
      throw asWriteError(error, path);
    }
    return this.#documented(path);
  }

  #folder(kind: MaterialKind): string {
    return join(this.#tree.rootMaterial(), kind);
  }

  #documented(path: string): string {
    return this.#tree.documented(path) ?? path;
  }
}
