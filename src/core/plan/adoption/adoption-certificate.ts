import type { CertificateEvidence, CertificateFacts } from '../../certificate/facts.js';
import { coversName } from '../../domain/name/coverage.js';
import type { WantedName } from '../../domain/name/names.js';
import { evaluate } from '../../evaluation/evaluate.js';
import type { DefectCode } from '../../evaluation/evaluation.js';
import { websiteChecks } from '../../evaluation/lists.js';
import type { EvaluationPolicy } from '../../evaluation/policy.js';
import { PROVIDERS } from '../../provider/registry.js';

/** Who renews a certificate besides us. */
export interface CertificateManager {
  readonly program: 'certbot' | 'acme.sh';
  /** As that program calls the certificate; outside text. */
  readonly name: string;
}

/** What a certificate that a server's site names is to us. */
export type PairVerdict =
  /** `own`: to be recorded as ours. `bought`: of a validated organization, to be left alone by every run. */
  | {
      readonly worth: 'own' | 'bought';
      readonly leaf: CertificateFacts;
      /** Who issued it, where we know them: a name of PROVIDERS. */
      readonly provider: string | null;
      readonly warnings: readonly string[];
    }
  /** Not taken: the next run orders another. `leaf` null: none can be read. */
  | {
      readonly worth: 'none';
      readonly code: DefectCode | 'OTHER_NAMES' | 'CHOSEN_AT_HANDSHAKE';
      readonly leaf: CertificateFacts | null;
      /** One sentence, printable. */
      readonly why: string;
    };

/** Of a chain that an authority delivered (to an ACME client, or with a bought certificate): no reason to order (design 5.5). */
const CHAIN_DEFECTS: ReadonlySet<DefectCode> = new Set(['CHAIN_INCOMPLETE', 'CHAIN_UNTRUSTED']);

/** What judging needs beside the certificate. */
export type PairPolicy = Pick<EvaluationPolicy, 'anchors' | 'keyType'>;

/**
 * Judges a pair as the server's files hold it, for a website with these names. Good ones of any DV authority become ours
 * (design 5.4); those of OV and EV are bought; what visitors are warned of is replaced by the next run.
 */
export function judgePair(
  evidence: CertificateEvidence,
  names: readonly WantedName[],
  manager: CertificateManager | null,
  policy: PairPolicy,
  now: Date,
): PairVerdict {
  const { defects } = evaluate(evidence, websiteChecks, foreignPolicy(names, policy), now);
  const serious = defects.filter(({ severity }) => severity === 'defective');
  const leaf = evidence.kind === 'present' ? evidence.leaf : null;
  const isBought = leaf?.validationLevel === 'OV' || leaf?.validationLevel === 'EV';
  const isChainOthers = isBought || manager !== null;
  const fatal = serious.find(({ code }) => !(isChainOthers && CHAIN_DEFECTS.has(code)));
  if (leaf === null || fatal !== undefined) {
    const { code, message } = fatal ?? {
      code: 'CERTIFICATE_ABSENT' as const,
      message: 'There is no certificate.',
    };
    return { worth: 'none', code, leaf, why: message };
  }
  if (!names.some((name) => coversName(leaf, name))) {
    return {
      worth: 'none',
      code: 'OTHER_NAMES',
      leaf,
      why: 'The certificate covers no name of the website.',
    };
  }
  const known = PROVIDERS.find(({ issuerOrganizations }) =>
    issuerOrganizations.some((name) => leaf.issuerOrganizations.includes(name)),
  );
  return {
    worth: isBought ? 'bought' : 'own',
    leaf,
    provider: known?.name ?? null,
    warnings: serious.map(({ message }) => message),
  };
}

/** Nobody's yet: judged as strictly as a certificate from anywhere. */
function foreignPolicy(names: readonly WantedName[], policy: PairPolicy): EvaluationPolicy {
  return {
    ...policy,
    wantedNames: names,
    isRecordedAsOurs: () => false,
    issuerOrganizations: [],
    kind: 'website',
    daysToReplace: 0,
    ari: null,
  };
}

/** What lies where the website's certificate belongs. */
export type PresentCertificate = {
  /** `placeholder`: self-signed, so anything good may replace it. `other`: not ours to replace here. */
  readonly state: 'absent' | 'placeholder' | 'same' | 'other';
  /** Whether a certificate in place is recorded as ours. */
  readonly isRecorded: boolean;
};

/** Whether the evidence of a `combined` file leaves room for the pair with this fingerprint (null: for any). */
export function presentCertificateOf(
  evidence: CertificateEvidence,
  fingerprint: string | null,
  recorded: readonly { readonly fingerprint: string }[],
): PresentCertificate {
  if (evidence.kind === 'absent' || evidence.kind === 'empty') return { state: 'absent', isRecorded: false };
  if (evidence.kind === 'unreadable') return { state: 'other', isRecorded: false };
  const { leaf } = evidence;
  const isRecorded = recorded.some((record) => record.fingerprint === leaf.fingerprint);
  if (leaf.fingerprint === fingerprint) return { state: 'same', isRecorded };
  return { state: leaf.isSelfSigned ? 'placeholder' : 'other', isRecorded };
}

/** What becomes of the certificate that was found for a website. */
export type CertificateStep =
  /** Put in place and recorded as ours. */
  | 'record'
  /** Put in place, not recorded: bought. */
  | 'copy'
  /** It is so already. */
  | 'done'
  /** Another certificate lies in place; it stays. */
  | 'keep-present'
  /** None is taken. */
  | 'none';

export function stepFor(verdict: PairVerdict | null, present: PresentCertificate): CertificateStep {
  if (present.state === 'other') return 'keep-present';
  if (verdict === null || verdict.worth === 'none') return 'none';
  if (verdict.worth === 'bought') return present.state === 'same' ? 'done' : 'copy';
  return present.state === 'same' && present.isRecorded ? 'done' : 'record';
}

/** The best of what a website's sites name: the first to be recorded, else a bought one, else the first. */
export function bestOf<T extends { readonly verdict: PairVerdict }>(found: readonly T[]): T | null {
  return (
    found.find(({ verdict }) => verdict.worth === 'own') ??
    found.find(({ verdict }) => verdict.worth === 'bought') ??
    found[0] ??
    null
  );
}
