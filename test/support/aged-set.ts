import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseHostName } from '../../src/core/domain/name/names.js';
import { aCertificate, type TestKeyType } from './pki.js';
import { distributionPoints, ocspResponder } from './revocation-lists.js';
import type { BuiltTree } from './tree-builder.js';

const DAY_MS = 86_400_000;
/** Life of the certificates of most CAs. */
const LIFE_DAYS = 90;

export interface AgedSet {
  readonly vhost: string;
  readonly account: string;
  readonly names: readonly string[];
  /** May be negative: expired. */
  readonly daysLeft: number;
  readonly keyType?: TestKeyType;
  /** Provider that our record names; null = there is no record: somebody else's. */
  readonly provider: string | null;
  /** Where its revocation list lies. */
  readonly listUrl?: string;
  /** Where its issuer answers for it alone. */
  readonly responderUrl?: string;
}

/** Gives a website a certificate of 90 days under the test root, issued some time ago, and our record of it. Gives its fingerprint. */
export function placeAgedSet(built: BuiltTree, set: AgedSet): string {
  const { vhost, account, names, provider, daysLeft } = set;
  const notAfter = new Date(Math.floor(Date.now() / 1000) * 1000 + daysLeft * DAY_MS);
  const notBefore = new Date(notAfter.getTime() - LIFE_DAYS * DAY_MS);
  const { combined, certPem } = aCertificate({
    names,
    notBefore,
    notAfter,
    keyType: set.keyType ?? 'ecdsa-prime256v1',
    extraExtensions: [
      ...(set.listUrl === undefined ? [] : [distributionPoints(set.listUrl)]),
      ...(set.responderUrl === undefined ? [] : [ocspResponder(set.responderUrl)]),
    ],
  });
  const path = built.tree.combined(parseHostName(vhost));
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o711 });
  writeFileSync(path, combined, { mode: 0o600 });
  const fingerprint = fingerprintOf(certPem);
  if (provider !== null) writeIssuedRecord(built, { vhost, account, provider, names, certPem });
  return fingerprint;
}

/** Puts down, as the product does, that we got this certificate for a website. */
export function writeIssuedRecord(
  built: BuiltTree,
  issued: Pick<AgedSet, 'vhost' | 'account' | 'names'> & {
    readonly provider: string;
    readonly certPem: string;
  },
): void {
  const { certPem, ...facts } = issued;
  const leaf = new X509Certificate(certPem);
  const record = {
    ...facts,
    fingerprint: fingerprintOf(certPem),
    directoryUrl: '',
    acmeAccountUrl: null,
    orderUrl: null,
    orderId: '',
    because: ['CERTIFICATE_ABSENT'],
    ariCertificateId: null,
    serial: leaf.serialNumber.toLowerCase(),
    notBefore: new Date(leaf.validFrom).toISOString(),
    notAfter: new Date(leaf.validTo).toISOString(),
    issuedAt: new Date(leaf.validFrom).toISOString(),
  };
  mkdirSync(built.tree.issued(), { recursive: true, mode: 0o700 });
  writeFileSync(
    join(built.tree.issued(), `${issued.vhost}.json`),
    JSON.stringify({ schemaVersion: 1, records: [record] }),
    { mode: 0o600 },
  );
}

function fingerprintOf(certPem: string): string {
  return new X509Certificate(certPem).fingerprint256.replaceAll(':', '').toLowerCase();
}

/** Fingerprint of the leaf that servers read for a website, as our records write it. */
export function installedFingerprint(built: BuiltTree, vhost: string): string {
  const pem = readFileSync(built.tree.combined(parseHostName(vhost)), 'utf8');
  return new X509Certificate(pem.slice(pem.indexOf('-----BEGIN CERTIFICATE-----'))).fingerprint256
    .replaceAll(':', '')
    .toLowerCase();
}
