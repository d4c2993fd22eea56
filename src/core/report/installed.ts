import type { InstalledCertificate } from './check-report.js';
import type { RunEvent } from './event.js';

/** The certificates that these events tell of. */
export function installedIn(events: readonly RunEvent[]): InstalledCertificate[] {
  return events
    .filter(({ code }) => code === 'CERTIFICATE_INSTALLED')
    .map(({ account, vhost, data }) => ({
      ...(data as Pick<InstalledCertificate, 'fingerprint' | 'notAfter' | 'names'>),
      account: account ?? '',
      vhost: vhost ?? '',
    }));
}
