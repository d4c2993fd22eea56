import type { CertificateEvidence } from '../../core/certificate/facts.js';
import type { WebsiteRef } from '../../core/domain/website/website.js';

/** A key and its chain, about to be published. */
export interface CertificateSet {
  readonly website: WebsiteRef;
  readonly keyPem: string;
  /** Leaf first, as the CA sent it. */
  readonly chainPem: string;
  /** Names wanted of the website: those that a wildcard of the certificate covers are looked up by their own, too. */
  readonly wanted?: readonly string[];
}

/** The website certificates on disk. */
export interface CertificateStore {
  /** What lies at `apache_tls/<vhost>/combined`; never throws for what the file holds. */
  gatherEvidence(website: WebsiteRef): Promise<CertificateEvidence>;
  /** The private key that lies there, PEM; undefined unless it is proved to belong to the certificate beside it. */
  readKey(website: WebsiteRef): Promise<string | undefined>;
  /**
   * Puts the pair in place by one rename, archives the previous set, then writes the derived files. MUST refuse a key
   * that does not belong to the leaf. MUST be safe to repeat. `beforeRename` is the lock's fencing point: what it throws
   * stops the publication with the old set in place. @throws InstallError
   */
  publish(set: CertificateSet, beforeRename?: () => Promise<void>): Promise<void>;
}

/** Former sets of website certificates, and first ones. */
export interface FormerSets {
  /**
   * What the publication of `set` replaces: what lies there or, when `set` itself lies there already (a run died between
   * its publication and its proof), the newest archived text that differs. Null: nothing lay there.
   */
  readFormer(set: CertificateSet): Promise<FormerSet | null>;
  /** Puts a former set back by one rename (null: removes `combined`) and derives from it anew. Safe to repeat. @throws InstallError */
  restore(website: WebsiteRef, former: FormerSet | null, beforeRename?: () => Promise<void>): Promise<void>;
  /** Publishes unless anything, even an empty file or a link, lies there. Whether it did. Nothing is archived. @throws InstallError */
  placeIfAbsent(set: CertificateSet): Promise<boolean>;
  /** Former sets that are whole, not expired and not self-signed, newest first. */
  listArchived(website: WebsiteRef): Promise<readonly ArchivedSet[]>;
  /** Where the website's `combined` lies. */
  pathOf(website: WebsiteRef): string;
}

/** What lay at a website's `combined`, to be put back as it was. Holds a private key. */
export interface FormerSet {
  readonly text: string;
  /** Null when it held no certificate. */
  readonly fingerprint: string | null;
}

export interface ArchivedSet extends Omit<CertificateSet, 'website'> {
  readonly fingerprint: string;
  readonly names: readonly string[];
  readonly notAfter: Date;
  readonly archivedAt: Date;
}
