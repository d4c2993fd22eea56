import { chmodSync, lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ServiceName } from '../../../core/domain/service/service-name.js';
import type { FileAttributes } from '../../system/files/durable-file.js';
import { isThere, removeFile, writeFileAtomically } from '../../system/files/files.js';
import type { Tree } from '../../system/tree.js';
import { type CertificateStoreParts, FileCertificateStore } from '../publication/certificates.js';
import { type FoundFile, isFileAsWanted, readCombinedFile } from '../publication/combined-file.js';
import { certificateBlocks, privateKeyBlocks } from '../publication/combined-text.js';
import type { DerivationStep, FollowingFiles } from '../publication/derivation.js';
import { attributesOfCopy, ensureCertificateFolder } from '../publication/derived-files.js';

const PUBLIC: FileAttributes = { mode: 0o644, uid: 0, gid: 0 };
/** Others may pass a folder, not list it. */
const PASSABLE = 0o011;

/** The files that daemons name, in `/var/cpanel/ssl/<service>/` (behaviour section 12); each follows from `combined` there. */
export interface ServiceFileNames {
  /** Key, leaf and chain in one, as `combined`, but open to the daemon's group. */
  readonly pem: string;
  /** Key, and leaf with chain, in files of their own; null where nobody documents such. */
  readonly pair: { readonly key: string; readonly certificates: string } | null;
}

const FILES: Readonly<Record<ServiceName, ServiceFileNames>> = {
  cpanel: { pem: 'cpanel.pem', pair: null },
  exim: { pem: 'exim.pem', pair: { key: 'exim.key', certificates: 'exim.crt' } },
  dovecot: { pem: 'dovecot.pem', pair: { key: 'dovecot.key', certificates: 'dovecot.crt' } },
  ftp: { pem: 'ftp.pem', pair: null },
};

/** The file in one piece that a service's daemon should name. */
export function servicePemPath(tree: Tree, service: ServiceName): string {
  return join(tree.serviceTls(service), FILES[service].pem);
}

/** Every file in which a service's daemon may find its certificate or key. */
export function serviceFilePaths(tree: Tree, service: ServiceName): readonly string[] {
  const { pem, pair } = FILES[service];
  const names = ['combined', pem, ...(pair === null ? [] : [pair.key, pair.certificates])];
  return names.map((name) => join(tree.serviceTls(service), name));
}

export interface ServiceCertificateParts extends Omit<CertificateStoreParts, 'layout'> {
  readonly service: ServiceName;
}

/**
 * The certificate of one service. `combined` is the only truth; before there is one, what lies in the documented files is
 * the service's set, so that it is judged, archived and put back like any other. Keys are root's alone, but for the files
 * that `keyGroup` may read. Whichever website is named in a call: the set is the service's.
 */
export function openServiceCertificates(parts: ServiceCertificateParts): FileCertificateStore {
  const { tree: whole, service, keyGroup = null, ...others } = parts;
  const tree = whole.ofService(service);
  const folder = whole.serviceTls(service);
  return new FileCertificateStore({
    ...others,
    tree,
    layout: (reached) => ({
      read: () => readServiceSet(folder, FILES[service], whole),
      isTaken: async () => {
        for (const path of serviceFilePaths(whole, service)) if (await isThere(path)) return true;
        return false;
      },
      files: new ServiceFiles(folder, FILES[service], keyGroup, reached),
      hasCopiesByName: false,
    }),
  });
}

/** `combined`, else the documented file in one piece, else key and certificate out of two. */
function readServiceSet(folder: string, { pem, pair }: ServiceFileNames, tree: Tree): FoundFile {
  const read = (name: string): FoundFile => readCombinedFile(join(folder, name), tree);
  for (const name of ['combined', pem]) {
    const found = read(name);
    if (found.kind !== 'absent') return found;
  }
  if (pair === null) return { kind: 'absent' };
  const [key, certificates] = [read(pair.key), read(pair.certificates)];
  if (certificates.kind !== 'text') return certificates;
  if (key.kind === 'unreadable') return key;
  return { kind: 'text', text: `${key.kind === 'text' ? `${key.text}\n` : ''}${certificates.text}` };
}

/** What follows from a service's `combined`. */
class ServiceFiles implements FollowingFiles {
  readonly #folder: string;
  readonly #names: ServiceFileNames;
  readonly #keyGroup: number | null;
  readonly #reached: (step: DerivationStep) => Promise<void>;

  constructor(
    folder: string,
    names: ServiceFileNames,
    keyGroup: number | null,
    reached: (step: DerivationStep) => Promise<void>,
  ) {
    this.#folder = folder;
    this.#names = names;
    this.#keyGroup = keyGroup;
    this.#reached = reached;
  }

  async write(_website: unknown, text: string): Promise<void> {
    const { pem, pair } = this.#names;
    const secret = attributesOfCopy(this.#keyGroup);
    await this.#write(pem, text, secret);
    if (pair !== null) {
      const [key] = privateKeyBlocks(text);
      if (key === undefined) await removeFile(join(this.#folder, pair.key));
      else await this.#write(pair.key, key, secret);
      await this.#write(pair.certificates, certificateBlocks(text).join(''), PUBLIC);
    }
    if (this.#keyGroup !== null) letPass(this.#folder);
    await this.#reached('certificates');
  }

  async remove(): Promise<void> {
    const { pem, pair } = this.#names;
    for (const name of [pem, ...(pair === null ? [] : [pair.key, pair.certificates])])
      await removeFile(join(this.#folder, name));
    await this.#reached('certificates');
  }

  /** Nothing of it lies elsewhere. */
  async withdraw(): Promise<void> {
    await this.#reached('withdrawn-copy');
  }

  async #write(name: string, text: string, attributes: FileAttributes): Promise<void> {
    const path = join(this.#folder, name);
    if (isFileAsWanted(path, text, attributes)) return;
    await ensureCertificateFolder(path);
    await writeFileAtomically(path, text, attributes);
  }
}

/** Lets the daemon's user reach the file that it may read, in a folder that was made without that thought. */
function letPass(folder: string): void {
  for (const path of [dirname(folder), folder]) {
    const { mode } = lstatSync(path);
    if ((mode & PASSABLE) !== PASSABLE) chmodSync(path, (mode & 0o7777) | PASSABLE);
  }
}
