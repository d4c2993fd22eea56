import type { CertificateEvidence } from '../../../core/certificate/facts.js';
import { keyMatchesCertificate } from '../../../core/certificate/key/private-key.js';
import { takeCombinedApart } from '../../../core/certificate/pem/combined.js';
import { InstallError } from '../../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../../core/domain/name/names.js';
import type { WebsiteRef } from '../../../core/domain/website/website.js';
import type {
  ArchivedSet,
  CertificateSet,
  CertificateStore,
  FormerSet,
  FormerSets,
} from '../../../runs/ports/certificates.js';
import type { Clock } from '../../../runs/ports/clock.js';
import { isThere, placeFileIfAbsent, removeFile, writeFileAtomically } from '../../system/files/files.js';
import type { Tree } from '../../system/tree.js';
import { FormerSetReader } from '../orphans/former-sets.js';
import { Archive, type TakeApart } from './archive.js';
import { isFileAsWanted, type ReadSet, readCombinedFile } from './combined-file.js';
import { type CombinedText, combineText, privateKeyBlocks } from './combined-text.js';
import {
  Derivation,
  type DerivationStep,
  type FollowingFiles,
  WebsiteFiles,
  withdrawnSetOf,
} from './derivation.js';
import { ensureCertificateFolder, namesWithCopy, PRIVATE_MODE } from './derived-files.js';
import { type FinishedPublication, Publications } from './publications.js';

/** Points of a publication, in order; a crash between any two leaves what `publish` says. */
export type PublishStep =
  | 'journalled'
  | 'archived'
  | 'combined-staged'
  | 'combined'
  | DerivationStep
  | 'done';

const COMBINED_FILE = { mode: PRIVATE_MODE, uid: 0, gid: 0 };

export interface CertificateStoreParts {
  readonly tree: Tree;
  readonly clock: Clock;
  /** Gid of the group that may read the copies by name; null or absent: root alone. */
  readonly keyGroup?: number | null;
  /** Where a set lies besides `combined`; absent = as a website's does. */
  readonly layout?: (reached: (step: DerivationStep) => Promise<void>) => SetLayout;
  /** Tests without real certificates give their own. */
  readonly takeApart?: TakeApart;
  readonly keyMatchesCertificate?: (keyPem: string, leafDer: Uint8Array) => boolean;
  /** Called as each step has been done; what it throws stops there. Only tests give one. */
  readonly afterStep?: (step: PublishStep) => void | Promise<void>;
}

/** What differs between sets of websites and of services. */
export interface SetLayout {
  readonly read: ReadSet;
  /** Whether anything at all lies there, readable or not. */
  readonly isTaken: (website: WebsiteRef) => Promise<boolean>;
  readonly files: FollowingFiles;
  /** Whether the set is copied for each of its names. */
  readonly hasCopiesByName: boolean;
}

/** The website certificates on disk (design section 3): `combined` is the only truth, all else follows from it. */
export class FileCertificateStore implements CertificateStore, FormerSets {
  readonly #parts: Required<Omit<CertificateStoreParts, 'afterStep' | 'layout'>> & CertificateStoreParts;
  readonly #tree: Tree;
  readonly #archive: Archive;
  readonly #layout: SetLayout;
  readonly #former: FormerSetReader;
  readonly #publications: Publications;

