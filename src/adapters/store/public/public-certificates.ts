import { join } from 'node:path';
import type { CertificateEvidence } from '../../../core/certificate/facts.js';
import { takeCombinedApart } from '../../../core/certificate/pem/combined.js';
import { StateError } from '../../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../../core/domain/name/names.js';
import type { WebsiteRef } from '../../../core/domain/website/website.js';
import type { CertificateStore, FormerSets } from '../../../runs/ports/certificates.js';
import type { PublicCertificate, PublicCertificates } from '../../../runs/ports/material.js';
import type { Tree } from '../../system/tree.js';
import { readCombinedFile } from '../publication/combined-file.js';

/** Certificates as root sees them: of what lies in use, and in the archive. */
export class StoredCertificates implements PublicCertificates {
  readonly #store: Pick<CertificateStore, 'gatherEvidence'> & Pick<FormerSets, 'listArchived'>;

  constructor(store: Pick<CertificateStore, 'gatherEvidence'> & Pick<FormerSets, 'listArchived'>) {
    this.#store = store;
  }

  async installed(website: WebsiteRef): Promise<PublicCertificate | null> {
    return publicPartOf(await this.#store.gatherEvidence(website));
  }

  async archived(website: WebsiteRef): Promise<readonly PublicCertificate[]> {
    const sets = await this.#store.listArchived(website);
    return sets.flatMap(({ chainPem }) => publicPartOf(takeCombinedApart(chainPem, 'archive')) ?? []);
  }
}

/** Certificates as everybody may read them, in `certificates` beside what is root's; of the archive nothing is told. */
export class ReadableCertificates implements PublicCertificates {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  async installed({ vhost }: WebsiteRef): Promise<PublicCertificate | null> {
    const path = join(this.#tree.websiteTls(vhost), 'certificates');
    const found = readCombinedFile(path, this.#tree);
    if (found.kind === 'text') return publicPartOf(takeCombinedApart(found.text, path));
    // Servers that we did not set up may have the certificates beside their keys alone.
    const combined = this.#tree.combined(vhost);
    if (found.kind === 'absent' && readCombinedFile(combined, this.#tree).kind === 'absent') return null;
    throw unreadable(path, found.kind === 'absent' ? 'it is not there' : found.why);
  }

  async archived({ vhost }: WebsiteRef): Promise<never> {
    throw unreadable(vhost, 'its former certificates are root’s');
  }
}

function publicPartOf(evidence: CertificateEvidence): PublicCertificate | null {
  if (evidence.kind === 'unreadable') throw unreadable(evidence.path, evidence.why);
  return evidence.kind === 'present' ? { leaf: evidence.leaf, chain: evidence.chain } : null;
}

function unreadable(path: string, why: string): StateError {
  return new StateError('TREE_UNREADABLE', `${quoteForMessage(path)} cannot be read: ${why}`);
}
