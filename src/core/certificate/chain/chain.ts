import type { CertificateFacts } from '../facts.js';
import { isVerified, type Link, linkOf } from './chain-link.js';
import type { TrustAnchors } from './trust-anchors.js';

/** How far a certificate can be followed to something that we trust. */
export type ChainVerdict =
  | {
      readonly status: 'trusted';
      /** The certificates of the file that lead to the anchor, leaf not included, anchor not included. */
      readonly path: readonly CertificateFacts[];
      /** Whose key made the leaf's signature; null when the leaf itself is an anchor. */
      readonly issuer: CertificateFacts | null;
    }
  | {
      readonly status: ChainFault;
      /** OpenSSL's depth, error number and name: `(0:18:DEPTH_ZERO_SELF_SIGNED_CERT)`. */
      readonly opensslTail: string;
      /** The certificate where it ended. */
      readonly culprit: CertificateFacts;
    };

/**
 * `self-signed`: the leaf signed itself · `incomplete`: an issuer is neither in the file nor an anchor · `untrusted`: a
 * root that is no anchor, or an issuer that may not issue · `bad-signature` · `expired-issuer`: also not yet valid ones
 */
export type ChainFault = 'self-signed' | 'incomplete' | 'untrusted' | 'bad-signature' | 'expired-issuer';

export interface ChainOptions {
  /**
   * The leaf is, byte for byte, one that its CA delivered to us: its signature was checked then (a P-384 check costs
   * five times the rest of the judgement).
   */
  readonly isLeafKnown?: boolean;
}

/** Issuers tried for one leaf; honest files need under ten, a hostile one could ask for exponentially many. */
const MAX_STEPS = 100;
/** Certificates between leaf and anchor; the web's longest real chains have 3. */
const MAX_DEPTH = 10;

/** OpenSSL's names and numbers (x509_vfy.h, version 3). */
const OPENSSL = {
  NOT_YET_VALID: '9:CERT_NOT_YET_VALID',
  EXPIRED: '10:CERT_HAS_EXPIRED',
  BAD_SIGNATURE: '7:CERT_SIGNATURE_FAILURE',
  LEAF_SELF_SIGNED: '18:DEPTH_ZERO_SELF_SIGNED_CERT',
  ROOT_UNKNOWN: '19:SELF_SIGNED_CERT_IN_CHAIN',
  ISSUER_MISSING: '20:UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  PATH_TOO_LONG: '25:PATH_LENGTH_EXCEEDED',
  NO_CERT_SIGN: '32:KEYUSAGE_NO_CERTSIGN',
  INVALID_CA: '79:INVALID_CA',
} as const;

/**
 * Follows a leaf upwards through the certificates of its file, in any order and with any number of others among them,
 * to an anchor. Anchors are preferred at every step, so an expired or unneeded cross-sign does no harm. Issuers must
 * match by name and key identifier, be allowed to issue (RFC 5280 6.1.4 k-n) and be valid now; the leaf's own dates
 * are not judged here. Name constraints are not evaluated: a public CA's are technical fences around itself.
 * Signatures of intermediates are verified once per pair and remembered. Never throws.
 */
export function judgeChain(
  leaf: CertificateFacts,
  chain: readonly CertificateFacts[],
  anchors: TrustAnchors,
  now: Date,
  options: ChainOptions = {},
): ChainVerdict {
  const leafLink = linkOf(leaf);
  if (anchors.includes(leaf, leafLink.subjectKey)) return { status: 'trusted', path: [], issuer: null };
  if (leaf.isSelfSigned) return faultOf('self-signed', 0, OPENSSL.LEAF_SELF_SIGNED, leaf);
  return new PathSearch(chain.map(linkOf), anchors, now, options.isLeafKnown ?? false).from(leafLink, []);
}

class PathSearch {
  readonly #presented: readonly Link[];
  readonly #anchors: TrustAnchors;
  readonly #now: Date;
  readonly #isLeafKnown: boolean;
  #stepsLeft = MAX_STEPS;

  constructor(presented: readonly Link[], anchors: TrustAnchors, now: Date, isLeafKnown: boolean) {
    this.#presented = presented;
    this.#anchors = anchors;
    this.#now = now;
    this.#isLeafKnown = isLeafKnown;
  }

