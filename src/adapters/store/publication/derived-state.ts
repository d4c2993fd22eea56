import { join } from 'node:path';
import { takeCombinedApart } from '../../../core/certificate/pem/combined.js';
import { coversName } from '../../../core/domain/name/coverage.js';
import type { Website } from '../../../core/domain/website/website.js';
import type { Tree } from '../../system/tree.js';
import { isFileAsWanted, readCombinedFile } from './combined-file.js';
import { certificateBlocks } from './combined-text.js';
import { attributesOfCopy, namesWithCopy, writeCertificatesFile, writeDomainCopy } from './derived-files.js';

const PUBLIC_FILE = { mode: 0o644, uid: 0, gid: 0 };

/** A file that should follow from a website's `combined` and does not. */
export interface StaleCopy {
  readonly path: string;
  /** Writes it anew. */
  rewrite(): Promise<boolean>;
}

/**
 * Files that should follow from `combined` and do not: `certificates` beside it, and the copies of the names that this
 * website has now. What another website may have copied for names that left it is not judged. Writes nothing.
 */
export function staleCopies(
  tree: Tree,
  website: Pick<Website, 'vhost' | 'candidates'>,
  keyGroup: number | null,
  now: Date,
): readonly StaleCopy[] {
  const path = tree.combined(website.vhost);
  const found = readCombinedFile(path, tree);
  if (found.kind !== 'text') return [];
  const evidence = takeCombinedApart(found.text, path);
  if (evidence.kind !== 'present') return [];
  const { leaf } = evidence;
  const { text } = found;
  const certificates = certificateBlocks(text).join('');
  const beside = join(tree.websiteTls(website.vhost), 'certificates');
  const stale: StaleCopy[] = [];
  if (!isFileAsWanted(beside, certificates, PUBLIC_FILE)) {
    stale.push({
      path: beside,
      rewrite: () => writeCertificatesFile(tree, website.vhost, certificates),
    });
  }
  if (leaf.isSelfSigned || leaf.notAfter <= now) return stale;
  const names = website.candidates.map(({ name }) => name).filter((name) => coversName(leaf, name));
  for (const name of namesWithCopy(names)) {
    const copy = join(tree.domainTls(name), 'combined');
    if (isFileAsWanted(copy, text, attributesOfCopy(keyGroup))) continue;
    stale.push({ path: copy, rewrite: () => writeDomainCopy(tree, name, text, keyGroup) });
  }
  return stale;
}
