import { SERVER_OWNER } from '../../domain/account/hostname-owner.js';
import type { RunEvent } from '../events/event.js';
import type { InstalledCertificate } from './check-report.js';

/** The certificates that these events tell of: those of websites, and those of this server's own services. */
export function installedIn(events: readonly RunEvent[]): InstalledCertificate[] {
  return events.flatMap((event) => {
    switch (event.code) {
      case 'CERTIFICATE_INSTALLED':
        return [ofWebsite(event)];
      case 'SERVICE_CERTIFICATE_INSTALLED':
        return [ofService(event)];
      default:
        return [];
    }
  });
}

function ofWebsite({ account = '', vhost = '', data }: RunEvent): InstalledCertificate {
  const facts = data as Pick<InstalledCertificate, 'fingerprint' | 'notAfter' | 'names'>;
  return { ...facts, account, vhost };
}

function ofService({ vhost = '', data }: RunEvent): InstalledCertificate {
  const { service, fingerprint, notAfter } = data as Pick<
    InstalledCertificate,
    'fingerprint' | 'notAfter'
  > & {
    readonly service: string;
  };
  return { fingerprint, notAfter, names: [vhost], account: SERVER_OWNER, vhost, service };
}
