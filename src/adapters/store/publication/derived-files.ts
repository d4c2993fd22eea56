import { dirname, join } from 'node:path';
import { type DomainName, parseHostName, type WildcardName } from '../../../core/domain/name/names.js';
import type { FileAttributes } from '../../system/files/durable-file.js';
import { ensureFolder, writeFileAtomically } from '../../system/files/files.js';
import type { Tree } from '../../system/tree.js';
import { isFileAsWanted } from './combined-file.js';

/** Folders on the way to a certificate may be passed, not listed (design section 3). */
export const CERTIFICATE_FOLDER_MODE = 0o711;
/** Whoever can read it can be the website. */
export const PRIVATE_MODE = 0o600;
const PUBLIC_MODE = 0o644;
const GROUP_MODE = 0o640;

/** Makes the folder of a file under `/var/cpanel/ssl`, and its parents. */
export async function ensureCertificateFolder(file: string): Promise<void> {
  const folder = dirname(file);
  await ensureFolder(dirname(folder), CERTIFICATE_FOLDER_MODE);
  await ensureFolder(folder, CERTIFICATE_FOLDER_MODE);
}

/** `certificates` beside `combined`: leaf and chain without the key. Gives whether it had to be written. */
export async function writeCertificatesFile(
  tree: Tree,
  vhost: DomainName | WildcardName,
  text: string,
): Promise<boolean> {
  return await writeIfDifferent(join(tree.websiteTls(vhost), 'certificates'), text, {
    mode: PUBLIC_MODE,
    uid: 0,
    gid: 0,
  });
}

/** The copy of `combined` that servers look up by name, mail and FTP among them. Gives whether it had to be written. */
export async function writeDomainCopy(
  tree: Tree,
  name: DomainName | WildcardName,
  text: string,
  keyGroup: number | null,
): Promise<boolean> {
  const path = join(tree.domainTls(name), 'combined');
  tree.assertInside(path);
  return await writeIfDifferent(path, text, attributesOfCopy(keyGroup));
}

/** How a copy by name lies there: root's alone, or readable by the group that was given leave. */
export function attributesOfCopy(keyGroup: number | null): FileAttributes & { readonly gid: number } {
  return keyGroup === null
    ? { mode: PRIVATE_MODE, uid: 0, gid: 0 }
    : { mode: GROUP_MODE, uid: 0, gid: keyGroup };
}

/** The names of a certificate that can be a folder: what no parser accepts gets no copy. */
export function namesWithCopy(dnsNames: readonly string[]): readonly (DomainName | WildcardName)[] {
  const names = new Set<DomainName | WildcardName>();
  for (const text of dnsNames) {
    try {
      names.add(parseHostName(text));
    } catch {
      // A name that cannot be looked up by any client either.
    }
  }
  return [...names];
}

async function writeIfDifferent(path: string, text: string, attributes: FileAttributes): Promise<boolean> {
  if (isFileAsWanted(path, text, attributes)) return false;
  await ensureCertificateFolder(path);
  await writeFileAtomically(path, text, attributes);
  return true;
}
