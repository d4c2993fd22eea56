import { judgeChain } from '../chain/chain.js';
import { isVerified, type Link, linkOf } from '../chain/chain-link.js';
import { TrustAnchors } from '../chain/trust-anchors.js';
import type { CertificateFacts } from '../facts.js';
import { encodePem } from '../pem/pem.js';

/** How far a certificate's chain could be completed, and what a server should send after it. */
export type CompletedChain =
  /** `isCompleted`: certificates were added that nobody gave. */
  | {
      readonly status: 'complete';
      readonly chain: readonly CertificateFacts[];
      readonly isCompleted: boolean;
    }
  | { readonly status: 'self-signed'; readonly chain: readonly [] }
  /** It ends at a root that was given and that nobody here trusts: a private authority's, which is kept in the chain. */
  | {
      readonly status: 'unknown-root';
      readonly chain: readonly CertificateFacts[];
      readonly isCompleted: boolean;
    }
  /** An issuer is missing, is over, or may not issue: another source may have a better one. `chain`: all that was given. */
  | { readonly status: 'incomplete'; readonly chain: readonly CertificateFacts[] };

/** As `judgeChain`'s: longer ones are nobody's. */
const MAX_LENGTH = 10;

/**
 * The certificates that belong after a leaf, each signed by the next: those that were `given`, in the right order and without
 * strangers, and of those that were `found` elsewhere only what is missing. A trusted root is left out, as servers do. A
 * cross-sign that was given stays, for clients that need it. Every signature is verified, whatever the source. Never throws.
 */
export function completeChain(
  leaf: CertificateFacts,
  given: readonly CertificateFacts[],
  found: readonly CertificateFacts[],
  anchors: TrustAnchors,
  now: Date,
): CompletedChain {
  const isGiven = new Set(given.map(({ fingerprint }) => fingerprint));
  const completed = (chain: readonly CertificateFacts[]) => ({
    chain,
    isCompleted: chain.some(({ fingerprint }) => !isGiven.has(fingerprint)),
  });
  const own = ancestorsOf(leaf, given, now);
  const candidates = [...given, ...found];
  const verdict = judgeChain(leaf, candidates, anchors, now);
  if (verdict.status === 'trusted') {
    const path = [...verdict.path, ...intermediatesAbove(verdict.path.at(-1) ?? leaf, anchors)];
    return { status: 'complete', ...completed(joined(path, own)) };
  }
  if (verdict.status === 'self-signed') return { status: 'self-signed', chain: [] };
  const { culprit } = verdict;
  if (verdict.status === 'untrusted' && culprit.isSelfSigned) {
    const root = new TrustAnchors([encodePem('CERTIFICATE', culprit.der)]);
    const again = judgeChain(leaf, candidates, root, now);
    if (again.status === 'trusted')
      return { status: 'unknown-root', ...completed([...joined(again.path, own), culprit]) };
  }
  return { status: 'incomplete', chain: given };
}

/** The path first, then what was given beside it; no certificate twice. */
function joined(
  path: readonly CertificateFacts[],
  own: readonly CertificateFacts[],
): readonly CertificateFacts[] {
  return [...new Map([...path, ...own].map((one) => [one.fingerprint, one])).values()];
}

/** Of the certificates those that signed the leaf, or what signed it, nearest first; no roots, nothing that is over. */
function ancestorsOf(
  leaf: CertificateFacts,
  certificates: readonly CertificateFacts[],
  now: Date,
): readonly CertificateFacts[] {
  const links = certificates
    .filter(({ isCa, isSelfSigned, notAfter }) => isCa && !isSelfSigned && notAfter >= now)
    .map(linkOf);
  const found = new Set<Link>();
  for (let below: readonly Link[] = [linkOf(leaf)], depth = 0; depth < MAX_LENGTH; depth += 1) {
    const above = links.filter(
      (issuer) => !found.has(issuer) && below.some((link) => hasSigned(issuer, link, depth === 0)),
    );
    if (above.length === 0) break;
    for (const link of above) found.add(link);
    below = above;
  }
  return [...found].map(({ facts }) => facts);
}

/**
 * A store of roots may hold an intermediate as well. It is trusted here and nowhere else: servers must send it, and whatever
 * of the kind stands above it.
 */
function intermediatesAbove(top: CertificateFacts, anchors: TrustAnchors): readonly CertificateFacts[] {
  const found: CertificateFacts[] = [];
  let link = linkOf(top);
  while (found.length < MAX_LENGTH) {
    const below = link;
    const issuers = anchors
      .withSubject(below.issuerKey)
      .map(linkOf)
      .filter((issuer) => hasSigned(issuer, below, below.facts === top && !top.isCa));
    const [issuer] = issuers;
    if (issuer === undefined || issuers.some(({ facts }) => facts.isSelfSigned)) break;
    if (found.includes(issuer.facts)) break;
    found.push(issuer.facts);
    link = issuer;
  }
  return found;
}

function hasSigned(issuer: Link, link: Link, isLeaf: boolean): boolean {
  return issuer.subjectKey === link.issuerKey && isVerified(link, issuer, isLeaf);
}
