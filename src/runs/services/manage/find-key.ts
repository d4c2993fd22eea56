import type { CertificateFacts } from '../../../core/certificate/facts.js';
import { isSameKey } from '../../../core/certificate/key/public-key.js';
import type { OfferFinding } from '../../../core/certificate/offered/offer.js';
import { takeCombinedApart } from '../../../core/certificate/pem/combined.js';
import { SERVER_OWNER } from '../../../core/domain/account/hostname-owner.js';
import { hostNameIn } from '../../../core/domain/name/names.js';
import type { ServerService } from '../services-host.js';
import { refOf, type ServerName } from '../survey-services.js';
import type { ManageHost } from './manage-host.js';

/** A key of this server's own, and what should be known of it. */
export interface FoundKey {
  readonly keyPem: string;
  readonly warnings: readonly OfferFinding[];
}

/** Certificates name a handful of websites; one with hundreds is asked for by the first ones. */
const MAX_WEBSITES = 100;

/**
 * The private key of a certificate, where this server has it: at a service, among a service's former certificates, or at a
 * website of one of its names. Null without one.
 */
export async function findKeyOf(
  leaf: CertificateFacts,
  services: readonly ServerService[],
  hostname: ServerName,
  { websites }: Pick<ManageHost, 'websites'>,
): Promise<FoundKey | null> {
  const isItsOwn = (other: CertificateFacts): boolean => isSameKey(other.key.spki, leaf.key.spki);
  for (const { install } of services) {
    const { certificates } = install;
    const evidence = await certificates.gatherEvidence(refOf(hostname));
    if (evidence.kind === 'present' && isItsOwn(evidence.leaf)) {
      const keyPem = await certificates.readKey(refOf(hostname));
      if (keyPem !== undefined) return { keyPem, warnings: [] };
    }
    for (const { keyPem, chainPem } of await certificates.listArchived(refOf(hostname))) {
      const former = takeCombinedApart(chainPem, 'archive');
      if (former.kind === 'present' && isItsOwn(former.leaf)) return { keyPem, warnings: [] };
    }
  }
  for (const vhost of leaf.dnsNames.slice(0, MAX_WEBSITES).flatMap((name) => hostNameIn(name) ?? [])) {
    const website = { account: SERVER_OWNER, vhost };
    const evidence = await websites.gatherEvidence(website);
    if (evidence.kind !== 'present' || !isItsOwn(evidence.leaf)) continue;
    const keyPem = await websites.readKey(website);
    if (keyPem === undefined) continue;
    const message = `The private key is that of the website ${vhost}: whoever has it can pose as this server.`;
    return { keyPem, warnings: [{ code: 'KEY_OF_WEBSITE', message, advice: null }] };
  }
  return null;
}
