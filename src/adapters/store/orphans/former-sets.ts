import type { WebsiteRef } from '../../../core/domain/website/website.js';
import type { ArchivedSet, CertificateSet, FormerSet } from '../../../runs/ports/certificates.js';
import type { Archive, KeptSet, TakeApart } from '../publication/archive.js';
import type { ReadSet } from '../publication/combined-file.js';
import {
  certificateBlocks,
  combineText,
  derOfBlock,
  privateKeyBlocks,
} from '../publication/combined-text.js';

/** What lay in a website's `combined` before: read only. */
export class FormerSetReader {
  readonly #read: ReadSet;
  readonly #archive: Archive;
  readonly #takeApart: TakeApart;
  readonly #keyMatches: (keyPem: string, leafDer: Uint8Array) => boolean;

  constructor(
    read: ReadSet,
    archive: Archive,
    takeApart: TakeApart,
    keyMatches: (keyPem: string, leafDer: Uint8Array) => boolean,
  ) {
    this.#read = read;
    this.#archive = archive;
    this.#takeApart = takeApart;
    this.#keyMatches = keyMatches;
  }

  /** As the port says; what cannot be read (a link to nothing, a folder) cannot be put back either and counts as nothing. */
  async readFormer(set: CertificateSet): Promise<FormerSet | null> {
    const next = combineText(set.keyPem, set.chainPem).combined;
    const found = this.#read(set.website);
    if (found.kind !== 'text') return null;
    if (found.text !== next) return this.#formerOf(found.text);
    const replaced = (await this.#archive.list(set.website)).find(({ text }) => text !== next);
    return replaced === undefined ? null : this.#formerOf(replaced.text);
  }

  async listArchived(website: WebsiteRef, now: Date): Promise<readonly ArchivedSet[]> {
    const current = this.#read(website);
    const fingerprint = current.kind === 'text' ? this.#formerOf(current.text).fingerprint : null;
    return (await this.#archive.list(website)).flatMap((kept) => {
      const set = this.#wholeSetOf(kept, now);
      return set === undefined || set.fingerprint === fingerprint ? [] : [set];
    });
  }

  #formerOf(text: string): FormerSet {
    const evidence = this.#takeApart(text, 'former');
    return { text, fingerprint: evidence.kind === 'present' ? evidence.leaf.fingerprint : null };
  }

  /** Undefined for what nobody should want back: without its key, self-signed, expired, damaged. */
  #wholeSetOf({ text, archivedAt }: KeptSet, now: Date): ArchivedSet | undefined {
    const evidence = this.#takeApart(text, 'archive');
    if (evidence.kind !== 'present') return undefined;
    const { fingerprint, notAfter, dnsNames, isSelfSigned } = evidence.leaf;
    if (isSelfSigned || notAfter <= now) return undefined;
    const blocks = certificateBlocks(text);
    for (const keyPem of privateKeyBlocks(text)) {
      const leaf = blocks.find((block) => this.#keyMatches(keyPem, derOfBlock(block)));
      if (leaf === undefined) continue;
      const chainPem = [leaf, ...blocks.filter((block) => block !== leaf)].join('');
      return { keyPem, chainPem, fingerprint, names: dnsNames, notAfter, archivedAt };
    }
    return undefined;
  }
}