  constructor(parts: CertificateStoreParts) {
    this.#parts = { takeApart: takeCombinedApart, keyMatchesCertificate, keyGroup: null, ...parts };
    this.#tree = parts.tree;
    const { tree, clock, keyGroup, takeApart } = this.#parts;
    this.#archive = new Archive(tree, takeApart);
    const reached = (step: PublishStep): Promise<void> => this.#reached(step);
    this.#layout = this.#parts.layout?.(reached) ?? {
      read: ({ vhost }) => readCombinedFile(tree.combined(vhost), tree),
      isTaken: ({ vhost }) => isThere(tree.combined(vhost)),
      files: new WebsiteFiles({ tree, clock, keyGroup, reached }),
      hasCopiesByName: true,
    };
    const { read, files } = this.#layout;
    this.#former = new FormerSetReader(read, this.#archive, takeApart, this.#parts.keyMatchesCertificate);
    const derivation = new Derivation({ tree, takeApart, files, reached });
    this.#publications = new Publications({ tree, clock, archive: this.#archive, derivation, reached });
  }

  async gatherEvidence(website: WebsiteRef): Promise<CertificateEvidence> {
    const path = this.pathOf(website);
    const found = this.#layout.read(website);
    if (found.kind === 'absent') return { kind: 'absent', path };
    if (found.kind === 'unreadable') return { kind: 'unreadable', path, why: found.why };
    if (found.text.trim() === '') return { kind: 'empty', path };
    return this.#parts.takeApart(found.text, path);
  }

  async readKey(website: WebsiteRef): Promise<string | undefined> {
    const path = this.pathOf(website);
    const found = this.#layout.read(website);
    const evidence = found.kind === 'text' ? this.#parts.takeApart(found.text, path) : undefined;
    if (found.kind !== 'text' || evidence?.kind !== 'present') return undefined;
    const keys = privateKeyBlocks(found.text);
    return keys.find((keyPem) => this.#parts.keyMatchesCertificate(keyPem, evidence.leaf.der));
  }

  pathOf(website: WebsiteRef): string {
    return this.#tree.combined(website.vhost);
  }

  readFormer(set: CertificateSet): Promise<FormerSet | null> {
    return this.#former.readFormer(set);
  }

  listArchived(website: WebsiteRef): Promise<readonly ArchivedSet[]> {
    return this.#former.listArchived(website, this.#parts.clock.now());
  }

  /**
   * Order of the writes, each durable before the next begins: journal entry, previous set into the archive, `combined` by one
   * rename, `certificates`, the copies per name, end of the journal entry. After a crash or power loss between any two,
   * `combined` is the old set or the new one, whole; the entry makes `finishHalfDonePublishes` write the rest.
   * A link at `combined` is replaced by a file and what it names is never written to; one that leads out of the tree is refused.
   * The same pair again writes nothing but what is missing or differs of the derived files.
   * `beforeRename` is the fencing point of the caller's lock.
   * @throws InstallError PAIR_MISMATCH, PUBLISH_FAILED; StateError LOCK_LOST as `beforeRename` throws it
   */
  async publish(set: CertificateSet, beforeRename?: () => Promise<void>): Promise<void> {
    const { website } = set;
    const { combined } = this.#pairOf(set);
    const wanted = this.#layout.hasCopiesByName ? namesWithCopy(set.wanted ?? []) : [];
    const names = [...new Set([...this.#namesOf(combined), ...wanted])];
    await this.#publications.change(website, names, [], async (path) => {
      if (isFileAsWanted(path, combined, COMBINED_FILE)) return;
      await this.#archivePrevious(website, combined);
      await this.#replace(path, combined, beforeRename);
    });
  }

  /**
   * As `publish`, but nothing is archived, and copies per name of the set that lies there are taken away where the former
   * set does not have the name. Null removes `combined` and all that follows from it.
   * @throws InstallError PUBLISH_FAILED; StateError LOCK_LOST as `beforeRename` throws it
   */
  async restore(
    website: WebsiteRef,
    former: FormerSet | null,
    beforeRename?: () => Promise<void>,
  ): Promise<void> {
    const found = this.#layout.read(website);
    const isWithdrawn = found.kind === 'text' && found.text !== former?.text;
    const withdrawn = isWithdrawn ? [withdrawnSetOf(found.text, this.#namesOf(found.text))] : [];
    const names = former === null ? [] : this.#namesOf(former.text);
    await this.#publications.change(website, names, withdrawn, async (path) => {
      if (former !== null) {
        if (!isFileAsWanted(path, former.text, COMBINED_FILE))
          await this.#replace(path, former.text, beforeRename);
        return;
      }
      await beforeRename?.();
      await removeFile(path);
    });
  }

  /** @throws InstallError PAIR_MISMATCH, PUBLISH_FAILED */
  async placeIfAbsent(set: CertificateSet): Promise<boolean> {
    const { website } = set;
    const { combined } = this.#pairOf(set);
    if (await this.#layout.isTaken(website)) return false;
    return await this.#publications.change(website, this.#namesOf(combined), [], async (path) => {
      await ensureCertificateFolder(path);
      return await placeFileIfAbsent(path, combined, COMBINED_FILE, () => this.#reached('combined-staged'));
    });
  }

  /** As `Publications.finishHalfDone`. */
  finishHalfDonePublishes(): Promise<readonly FinishedPublication[]> {
    return this.#publications.finishHalfDone();
  }

  async #replace(path: string, text: string, beforeRename?: () => Promise<void>): Promise<void> {
    await ensureCertificateFolder(path);
    await writeFileAtomically(path, text, COMBINED_FILE, async () => {
      await this.#reached('combined-staged');
      await beforeRename?.();
    });
  }

  /** @throws InstallError PAIR_MISMATCH */
  #pairOf({ website, keyPem, chainPem }: CertificateSet): CombinedText {
    const text = combineText(keyPem, chainPem);
    if (this.#parts.keyMatchesCertificate(text.keyPem, text.leafDer)) return text;
    throw new InstallError(
      'PAIR_MISMATCH',
      `the key for ${quoteForMessage(website.vhost)} does not belong to its certificate: not published`,
    );
  }

  async #archivePrevious(website: WebsiteRef, next: string): Promise<void> {
    const now = this.#parts.clock.now();
    const previous = this.#layout.read(website);
    if (previous.kind === 'text' && previous.text !== next) {
      await this.#archive.keep(website, previous.text, now);
      await this.#archive.prune(website, now);
    }
    await this.#reached('archived');
  }

  #namesOf(combined: string): readonly string[] {
    if (!this.#layout.hasCopiesByName) return [];
    const evidence = this.#parts.takeApart(combined, 'combined');
    return evidence.kind === 'present' ? namesWithCopy(evidence.leaf.dnsNames) : [];
  }

  async #reached(step: PublishStep): Promise<void> {
    await this.#parts.afterStep?.(step);
  }
}
