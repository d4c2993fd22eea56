import type { CompletedChain } from '../../certificate/offered/complete-chain.js';
import type { OfferFinding } from '../../certificate/offered/offer.js';
import type { DefectCode, Evaluation } from '../../evaluation/evaluation.js';
import type { PlannedService, ServiceReasonCode } from '../plan-services.js';

/** What an administrator's certificate is judged by, before anything is touched. */
export interface OfferFacts {
  /** As it would be if it lay there, its chain completed. */
  readonly evaluation: Evaluation;
  /** What checkallsslcerts would then do with it. */
  readonly plan: PlannedService;
  readonly chain: CompletedChain['status'];
  /** Whether its extended key usage is absent: then no client asks for serverAuth. */
  readonly isForAnyPurpose: boolean;
  /** Whether checkallsslcerts may replace certificates at all (touch file). */
  readonly isManaged: boolean;
}

/** Refused when there is any refusal; the first is the most telling. */
export interface OfferVerdict {
  readonly refusals: readonly OfferFinding[];
  readonly warnings: readonly OfferFinding[];
}

/** Clients cannot use the service with it, or a daemon may not even start. */
const REFUSED: ReadonlyMap<DefectCode, string> = new Map<DefectCode, string>([
  ['REVOKED', 'Have another one issued.'],
  ['CERTIFICATE_EXPIRED', 'Have it renewed first.'],
  ['CERTIFICATE_NOT_YET_VALID', 'Install it when it is valid; is the clock of this server right?'],
  ['RSA_KEY_TOO_SMALL', 'Have one issued for a stronger key.'],
  ['RSA_EXPONENT_WEAK', 'Have one issued for a key of the usual kind.'],
  ['CURVE_TOO_SMALL', 'Have one issued for a stronger key.'],
  ['KEY_TYPE_UNSUPPORTED', 'Have one issued for an RSA key or one on P-256.'],
  ['WEAK_SIGNATURE', 'Have its authority issue it anew.'],
  ['NO_SUBJECT_ALT_NAME', 'Have one issued with the names in it.'],
  ['NO_SERVER_AUTH', 'Have one issued for servers.'],
]);

const CHAIN_CODES: readonly DefectCode[] = ['CHAIN_INCOMPLETE', 'CHAIN_UNTRUSTED'];

const CHAIN_ADVICE = 'Give the bundle of its authority as well; of a private authority with its root.';
const KEEPING = 'To keep it, touch /var/cpanel/ssl/disable_service_certificate_management';
const NAMES_KEEPING = `${KEEPING}, or set autoupdate_certificate_on_hostname_mismatch=0 in /var/cpanel/cpanel.config.`;

/** Whether a certificate may be installed for a service because somebody says so, and what speaks against it. */
export function judgeOffer({
  evaluation,
  plan,
  chain,
  isForAnyPurpose,
  isManaged,
}: OfferFacts): OfferVerdict {
  const refusals: OfferFinding[] = [];
  const warnings: OfferFinding[] = [];
  for (const { code, message } of evaluation.defects) {
    const advice = REFUSED.get(code);
    const isRefused = advice !== undefined && !(code === 'NO_SERVER_AUTH' && isForAnyPurpose);
    if (isRefused) refusals.push({ code, message, advice });
    else if (CHAIN_CODES.includes(code)) {
      if (chain === 'incomplete') refusals.push({ code, message, advice: CHAIN_ADVICE });
      else warnings.push({ code, message, advice: 'Clients that do not know this authority are warned.' });
    } else if (WARNED.has(code)) warnings.push({ code, message, advice: WARNED.get(code) ?? null });
  }
  const mismatch = [...plan.because, ...plan.remarks].find(({ code }) => code === 'HOSTNAME_MISMATCH');
  if (mismatch !== undefined) warnings.push({ ...mismatch, advice: null });
  const because: readonly ServiceReasonCode[] =
    plan.kind === 'replace' ? plan.because.map(({ code }) => code) : [];
  if (isManaged && because.length > 0) {
    warnings.push({
      code: 'REPLACED_SOON',
      message: `checkallsslcerts will replace it at its next run (${because.join(', ')}).`,
      advice: because.every((code) => code === 'HOSTNAME_MISMATCH') ? NAMES_KEEPING : `${KEEPING}.`,
    });
  }
  return { refusals, warnings };
}

const WARNED: ReadonlyMap<DefectCode, string> = new Map<DefectCode, string>([
  ['SELF_SIGNED', 'Clients are warned of it.'],
  ['NO_SERVER_AUTH', 'Some clients want that.'],
]);
