import { X509Certificate } from 'node:crypto';
import { FileIssuedStore } from '../../src/adapters/store/orders/issued.js';
import { FileCertificateStore } from '../../src/adapters/store/publication/certificates.js';
import { systemClock } from '../../src/adapters/system/clock.js';
import { websiteRef } from './fake-pairs.js';
import { aCertificate } from './pki.js';
import type { BuiltTree } from './tree-builder.js';

const DAY_MS = 86_400_000;
const LIFE_DAYS = 90;

/** One certificate in the life of a website. */
export interface ReplacedSet {
  readonly names: readonly string[];
  readonly daysLeft: number;
  readonly because?: readonly string[];
  /** False: somebody else's. */
  readonly isOurs?: boolean;
}

/**
 * Gives a website these certificates of 90 days one after the other, as runs would have done; the last lies in place, the
 * others are archived. Gives their fingerprints.
 */
export async function replaceSets(
  { tree }: BuiltTree,
  website: { readonly vhost: string; readonly account: string },
  sets: readonly ReplacedSet[],
): Promise<string[]> {
  const certificates = new FileCertificateStore({ tree, clock: systemClock });
  const issued = new FileIssuedStore(tree, systemClock);
  const ref = websiteRef(website.vhost, website.account);
  const fingerprints: string[] = [];
  for (const { names, daysLeft, because = ['CERTIFICATE_ABSENT'], isOurs = true } of sets) {
    const notAfter = new Date(Math.floor(Date.now() / 1000) * 1000 + daysLeft * DAY_MS);
    const notBefore = new Date(notAfter.getTime() - LIFE_DAYS * DAY_MS);
    const { keyPem, chainPem, certPem } = aCertificate({
      names,
      notBefore,
      notAfter,
      keyType: 'ecdsa-prime256v1',
    });
    const leaf = new X509Certificate(certPem);
    const fingerprint = leaf.fingerprint256.replaceAll(':', '').toLowerCase();
    fingerprints.push(fingerprint);
    if (isOurs) {
      await issued.add({
        ...website,
        fingerprint,
        provider: 'LocalCA',
        directoryUrl: '',
        acmeAccountUrl: null,
        orderUrl: null,
        orderId: '',
        names,
        because,
        ariCertificateId: null,
        serial: leaf.serialNumber.toLowerCase(),
        notBefore: notBefore.toISOString(),
        notAfter: notAfter.toISOString(),
        issuedAt: notBefore.toISOString(),
      });
    }
    await certificates.publish({ website: ref, keyPem, chainPem });
  }
  return fingerprints;
}