  /** `below`: the certificates already on the path, leaf first, without `link`. */
  from(link: Link, below: readonly Link[]): ChainVerdict {
    const depth = below.length;
    let best: ChainVerdict = faultOf(
      link.facts.isSelfSigned ? 'untrusted' : 'incomplete',
      depth,
      link.facts.isSelfSigned ? OPENSSL.ROOT_UNKNOWN : OPENSSL.ISSUER_MISSING,
      link.facts,
    );
    if (link.facts.isSelfSigned || depth >= MAX_DEPTH) return best;
    const path = [...below, link];
    for (const { issuer, isAnchor } of this.#candidates(link, path)) {
      if (this.#stepsLeft-- <= 0) break;
      const verdict = this.#judgeStep(link, issuer, depth, isAnchor) ?? this.#onwards(issuer, isAnchor, path);
      if (verdict.status === 'trusted') return verdict;
      best = worthier(best, verdict);
    }
    return best;
  }

  /** Why `issuer` cannot stand above `link`; undefined when it can. */
  #judgeStep(link: Link, issuer: Link, depth: number, isAnchor: boolean): ChainVerdict | undefined {
    const isLeaf = depth === 0;
    if (!(isLeaf && this.#isLeafKnown) && !isVerified(link, issuer, isLeaf)) {
      return faultOf('bad-signature', depth, OPENSSL.BAD_SIGNATURE, link.facts);
    }
    const fault = (code: string) => faultOf('untrusted', depth + 1, code, issuer.facts);
    // A version 1 root cannot say that it is a CA; being an anchor says it.
    const isOldRoot = isAnchor && issuer.outline.extensions === null;
    if (!issuer.facts.isCa && !isOldRoot) return fault(OPENSSL.INVALID_CA);
    if (issuer.mayCertify === false) return fault(OPENSSL.NO_CERT_SIGN);
    if (issuer.pathLength !== null && issuer.pathLength < depth) return fault(OPENSSL.PATH_TOO_LONG);
    if (this.#now > issuer.facts.notAfter) {
      return faultOf('expired-issuer', depth + 1, OPENSSL.EXPIRED, issuer.facts);
    }
    if (this.#now < issuer.facts.notBefore) {
      return faultOf('expired-issuer', depth + 1, OPENSSL.NOT_YET_VALID, issuer.facts);
    }
    return undefined;
  }

  #onwards(issuer: Link, isAnchor: boolean, path: readonly Link[]): ChainVerdict {
    if (!isAnchor) return this.from(issuer, path);
    const above = path.slice(1).map(({ facts }) => facts);
    return { status: 'trusted', path: above, issuer: above[0] ?? issuer.facts };
  }

  /** Anchors first, then what the file has; never one that is on the path already. */
  #candidates(link: Link, path: readonly Link[]): { issuer: Link; isAnchor: boolean }[] {
    const anchors = this.#anchors.withSubject(link.issuerKey);
    const isNew = ({ fingerprint }: CertificateFacts) =>
      path.every((member) => member.facts.fingerprint !== fingerprint);
    return [
      ...anchors.map((facts) => ({ issuer: linkOf(facts), isAnchor: true })),
      ...this.#presented
        .filter(({ subjectKey }) => subjectKey === link.issuerKey)
        .filter(({ facts }) => isNew(facts) && anchors.every((a) => a.fingerprint !== facts.fingerprint))
        .map((issuer) => ({ issuer, isAnchor: false })),
    ].filter(({ issuer }) => hasMatchingKeyIdentifier(link.facts, issuer.facts));
  }
}

function hasMatchingKeyIdentifier(subject: CertificateFacts, issuer: CertificateFacts): boolean {
  return (
    subject.authorityKeyIdentifier === null ||
    issuer.subjectKeyIdentifier === null ||
    subject.authorityKeyIdentifier === issuer.subjectKeyIdentifier
  );
}

const WORTH: readonly ChainFault[] = [
  'incomplete',
  'untrusted',
  'bad-signature',
  'expired-issuer',
  'self-signed',
];

/** Of two failures the one that says more: a path that only lacks time tells more than one that lacks an issuer. */
function worthier(a: ChainVerdict, b: ChainVerdict): ChainVerdict {
  const worth = ({ status }: ChainVerdict) => (status === 'trusted' ? WORTH.length : WORTH.indexOf(status));
  if (worth(a) !== worth(b)) return worth(a) > worth(b) ? a : b;
  return b;
}

function faultOf(status: ChainFault, depth: number, code: string, culprit: CertificateFacts): ChainVerdict {
  return { status, opensslTail: `(${depth}:${code})`, culprit };
}
