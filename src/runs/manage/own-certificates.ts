import type { CertificateFacts } from '../../core/certificate/facts.js';
import { encodePem } from '../../core/certificate/pem/pem.js';
import type { AccountName } from '../../core/domain/account/account-name.js';
import { UsageError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';
import type { AccountDirectory } from '../ports/accounts.js';
import type { CertificateStore } from '../ports/certificates.js';
import type { PublicCertificate, PublicCertificates } from '../ports/material.js';

export interface OwnCertificatesHost {
  readonly accounts: Pick<AccountDirectory, 'read'>;
  readonly certificates: PublicCertificates;
}

/** A website with the certificate that lies in use. */
export interface InstalledWebsite {
  readonly website: Website;
  readonly certificate: PublicCertificate;
}

/** A certificate that this server has of an account. */
export interface KeptCertificate {
  readonly website: Website;
  readonly leaf: CertificateFacts;
  readonly isInstalled: boolean;
}

/** The account's websites that have a certificate, in the order of its data. @throws UsageError, StateError */
export async function listInstalled(
  account: AccountName,
  host: OwnCertificatesHost,
): Promise<readonly InstalledWebsite[]> {
  const installed: InstalledWebsite[] = [];
  for (const website of await websitesOf(account, host)) {
    const certificate = await host.certificates.installed(website);
    if (certificate !== null) installed.push({ website, certificate });
  }
  return installed;
}

/** Every certificate of the account once: those in use, and former ones that are kept. @throws UsageError, StateError */
export async function listKept(
  account: AccountName,
  host: OwnCertificatesHost,
): Promise<readonly KeptCertificate[]> {
  const kept = new Map<string, KeptCertificate>();
  for (const website of await websitesOf(account, host)) {
    const installed = await host.certificates.installed(website);
    const former = await host.certificates.archived(website);
    for (const one of installed === null ? former : [installed, ...former]) {
      const { leaf } = one;
      if (!kept.has(leaf.fingerprint)) {
        kept.set(leaf.fingerprint, { website, leaf, isInstalled: one === installed });
      }
    }
  }
  return [...kept.values()];
}

/**
 * The issuers of a certificate, PEM, as this server has them: of the same certificate, or of one of the account's by the same
 * issuer. @throws UsageError BAD_ARGUMENT where there is none; StateError
 */
export async function findBundle(
  leaf: CertificateFacts,
  account: AccountName,
  host: OwnCertificatesHost,
): Promise<string> {
  const websites = await websitesOf(account, host);
  const inUse: PublicCertificate[] = [];
  for (const website of websites) {
    const installed = await host.certificates.installed(website);
    if (installed !== null) inUse.push(installed);
  }
  const found = issuersOf(leaf, inUse);
  if (found !== null) return pemOf(found);
  for (const website of websites) {
    const former = issuersOf(leaf, await host.certificates.archived(website));
    if (former !== null) return pemOf(former);
  }
  throw new UsageError('BAD_ARGUMENT', 'no CA bundle for this certificate is known here');
}

/** The same certificate's chain, else that of one by the same issuer; self-signed ones have none. */
function issuersOf(
  leaf: CertificateFacts,
  among: readonly PublicCertificate[],
): readonly CertificateFacts[] | null {
  const withIssuers = among.filter((one) => !one.leaf.isSelfSigned);
  const same = withIssuers.find((one) => one.leaf.fingerprint === leaf.fingerprint);
  const sibling = withIssuers.find(
    (one) =>
      one.leaf.issuer === leaf.issuer && one.leaf.authorityKeyIdentifier === leaf.authorityKeyIdentifier,
  );
  return (same ?? sibling)?.chain ?? null;
}

/** Key and issuers of a certificate that one of the account's websites uses. @throws UsageError BAD_ARGUMENT; StateError */
export async function findKeyAndBundle(
  leaf: CertificateFacts,
  account: AccountName,
  host: OwnCertificatesHost & { readonly keys: Pick<CertificateStore, 'readKey'> },
): Promise<{ readonly keyPem: string; readonly bundlePem: string }> {
  for (const { website, certificate } of await listInstalled(account, host)) {
    if (certificate.leaf.fingerprint !== leaf.fingerprint) continue;
    const keyPem = await host.keys.readKey(website);
    if (keyPem === undefined) break;
    return { bundlePem: pemOf(certificate.chain), keyPem };
  }
  throw new UsageError('BAD_ARGUMENT', 'no website of this account uses this certificate with its key');
}

function pemOf(chain: readonly CertificateFacts[]): string {
  return chain.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
}

async function websitesOf(
  account: AccountName,
  { accounts }: OwnCertificatesHost,
): Promise<readonly Website[]> {
  const inventory = await accounts.read(account);
  if (inventory?.state === 'ready') return inventory.websites;
  const what =
    inventory === undefined
      ? 'does not exist'
      : `is ${inventory.state === 'broken' ? 'broken' : inventory.reason}`;
  throw new UsageError('BAD_ARGUMENT', `the account ${quoteForMessage(account)} ${what}`);
}
