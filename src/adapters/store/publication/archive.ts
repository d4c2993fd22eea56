import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { CertificateEvidence } from '../../../core/certificate/facts.js';
import type { WebsiteRef } from '../../../core/domain/website/website.js';
import { ensureFolder, listFolder, syncFolder, writeFileAtomically } from '../../system/files/files.js';
import { movePath, removeTree } from '../../system/files/moved-paths.js';
import { sweepFolder } from '../../system/files/temporary-files.js';
import type { Tree } from '../../system/tree.js';
import { recordComponent } from '../records/record-name.js';
import { readCombinedFile } from './combined-file.js';

/** How many former sets of a website are kept (design section 3). */
const MAX_KEPT = 3;
/** Characters of a fingerprint in a folder's name. */
const FINGERPRINT_LENGTH = 8;
/** Characters of an ISO instant there, as `toISOString` writes it. */
const INSTANT_LENGTH = 24;

/** What a `combined` text holds; never throws. */
export type TakeApart = (text: string, path: string) => CertificateEvidence;

/** One former set. */
export interface KeptSet {
  readonly folder: string;
  readonly archivedAt: Date;
  /** As it lay in `combined`. */
  readonly text: string;
}

/** The former sets of websites: `archive/<website>/<ISO instant>-<fingerprint>/combined`. */
export class Archive {
  readonly #tree: Tree;
  readonly #takeApart: TakeApart;

  constructor(tree: Tree, takeApart: TakeApart) {
    this.#tree = tree;
    this.#takeApart = takeApart;
  }

  /**
   * Keeps a set that is about to be replaced, as the newest one; one that is kept already is not kept twice. Also an
   * expired one: should its successor not do, it is what lay there.
   */
  async keep(website: WebsiteRef, text: string, now: Date): Promise<void> {
    if (text.trim() === '') return;
    const folder = this.#folder(website);
    this.#tree.assertInside(folder);
    const set = join(folder, `${now.toISOString()}-${this.#fingerprintOf(text)}`);
    const kept = (await this.list(website)).find((one) => one.text === text);
    if (kept !== undefined) {
      if (kept.folder !== set) await movePath(kept.folder, set);
      else await syncFolder(folder);
      return;
    }
    for (const path of [this.#tree.own(), this.#tree.archive(), folder, set]) await ensureFolder(path, 0o700);
    await writeFileAtomically(join(set, 'combined'), text, { mode: 0o600, uid: 0, gid: 0 });
  }

  /** What is kept of a website, newest first; folders without a readable set are left out. */
  async list(website: WebsiteRef): Promise<readonly KeptSet[]> {
    const folder = this.#folder(website);
    return (await listFolder(folder)).toReversed().flatMap((name): KeptSet[] => {
      const found = readCombinedFile(join(folder, name, 'combined'), this.#tree);
      const at = new Date(name.slice(0, INSTANT_LENGTH));
      if (found.kind !== 'text' || Number.isNaN(at.getTime())) return [];
      return [{ folder: join(folder, name), archivedAt: at, text: found.text }];
    });
  }

  /** Drops what has expired (but for the newest), what is beyond the newest three, and what a crash left without a set. */
  async prune(website: WebsiteRef, now: Date): Promise<void> {
    this.#tree.assertInside(this.#folder(website));
    const worthKeeping = (await this.list(website))
      .filter(({ text }, index) => index === 0 || !this.#isExpired(text, now))
      .slice(0, MAX_KEPT)
      .map(({ folder }) => folder);
    const folder = this.#folder(website);
    for (const name of await listFolder(folder)) {
      if (worthKeeping.includes(join(folder, name))) continue;
      await removeTree(join(folder, name));
    }
  }

  /** Removes the temporary files that a dead process left among this website's sets. */
  async sweep(website: WebsiteRef): Promise<void> {
    const folder = this.#folder(website);
    for (const name of await listFolder(folder)) sweepFolder(join(folder, name));
  }

  #folder(website: WebsiteRef): string {
    return join(this.#tree.archive(), recordComponent(website.vhost));
  }

  #fingerprintOf(text: string): string {
    const evidence = this.#takeApart(text, 'archive');
    const full =
      evidence.kind === 'present'
        ? evidence.leaf.fingerprint
        : createHash('sha256').update(text).digest('hex');
    return full.slice(0, FINGERPRINT_LENGTH);
  }

  #isExpired(text: string, now: Date): boolean {
    const evidence = this.#takeApart(text, 'archive');
    return evidence.kind === 'present' && evidence.leaf.notAfter < now;
  }
}
