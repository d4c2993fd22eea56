import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OrderRecord } from '../../src/core/order/record.js';
import type { HostingServer } from './hosting-server.js';
import { aCertificate, type TestCertificate, type TestKeyType } from './pki.js';
import type { ServedWebsite } from './served-website.js';

const HOUR_MS = 3_600_000;

/** A fresh certificate under the test root for all of the website's names. */
export function aPairFor({ names }: ServedWebsite, keyType?: TestKeyType): TestCertificate {
  const notBefore = new Date(Date.now() - HOUR_MS);
  return aCertificate({ names, notBefore, ...(keyType === undefined ? {} : { keyType }) });
}

/** Puts an order into the journal whose certificate was downloaded and not installed yet. Gives its id. */
export function plantDownloadedOrder(
  { built, ca }: Pick<HostingServer, 'built' | 'ca'>,
  { account, vhost, names }: ServedWebsite,
  pair: Pick<TestCertificate, 'keyPem' | 'chainPem'>,
): string {
  const now = new Date();
  const id = `${String(now.getTime()).padStart(13, '0')}-${randomBytes(8).toString('hex')}`;
  const record: OrderRecord = {
    schemaVersion: 1,
    id,
    account,
    vhost,
    provider: 'CustomACME',
    directoryUrl: ca.proxy.directoryUrl,
    acmeAccountUrl: null,
    names,
    keyType: 'ecdsa-prime256v1',
    replaces: null,
    createdAt: now.toISOString(),
    phase: 'downloaded',
    orderUrl: new URL('/my-order/planted', ca.proxy.directoryUrl).href,
    expiresAt: null,
    challenges: [],
    pollAt: null,
    lastPolledAt: null,
    diedOf: null,
    logStartedAt: null,
    because: ['CERTIFICATE_ABSENT'],
  };
  const staging = `/var/cpanel/ssl/autossl/staging/${id}`;
  built.write(`${staging}/key.pem`, pair.keyPem, 0o600);
  built.write(`${staging}/csr.der`, Buffer.of(0x30, 0), 0o600);
  built.write(`${staging}/chain.pem`, pair.chainPem, 0o600);
  built.write(`/var/cpanel/ssl/autossl/orders/${id}.json`, JSON.stringify(record), 0o600);
  return id;
}

/** Puts other contents into one of an order's staged files; gives what was there. */
export function restage(
  { built }: Pick<HostingServer, 'built'>,
  id: string,
  file: 'key.pem' | 'chain.pem',
  contents: string,
): string {
  const path = join(built.tree.staging(), id, file);
  const former = readFileSync(path, 'utf8');
  writeFileSync(path, contents, { mode: 0o600 });
  return former;
}
