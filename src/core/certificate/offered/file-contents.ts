import { DerCursor, DerError, TAG } from '../der.js';
import type { CertificateFacts } from '../facts.js';
import { isPrivateKeyLabel, publicKeyOfPrivateKey } from '../key/private-key.js';
import { readCertificate } from '../parse.js';
import { isBareDer, pemTextOf } from '../pem/file-text.js';
import { decodePem, encodePem, type PemBlock, splitPem } from '../pem/pem.js';

/** A private key as it is written for servers, and its public half. */
export interface OfferedKey {
  /** PEM, 64 columns. */
  readonly keyPem: string;
  readonly spki: Uint8Array;
}

/** What else than a certificate or key people take for one. */
export type MistakenFor = 'nothing' | 'request' | 'public-key' | 'pkcs7' | 'pkcs12' | 'garbage';

/** What one file, or pasted text, holds; in its order. */
export interface FileContents {
  readonly certificates: readonly CertificateFacts[];
  /** Why certificates of it could not be read, one clause each. */
  readonly damaged: readonly string[];
  readonly keys: readonly OfferedKey[];
  /** Why keys of it cannot be used. */
  readonly keyFaults: readonly KeyFault[];
  readonly mistakenFor: MistakenFor;
}

export interface KeyFault {
  readonly isEncrypted: boolean;
  /** One clause. */
  readonly why: string;
}

const KEY_LABELS = ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY'] as const;
const EMPTY: FileContents = {
  certificates: [],
  damaged: [],
  keys: [],
  keyFaults: [],
  mistakenFor: 'garbage',
};

/**
 * Takes a file apart: PEM in any order, with any line ends, byte order mark or text around it, or bare DER. The size is the
 * caller's to limit. Never throws.
 */
export function contentsOfFile(bytes: Uint8Array): FileContents {
  const text = pemTextOf(bytes);
  if (text.trim() === '') {
    // A byte order mark alone is no text, and yet something.
    const isEmpty = Buffer.from(bytes).toString('latin1').trim() === '';
    return { ...EMPTY, mistakenFor: isEmpty ? 'nothing' : 'garbage' };
  }
  return isBareDer(bytes, text) ? contentsOfDer(bytes) : contentsOfPem(text);
}

function contentsOfPem(text: string): FileContents {
  const certificates: CertificateFacts[] = [];
  const damaged: string[] = [];
  const keys: OfferedKey[] = [];
  const keyFaults: KeyFault[] = [];
  let mistakenFor: MistakenFor = 'garbage';
  for (const block of splitPem(text)) {
    if (isPrivateKeyLabel(block.label)) {
      const key = keyOf(block);
      if ('why' in key) keyFaults.push(key);
      else keys.push(key);
    } else if (block.label.endsWith('CERTIFICATE')) {
      try {
        certificates.push(readCertificate(decodePem(block)));
      } catch (error) {
        damaged.push(clauseOf(error));
      }
    } else mistakenFor = OTHER_LABELS.get(block.label) ?? mistakenFor;
  }
  return { certificates, damaged, keys, keyFaults, mistakenFor };
}

const OTHER_LABELS: ReadonlyMap<string, MistakenFor> = new Map([
  ['CERTIFICATE REQUEST', 'request'],
  ['NEW CERTIFICATE REQUEST', 'request'],
  ['PUBLIC KEY', 'public-key'],
  ['RSA PUBLIC KEY', 'public-key'],
  ['PKCS7', 'pkcs7'],
  ['PKCS #7 SIGNED DATA', 'pkcs7'],
  ['CMS', 'pkcs7'],
]);

function keyOf(block: PemBlock): OfferedKey | KeyFault {
  try {
    const spki = publicKeyOfPrivateKey(block);
    return { keyPem: encodePem(block.label, decodePem(block)), spki };
  } catch (error) {
    const isEncrypted = block.label === 'ENCRYPTED PRIVATE KEY' || block.headers.includes('ENCRYPTED');
    return { isEncrypted, why: clauseOf(error) };
  }
}

function contentsOfDer(der: Uint8Array): FileContents {
  try {
    return { ...EMPTY, certificates: [readCertificate(der)] };
  } catch (error) {
    const body = Buffer.from(der).toString('base64');
    for (const label of KEY_LABELS) {
      const key = keyOf({ label, headers: '', body, isComplete: true });
      if (!('why' in key)) return { ...EMPTY, keys: [key] };
    }
    const kind = kindOfDer(der);
    if (kind === 'encrypted-key')
      return { ...EMPTY, keyFaults: [{ isEncrypted: true, why: 'it is encrypted with a passphrase' }] };
    return kind === undefined ? { ...EMPTY, damaged: [clauseOf(error)] } : { ...EMPTY, mistakenFor: kind };
  }
}

/** By what its outermost sequence begins with; undefined: nothing known. */
function kindOfDer(der: Uint8Array): MistakenFor | 'encrypted-key' | undefined {
  try {
    const outer = new DerCursor(der).enter(TAG.sequence, 'the file');
    switch (outer.peek()) {
      case TAG.integer:
        return 'pkcs12';
      case TAG.objectIdentifier:
        return 'pkcs7';
      case TAG.sequence: {
        // RFC 5208 section 6: an algorithm, then the encrypted octets and nothing more.
        outer.next('the algorithm');
        return outer.peek() === TAG.octetString ? 'encrypted-key' : undefined;
      }
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}

function clauseOf(error: unknown): string {
  return error instanceof DerError ? error.message : 'it cannot be read';
}
