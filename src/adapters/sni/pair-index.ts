import { StateError } from '../../core/domain/autossl-error.js';
import type { SniPair } from '../../core/sni/offer.js';
import { ensureFolder, readTextFile, writeFileAtomically } from '../system/files/files.js';
import type { Tree } from '../system/tree.js';

/** Of the file, and of the rules by which certificates are judged fit: another version makes the index anew. */
const SCHEMA_VERSION = 2;
/** Half a million names. */
const MAX_INDEX_BYTES = 128 * 1024 * 1024;
const MS_PER_SECOND = 1000;

/** What lies under a name, and what was found in it. */
export interface IndexedPair {
  /** Changes with the file. */
  readonly mark: string;
  readonly pair: SniPair | null;
}

type Line = readonly [
  mark: string,
  id?: string,
  notBeforeSeconds?: number,
  notAfterSeconds?: number,
  bytes?: number,
];

/**
 * `index/sni.json`: what was read of each name's certificate, so that a hundred thousand are not read again for one that
 * changed. A cache: a damaged one, or one of another version, is none.
 */
export class PairIndex {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  async read(): Promise<Map<string, IndexedPair>> {
    const found = new Map<string, IndexedPair>();
    try {
      const text = await readTextFile(this.#tree.sniIndex(), MAX_INDEX_BYTES);
      const { schemaVersion, names } = JSON.parse(text ?? '{}');
      if (schemaVersion !== SCHEMA_VERSION || typeof names !== 'object') return found;
      for (const [name, line] of Object.entries(names)) {
        const indexed = parseLine(line);
        if (indexed !== undefined) found.set(name, indexed);
      }
      return found;
    } catch {
      return new Map();
    }
  }

  /** @throws StateError WRITE_FAILED, NO_SPACE */
  async write(pairs: ReadonlyMap<string, IndexedPair>): Promise<void> {
    const path = this.#tree.sniIndex();
    const names = Object.fromEntries([...pairs].map(([name, pair]) => [name, lineOf(pair)]));
    for (const folder of [this.#tree.own(), this.#tree.index()]) await ensureFolder(folder, 0o700);
    const text = JSON.stringify({ schemaVersion: SCHEMA_VERSION, names });
    if (text.length > MAX_INDEX_BYTES)
      throw new StateError('WRITE_FAILED', `there are too many names for ${path}`);
    await writeFileAtomically(path, `${text}\n`, { mode: 0o600, uid: 0, gid: 0 });
  }
}

function lineOf({ mark, pair }: IndexedPair): Line {
  return pair === null
    ? [mark]
    : [mark, pair.id, secondsOf(pair.notBefore), secondsOf(pair.notAfter), pair.bytes];
}

function parseLine(line: unknown): IndexedPair | undefined {
  if (!Array.isArray(line)) return undefined;
  const [mark, id, notBefore, notAfter, bytes] = line as readonly unknown[];
  if (typeof mark !== 'string') return undefined;
  if (id === undefined) return { mark, pair: null };
  if (typeof id !== 'string' || !/^[0-9a-f]{32}$/.test(id)) return undefined;
  if (typeof notBefore !== 'number' || typeof notAfter !== 'number' || typeof bytes !== 'number')
    return undefined;
  const [from, until] = [new Date(notBefore * MS_PER_SECOND), new Date(notAfter * MS_PER_SECOND)];
  return { mark, pair: { id, bytes, notBefore: from, notAfter: until } };
}

function secondsOf(instant: Date): number {
  return Math.floor(instant.getTime() / MS_PER_SECOND);
}
