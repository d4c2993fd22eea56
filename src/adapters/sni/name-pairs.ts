import { createHash } from 'node:crypto';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { StateError } from '../../core/domain/autossl-error.js';
import { coversName, type PresentedNames } from '../../core/domain/name/coverage.js';
import { parseHostName, quoteForMessage } from '../../core/domain/name/names.js';
import { pathComponentOf } from '../../core/domain/path-component.js';
import { reasonOf } from '../../core/domain/system-fault.js';
import type { NameWithPair, SniPair } from '../../core/sni/offer.js';
import { type PairText, pairTextOf } from '../../core/sni/pair-text.js';
import type { NamePairs } from '../../runs/ports/sni.js';
import { isErrno, readTextFileSync } from '../system/files/files.js';
import type { Tree } from '../system/tree.js';
import { type IndexedPair, PairIndex } from './pair-index.js';

type HostName = NameWithPair['name'];
type JudgedText = { readonly pair: SniPair; readonly presented: PresentedNames } | null;

/** A key and a chain of any sensible length are a few kB. */
const MAX_COMBINED_BYTES = 1024 * 1024;
/** Certificates read in one go, some 0.1 ms each: whatever else waits has its turn in between. */
const READ_AT_ONCE = 100;
const WILDCARD = '_wildcard_.';

/** The certificates under `domain_tls`, by their marks; each text is judged once, however many names it lies under. */
export class FileNamePairs implements NamePairs {
  readonly #tree: Tree;
  readonly #index: PairIndex;
  #known: Map<string, IndexedPair> | undefined;
  #hasChanged = false;

  constructor(tree: Tree) {
    this.#tree = tree;
    this.#index = new PairIndex(tree);
  }

  async list(): Promise<readonly NameWithPair[]> {
    const before = this.#known ?? (await this.#index.read());
    const known = new Map<string, IndexedPair>();
    const judged = new Map<string, JudgedText>();
    const found: NameWithPair[] = [];
    let read = 0;
    for (const name of this.#names()) {
      const mark = this.#markOf(name);
      if (mark === undefined) continue;
      let indexed = before.get(name);
      if (indexed?.mark !== mark) {
        indexed = { mark, pair: this.#judge(name, judged) };
        this.#hasChanged = true;
        read += 1;
        if (read % READ_AT_ONCE === 0) await nextTurn();
      }
      known.set(name, indexed);
      found.push({ name, pair: indexed.pair });
    }
    if (known.size !== before.size) this.#hasChanged = true;
    this.#known = known;
    return found;
  }

  async keep(): Promise<void> {
    if (!this.#hasChanged || this.#known === undefined) return;
    await this.#index.write(this.#known);
    this.#hasChanged = false;
  }

  /** The pair that lies under a name now. What was known of another one is forgotten: the next `list` reads anew. */
  readPair(name: HostName, expected: string): PairText | null {
    const pair = pairTextOf(this.#textOf(name) ?? '');
    if (pair?.id !== expected && this.#known?.delete(name) === true) this.#hasChanged = true;
    return pair;
  }

  #judge(name: HostName, judged: Map<string, JudgedText>): SniPair | null {
    const text = this.#textOf(name);
    if (text === undefined) return null;
    const digest = createHash('sha256').update(text).digest('hex');
    let known = judged.get(digest);
    if (known === undefined) {
      known = withoutText(pairTextOf(text));
      judged.set(digest, known);
    }
    return known !== null && coversName(known.presented, name) ? known.pair : null;
  }

  /** Folders that are called as ours are; the name of one that was shortened is not known. @throws StateError TREE_UNREADABLE */
  #names(): readonly HostName[] {
    const folder = this.#tree.copies();
    let entries: string[];
    try {
      entries = readdirSync(folder);
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return [];
      throw new StateError(
        'TREE_UNREADABLE',
        `${quoteForMessage(folder)} cannot be listed: ${reasonOf(error)}`,
      );
    }
    return entries.sort().flatMap((entry) => {
      try {
        const name = parseHostName(entry.startsWith(WILDCARD) ? `*.${entry.slice(WILDCARD.length)}` : entry);
        return pathComponentOf(name) === entry ? [name] : [];
      } catch {
        return [];
      }
    });
  }

  /** Undefined for what is no regular file: a link there is somebody else's. */
  #markOf(name: HostName): string | undefined {
    try {
      const facts = lstatSync(this.#pathOf(name), { bigint: true });
      return facts.isFile() ? [facts.ino, facts.size, facts.mtimeNs, facts.ctimeNs].join(' ') : undefined;
    } catch {
      return undefined;
    }
  }

  #textOf(name: HostName): string | undefined {
    try {
      return readTextFileSync(this.#pathOf(name), MAX_COMBINED_BYTES, { noFollow: true });
    } catch {
      return undefined;
    }
  }

  #pathOf(name: HostName): string {
    return join(this.#tree.domainTls(name), 'combined');
  }
}

/** Thousands of these are held at once: no key among them. */
function withoutText(found: ReturnType<typeof pairTextOf>): JudgedText {
  if (found === null) return null;
  const { id, bytes, notBefore, notAfter, leaf } = found;
  const { dnsNames, ipAddresses } = leaf;
  return { pair: { id, bytes, notBefore, notAfter }, presented: { dnsNames, ipAddresses } };
}
