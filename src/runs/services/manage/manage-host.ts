import type { IssuerSources } from '../../offer/complete-from-disk.js';
import type { CertificateStore } from '../../ports/certificates.js';
import type { ServicesHost } from '../services-host.js';

/** What looking at the server's own certificates needs of the world; nothing is written. */
export interface ServicesLook
  extends Pick<
    ServicesHost,
    'clock' | 'issued' | 'settings' | 'root' | 'findServices' | 'readTouchFiles' | 'evaluate'
  > {
  /** Whether certificates for the hostname are ordered at a public authority. */
  readonly isPublicAuthority: boolean;
}

/** What changing them by hand needs. */
export interface ManageHost
  extends ServicesLook,
    IssuerSources,
    Pick<ServicesHost, 'locks' | 'openJournal' | 'tidy' | 'describeLeaf' | 'makePlaceholder'> {
  /** Certificates of websites, among which a key may be. */
  readonly websites: Pick<CertificateStore, 'gatherEvidence' | 'readKey'>;
}
