import type { CertificateFacts } from '../../../core/certificate/facts.js';
import { keyMatchesCertificate } from '../../../core/certificate/key/private-key.js';
import { takeCombinedApart } from '../../../core/certificate/pem/combined.js';
import { isPlaceholder } from '../../../core/certificate/placeholder.js';
import type { AccountName } from '../../../core/domain/account/account-name.js';
import { UsageError } from '../../../core/domain/autossl-error.js';
import { coversName } from '../../../core/domain/name/coverage.js';
import {
  type DomainName,
  hostNameIn,
  quoteForMessage,
  type WildcardName,
} from '../../../core/domain/name/names.js';
import type { Website } from '../../../core/domain/website/website.js';
import { completeFromDisk, type IssuerSources } from '../../offer/complete-from-disk.js';
import type { AccountDirectory } from '../../ports/accounts.js';
import type { CertificateStore, FormerSets } from '../../ports/certificates.js';
import type { Clock } from '../../ports/clock.js';
import type { MaterialStore } from '../../ports/material.js';
import { findWebsites } from './find-websites.js';
import { bundleOf } from './list-ssl-websites.js';

/** What finding certificates and keys that lie on this server needs; everything is only read. */
export interface KnownCertificatesHost extends IssuerSources {
  readonly clock: Pick<Clock, 'now'>;
  /** All accounts, also those that AutoSSL does not work for; null on a server that has none yet. */
  readonly accounts: AccountDirectory | null;
  readonly certificates: Pick<CertificateStore, 'gatherEvidence' | 'readKey'> &
    Pick<FormerSets, 'listArchived'>;
  readonly material: Pick<MaterialStore, 'list'>;
}

/** A certificate that lies on this server. */
export interface KnownCertificate {
  readonly leaf: CertificateFacts;
  /** What lies there after it. */
  readonly chain: readonly CertificateFacts[];
  /** Whose it is; null: root's own. */
  readonly website: Website | null;
  /** Whether it is in place, or kept by root; false: a former one. */
  readonly isRegistered: boolean;
  /** Its private key, PEM; undefined when it does not lie there. */
  readonly readKey: () => Promise<string | undefined>;
}

/** A certificate names a handful of websites; one with hundreds is asked for by the first ones. */
const MAX_NAMES = 100;

/**
 * The certificates of an account (in place first, then former ones), or root's own (null), each once.
 * @throws UsageError UNKNOWN_USER, BAD_ARGUMENT (its data cannot be read); StateError TREE_UNREADABLE
 */
export async function listKnownCertificates(
  user: AccountName | null,
  host: KnownCertificatesHost,
): Promise<readonly KnownCertificate[]> {
  const found = new Map<string, KnownCertificate>();
  const all = user === null ? certificatesOfRoot(host) : certificatesOf(await websitesOf(user, host), host);
  for await (const one of all) if (!found.has(one.leaf.fingerprint)) found.set(one.leaf.fingerprint, one);
  return [...found.values()];
}

/** What could be installed: a certificate, its key where this server has it, and its issuers. */
export interface InstallableCertificate {
  readonly leaf: CertificateFacts;
  /** PEM; null: this server has none that belongs to it. */
  readonly keyPem: string | null;
  /** PEM of its issuers, as far as they are known here; empty when it needs none. */
  readonly bundlePem: string;
  /** The website that was asked about, or that the certificate is for. */
  readonly website: Website | null;
}

/** Key and issuers of a certificate that somebody has. @throws UsageError BAD_ARGUMENT for what is none; StateError */
export async function completeCertificate(
  text: string,
  host: KnownCertificatesHost,
): Promise<InstallableCertificate> {
  const given = takeCombinedApart(text, 'given');
  if (given.kind !== 'present') {
    const why = given.kind === 'unreadable' ? given.why : 'it is empty';
    throw new UsageError('BAD_ARGUMENT', `the certificate cannot be read: ${why}`);
  }
  const { leaf, chain } = given;
  const names = leaf.dnsNames.slice(0, MAX_NAMES).flatMap((name) => hostNameIn(name) ?? []);
  const { byName } = await findWebsites(names, host.accounts);
  const websites = [...new Set(byName.values())];
  const [website = null] = websites;
  const keyPem = (await keyInMaterial(leaf, host)) ?? (await keyAtWebsites(leaf, websites, host)) ?? null;
  return { leaf, keyPem, bundlePem: await bundleFor(leaf, chain, host), website };
}

/**
 * The best certificate with a key that this server has for a name: valid now, by an authority rather than self-signed, with
 * the most time left. `user`: whose website it must be; null = anybody's.
 * @throws UsageError BAD_ARGUMENT without such a website or certificate; StateError TREE_UNREADABLE
 */
