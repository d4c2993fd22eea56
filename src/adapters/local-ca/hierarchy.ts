import { generateKeyPairSync } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePem } from '../../core/certificate/pem/pem.js';
import { createSelfSigned, signCertificate } from '../../core/certificate/signing.js';
import { StateError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import { LOCAL_CA_ORGANIZATION } from '../../core/provider/known/local-ca.js';
import type { Clock, RandomSource } from '../../runs/ports/clock.js';
import {
  asWriteError,
  ensureFolder,
  isErrno,
  readTextFile,
  syncFolder,
  temporaryPathIn,
  writeFileAtomically,
} from '../system/files/files.js';
import type { Tree } from '../system/tree.js';

const DAY_MS = 86_400_000;
/** Root and issuing certificate alike: whoever trusts the root should not have to do it again soon. */
const AUTHORITY_LIFE_MS = 3_650 * DAY_MS;
/** Clocks in a private network may lag; an authority made now must be valid for them. */
const AUTHORITY_BACKDATE_MS = DAY_MS;
/** Octets of chance in a serial number (BR 7.1 asks for 8). */
export const SERIAL_BYTES = 16;
/** As an RFC 7638 thumbprint: 256 bits in base64url. */
const THUMBPRINT_BYTES = 32;

/** What the local CA signs with, its root, and the account that its one client has. */
export interface Hierarchy {
  /**
   * Second half of key authorizations. No messages are signed inside one program, so there is no account key: it is
   * chance, made once, and as hard to guess as at any other CA.
   */
  readonly keyThumbprint: string;
  readonly rootPem: string;
  readonly issuingPem: string;
  readonly issuingKeyPem: string;
}

/** The parts as they lie in `local_ca/authority/`: file name and mode. */
const FILES = {
  rootPem: ['root.pem', 0o644],
  rootKeyPem: ['root.key', 0o600],
  issuingPem: ['issuing.pem', 0o644],
  issuingKeyPem: ['issuing.key', 0o600],
  keyThumbprint: ['account', 0o600],
} as const;
type Part = keyof typeof FILES;

/**
 * The root and the issuing authority below it (EC P-256), made when there are none: all of it in a folder that appears
 * by one rename, so that two runs at once end with the same root. `local_ca/root.pem` is the copy for trust anchors.
 * @throws StateError WRITE_FAILED, NO_SPACE, or CORRUPT_RECORD when a part is missing
 */
export async function openHierarchy(
  tree: Tree,
  clock: Pick<Clock, 'now'>,
  random: RandomSource,
): Promise<Hierarchy> {
  const folder = join(tree.localCa(), 'authority');
  const hierarchy = (await readHierarchy(folder)) ?? (await makeHierarchy(tree, folder, clock, random));
  const copy = join(tree.localCa(), 'root.pem');
  if ((await readTextFile(copy)) !== hierarchy.rootPem) {
    await writeFileAtomically(copy, hierarchy.rootPem, { mode: 0o644 });
  }
  return hierarchy;
}

async function readHierarchy(folder: string): Promise<Hierarchy | undefined> {
  const read = (part: Part): Promise<string | undefined> => readTextFile(join(folder, FILES[part][0]));
  const [rootPem, issuingPem, issuingKeyPem, keyThumbprint] = await Promise.all([
    read('rootPem'),
    read('issuingPem'),
    read('issuingKeyPem'),
    read('keyThumbprint'),
  ]);
  const parts = [rootPem, issuingPem, issuingKeyPem, keyThumbprint];
  if (parts.every((part) => part === undefined)) return undefined;
  if (rootPem && issuingPem && issuingKeyPem && keyThumbprint) {
    return { rootPem, issuingPem, issuingKeyPem, keyThumbprint };
  }
  throw new StateError('CORRUPT_RECORD', `${quoteForMessage(folder)} lacks a part of the local CA`, {
    advice: 'Bring the folder back from a backup, or remove it to begin with a new root.',
  });
}

async function makeHierarchy(
  tree: Tree,
  folder: string,
  clock: Pick<Clock, 'now'>,
  random: RandomSource,
): Promise<Hierarchy> {
  const made = await signAuthorities(clock.now(), random);
  const temporary = temporaryPathIn(tree.localCa());
  try {
    await ensureFolder(tree.localCa(), 0o700);
    await mkdir(temporary, { mode: 0o700 });
    for (const part of Object.keys(FILES) as Part[]) {
      const [name, mode] = FILES[part];
      await writeFileAtomically(join(temporary, name), made[part], { mode });
    }
    await rename(temporary, folder);
    await syncFolder(tree.localCa());
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    const isThereNow = isErrno(error, 'ENOTEMPTY') || isErrno(error, 'EEXIST');
    if (!isThereNow) throw asWriteError(error, folder);
  }
  // Another run may have been first: what lies there counts.
  return (await readHierarchy(folder)) ?? made;
}

async function signAuthorities(now: Date, random: RandomSource): Promise<Record<Part, string>> {
  const [root, issuing] = [newKey(), newKey()];
  // Tells roots apart that were made on different servers.
  const mark = hex(random.bytes(4)).toUpperCase();
  const common = {
    names: [],
    organization: LOCAL_CA_ORGANIZATION,
    isCa: true,
    notBefore: new Date(now.getTime() - AUTHORITY_BACKDATE_MS),
    notAfter: new Date(now.getTime() + AUTHORITY_LIFE_MS),
  };
  const rootDer = await createSelfSigned({
    ...common,
    commonName: `AutoSSL Local Root ${mark}`,
    serial: random.bytes(SERIAL_BYTES),
    keyPem: root.keyPem,
  });
  const issuingDer = await signCertificate({
    ...common,
    commonName: `AutoSSL Local Issuing ${mark}`,
    serial: random.bytes(SERIAL_BYTES),
    pathLength: 0,
    spki: issuing.spki,
    issuerDer: rootDer,
    issuerKeyPem: root.keyPem,
  });
  return {
    rootPem: encodePem('CERTIFICATE', rootDer),
    rootKeyPem: root.keyPem,
    issuingPem: encodePem('CERTIFICATE', issuingDer),
    issuingKeyPem: issuing.keyPem,
    keyThumbprint: Buffer.from(random.bytes(THUMBPRINT_BYTES)).toString('base64url'),
  };
}

function newKey(): { keyPem: string; spki: Uint8Array } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return {
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    spki: publicKey.export({ type: 'spki', format: 'der' }),
  };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
