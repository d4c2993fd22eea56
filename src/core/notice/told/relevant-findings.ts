import type { NoticeFinding, NoticeKind } from '../finding.js';

/** Kinds that are about their names: without any there is nothing to tell. */
const ABOUT_NAMES: ReadonlySet<NoticeKind> = new Set<NoticeKind>([
  'notify_autossl_expiry_coverage',
  'notify_autossl_renewal_coverage',
  'notify_autossl_renewal_coverage_reduced',
  'notify_autossl_renewal_uncovered_domains',
  'notify_autossl_paused_names',
]);

/**
 * Findings without the automatic service names (`cpanel.`, `webdisk.`) that no certificate ever had: nobody asked for these,
 * and mails about them are the first complaint of administrators (behaviour section 15.1).
 */
export function relevantFindings(
  findings: readonly NoticeFinding[],
  { serviceNames }: { readonly serviceNames: boolean },
): readonly NoticeFinding[] {
  if (serviceNames) return findings;
  return findings.flatMap((finding) => {
    const names = finding.names.filter(({ isServiceName, wasCovered }) => !isServiceName || wasCovered);
    if (names.length === finding.names.length) return [finding];
    return names.length === 0 && ABOUT_NAMES.has(finding.kind) ? [] : [{ ...finding, names }];
  });
}
