import type { CertificateEvidence, CertificateFacts } from '../../certificate/facts.js';
import { coversName } from '../../domain/name/coverage.js';
import type { Website } from '../../domain/website/website.js';
import type { Evaluation, Ownership } from '../../evaluation/evaluation.js';
import type { PlannedAction, Reason } from '../../plan/action.js';
import type { RenewalVerdict } from '../../renewal/verdict.js';
import type { NoticeCertificate } from '../finding.js';
import { isLifeNearlyOver } from './thresholds.js';

/** What is kept of a website that somebody may have to be told of, as it lay there before this run did anything for it. */
export interface WebsiteFacts {
  readonly account: string;
  readonly vhost: string;
  /** Names wanted, without the excluded ones. */
  readonly wanted: readonly { readonly name: string; readonly isService: boolean }[];
  /** Null: nothing lies there, or nothing that can be read. */
  readonly certificate: NoticeCertificate | null;
  readonly ownership: Ownership;
  /** What visitors are or will be warned of; without those that say that there is no certificate. */
  readonly broken: readonly Reason[];
  readonly renewal: RenewalVerdict | null;
  readonly secured: readonly string[];
  /** Wanted names that a certificate of ours covered, this one or a former one. */
  readonly everCovered: readonly string[];
  /** AutoSSL got a certificate for it before. */
  readonly wasIssued: boolean;
  readonly kind: PlannedAction['kind'];
  readonly because: Reason | null;
}

/** What was found at one website, by whoever looked. */
export interface FoundWebsite {
  readonly evidence: CertificateEvidence;
  readonly evaluation: Evaluation;
  readonly action: PlannedAction;
  /** What we issued for it. */
  readonly issued: readonly { readonly names: readonly string[] }[];
}

/**
 * The facts of a website that there may be something to tell of; null where nothing can come of it: a certificate that is
 * valid, covers what it should, and is neither due nor somebody else's that is about to expire.
 */
export function factsToKeep(
  website: Pick<Website, 'account' | 'vhost' | 'candidates'>,
  found: FoundWebsite,
  now: Date,
): WebsiteFacts | null {
  return isUneventful(found, now) ? null : websiteFacts(website, found);
}

export function websiteFacts(
  { account, vhost, candidates }: Pick<Website, 'account' | 'vhost' | 'candidates'>,
  { evidence, evaluation, action, issued }: FoundWebsite,
): WebsiteFacts {
  const former = { dnsNames: issued.flatMap(({ names }) => names), ipAddresses: [] };
  const present = new Set<string>(evaluation.ownership === 'ours' ? evaluation.securedNames : []);
  return {
    account,
    vhost,
    wanted: candidates.map(({ name, isService }) => ({ name, isService })),
    certificate: evidence.kind === 'present' ? noticeCertificate(evidence.leaf) : null,
    ownership: evaluation.ownership,
    broken: evaluation.defects
      .filter(({ severity, code }) => severity === 'defective' && !NOTHING_THERE.has(code))
      .map(({ code, message }) => ({ code, message })),
    renewal: evaluation.renewal,
    secured: evaluation.securedNames,
    everCovered: candidates.flatMap(({ name }) =>
      present.has(name) || coversName(former, name) ? [name] : [],
    ),
    wasIssued: issued.length > 0,
    kind: action.kind,
    because: action.because[0] ?? null,
  };
}

export function noticeCertificate({
  serial,
  notBefore,
  notAfter,
  isSelfSigned,
}: Pick<CertificateFacts, 'serial' | 'notBefore' | 'notAfter' | 'isSelfSigned'>): NoticeCertificate {
  return { serial: serial.replace(/^00(?=.)/, '').toUpperCase(), notBefore, notAfter, isSelfSigned };
}

/** Defects that say that no certificate is there, or a stand-in: a website's first order is no loss of anything. */
const NOTHING_THERE: ReadonlySet<string> = new Set([
  'CERTIFICATE_ABSENT',
  'CERTIFICATE_EMPTY',
  'SELF_SIGNED',
]);

function isUneventful({ evidence, action }: FoundWebsite, now: Date): boolean {
  if (action.kind !== 'keep') return false;
  const leaf = evidence.kind === 'present' ? evidence.leaf : null;
  if (leaf !== null && isLifeNearlyOver(leaf, now)) return false;
  return !action.leftOut.some(({ why }) => why === 'WILDCARD_UNSUPPORTED' || why === 'WILDCARD_NEEDS_DNS');
}
