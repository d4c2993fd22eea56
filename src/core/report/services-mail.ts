import { renderServicesReport, type ServicesReport } from './services-report.js';
import { counted } from './wording.js';

/** Warnings for which somebody has to be told even when nothing failed. */
const TOLD_CODES: ReadonlySet<string> = new Set([
  'SERVICE_CERTIFICATE_EXPIRES',
  'SERVICE_CERTIFICATE_EXPIRED',
]);

/**
 * The mail about a run: what failed, what the administrator must mend, which certificates are about to expire; null when
 * there is nothing of the kind.
 */
export function servicesMail(
  report: ServicesReport,
): { readonly subject: string; readonly lines: readonly string[] } | null {
  const errors = report.faults.length + report.problems.length;
  const expiries = report.warnings.filter(({ code }) => TOLD_CODES.has(code)).length;
  if (errors + expiries === 0) return null;
  const parts = [
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    ...(expiries > 0 ? [counted(expiries, 'expiring certificate')] : []),
  ];
  return {
    subject: `Service certificates of ${report.hostname}: ${parts.join(', ')}`,
    lines: [
      `checkallsslcerts looked after the certificates of the services of ${report.hostname}.`,
      '',
      ...renderServicesReport(report).trimEnd().split('\n'),
      '',
      ...(report.log === '' ? [] : [`The whole log: /var/cpanel/logs/autossl/${report.log}/txt`]),
      'To stop these mails and the replacement of service certificates:',
      'touch /var/cpanel/ssl/disable_service_certificate_management',
    ],
  };
}
