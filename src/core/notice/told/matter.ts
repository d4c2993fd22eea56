import type { NoticeCertificate, NoticeFinding, NoticeKind } from '../finding.js';
import { type NoticeMatter, URGENCIES, type Urgency } from './told-record.js';

/** The watchdog of protocol.md: what has not been renewed by the last tenth of its life is not going to be by itself. */
const LAST_PART_OF_LIFE = 1 / 10;

const MATTERS: Readonly<Record<NoticeKind, NoticeMatter>> = {
  notify_autossl_expiry: 'expiry',
  notify_autossl_expiry_coverage: 'deferral',
  notify_autossl_renewal: 'renewal',
  notify_autossl_renewal_coverage: 'risk',
  notify_autossl_renewal_coverage_reduced: 'lost',
  notify_autossl_renewal_uncovered_domains: 'missing',
  notify_ssl_expiry: 'foreign',
  notify_autossl_paused_names: 'paused',
};

/** What happens to the certificate itself is another matter. */
const ABOUT_NAMES: ReadonlySet<NoticeMatter> = new Set<NoticeMatter>([
  'lost',
  'missing',
  'paused',
  'renewal',
]);

export function matterOf(kind: NoticeKind): NoticeMatter {
  return MATTERS[kind];
}

/** How near its end the certificate is that the finding is about; names missing from one make it no less good. */
export function urgencyOf(finding: Pick<NoticeFinding, 'kind' | 'certificate'>, now: Date): Urgency {
  const matter = matterOf(finding.kind);
  if (ABOUT_NAMES.has(matter) || finding.certificate === null) return 'calm';
  if (finding.certificate.notAfter <= now) return 'expired';
  return now >= lateFrom(finding.certificate) ? 'late' : 'calm';
}

/** Whether the first is nearer the end than the second. */
export function isMoreUrgent(one: Urgency, other: Urgency): boolean {
  return URGENCIES.indexOf(one) > URGENCIES.indexOf(other);
}

function lateFrom({ notBefore, notAfter }: NoticeCertificate): Date {
  const life = notAfter.getTime() - notBefore.getTime();
  return new Date(notAfter.getTime() - life * LAST_PART_OF_LIFE);
}
