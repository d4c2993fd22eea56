import { takeCombinedApart } from '../../core/certificate/combined.js';
import type { CertificateEvidence } from '../../core/certificate/facts.js';
import { keyMatchesCertificate } from '../../core/certificate/private-key.js';
import { AutosslError, InstallError, StateError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/names.js';
import type { WebsiteRef } from '../../core/domain/website.js';
import type { CertificateSet, CertificateStore, Clock } from '../../runs/ports.js';
import { writeFileAtomically } from '../system/files.js';
import { sweepFolder } from '../system/temporary-files.js';
import type { Tree } from '../system/tree.js';
import { Archive, type TakeApart } from './archive.js';
import { isFileAsWanted, readCombinedFile } from './combined-file.js';
import { certificateBlocks, combineText, privateKeyBlocks } from './combined-text.js';
import {
  ensureCertificateFolder,
  namesWithCopy,
  PRIVATE_MODE,
  writeCertificatesFile,
  writeDomainCopy,
} from './derived-files.js';
import { PublishJournal } from './publish-journal.js';

/** Points of a publication, in order; a crash between any two leaves what `publish` says. */
export type PublishStep =
  | 'journalled'
  | 'archived'
  | 'combined-staged'
  | 'combined'
  | 'certificates'
  | 'domain-copy'
  | 'derived'
  | 'done';

export interface CertificateStoreParts {
  readonly tree: Tree;
  readonly clock: Clock;
  /** Tests without real certificates give their own. */
  readonly takeApart?: TakeApart;
  readonly keyMatchesCertificate?: (keyPem: string, leafDer: Uint8Array) => boolean;
  /** Called as each step has been done; what it throws stops there. Only tests give one. */
  readonly afterStep?: (step: PublishStep) => void | Promise<void>;
}

/** How one half-done publication was finished. */
export interface FinishedPublication {
  readonly vhost: string;
  /** `derived`: the new set was in place, its derived files are now too; `nothing`: it had not got so far. */
  readonly outcome: 'derived' | 'nothing' | 'failed';
  readonly why: string | null;
}

/** The website certificates on disk (design section 3): `combined` is the only truth, all else follows from it. */
export class FileCertificateStore implements CertificateStore {
  readonly #parts: Required<Omit<CertificateStoreParts, 'afterStep'>> & CertificateStoreParts;
  readonly #tree: Tree;
  readonly #journal: PublishJournal;
  readonly #archive: Archive;

  constructor(parts: CertificateStoreParts) {
    this.#parts = { takeApart: takeCombinedApart, keyMatchesCertificate, ...parts };
    this.#tree = parts.tree;
    this.#journal = new PublishJournal(parts.tree);
    this.#archive = new Archive(parts.tree, this.#parts.takeApart);
  }

  async gatherEvidence(website: WebsiteRef): Promise<CertificateEvidence> {
    const path = this.#tree.combined(website.vhost);
    const found = readCombinedFile(path, this.#tree);
    if (found.kind === 'absent') return { kind: 'absent', path };
    if (found.kind === 'unreadable') return { kind: 'unreadable', path, why: found.why };
    if (found.text.trim() === '') return { kind: 'empty', path };
    return this.#parts.takeApart(found.text, path);
  }

  async readKey(website: WebsiteRef): Promise<string | undefined> {
    const path = this.#tree.combined(website.vhost);
    const found = readCombinedFile(path, this.#tree);
    const evidence = found.kind === 'text' ? this.#parts.takeApart(found.text, path) : undefined;
    if (found.kind !== 'text' || evidence?.kind !== 'present') return undefined;
    const keys = privateKeyBlocks(found.text);
    return keys.find((keyPem) => this.#parts.keyMatchesCertificate(keyPem, evidence.leaf.der));
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
    const text = combineText(set.keyPem, set.chainPem);
    if (!this.#parts.keyMatchesCertificate(text.keyPem, text.leafDer)) {
      throw new InstallError(
        'PAIR_MISMATCH',
        `the key for ${quoteForMessage(website.vhost)} does not belong to its certificate: not published`,
      );
    }
    try {
      const path = this.#tree.combined(website.vhost);
      this.#tree.assertInside(path);
      await this.#sweepAfterCrash(website);
      await this.#journal.begin(website, this.#namesOf(text.combined, path), this.#parts.clock.now());
      await this.#reached('journalled');
      if (!isFileAsWanted(path, text.combined, PRIVATE_MODE)) {
        await this.#archivePrevious(website, text.combined);
        await ensureCertificateFolder(path);
        await writeFileAtomically(path, text.combined, { mode: PRIVATE_MODE, uid: 0, gid: 0 }, async () => {
          await this.#reached('combined-staged');
          await beforeRename?.();
        });
      }
      await this.#reached('combined');
      await this.#derive(website);
      await this.#journal.end(website);
      await this.#reached('done');
    } catch (error) {
      throw publishFault(website, error);
    }
  }

  /**
   * Finishes what crashed runs began; call it at the start of a run. Publications of living processes are left to them.
   * Never throws for one website's trouble.
   */
  async finishHalfDonePublishes(): Promise<readonly FinishedPublication[]> {
    const finished: FinishedPublication[] = [];
    for (const entry of await this.#journal.list()) {
      if (entry.state === 'broken') {
        finished.push({ vhost: entry.path, outcome: 'failed', why: entry.why });
        continue;
      }
      const { website, isUnderWay } = entry.publication;
      if (isUnderWay) continue;
      try {
        await this.#sweepAfterCrash(website);
        const isDerived = await this.#derive(website);
        await this.#journal.end(website);
        finished.push({ vhost: website.vhost, outcome: isDerived ? 'derived' : 'nothing', why: null });
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        finished.push({ vhost: website.vhost, outcome: 'failed', why });
      }
    }
    return finished;
  }

  /** Writes what follows from `combined` as it lies there, again if another run replaced it meanwhile. False: no certificate there. */
  async #derive(website: WebsiteRef): Promise<boolean> {
    const path = this.#tree.combined(website.vhost);
    for (;;) {
      const found = readCombinedFile(path, this.#tree);
      const evidence = found.kind === 'text' ? this.#parts.takeApart(found.text, path) : undefined;
      if (found.kind !== 'text' || evidence?.kind !== 'present') return false;
      await writeCertificatesFile(this.#tree, website.vhost, certificateBlocks(found.text).join(''));
      await this.#reached('certificates');
      if (evidence.leaf.notAfter > this.#parts.clock.now()) {
        for (const name of namesWithCopy(evidence.leaf.dnsNames)) {
          await writeDomainCopy(this.#tree, name, found.text);
          await this.#reached('domain-copy');
        }
      }
      await this.#reached('derived');
      const after = readCombinedFile(path, this.#tree);
      if (after.kind === 'text' && after.text === found.text) return true;
    }
  }

  async #archivePrevious(website: WebsiteRef, next: string): Promise<void> {
    const now = this.#parts.clock.now();
    const previous = readCombinedFile(this.#tree.combined(website.vhost), this.#tree);
    if (previous.kind === 'text' && previous.text !== next) {
      await this.#archive.keep(website, previous.text, now);
      await this.#archive.prune(website, now);
    }
    await this.#reached('archived');
  }

  /** Temporary files that a dead process can have left for this website: where its journal entry says that it wrote. */
  async #sweepAfterCrash(website: WebsiteRef): Promise<void> {
    const begun = this.#journal.readIfUsable(website);
    if (begun === undefined || begun.isUnderWay) return;
    sweepFolder(this.#tree.websiteTls(website.vhost));
    for (const name of namesWithCopy(begun.names)) sweepFolder(this.#tree.domainTls(name));
    await this.#archive.sweep(website);
  }

  #namesOf(combined: string, path: string): readonly string[] {
    const evidence = this.#parts.takeApart(combined, path);
    return evidence.kind === 'present' ? namesWithCopy(evidence.leaf.dnsNames) : [];
  }

  async #reached(step: PublishStep): Promise<void> {
    await this.#parts.afterStep?.(step);
  }
}

function publishFault(website: WebsiteRef, error: unknown): unknown {
  if (error instanceof InstallError) return error;
  if (error instanceof StateError && error.code === 'LOCK_LOST') return error;
  const isOurs = error instanceof AutosslError;
  const code = (error as NodeJS.ErrnoException).code;
  if (!isOurs && code === undefined) return error;
  const advice = isOurs ? error.advice : null;
  return new InstallError(
    'PUBLISH_FAILED',
    `the certificate of ${quoteForMessage(website.vhost)} could not be put in place: ${isOurs ? error.message : code}`,
    { cause: error, ...(advice === null ? {} : { advice }) },
  );
}
