import type { DomainName } from '../domain/name/names.js';
import type { Defect, DefectCode, Evaluation, Ownership } from '../evaluation/evaluation.js';
import { explained, type RenewalVerdict } from '../renewal/verdict.js';

/** What a service's certificate is measured by, beyond what is wrong with it as a certificate. */
export interface ServicePolicy {
  /** Null: nobody can be certified for what this machine calls itself; then no certificate can mismatch it. */
  readonly hostname: DomainName | null;
  /** The documented `autoupdate_certificate_on_hostname_mismatch`. */
  readonly followsHostname: boolean;
}

export type ServiceReasonCode =
  | DefectCode
  | 'VALID'
  | 'HOSTNAME_MISMATCH'
  | 'RENEWAL_DUE'
  | 'EMERGENCY'
  | 'CALLED_BACK';

/** A stable code and one printable sentence. */
export interface ServiceReason {
  readonly code: ServiceReasonCode;
  readonly message: string;
}

/** What to do about one service's certificate. Plain JSON data that holds nothing of the instant of the run. */
export interface PlannedService {
  /** `cpanel`, `exim`, `dovecot`, `ftp`. */
  readonly service: string;
  readonly kind: 'keep' | 'replace';
  readonly because: readonly ServiceReason[];
  /** What is wrong and no reason to replace it: somebody chose it so. */
  readonly remarks: readonly ServiceReason[];
  /** Nobody can use the service with what lies there: until the new one comes a self-signed one is better. */
  readonly needsPlaceholder: boolean;
  readonly ownership: Ownership;
  /** ISO instant from which on it is renewed; null without a certificate. */
  readonly dueAt: string | null;
  readonly notAfter: string | null;
  readonly fingerprint: string | null;
  readonly isSelfSigned: boolean;
}

/** Nothing is there that the daemon could serve, or that a client could use for another minute. */
const UNUSABLE: ReadonlySet<DefectCode> = new Set([
  'CERTIFICATE_ABSENT',
  'CERTIFICATE_EMPTY',
  'CERTIFICATE_UNREADABLE',
  'KEY_UNREADABLE',
  'KEY_MISMATCH',
  'CERTIFICATE_EXPIRED',
]);

/**
 * Documented conditions under which anybody's certificate is replaced (behaviour section 10): beside what cannot be used,
 * a weak signature, revoked where that is known, no subject alternative names, no serverAuth, self-signed, not valid yet.
 */
const REPLACED: ReadonlySet<DefectCode> = new Set([
  ...UNUSABLE,
  'CERTIFICATE_NOT_YET_VALID',
  'SELF_SIGNED',
  'WEAK_SIGNATURE',
  'REVOKED',
  'KEY_COMPROMISED',
  'NO_SUBJECT_ALT_NAME',
  'NO_SERVER_AUTH',
]);

/**
 * Judges one service by itself: each has its own certificate. Certificates of ours go for whatever is wrong with them;
 * somebody else's only for the documented conditions, at its late margin, and for a hostname mismatch where the setting
 * says so.
 */
export function planService(service: string, evaluation: Evaluation, policy: ServicePolicy): PlannedService {
  const { ownership, defects, renewal, notAfter } = evaluation;
  const because: ServiceReason[] = [];
  const remarks: ServiceReason[] = [];
  for (const defect of defects) {
    if (defect.code === 'NAMES_MISSING' || defect.code === 'KEY_TYPE_DIFFERS') continue;
    (isReason(defect, ownership) ? because : remarks).push({ code: defect.code, message: defect.message });
  }
  if (isMismatch(evaluation, policy)) {
    const message = `The certificate does not cover the hostname ${policy.hostname}.`;
    (policy.followsHostname ? because : remarks).push({ code: 'HOSTNAME_MISMATCH', message });
  }
  if (renewal?.isDue && !because.some(({ code }) => code === 'CERTIFICATE_EXPIRED')) {
    because.push(renewalReason(renewal, ownership));
  }
  return {
    service,
    kind: because.length > 0 ? 'replace' : 'keep',
    because: because.length > 0 ? because : [{ code: 'VALID', message: 'The certificate is valid.' }],
    remarks,
    needsPlaceholder: defects.some(({ code }) => UNUSABLE.has(code)),
    ownership,
    dueAt: renewal?.dueAt.toISOString() ?? null,
    notAfter: notAfter?.toISOString() ?? null,
    fingerprint: evaluation.fingerprint,
    isSelfSigned: defects.some(({ code }) => code === 'SELF_SIGNED'),
  };
}

function isReason({ code, severity }: Defect, ownership: Ownership): boolean {
  if (severity !== 'defective') return false;
  return REPLACED.has(code) || ownership === 'ours';
}

/** A certificate that cannot be read covers nothing, which is told by its own defect. */
function isMismatch({ missingNames, fingerprint }: Evaluation, { hostname }: ServicePolicy): boolean {
  return hostname !== null && fingerprint !== null && missingNames.includes(hostname);
}

const DAY_MS = 86_400_000;
/** A certificate that nobody renews is told of in its last two weeks, or in its last sixth when it lives shorter. */
const WARNING_MARGIN_MS = 14 * DAY_MS;
const WARNING_SHARE_OF_LIFE = 6;

/** Whether somebody should be told that a service's certificate, as it lies there, is about to expire or has. */
export function isExpiryNear(
  validity: { readonly notBefore: Date; readonly notAfter: Date },
  now: Date,
): boolean {
  const life = Math.max(0, validity.notAfter.getTime() - validity.notBefore.getTime());
  const margin = Math.min(WARNING_MARGIN_MS, life / WARNING_SHARE_OF_LIFE);
  return now.getTime() >= validity.notAfter.getTime() - margin;
}

/** What its CA calls back has a reason of its own, so that no brake on young certificates holds it. */
function renewalReason(renewal: RenewalVerdict, ownership: Ownership): ServiceReason {
  const why = explained(renewal);
  if (!renewal.isDeferrable)
    return { code: 'CALLED_BACK', message: `The provider wants it replaced now.${why}` };
  const words = ownership === 'ours' ? 'Renewal has' : 'Replacing somebody else’s certificate has';
  return {
    code: renewal.isEmergency && ownership === 'ours' ? 'EMERGENCY' : 'RENEWAL_DUE',
    message: `${words} been due since ${renewal.dueAt.toISOString()} (${renewal.basis}).${why}`,
  };
}