export async function findInstallable(
  domain: DomainName | WildcardName,
  user: AccountName | null,
  host: KnownCertificatesHost,
): Promise<InstallableCertificate> {
  const { byName, limits } = await findWebsites([domain], host.accounts);
  const website = byName.get(domain) ?? null;
  if (user !== null && website?.account !== user) {
    throw new UsageError(
      'BAD_ARGUMENT',
      `the account ${quoteForMessage(user)} has no website ${quoteForMessage(domain)}${limits}`,
    );
  }
  const now = host.clock.now();
  const candidates: KnownCertificate[] = [];
  const own = website === null ? [] : await websitesOf(website.account, host);
  for (const source of [certificatesOf(own, host), certificatesOfRoot(host)]) {
    for await (const one of source) {
      const { leaf } = one;
      if (coversName(leaf, domain) && leaf.notBefore <= now && now < leaf.notAfter) candidates.push(one);
    }
  }
  candidates.sort(byWorth);
  for (const { leaf, chain, readKey } of candidates) {
    const keyPem = await readKey();
    if (keyPem !== undefined) return { leaf, keyPem, bundlePem: await bundleFor(leaf, chain, host), website };
  }
  throw new UsageError(
    'BAD_ARGUMENT',
    `no valid certificate with its key is known here for ${quoteForMessage(domain)}${limits}`,
  );
}

function byWorth({ leaf: a }: KnownCertificate, { leaf: b }: KnownCertificate): number {
  if (a.isSelfSigned !== b.isSelfSigned) return a.isSelfSigned ? 1 : -1;
  return b.notAfter.getTime() - a.notAfter.getTime();
}

async function websitesOf(
  user: AccountName,
  { accounts }: KnownCertificatesHost,
): Promise<readonly Website[]> {
  const inventory = await accounts?.read(user);
  if (inventory?.state === 'ready') return inventory.websites;
  if (inventory === undefined)
    throw new UsageError('UNKNOWN_USER', `there is no account ${quoteForMessage(user)}`);
  const why = inventory.state === 'broken' ? `: ${inventory.fault.message}` : '';
  throw new UsageError('BAD_ARGUMENT', `the account ${quoteForMessage(user)} cannot be read${why}`);
}

async function* certificatesOf(
  websites: readonly Website[],
  host: KnownCertificatesHost,
): AsyncGenerator<KnownCertificate> {
  for (const website of websites) {
    const evidence = await host.certificates.gatherEvidence(website);
    if (evidence.kind !== 'present' || isPlaceholder(evidence.leaf)) continue;
    const { leaf, chain } = evidence;
    yield { leaf, chain, website, isRegistered: true, readKey: () => host.certificates.readKey(website) };
  }
  for (const website of websites) {
    for (const { keyPem, chainPem } of await host.certificates.listArchived(website)) {
      const former = takeCombinedApart(chainPem, 'archive');
      if (former.kind !== 'present') continue;
      const { leaf, chain } = former;
      yield { leaf, chain, website, isRegistered: false, readKey: async () => keyPem };
    }
  }
}

async function* certificatesOfRoot(host: KnownCertificatesHost): AsyncGenerator<KnownCertificate> {
  for await (const { path, text } of host.material.list('certs')) {
    const kept = takeCombinedApart(text, path);
    if (kept.kind !== 'present') continue;
    const { leaf, chain } = kept;
    yield { leaf, chain, website: null, isRegistered: true, readKey: () => keyInMaterial(leaf, host) };
  }
}

async function keyInMaterial(
  leaf: CertificateFacts,
  { material }: KnownCertificatesHost,
): Promise<string | undefined> {
  for await (const { text } of material.list('keys')) if (keyMatchesCertificate(text, leaf.der)) return text;
  return undefined;
}

/** In place or among former sets. */
async function keyAtWebsites(
  { der }: CertificateFacts,
  websites: readonly Website[],
  host: KnownCertificatesHost,
): Promise<string | undefined> {
  for (const website of websites) {
    const present = await host.certificates.readKey(website);
    const former = (await host.certificates.listArchived(website)).map(({ keyPem }) => keyPem);
    const keyPem = [present, ...former].find((one) => one !== undefined && keyMatchesCertificate(one, der));
    if (keyPem !== undefined) return keyPem;
  }
  return undefined;
}

async function bundleFor(
  leaf: CertificateFacts,
  given: readonly CertificateFacts[],
  host: KnownCertificatesHost,
): Promise<string> {
  return bundleOf((await completeFromDisk({ leaf, given }, host, host.clock.now())).chain);
}
