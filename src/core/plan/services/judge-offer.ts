import type { OfferFinding } from '../../certificate/offered/offer.js';
import {
  judgeOfferedCertificate,
  type OfferedCertificate,
  type OfferVerdict,
} from '../offer/judge-certificate.js';
import type { PlannedService, ServiceReasonCode } from '../plan-services.js';

/** What an administrator's certificate for a service is judged by, before anything is touched. */
export interface OfferFacts extends OfferedCertificate {
  /** What checkallsslcerts would then do with it. */
  readonly plan: PlannedService;
  /** Whether checkallsslcerts may replace certificates at all (touch file). */
  readonly isManaged: boolean;
}

const KEEPING = 'To keep it, touch /var/cpanel/ssl/disable_service_certificate_management';
const NAMES_KEEPING = `${KEEPING}, or set autoupdate_certificate_on_hostname_mismatch=0 in /var/cpanel/cpanel.config.`;

/** Whether a certificate may be installed for a service because somebody says so, and what speaks against it. */
export function judgeOffer({ plan, isManaged, ...offered }: OfferFacts): OfferVerdict {
  const verdict = judgeOfferedCertificate(offered);
  const warnings: OfferFinding[] = [...verdict.warnings];
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
  return { refusals: verdict.refusals, warnings };
}
