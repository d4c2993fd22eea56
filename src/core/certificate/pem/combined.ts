import { DerCursor, DerError, TAG } from '../der.js';
import type { CertificateEvidence, CertificateFacts } from '../facts.js';
import { isPrivateKeyLabel, publicKeyOfPrivateKey } from '../key/private-key.js';
import { isSameKey } from '../key/public-key.js';
import { readCertificate } from '../parse.js';
import { decodePem, type PemBlock, splitPem } from './pem.js';

/** The key fault of a file without any key. */
export const NO_KEY = 'there is no private key in it';

/** OpenSSL's names of a certificate block; a trusted one has its trust settings after the certificate. */
const CERTIFICATE_LABELS: readonly string[] = ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'];

/** Private keys of one file that we look at: more than one is an accident. */
const MAX_KEYS = 16;

/** A server's websites share a handful of intermediates: those are read once. */
const MAX_REMEMBERED_ISSUERS = 256;
const rememberedIssuers = new Map<string, CertificateFacts>();

/**
 * What a PEM file with key, leaf and chain holds, in whatever order and among whatever other text. The leaf is the
 * certificate that the key belongs to, else the first. A damaged certificate after the leaf is left out of the chain.
 * Never throws.
 */
export function takeCombinedApart(text: string, path: string): CertificateEvidence {
  const blocks = splitPem(text);
  if (blocks.length === 0 && text.trim() === '') return { kind: 'empty', path };
  const keys = readKeys(blocks.filter(({ label }) => isPrivateKeyLabel(label)));
  const certificates = blocks.filter(({ label }) => CERTIFICATE_LABELS.includes(label)).map(readBlock);
  const [first] = certificates;
  if (first === undefined) return { kind: 'unreadable', path, why: 'there is no certificate in it' };

  const readable = certificates.filter((c): c is CertificateFacts => !(c instanceof DerError));
  const matching = readable.find(({ key }) => keys.spkis.some((spki) => isSameKey(spki, key.spki)));
  const leaf = matching ?? first;
  if (leaf instanceof DerError) {
    return { kind: 'unreadable', path, why: `the certificate is damaged: ${leaf.message}` };
  }
  const keySpki = keys.spkis.find((spki) => isSameKey(spki, leaf.key.spki)) ?? keys.spkis[0] ?? null;
  return {
    kind: 'present',
    path,
    leaf,
    chain: readable.filter((certificate) => certificate !== leaf),
    keySpki,
    keyFault: keySpki === null ? keys.fault : null,
  };
}

/** The same for a file that is one bare DER certificate. Never throws. */
export function takeDerApart(der: Uint8Array, path: string): CertificateEvidence {
  if (der.length === 0) return { kind: 'empty', path };
  try {
    const leaf = readCertificate(der);
    return { kind: 'present', path, leaf, chain: [], keySpki: null, keyFault: NO_KEY };
  } catch (error) {
    return {
      kind: 'unreadable',
      path,
      why: otherKind(der) ?? `it is not a certificate: ${reasonOf(error).message}`,
    };
  }
}

/** Frequent mix-ups, told by what the outermost sequence begins with. */
function otherKind(der: Uint8Array): string | undefined {
  try {
    const first = new DerCursor(der).enter(TAG.sequence, 'the file').peek();
    if (first === TAG.integer)
      return 'it looks like a private key or a PKCS #12 file, not like a certificate';
    return first === TAG.objectIdentifier
      ? 'it looks like a PKCS #7 bundle, not like a certificate'
      : undefined;
  } catch {
    return undefined;
  }
}

/** The public halves of the private keys in a PEM text, and why others (or all) are missing. Never throws. */
export function readKeys(blocks: readonly PemBlock[]): { spkis: readonly Uint8Array[]; fault: string } {
  const spkis: Uint8Array[] = [];
  let fault = NO_KEY;
  for (const block of blocks.slice(0, MAX_KEYS)) {
    try {
      spkis.push(publicKeyOfPrivateKey(block));
    } catch (error) {
      if (fault === NO_KEY) fault = `the private key cannot be used: ${reasonOf(error).message}`;
    }
  }
  return { spkis, fault };
}

function readBlock(block: PemBlock, index: number): CertificateFacts | DerError {
  const remembered = index === 0 ? undefined : rememberedIssuers.get(block.body);
  if (remembered) return remembered;
  try {
    const facts = readCertificate(decodePem(block));
    if (index > 0 && facts.isCa) rememberIssuer(block.body, facts);
    return facts;
  } catch (error) {
    return reasonOf(error);
  }
}

function rememberIssuer(body: string, facts: CertificateFacts): void {
  const [oldest] = rememberedIssuers.keys();
  if (rememberedIssuers.size >= MAX_REMEMBERED_ISSUERS && oldest !== undefined) {
    rememberedIssuers.delete(oldest);
  }
  rememberedIssuers.set(body, facts);
}

/** The readers throw DerError; anything else would be our own mistake, and still must not end a run over 10,000 files. */
function reasonOf(error: unknown): DerError {
  return error instanceof DerError ? error : new DerError('it cannot be read');
}
