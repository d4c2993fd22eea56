import type { CertificateFacts } from '../../../core/certificate/facts.js';
import { encodePem } from '../../../core/certificate/pem/pem.js';
import { isPlaceholder } from '../../../core/certificate/placeholder.js';
import type { Website } from '../../../core/domain/website/website.js';
import type { AccountDirectory, WebsiteAddress } from '../../ports/accounts.js';
import type { CertificateStore } from '../../ports/certificates.js';
import type { WebServer } from '../../ports/installation.js';

/** What listing certificates of websites needs; everything is only read. */
export interface SslWebsitesHost {
  /** All accounts, also those that AutoSSL does not work for; null on a server that has none yet. */
  readonly accounts: AccountDirectory | null;
  readonly certificates: Pick<CertificateStore, 'gatherEvidence' | 'readKey'>;
  addressOf(account: Website['account']): Promise<WebsiteAddress>;
  webServers(): readonly WebServer[];
}

/** A website with a certificate of its own. */
export interface SslWebsite {
  readonly website: Website;
  readonly leaf: CertificateFacts;
  readonly chain: readonly CertificateFacts[];
}

/** How an account has a website (behaviour section 13). */
export type WebsiteStanding = 'main' | 'addon' | 'sub';

/**
 * Websites that have a certificate in place, account by account; self-signed placeholders of ours count as none. `skipped` is
 * told of accounts and files that cannot be read. @throws StateError TREE_UNREADABLE
 */
export async function* sslWebsites(
  { accounts, certificates }: Pick<SslWebsitesHost, 'accounts' | 'certificates'>,
  skipped: (why: string) => void,
): AsyncGenerator<SslWebsite> {
  for await (const inventory of accounts?.readAll() ?? []) {
    if (inventory.state === 'broken') skipped(inventory.fault.message);
    if (inventory.state !== 'ready') continue;
    for (const website of inventory.websites) {
      const evidence = await certificates.gatherEvidence(website);
      if (evidence.kind === 'unreadable') skipped(`${evidence.path}: ${evidence.why}`);
      if (evidence.kind !== 'present' || isPlaceholder(evidence.leaf)) continue;
      yield { website, leaf: evidence.leaf, chain: evidence.chain };
    }
  }
}

/** The issuers that are sent after a leaf, PEM; empty: none. */
export function bundleOf(chain: readonly CertificateFacts[]): string {
  return chain.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
}

/** How the account has the website, by the standing of its own name. */
export function standingOf({ vhost, candidates }: Pick<Website, 'vhost' | 'candidates'>): WebsiteStanding {
  const standing = candidates.find(({ name }) => name === vhost)?.standing;
  if (standing === 'primary') return 'main';
  return standing === 'addon' ? 'addon' : 'sub';
}

/** Names of the sites that answer where no site has the name that is asked for. Servers that cannot be read add none. */
export async function defaultNames(servers: readonly WebServer[]): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const server of servers) {
    const sites = await server.readSites();
    if ('fault' in sites) continue;
    for (const site of sites) {
      if (site.isDefault && site.listens.some(({ isTls }) => isTls))
        for (const name of site.names) names.add(name);
    }
  }
  return names;
}
