import { dirname } from 'node:path';
import type { NameOffer } from '../../core/sni/offer.js';
import type { FormerTable, SniTable } from '../../runs/ports/sni.js';
import { isThere, readTextFile, removeFile, writeFileAtomically } from '../system/files/files.js';
import { sweepFolder } from '../system/files/temporary-files.js';
import type { Tree } from '../system/tree.js';
import { makeFolder, PASSABLE_FOLDER } from './sni-folder.js';

/** Keys are elsewhere; but whoever may not read those must not stumble over their paths. */
export const TABLE_FILE = { mode: 0o600, uid: 0, gid: 0 };
/** Of a hundred thousand names. */
export const MAX_TABLE_BYTES = 64 * 1024 * 1024;
const PAIR = /\/pairs\/([0-9a-f]{32})\.pem\b/g;

/** How one daemon wants its table. */
export interface TableForm {
  render(offers: readonly NameOffer[]): Promise<string>;
  /** Puts the text in place by a rename, and what is made of it. @throws StateError WRITE_FAILED, NO_SPACE */
  publish(path: string, text: string): Promise<void>;
  /** Whether what is made of the text lies there too. */
  isComplete(path: string): Promise<boolean>;
  isNamed(path: string): Promise<boolean | null>;
}

/** A file that a daemon reads as a whole: it must be told of another, and may refuse it. */
export class TextTable implements SniTable, FormerTable {
  readonly path: string;
  readonly #tree: Tree;
  readonly #form: TableForm;

  constructor(tree: Tree, path: string, form: TableForm) {
    this.#tree = tree;
    this.path = path;
    this.#form = form;
  }

  get former(): FormerTable {
    return this;
  }

  async holds(offers: readonly NameOffer[] | null): Promise<boolean> {
    if (await this.isLeft()) return false;
    const present = await this.#textAt(this.path);
    if (present === undefined) return offers === null;
    return present === (await this.#form.render(offers ?? [])) && (await this.#form.isComplete(this.path));
  }

  /** One that is no longer wanted stays, empty: a daemon may fail for want of it. */
  async write(offers: readonly NameOffer[] | null): Promise<void> {
    const text = await this.#form.render(offers ?? []);
    await makeFolder(this.#tree, dirname(this.path), PASSABLE_FOLDER);
    sweepFolder(dirname(this.path));
    if (!(await this.isLeft()))
      await writeFileAtomically(this.#formerPath, (await this.#textAt(this.path)) ?? '', TABLE_FILE);
    await this.#form.publish(this.path, text);
  }

  async pairs(): Promise<ReadonlySet<string>> {
    const texts = [await this.#textAt(this.path), await this.#textAt(this.#formerPath)];
    return new Set(texts.flatMap((text = '') => [...text.matchAll(PAIR)].map(([, id = '']) => id)));
  }

  async isLeft(): Promise<boolean> {
    return await isThere(this.#formerPath);
  }

  /** Where nothing lay, an empty one is put: nobody may fail for want of it. */
  async restore(): Promise<void> {
    const former = await this.#textAt(this.#formerPath);
    if (former === undefined) return;
    await this.#form.publish(this.path, former === '' ? await this.#form.render([]) : former);
    await this.settle();
  }

  async settle(): Promise<void> {
    await removeFile(this.#formerPath);
  }

  async isNamed(): Promise<boolean | null> {
    return await this.#form.isNamed(this.path);
  }

  async #textAt(path: string): Promise<string | undefined> {
    return await readTextFile(path, MAX_TABLE_BYTES);
  }

  get #formerPath(): string {
    return `${this.path}.former`;
  }
}
