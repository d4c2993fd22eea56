import { type ChainVerdict, judgeChain } from '../certificate/chain/chain.js';
import type { CertificateEvidence, CertificateFacts } from '../certificate/facts.js';
import { coversName } from '../domain/name/coverage.js';
import { judgeRenewal } from '../renewal/judge.js';
import type { Check, Subject } from './check.js';
import type { Defect, Evaluation, TlsStatus } from './evaluation.js';
import { ownershipOf } from './ownership.js';
import type { EvaluationPolicy } from './policy.js';

/**
 * Judges what lies at a website: every check that applies, whose certificate it is, which names it secures and when it
 * should be renewed. `tlsStatus` is `defective` when visitors are or will be warned, else `incomplete` when a wanted
 * name is not covered, else `ok`; preferences and warnings leave it as it is.
 */
export function evaluate(
  evidence: CertificateEvidence,
  checks: readonly Check[],
  policy: EvaluationPolicy,
  now: Date,
): Evaluation {
  const leaf = evidence.kind === 'present' ? evidence.leaf : undefined;
  const ownership = leaf === undefined ? 'none' : ownershipOf(leaf, policy);
  const covered = leaf === undefined ? [] : policy.wantedNames.filter((name) => coversName(leaf, name));
  const missingNames =
    covered.length === policy.wantedNames.length
      ? []
      : policy.wantedNames.filter((name) => !covered.includes(name));
  const chain = chainOnDemand(evidence, policy, now);
  const defects = defectsOf({ evidence, policy, now, ownership, missingNames, chain }, checks);
  return {
    tlsStatus: tlsStatusOf(defects),
    defects,
    ownership,
    renewal:
      leaf === undefined || ownership === 'none' ? null : judgeRenewal(leaf, { ...policy, ownership }, now),
    securedNames: defects.some(({ code }) => code === 'SELF_SIGNED') ? [] : covered,
    missingNames,
    notAfter: leaf?.notAfter ?? null,
    fingerprint: leaf?.fingerprint ?? null,
    ariCertificateId: leaf?.ariCertificateId ?? null,
    issuer: issuerIn(chain()),
  };
}

function defectsOf(subject: Subject, checks: readonly Check[]): Defect[] {
  const defects: Defect[] = [];
  for (const { code, citation, severity, appliesTo, run } of checks) {
    const finding = appliesTo(subject.evidence) ? run(subject) : undefined;
    if (finding) defects.push({ code, citation, severity, ...finding });
  }
  return defects;
}

function issuerIn(verdict: ChainVerdict | null): CertificateFacts | null {
  return verdict?.status === 'trusted' ? verdict.issuer : null;
}

function tlsStatusOf(defects: readonly Defect[]): TlsStatus {
  if (defects.some(({ severity }) => severity === 'defective')) return 'defective';
  return defects.some(({ severity }) => severity === 'incomplete') ? 'incomplete' : 'ok';
}

/** A leaf in our records is the bytes that the CA delivered: its signature need not be checked every day. */
function chainOnDemand(
  evidence: CertificateEvidence,
  { anchors, isRecordedAsOurs }: EvaluationPolicy,
  now: Date,
): () => ChainVerdict | null {
  let verdict: ChainVerdict | null = null;
  return () => {
    if (verdict === null && evidence.kind === 'present') {
      const isLeafKnown = isRecordedAsOurs(evidence.leaf.fingerprint);
      verdict = judgeChain(evidence.leaf, evidence.chain, anchors, now, { isLeafKnown });
    }
    return verdict;
  };
}
