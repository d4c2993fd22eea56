import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { CertificateFacts } from '../../../core/certificate/facts.js';
import { coversName } from '../../../core/domain/name/coverage.js';
import type { WebsiteRef } from '../../../core/domain/website/website.js';
import type { Clock } from '../../../runs/ports/clock.js';
import { removeFile } from '../../system/files/files.js';
import type { Tree } from '../../system/tree.js';
import type { TakeApart } from './archive.js';
import { readCombinedFile } from './combined-file.js';
import { certificateBlocks } from './combined-text.js';
import { namesWithCopy, writeCertificatesFile, writeDomainCopy } from './derived-files.js';
import type { WithdrawnSet } from './publish-journal.js';

/** Points of a derivation, for tests that stop at them. */
export type DerivationStep = 'certificates' | 'domain-copy' | 'withdrawn-copy' | 'derived';

/** Files that follow from `combined`. */
export interface FollowingFiles {
  /** Makes them follow from this text. `names`: further ones that are looked up where the certificate covers them. */
  write(website: WebsiteRef, text: string, leaf: CertificateFacts, names: readonly string[]): Promise<void>;
  /** Takes away what lies beside `combined`, which holds no certificate any more. */
  remove(website: WebsiteRef): Promise<void>;
  /** Takes copies of a set away that lie elsewhere; `text` is what lies in `combined` now. */
  withdraw(set: WithdrawnSet, text: string, leaf: CertificateFacts | null): Promise<void>;
}

export interface DerivationParts {
  readonly tree: Tree;
  readonly takeApart: TakeApart;
  readonly files: FollowingFiles;
  readonly reached: (step: DerivationStep) => Promise<void>;
}

/** What is withdrawn by taking this text out of `combined`. */
export function withdrawnSetOf(text: string, names: readonly string[]): WithdrawnSet {
  return { digest: digestOf(text), names };
}

/** Makes the files beside and behind `combined` follow from what lies there. */
export class Derivation {
  readonly #parts: DerivationParts;

  constructor(parts: DerivationParts) {
    this.#parts = parts;
  }

  /**
   * Writes what follows from `combined` as it lies there, again if another run replaced it meanwhile; then takes the
   * copies of withdrawn sets away, where they still are copies of these. False: there is no certificate in `combined`.
   * `names`: beside those that stand in it, names that get a copy where a wildcard covers them.
   */
  async derive(
    website: WebsiteRef,
    withdrawn: readonly WithdrawnSet[],
    names: readonly string[],
  ): Promise<boolean> {
    for (;;) {
      const before = this.#read(website);
      if (before.isUnreadable) return false;
      const { text, leaf } = before;
      if (leaf !== null) await this.#parts.files.write(website, text, leaf, names);
      else if (withdrawn.length > 0) await this.#parts.files.remove(website);
      for (const set of withdrawn) await this.#parts.files.withdraw(set, text, leaf);
      await this.#parts.reached('derived');
      if (this.#read(website).text === text) return leaf !== null;
    }
  }

  #read(website: WebsiteRef): {
    readonly text: string;
    readonly leaf: CertificateFacts | null;
    readonly isUnreadable: boolean;
  } {
    const path = this.#parts.tree.combined(website.vhost);
    const found = readCombinedFile(path, this.#parts.tree);
    const text = found.kind === 'text' ? found.text : '';
    const evidence = this.#parts.takeApart(text, path);
    const leaf = evidence.kind === 'present' ? evidence.leaf : null;
    return { text, leaf, isUnreadable: found.kind === 'unreadable' };
  }
}

export interface WebsiteFileParts {
  readonly tree: Tree;
  readonly clock: Clock;
  readonly keyGroup: number | null;
  readonly reached: (step: DerivationStep) => Promise<void>;
}

/** What follows from a website's `combined`: `certificates` beside it, and a copy for each of its names. */
export class WebsiteFiles implements FollowingFiles {
  readonly #parts: WebsiteFileParts;

  constructor(parts: WebsiteFileParts) {
    this.#parts = parts;
  }

  async write(
    website: WebsiteRef,
    text: string,
    leaf: CertificateFacts,
    names: readonly string[],
  ): Promise<void> {
    const { tree, clock, keyGroup, reached } = this.#parts;
    await writeCertificatesFile(tree, website.vhost, certificateBlocks(text).join(''));
    await reached('certificates');
    // A placeholder is no better for mail than what there is, and worse than the server's own certificate.
    if (leaf.isSelfSigned || leaf.notAfter <= clock.now()) return;
    const covered = namesWithCopy(names).filter((name) => coversName(leaf, name));
    for (const name of namesWithCopy([...leaf.dnsNames, ...covered])) {
      await writeDomainCopy(tree, name, text, keyGroup);
      await reached('domain-copy');
    }
  }

  async remove(website: WebsiteRef): Promise<void> {
    await removeFile(join(this.#parts.tree.websiteTls(website.vhost), 'certificates'));
    await this.#parts.reached('certificates');
  }

  /** An expired set gets its copies back too, where those were replaced. */
  async withdraw(set: WithdrawnSet, text: string, leaf: CertificateFacts | null): Promise<void> {
    const { tree, keyGroup, reached } = this.#parts;
    if (digestOf(text) === set.digest) return;
    const stillCovered = leaf === null || leaf.isSelfSigned ? [] : namesWithCopy(leaf.dnsNames);
    for (const name of namesWithCopy(set.names)) {
      const path = join(tree.domainTls(name), 'combined');
      const copy = readCombinedFile(path, tree);
      if (copy.kind !== 'text' || digestOf(copy.text) !== set.digest) continue;
      if (stillCovered.includes(name)) await writeDomainCopy(tree, name, text, keyGroup);
      else await removeFile(path);
      await reached('withdrawn-copy');
    }
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
