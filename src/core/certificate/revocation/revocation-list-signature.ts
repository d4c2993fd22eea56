import { webcrypto } from 'node:crypto';
import { contextConstructed, DerCursor, DerError, TAG } from '../der.js';
import { nameKey } from '../distinguished-name.js';
import { readExtensions } from '../extensions.js';
import type { CertificateFacts } from '../facts.js';
import { outlineCertificate } from '../outline.js';
import { bitString, sequenceOf } from './der-values.js';
import { type RevocationList, readRevocationList } from './revocation-list.js';

/** A list whose bytes were read, and whose it is. */
export type OpenedList =
  | { readonly state: 'opened'; readonly list: RevocationList; readonly origin: ListOrigin }
  /** `why`: one clause. */
  | { readonly state: 'malformed'; readonly why: string };

/** Reads a list (DER, as it came) and finds out whether `issuer` made it. Never rejects for what the bytes are. */
export async function openRevocationList(
  der: Uint8Array,
  issuer: CertificateFacts,
  isSignatureKnown: boolean,
): Promise<OpenedList> {
  try {
    const list = readRevocationList(der);
    return { state: 'opened', list, origin: await judgeListOrigin(list, issuer, isSignatureKnown) };
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return { state: 'malformed', why: error.message };
  }
}

/** What an issuer's certificate has to do with a list. */
export type ListOrigin = 'its own' | 'of another' | 'not allowed' | 'bad signature';

/**
 * Whether the certificate's holder made the list: named as its issuer, allowed to sign lists (RFC 5280 4.2.1.3), and the
 * signature is its key's. `isSignatureKnown`: these very bytes were verified with this certificate before. Never throws.
 */
async function judgeListOrigin(
  list: RevocationList,
  issuer: CertificateFacts,
  isSignatureKnown: boolean,
): Promise<ListOrigin> {
  try {
    const outline = outlineCertificate(issuer.der);
    if (nameKey(outline.subject) !== nameKey(list.issuer)) return 'of another';
    if (readExtensions(outline.extensions).maySignLists === false) return 'not allowed';
    return isSignatureKnown || (await isSigned(list, outline.spki)) ? 'its own' : 'bad signature';
  } catch {
    return 'bad signature';
  }
}

/**
 * By PKI.js, on node's WebCrypto; loaded when first used. It is given the list without its lines, of which there may be
 * a million, and the bytes that were signed as they are.
 */
async function isSigned(list: RevocationList, spki: Uint8Array): Promise<boolean> {
  const { CertificateRevocationList, CryptoEngine, PublicKeyInfo } = await import('pkijs');
  const engine = new CryptoEngine({ name: 'node', crypto: webcrypto as Crypto });
  const parsed = CertificateRevocationList.fromBER(Buffer.from(withoutLines(list)));
  parsed.tbsView = Buffer.from(list.tbs.buffer, list.tbs.byteOffset, list.tbs.byteLength);
  return await parsed.verify({ publicKeyInfo: PublicKeyInfo.fromBER(Buffer.from(spki)) }, engine);
}

/** The DER of the list as if nothing were revoked. */
function withoutLines(list: RevocationList): Uint8Array {
  const body = new DerCursor(list.tbs).enter(TAG.sequence, 'the list’s body');
  const parts: Uint8Array[] = [];
  let isAfterDates = false;
  while (!body.isAtEnd) {
    const part = body.next('a part of the list');
    const isLines = isAfterDates && part.tag === TAG.sequence;
    if (!isLines) parts.push(body.whole(part));
    isAfterDates ||= part.tag === TAG.utcTime || part.tag === TAG.generalizedTime;
    if (part.tag === contextConstructed(0)) break;
  }
  return sequenceOf([sequenceOf(parts), list.signatureAlgorithm, bitString(list.signature)]);
}
