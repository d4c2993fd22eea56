import { lstatSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { reasonOf } from '../../core/domain/system-fault.js';
import type { CertificateManager } from '../../core/plan/adoption/adoption-certificate.js';
import type { SitePair } from '../../core/plan/served/server-site.js';
import { readTextFile } from '../system/files/files.js';
import type { Tree } from '../system/tree.js';

/** Larger is no certificate and no key. */
const MAX_PAIR_BYTES = 1024 * 1024;
/** Names of a certificate by which its renewer may have called it. */
const MAX_NAMES_TRIED = 5;
/** What certbot writes beside the certificate alone: with its chain. */
const ALONE = 'cert.pem';
const WITH_CHAIN = 'fullchain.pem';

/**
 * The texts of a site's certificate and key (one, where one file has both), links followed, but never out of a private
 * tree. Does not block on a FIFO; reads regular files of up to a megabyte only. Never throws.
 */
export async function readSitePair(
  { certificateFile, keyFile }: SitePair,
  tree: Tree,
): Promise<
  | { readonly state: 'read'; readonly texts: readonly string[] }
  | { readonly state: 'unreadable'; readonly why: string }
> {
  const texts: string[] = [];
  for (const path of new Set([keyFile, withChain(certificateFile)])) {
    try {
      tree.assertInside(path);
      const text = await readTextFile(path, MAX_PAIR_BYTES);
      if (text === undefined) return { state: 'unreadable', why: `there is no file ${path}` };
      texts.push(text);
    } catch (error) {
      return { state: 'unreadable', why: reasonOf(error) };
    }
  }
  return { state: 'read', texts };
}

/**
 * Whose care a certificate for these names is in: certbot's by the folder that the site names, acme.sh's by its own folder or,
 * since it installs copies, by having a certificate of one of the names. Never throws.
 */
export async function managerOfPair(
  { certificateFile }: SitePair,
  names: readonly string[],
  tree: Tree,
): Promise<CertificateManager | null> {
  const live = `${tree.at('/etc/letsencrypt/live')}/`;
  if (certificateFile.startsWith(live)) {
    const [lineage = ''] = certificateFile.slice(live.length).split('/');
    return { program: 'certbot', name: lineage };
  }
  const inside = /\/\.acme\.sh\/([^/]+)\//.exec(certificateFile)?.[1];
  if (inside !== undefined) return { program: 'acme.sh', name: inside.replace(/_ecc$/, '') };
  const home = tree.at('/root/.acme.sh');
  const found = names
    .slice(0, MAX_NAMES_TRIED)
    .filter((name) => !name.includes('/'))
    .find((name) => isFolder(join(home, name)) || isFolder(join(home, `${name}_ecc`)));
  return found === undefined ? null : { program: 'acme.sh', name: found };
}

/** A site that names the certificate alone is better served with what lies beside it. */
function withChain(certificateFile: string): string {
  const sibling = join(dirname(certificateFile), WITH_CHAIN);
  const isAlone = basename(certificateFile) === ALONE;
  return isAlone && factsOf(sibling) !== undefined ? sibling : certificateFile;
}

function isFolder(path: string): boolean {
  return factsOf(path)?.isDirectory() === true;
}

function factsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
