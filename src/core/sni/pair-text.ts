import { createHash } from 'node:crypto';
import type { CertificateFacts } from '../certificate/facts.js';
import { isWeakSignature } from '../certificate/key/signature-algorithm.js';
import { takeCombinedApart } from '../certificate/pem/combined.js';
import { pairTextsOf } from '../certificate/pem/pair-texts.js';
import type { SniPair } from './offer.js';

/** Hex digits, 128 bits: no two texts are ever found that share them. */
const ID_LENGTH = 32;
/** OpenSSL's security level 2, which distributions set: a daemon that cannot load a pair has nothing to answer with. */
const MIN_RSA_BITS = 2048;
const MIN_CURVE_BITS = 256;

/** A pair, and the text that daemons are given: key, leaf, chain, one PEM block after the other. */
export interface PairText extends SniPair {
  readonly text: string;
}

/**
 * What daemons can be given of a `combined` file; null where it holds no key that is proved to belong to a certificate, where
 * that is self-signed (no better than the server's own), or where a daemon would refuse to load it. Whether it is valid now
 * is not judged. Never throws.
 */
export function pairTextOf(combined: string): (PairText & { readonly leaf: CertificateFacts }) | null {
  const evidence = takeCombinedApart(combined, 'combined');
  if (evidence.kind !== 'present' || evidence.keyFault !== null) return null;
  const { leaf, chain } = evidence;
  if (leaf.isSelfSigned || leaf.isCa || ![leaf, ...chain].every(isLoadable)) return null;
  const pair = pairTextsOf(evidence, [combined]);
  if (pair === undefined) return null;
  const text = pair.keyPem + pair.chainPem;
  return {
    id: pairId(text),
    bytes: text.length,
    text,
    notBefore: leaf.notBefore,
    notAfter: leaf.notAfter,
    leaf,
  };
}

/** By what the text of a pair is known. */
export function pairId(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, ID_LENGTH);
}

function isLoadable({ key, signatureAlgorithm, isSelfSigned }: CertificateFacts): boolean {
  // Nobody looks at a root's signature.
  if (!isSelfSigned && isWeakSignature(signatureAlgorithm)) return false;
  if (key.type === 'rsa') return key.bits >= MIN_RSA_BITS;
  return key.type !== 'ec' || key.bits >= MIN_CURVE_BITS;
}
