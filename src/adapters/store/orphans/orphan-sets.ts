import { lstatSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { takeCombinedApart } from '../../../core/certificate/pem/combined.js';
import { isPlaceholder } from '../../../core/certificate/placeholder.js';
import { parseHostName } from '../../../core/domain/name/names.js';
import type { WebsiteRef } from '../../../core/domain/website/website.js';
import type { NamedPlaces } from '../../../core/plan/served/named-places.js';
import type { FormerSets } from '../../../runs/ports/certificates.js';
import type { Clock } from '../../../runs/ports/clock.js';
import type { IssuedStore } from '../../../runs/ports/orders.js';
import type { Archival, NameCopy, OrphanSets } from '../../../runs/ports/orphans.js';
import {
  asWriteError,
  isErrno,
  isThere,
  listFolder,
  removeFile,
  syncFolder,
} from '../../system/files/files.js';
import { removeTree } from '../../system/files/moved-paths.js';
import type { Tree } from '../../system/tree.js';
import { Archive, type TakeApart } from '../publication/archive.js';
import { readCombinedFile } from '../publication/combined-file.js';
import { namesWithCopy } from '../publication/derived-files.js';
import { NamedFolders } from '../publication/named-folders.js';
import { recordComponent, recordFileName } from '../records/record-name.js';

export interface OrphanSetParts {
  readonly tree: Tree;
  readonly clock: Pick<Clock, 'now'>;
  readonly sets: Pick<FormerSets, 'restore'>;
  readonly issued: Pick<IssuedStore, 'read'>;
  /** Tests without real certificates give their own. */
  readonly takeApart?: TakeApart;
}

/** The key and certificate files of websites and names that nobody has any more. */
export class FileOrphanSets implements OrphanSets {
  readonly #parts: OrphanSetParts;
  readonly #tree: Tree;
  readonly #archive: Archive;
  readonly #takeApart: TakeApart;
  #folders: { readonly named: NamedPlaces; readonly folders: NamedFolders } | undefined;

  constructor(parts: OrphanSetParts) {
    this.#parts = parts;
    this.#tree = parts.tree;
    this.#takeApart = parts.takeApart ?? takeCombinedApart;
    this.#archive = new Archive(parts.tree, this.#takeApart);
  }

  hasFolder(vhost: string): Promise<boolean> {
    return isThere(this.#tree.websiteTls(parseHostName(vhost)));
  }

  /**
   * Order of the steps: the set into the archive, a journal entry, `combined` away, `certificates`, the copies that are the
   * same, the entry's end, the empty folders. A crash between any two leaves the website as it was, or what the next run
   * finishes. @throws InstallError, StateError
   */
  async archive(
    website: WebsiteRef,
    named: NamedPlaces,
    since: Date,
    beforeRemoval: () => Promise<void>,
  ): Promise<Archival> {
    const folder = this.#tree.websiteTls(website.vhost);
    const path = this.#tree.combined(website.vhost);
    this.#tree.assertInside(path);
    const places = this.#foldersOf(named);
    const facts = lstatSync(path, { throwIfNoEntry: false });
    if (facts === undefined) {
      if (places.names(folder)) return { state: 'named' };
      await removeFile(join(folder, 'certificates'));
      await removeEmptyFolder(folder);
      return { state: 'archived' };
    }
    if (!facts.isFile()) return { state: 'left', why: 'its “combined” is not a file of ours' };
    if (facts.mtime > since) return { state: 'left', why: 'its certificate was replaced a moment ago' };
    const found = readCombinedFile(path, this.#tree);
    if (found.kind !== 'text') return { state: 'left', why: 'its “combined” cannot be read' };
    const evidence = this.#takeApart(found.text, path);
    const leaf = evidence.kind === 'present' ? evidence.leaf : null;
    const copies = namesWithCopy(leaf?.dnsNames ?? [])
      .map((name) => join(this.#tree.domainTls(name), 'combined'))
      .filter((copy) => this.#textAt(copy) === found.text)
      .map(dirname);
    if ([folder, ...copies].some((one) => places.names(one))) return { state: 'named' };
    if (leaf === null || !isPlaceholder(leaf)) {
      const now = this.#parts.clock.now();
      await this.#archive.keep(website, found.text, now);
      await this.#archive.prune(website, now);
    }
    await this.#parts.sets.restore(website, null, beforeRemoval);
    for (const one of [folder, ...copies]) await removeEmptyFolder(one);
    return { state: 'archived' };
  }

  /** @throws StateError CORRUPT_RECORD, WRITE_FAILED */
  async forgetExpired(vhost: string, now: Date): Promise<boolean> {
    const records = await this.#parts.issued.read(vhost);
    if (records.some(({ notAfter }) => Date.parse(notAfter) >= now.getTime())) return false;
    const folder = join(this.#tree.archive(), recordComponent(vhost));
    for (const set of await listFolder(folder)) {
      const path = join(folder, set, 'combined');
      const evidence = this.#takeApart(this.#textAt(path) ?? '', path);
      if (evidence.kind === 'present' && evidence.leaf.notAfter >= now) return false;
    }
    await removeTree(folder);
    await removeFile(join(this.#tree.issued(), recordFileName(vhost)));
    return true;
  }

  /** Of a regular file only: a link there is somebody else's. */
  readCopy(name: string, writtenBefore: Date): NameCopy | null {
    const path = this.#copyOf(name);
    const facts = lstatSync(path, { throwIfNoEntry: false });
    if (facts === undefined || !facts.isFile() || facts.mtime >= writtenBefore) return null;
    const evidence = this.#takeApart(this.#textAt(path) ?? '', path);
    if (evidence.kind !== 'present') return null;
    const { fingerprint, dnsNames } = evidence.leaf;
    return { name, fingerprint, certified: namesWithCopy(dnsNames) };
  }

  /** @throws StateError WRITE_FAILED */
  async removeCopy(copy: NameCopy, website: WebsiteRef, named: NamedPlaces): Promise<boolean> {
    const path = this.#copyOf(copy.name);
    const text = this.#textAt(path);
    if (text === undefined || text === this.#textAt(this.#tree.combined(website.vhost))) return false;
    const evidence = this.#takeApart(text, path);
    if (evidence.kind !== 'present' || evidence.leaf.fingerprint !== copy.fingerprint) return false;
    if (this.#foldersOf(named).names(dirname(path))) return false;
    await removeFile(path);
    await removeEmptyFolder(dirname(path));
    return true;
  }

  /** Made once for all websites of a run: there may be thousands of links to follow. */
  #foldersOf(named: NamedPlaces): NamedFolders {
    if (this.#folders?.named !== named) this.#folders = { named, folders: new NamedFolders(named) };
    return this.#folders.folders;
  }

  #copyOf(name: string): string {
    return join(this.#tree.domainTls(parseHostName(name)), 'combined');
  }

  #textAt(path: string): string | undefined {
    const found = readCombinedFile(path, this.#tree);
    return found.kind === 'text' ? found.text : undefined;
  }
}

/** A folder in which anything else lies stays. */
async function removeEmptyFolder(path: string): Promise<void> {
  try {
    rmdirSync(path);
    await syncFolder(dirname(path));
  } catch (error) {
    const isKept = ['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR'].some((code) => isErrno(error, code));
    if (!isKept) throw asWriteError(error, path);
  }
}
