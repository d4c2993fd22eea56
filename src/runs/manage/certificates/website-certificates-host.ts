import type { CertificateFacts } from '../../../core/certificate/facts.js';
import type { Website } from '../../../core/domain/website/website.js';
import type { RunEvent } from '../../../core/report/events/event.js';
import type { InstallHost } from '../../install/install-ports.js';
import type { JudgingHost } from '../../judging/judge-website.js';
import type { IssuerSources } from '../../offer/complete-from-disk.js';
import type { AccountDirectory, WebsiteAddress } from '../../ports/accounts.js';
import type { CertificateStore, FormerSets } from '../../ports/certificates.js';
import type { RunJournal } from '../../ports/journal.js';
import type { LockKeeper } from '../../ports/locks.js';
import type { IssuedStore, OrderStore } from '../../ports/orders.js';
import type { OrphanSets } from '../../ports/orphans.js';

/** What giving websites certificates by hand, and taking them away, needs of the world; wired in cli/host. */
export interface WebsiteCertificatesHost extends JudgingHost, IssuerSources {
  /** All accounts, also those that AutoSSL does not work for; null on a server that has none yet. */
  readonly accounts: AccountDirectory | null;
  readonly certificates: CertificateStore & FormerSets;
  readonly copies: Pick<OrphanSets, 'readCopy' | 'removeCopy'>;
  readonly issued: IssuedStore;
  readonly locks: LockKeeper;
  readonly orders: OrderStore;
  /** Of the tree, where it is a private one. */
  readonly root: string | null;
  openInstall(): Promise<InstallHost>;
  openJournal(facts: { readonly provider: string; readonly username: string }): Promise<RunJournal>;
  addressOf(account: Website['account']): Promise<WebsiteAddress>;
  describeLeaf(chainPem: string): CertificateFacts;
  /** A new key and a certificate signed with it, PEM. */
  makePlaceholder(names: readonly string[]): Promise<{ readonly keyPem: string; readonly chainPem: string }>;
}

/** What an administrator asks for, and who listens meanwhile. */
export interface WebsiteCertificatesCall {
  readonly host: WebsiteCertificatesHost;
  /** Told every line of the log as it is written. */
  readonly listen: (event: RunEvent) => void;
  readonly signal: AbortSignal;
}

/** In the log's `provider`: no certificate is ordered. */
export const NO_PROVIDER = 'none';

/** In the log's `username`. */
export function usernameOf(websites: readonly Pick<Website, 'account'>[]): string {
  const accounts = new Set(websites.map(({ account }) => account));
  const [only] = accounts;
  return accounts.size === 1 && only !== undefined ? only : '*';
}
