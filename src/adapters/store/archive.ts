import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CertificateEvidence } from '../../core/certificate/facts.js';
import type { WebsiteRef } from '../../core/domain/website.js';
import { ensureFolder, listFolder, writeFileAtomically } from '../system/files.js';
import { sweepFolder } from '../system/temporary-files.js';
import type { Tree } from '../system/tree.js';
import { readCombinedFile } from './combined-file.js';
import { recordComponent } from './record-name.js';

/** How many former sets of a website are kept (design section 3). */
const MAX_KEPT = 3;
/** Characters of a fingerprint in a folder's name. */
const FINGERPRINT_LENGTH = 8;

/** What a `combined` text holds; never throws. */
export type TakeApart = (text: string, path: string) => CertificateEvidence;

/** The former sets of websites: `archive/<website>/<ISO instant>-<fingerprint>/combined`. */
export class Archive {
  readonly #tree: Tree;
  readonly #takeApart: TakeApart;

  constructor(tree: Tree, takeApart: TakeApart) {
    this.#tree = tree;
    this.#takeApart = takeApart;
  }

  /** Keeps a set that is about to be replaced; one that is kept already or has expired is not kept again. */
  async keep(website: WebsiteRef, text: string, now: Date): Promise<void> {
    if (text.trim() === '') return;
    const folder = this.#folder(website);
    const fingerprint = this.#fingerprintOf(text, now);
    if (fingerprint === 'expired') return;
    const kept = await listFolder(folder);
    const isKept = kept.some((name) => {
      const found = readCombinedFile(join(folder, name, 'combined'), this.#tree);
      return found.kind === 'text' && found.text === text;
    });
    if (isKept) return;
    const set = join(folder, `${now.toISOString()}-${fingerprint}`);
    for (const path of [this.#tree.own(), this.#tree.archive(), folder, set]) await ensureFolder(path, 0o700);
    await writeFileAtomically(join(set, 'combined'), text, { mode: 0o600, uid: 0, gid: 0 });
  }

  /** Drops what has expired, what is beyond the newest three, and folders that a crash left without a set. */
  async prune(website: WebsiteRef, now: Date): Promise<void> {
    const folder = this.#folder(website);
    const worthKeeping: string[] = [];
    for (const name of (await listFolder(folder)).toReversed()) {
      const path = join(folder, name, 'combined');
      const found = readCombinedFile(path, this.#tree);
      const isUsable = found.kind === 'text' && this.#fingerprintOf(found.text, now) !== 'expired';
      if (isUsable && worthKeeping.length < MAX_KEPT) worthKeeping.push(name);
      else await rm(join(folder, name), { recursive: true, force: true });
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

  #fingerprintOf(text: string, now: Date): string {
    const evidence = this.#takeApart(text, 'archive');
    if (evidence.kind !== 'present') {
      return createHash('sha256').update(text).digest('hex').slice(0, FINGERPRINT_LENGTH);
    }
    return evidence.leaf.notAfter < now ? 'expired' : evidence.leaf.fingerprint.slice(0, FINGERPRINT_LENGTH);
  }
}
