import type { KeyObject } from 'node:crypto';
import { nameKey } from '../distinguished-name.js';
import { readExtensions } from '../extensions.js';
import type { CertificateFacts } from '../facts.js';
import { type CertificateOutline, outlineCertificate } from '../outline.js';
import { isSignedBy, verifyingKey } from './verification.js';

/** A certificate as a link of a chain. */
export interface Link {
  readonly facts: CertificateFacts;
  readonly outline: CertificateOutline;
  readonly subjectKey: string;
  readonly issuerKey: string;
  readonly mayCertify: boolean | null;
  readonly pathLength: number | null;
  /** Made at the first use as issuer. */
  readonly issuerUse: { key?: KeyObject | undefined; isKeyMade: boolean };
}

/** Pairs of issuers whose signatures we keep in mind: a server with 10,000 sites has a handful. */
const MAX_REMEMBERED = 512;

// Remembered per process, because these facts cannot change: an issuer's own outline, and whether one issuer's key made
// another's signature.
const links = new WeakMap<CertificateFacts, Link>();
const verifiedPairs = new Map<string, boolean>();

/** @throws DerError for facts that `readCertificate` did not make */
export function linkOf(facts: CertificateFacts): Link {
  const known = links.get(facts);
  if (known) return known;
  const outline = outlineCertificate(facts.der);
  const { mayCertify, pathLength } = facts.isCa
    ? readExtensions(outline.extensions)
    : { mayCertify: null, pathLength: null };
  const link: Link = {
    facts,
    outline,
    subjectKey: nameKey(outline.subject),
    issuerKey: nameKey(outline.issuer),
    mayCertify,
    pathLength,
    issuerUse: { isKeyMade: false },
  };
  // Of a leaf nobody asks twice, and what a weak map names survives every collection but the full ones.
  if (facts.isCa) links.set(facts, link);
  return link;
}

/** Whether the issuer's key made the signature; between issuers it is verified once and remembered. Never throws. */
export function isVerified(link: Link, issuer: Link, isLeaf: boolean): boolean {
  if (isLeaf) return isSignedByLink(link, issuer);
  const pair = `${link.facts.fingerprint} ${issuer.facts.fingerprint}`;
  const known = verifiedPairs.get(pair);
  if (known !== undefined) return known;
  const [oldest] = verifiedPairs.keys();
  if (verifiedPairs.size >= MAX_REMEMBERED && oldest !== undefined) verifiedPairs.delete(oldest);
  const result = isSignedByLink(link, issuer);
  verifiedPairs.set(pair, result);
  return result;
}

function isSignedByLink(link: Link, issuer: Link): boolean {
  const { issuerUse } = issuer;
  if (!issuerUse.isKeyMade) {
    issuerUse.key = verifyingKey(issuer.outline.spki);
    issuerUse.isKeyMade = true;
  }
  return issuerUse.key !== undefined && isSignedBy(link.outline, issuerUse.key);
}
