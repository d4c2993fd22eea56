import type { ChainVerdict } from '../certificate/chain/chain.js';
import type { CertificateEvidence } from '../certificate/facts.js';
import type { WantedName } from '../domain/name/names.js';
import type { DefectCode, DefectSeverity, Ownership } from './evaluation.js';
import type { EvaluationPolicy } from './policy.js';

/** Everything that a check may look at. */
export interface Subject<Evidence extends CertificateEvidence = CertificateEvidence> {
  readonly evidence: Evidence;
  readonly policy: EvaluationPolicy;
  readonly now: Date;
  readonly ownership: Ownership;
  readonly missingNames: readonly WantedName[];
  /** Judged at the first question; null without a readable certificate. */
  readonly chain: () => ChainVerdict | null;
}

export type PresentEvidence = Extract<CertificateEvidence, { kind: 'present' }>;

/** What a check found; the rest of the Defect is the check's own. */
export interface Finding {
  /** One printable sentence. */
  readonly message: string;
  /** Milder than the check's own, where the case is. */
  readonly severity?: DefectSeverity;
  readonly names?: readonly WantedName[];
}

/** A reason to distrust a certificate, as data. */
export interface Check {
  readonly code: DefectCode;
  /** Where the rule stands. */
  readonly citation: string;
  readonly severity: DefectSeverity;
  readonly appliesTo: (evidence: CertificateEvidence) => boolean;
  /** Called only for evidence that it applies to. */
  readonly run: (subject: Subject) => Finding | undefined;
}

/** A check of a certificate that could be read. */
export function certificateCheck(
  row: Pick<Check, 'code' | 'citation' | 'severity'>,
  run: (subject: Subject<PresentEvidence>) => Finding | undefined,
): Check {
  return {
    ...row,
    appliesTo: ({ kind }) => kind === 'present',
    run: (subject) => (isPresent(subject) ? run(subject) : undefined),
  };
}

function isPresent(subject: Subject): subject is Subject<PresentEvidence> {
  return subject.evidence.kind === 'present';
}
