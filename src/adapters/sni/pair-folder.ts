import { lstatSync, readdirSync, renameSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { NameOffer } from '../../core/sni/offer.js';
import { type PairText, pairTextOf } from '../../core/sni/pair-text.js';
import type { SniPairs } from '../../runs/ports/sni.js';
import {
  asWriteError,
  isErrno,
  readTextFile,
  syncFolder,
  temporaryPathIn,
  writeNewFile,
} from '../system/files/files.js';
import { sweepFolder } from '../system/files/temporary-files.js';
import type { Tree } from '../system/tree.js';
import { makeFolder, PASSABLE_FOLDER, PRIVATE_FOLDER } from './sni-folder.js';

/** Files that wait for the disk at once. */
const WRITES_AT_ONCE = 16;
const PAIR_FILE = /^([0-9a-f]{32})\.pem$/;

export interface PairFolderParts {
  readonly tree: Tree;
  /** Gid of the group that may read them: that of a daemon that reads as its own user; null = root alone. */
  readonly keyGroup: number | null;
  /** What lies under the name now; null when that is no pair. `expected`: the id it should have. */
  readonly readPair: (name: NameOffer['source'], expected: string) => PairText | null;
}

/** `/var/cpanel/ssl/sni/pairs/<id>.pem`: each pair once, however many names and daemons it is for. */
export class PairFolder implements SniPairs {
  readonly #parts: PairFolderParts;
  readonly path: string;

  constructor(parts: PairFolderParts) {
    this.#parts = parts;
    this.path = pairsPath(parts.tree);
  }

  hold(offers: readonly NameOffer[]): boolean {
    return [...new Set(offers.map(({ pair }) => pair))].every((id) => this.#isThere(id));
  }

  async place(offers: readonly NameOffer[]): Promise<ReadonlySet<string>> {
    const { tree, keyGroup } = this.#parts;
    await makeFolder(tree, this.path, keyGroup === null ? PRIVATE_FOLDER : PASSABLE_FOLDER);
    sweepFolder(this.path);
    const placed = new Set<string>();
    let writes: Promise<void>[] = [];
    const finish = async (): Promise<void> => {
      await Promise.all(writes);
      writes = [];
    };
    for (const { source, pair: id } of offers) {
      if (placed.has(id)) continue;
      if (!this.#isThere(id)) {
        const pair = this.#parts.readPair(source, id);
        // Whoever replaced it meanwhile comes here next.
        if (pair?.id !== id) continue;
        writes.push(this.#write(pair));
      }
      placed.add(id);
      if (writes.length === WRITES_AT_ONCE) await finish();
    }
    await finish();
    await syncFolder(this.path);
    return placed;
  }

  async retain(ids: ReadonlySet<string>): Promise<void> {
    let names: string[];
    try {
      names = readdirSync(this.path);
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return;
      throw asWriteError(error, this.path);
    }
    const others = names.filter((name) => !ids.has(PAIR_FILE.exec(name)?.[1] ?? ''));
    const gone = others.filter((name) => PAIR_FILE.test(name));
    for (const name of gone) unlinkSync(join(this.path, name));
    if (gone.length > 0) await syncFolder(this.path);
  }

  async leafOf(id: string): Promise<string | null> {
    const text = await readTextFile(join(this.path, `${id}.pem`)).catch(() => undefined);
    return text === undefined ? null : (pairTextOf(text)?.leaf.fingerprint ?? null);
  }

  async #write({ id, text }: PairText): Promise<void> {
    const temporary = temporaryPathIn(this.path);
    const { mode, gid } = this.#attributes;
    try {
      await writeNewFile(temporary, text, { mode, uid: 0, gid });
      renameSync(temporary, join(this.path, `${id}.pem`));
    } catch (error) {
      throw asWriteError(error, this.path);
    }
  }

  #isThere(id: string): boolean {
    const facts = lstatSync(join(this.path, `${id}.pem`), { throwIfNoEntry: false });
    if (facts === undefined || !facts.isFile() || facts.size === 0) return false;
    const { mode, gid } = this.#attributes;
    if ((facts.mode & 0o7777) !== mode || facts.uid !== process.getuid?.()) return false;
    return process.getuid?.() !== 0 || facts.gid === gid;
  }

  get #attributes(): { readonly mode: number; readonly gid: number } {
    const { keyGroup } = this.#parts;
    return keyGroup === null ? { mode: 0o600, gid: 0 } : { mode: 0o640, gid: keyGroup };
  }
}

/** Where the pairs lie. */
export function pairsPath(tree: Tree): string {
  return join(tree.sni(), 'pairs');
}
