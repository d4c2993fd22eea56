import type { ChainFault } from '../certificate/chain/chain.js';
import { isWeakSignature } from '../certificate/key/signature-algorithm.js';
import { type Check, certificateCheck, type Finding, type PresentEvidence, type Subject } from './check.js';
import type { DefectSeverity } from './evaluation.js';

const CHAIN_SENTENCES: Readonly<Record<Exclude<ChainFault, 'self-signed'>, (who: string) => string>> = {
  incomplete: (who) => `The issuer of ${who} is neither in the file nor among the trusted roots`,
  untrusted: (who) => `The chain ends at ${who}, which is not trusted to issue certificates`,
  'bad-signature': (who) => `The signature on ${who} is not its issuer’s`,
  'expired-issuer': (who) => `The chain needs ${who}, which is not valid today`,
};

/** Will a visitor's browser find its way from the certificate to a root? */
export const chainChecks: readonly Check[] = [
  certificateCheck(
    { code: 'SELF_SIGNED', citation: 'RFC 5280 3.2, 6.1', severity: 'defective' },
    ({ evidence: { leaf } }) =>
      leaf.isSelfSigned
        ? { message: 'The certificate is self-signed (0:18:DEPTH_ZERO_SELF_SIGNED_CERT).' }
        : undefined,
  ),
  certificateCheck(
    { code: 'CHAIN_INCOMPLETE', citation: 'RFC 8446 4.4.2, RFC 5280 6.1', severity: 'defective' },
    (subject) => chainFinding(subject, ['incomplete']),
  ),
  certificateCheck({ code: 'CHAIN_UNTRUSTED', citation: 'RFC 5280 6.1', severity: 'defective' }, (subject) =>
    chainFinding(subject, ['untrusted', 'bad-signature', 'expired-issuer']),
  ),
  certificateCheck(
    { code: 'WEAK_SIGNATURE', citation: 'CA/B Baseline Requirements 7.1.3.2', severity: 'defective' },
    weakSignature,
  ),
];

function chainFinding(subject: Subject<PresentEvidence>, faults: readonly ChainFault[]): Finding | undefined {
  const verdict = subject.chain();
  if (verdict === null || verdict.status === 'trusted' || verdict.status === 'self-signed') return undefined;
  if (!faults.includes(verdict.status)) return undefined;
  const who = verdict.culprit === subject.evidence.leaf ? 'the certificate' : `“${verdict.culprit.subject}”`;
  return {
    message: `${CHAIN_SENTENCES[verdict.status](who)} ${verdict.opensslTail}.`,
    severity: issuersSeverity(subject),
  };
}

/** The leaf's own signature, and those of the intermediates that visitors follow; a root's does not matter. */
function weakSignature(subject: Subject<PresentEvidence>): Finding | undefined {
  const { leaf, chain } = subject.evidence;
  if (isWeakSignature(leaf.signatureAlgorithm)) {
    return { message: `The certificate is signed with ${leaf.signatureAlgorithm}, which can be forged.` };
  }
  const verdict = subject.chain();
  const followed = verdict?.status === 'trusted' ? verdict.path : chain;
  const weak = followed.find((issuer) => !issuer.isSelfSigned && isWeakSignature(issuer.signatureAlgorithm));
  return (
    weak && {
      message: `The issuer “${weak.subject}” is signed with ${weak.signatureAlgorithm}, which can be forged.`,
      severity: issuersSeverity(subject),
    }
  );
}

/**
 * What our own provider delivered above the leaf is never a reason to order again (design 5.5): it would deliver the same.
 * What another one did, before this one was chosen (a staging environment, say), is.
 */
function issuersSeverity({ ownership, policy, evidence }: Subject<PresentEvidence>): DefectSeverity {
  const isInUse = policy.isOfProviderInUse?.(evidence.leaf) ?? true;
  return ownership === 'ours' && isInUse ? 'warning' : 'defective';
}
