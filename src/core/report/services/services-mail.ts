import { counted } from '../text/wording.js';
import { renderServicesReport, type ServicesReport } from './services-report.js';

/** Warnings for which somebody has to be told even when nothing failed. */
export const TOLD_CODES: ReadonlySet<string> = new Set([
  'SERVICE_CERTIFICATE_EXPIRES',
  'SERVICE_CERTIFICATE_EXPIRED',
]);

/** How the codes begin of what is wrong with a hostname that no certificate can name (`HostnameVerdict`). */
const UNUSABLE_HOSTNAME = 'HOSTNAME_';
/** Who reads of a placeholder has to know that nothing takes its place by itself, and that he is not told again. */
const PLACEHOLDER_STAYS = [
  'Nothing is ordered that would take the place of a self-signed certificate. This is told once, when it is put there.',
  'To give a service another one: autossl services install',
  '',
];

/**
 * The mail about a run: what failed, what the administrator must mend, which certificates are about to expire, and who was
 * given a placeholder that nothing under way will replace; null when there is nothing of the kind.
 */
export function servicesMail(
  report: ServicesReport,
): { readonly subject: string; readonly lines: readonly string[] } | null {
  const errors = report.faults.length + report.problems.length;
  const expiries = report.warnings.filter(({ code }) => TOLD_CODES.has(code)).length;
  const placeholders = lastingPlaceholders(report);
  if (errors + expiries + placeholders === 0) return null;
  const parts = [
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    ...(expiries > 0 ? [counted(expiries, 'expiring certificate')] : []),
    ...(placeholders > 0 ? [`${counted(placeholders, 'self-signed certificate')} put in place`] : []),
  ];
  return {
    subject: `Service certificates of ${report.hostname}: ${parts.join(', ')}`,
    lines: [
      `checkallsslcerts looked after the certificates of the services of ${report.hostname}.`,
      '',
      ...renderServicesReport(report).trimEnd().split('\n'),
      '',
      ...(placeholders > 0 ? PLACEHOLDER_STAYS : []),
      ...(report.log === '' ? [] : [`The whole log: /var/cpanel/logs/autossl/${report.log}/txt`]),
      'To stop these mails and the replacement of service certificates:',
      'touch /var/cpanel/ssl/disable_service_certificate_management',
    ],
  };
}

/** The mail of the first run that finds nothing wrong after one that did. */
export function servicesOverMail(report: ServicesReport): {
  readonly subject: string;
  readonly lines: readonly string[];
} {
  return {
    subject: `Service certificates of ${report.hostname}: in order again`,
    lines: [
      `What was told of the service certificates of ${report.hostname} is over: nothing is wrong with them now.`,
      '',
      ...renderServicesReport(report).trimEnd().split('\n'),
    ],
  };
}

/** Put in place by this run, while a touch file, the disabled provider or the hostname itself forbids every order. */
function lastingPlaceholders({ services, standstills, warnings }: ServicesReport): number {
  const isOrdering =
    standstills.length === 0 && !warnings.some(({ code }) => code.startsWith(UNUSABLE_HOSTNAME));
  return isOrdering ? 0 : services.filter(({ state }) => state === 'placeholder').length;
}
