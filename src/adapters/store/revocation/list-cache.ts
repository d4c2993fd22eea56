import { hash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { AutosslError } from '../../../core/domain/autossl-error.js';
import type { KeptList, ListCache } from '../../../runs/ports/revocation.js';
import {
  ensureFolder,
  listFolder,
  readBytes,
  removeFile,
  writeFileAtomically,
} from '../../system/files/files.js';
import { isClockSettledHere } from '../../system/past-runs.js';
import type { Tree } from '../../system/tree.js';
import { readRecordFile, writeRecordFile } from '../records/record-file.js';

/** No list that we fetch is larger, in bytes. */
const MAX_LIST_BYTES = 32 * 1024 * 1024;
/** Lists that no certificate has named for so long are removed; issuers' lists hold for ten days at most (BR 4.9.7). */
const UNUSED_MS = 14 * 86_400_000;
const LIST = '.crl';
const FACTS = '.json';

/**
 * Revocation lists as they were fetched: `index/crl/<digest of the URL>.crl`, and what is known of each beside it. A
 * list that is not the one that was verified counts as none. Nothing here is worth failing for.
 */
export class FileListCache implements ListCache {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  async read(url: string): Promise<KeptList | null> {
    const path = this.#pathOf(url);
    return (
      (await orUndefined(async () => {
        const facts = readRecordFile(`${path}${FACTS}`, (fields) => ({
          sha256: fields.text('sha256'),
          validators: { etag: fields.textOrNull('etag'), lastModified: fields.textOrNull('lastModified') },
          askedAt: new Date(fields.instant('askedAt')),
          verifiedWith: fields.text('verifiedWith'),
        }));
        if (facts === undefined) return null;
        const { sha256, ...rest } = facts;
        const der = await readBytes(`${path}${LIST}`, MAX_LIST_BYTES);
        return hash('sha256', der, 'hex') === sha256 ? { der, ...rest } : null;
      })) ?? null
    );
  }

  async keep(url: string, { der, validators, askedAt, verifiedWith }: KeptList): Promise<void> {
    const path = this.#pathOf(url);
    await orUndefined(async () => {
      await this.#ensureFolder();
      const sha256 = hash('sha256', der, 'hex');
      if (!(await this.#holds(path, sha256))) {
        await writeFileAtomically(`${path}${LIST}`, der, { mode: 0o600, uid: 0, gid: 0 });
      }
      const facts = { url, sha256, ...validators, askedAt: askedAt.toISOString(), verifiedWith };
      await writeRecordFile(`${path}${FACTS}`, facts);
    });
  }

  async tidy(now: Date): Promise<void> {
    const folder = this.#tree.crlCache();
    await orUndefined(async () => {
      if (!(await isClockSettledHere(this.#tree, now))) return;
      for (const name of await listFolder(folder)) {
        const facts = join(folder, `${name.replace(/\.[a-z]+$/, '')}${FACTS}`);
        const at = statSync(facts, { throwIfNoEntry: false })?.mtimeMs ?? 0;
        if (at < now.getTime() - UNUSED_MS) await removeFile(join(folder, name));
      }
    });
  }

  async #holds(path: string, sha256: string): Promise<boolean> {
    const recorded = await orUndefined(async () =>
      readRecordFile(`${path}${FACTS}`, (fields) => fields.text('sha256')),
    );
    const size = statSync(`${path}${LIST}`, { throwIfNoEntry: false })?.size;
    return recorded === sha256 && size !== undefined;
  }

  async #ensureFolder(): Promise<void> {
    this.#tree.assertInside(this.#tree.crlCache());
    await ensureFolder(this.#tree.own(), 0o700);
    await ensureFolder(this.#tree.index(), 0o700);
    await ensureFolder(this.#tree.crlCache(), 0o700);
  }

  #pathOf(url: string): string {
    return join(this.#tree.crlCache(), hash('sha256', url, 'hex'));
  }
}

/** What the work gives; undefined when the files do not let it. */
async function orUndefined<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AutosslError || isOfTheSystem(error)) return undefined;
    throw error;
  }
}

function isOfTheSystem(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException | null)?.code === 'string';
}
