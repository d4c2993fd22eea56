import type { TrustAnchors } from '../../core/certificate/chain/trust-anchors.js';
import type { CertificateFacts } from '../../core/certificate/facts.js';
import { type CompletedChain, completeChain } from '../../core/certificate/offered/complete-chain.js';
import type { TakenOffer } from '../../core/certificate/offered/offer.js';
import { takeCombinedApart } from '../../core/certificate/pem/combined.js';

/** Where issuers are looked for that nobody gave. */
export interface IssuerSources {
  anchors(): Promise<TrustAnchors>;
  /** PEM texts in which certificates of issuers may stand, the likeliest first. MUST NOT throw for what one holds. */
  issuersOnDisk(): AsyncIterable<string>;
}

/** A server's websites have a handful of issuers; more is somebody's mischief. */
const MAX_FOUND_ISSUERS = 200;

/** Completes a chain by what was given and, where that is not enough, by the issuers that lie on this machine, until they are. */
export async function completeFromDisk(
  { leaf, given }: Pick<TakenOffer, 'leaf' | 'given'>,
  sources: IssuerSources,
  now: Date,
): Promise<CompletedChain> {
  const anchors = await sources.anchors();
  let completed = completeChain(leaf, given, [], anchors, now);
  if (completed.status !== 'incomplete') return completed;
  const found = new Map<string, CertificateFacts>();
  for await (const text of sources.issuersOnDisk()) {
    const issuers = issuersIn(text).filter(({ fingerprint }) => !found.has(fingerprint));
    if (issuers.length === 0) continue;
    for (const issuer of issuers) found.set(issuer.fingerprint, issuer);
    completed = completeChain(leaf, given, [...found.values()], anchors, now);
    if (completed.status !== 'incomplete' || found.size >= MAX_FOUND_ISSUERS) break;
  }
  return completed;
}

function issuersIn(text: string): readonly CertificateFacts[] {
  const evidence = takeCombinedApart(text, 'issuers');
  if (evidence.kind !== 'present') return [];
  return [evidence.leaf, ...evidence.chain].filter(({ isCa, isSelfSigned }) => isCa && !isSelfSigned);
}
