import type { CertificateFacts } from '../../core/certificate/facts.js';
import type { WebsiteRef } from '../../core/domain/website/website.js';

/** A website's certificate without its key. */
export interface PublicCertificate {
  readonly leaf: CertificateFacts;
  /** In the order of the file. */
  readonly chain: readonly CertificateFacts[];
}

/** The certificates of websites as far as whoever we are may read them; keys are not looked at. */
export interface PublicCertificates {
  /** What lies in use; null: nothing that is a certificate. @throws StateError TREE_UNREADABLE when that cannot be told */
  installed(website: WebsiteRef): Promise<PublicCertificate | null>;
  /** Former ones that are kept, newest first. @throws as `installed` */
  archived(website: WebsiteRef): Promise<readonly PublicCertificate[]>;
}

/** What is kept of certificates beside what servers use. */
export type MaterialKind = 'certs' | 'keys' | 'csrs';

/** Keys, requests and certificates that root made or keeps by hand: `/var/cpanel/ssl/system/<kind>/ID.*` (behaviour section 13). */
export interface MaterialStore {
  /** In the order of their ids; what cannot be read is left out. Keys are secret. */
  list(
    kind: MaterialKind,
  ): AsyncIterable<{ readonly id: string; readonly path: string; readonly text: string }>;
  /**
   * Keeps one, durably; the same id again is written anew. `id`: letters, digits and underscores. Gives its documented path.
   * @throws StateError WRITE_FAILED, NO_SPACE; ConfigurationError UNSAFE_FILE
   */
  save(kind: MaterialKind, id: string, pem: string): Promise<string>;
}
