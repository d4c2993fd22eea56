import type { CertificateEvidence, CertificateFacts } from '../../src/core/certificate/facts.js';
import { parseAccountName } from '../../src/core/domain/account/account-name.js';
import { parseHostName } from '../../src/core/domain/name/names.js';
import type { WebsiteRef } from '../../src/core/domain/website/website.js';

/** What a stand-in certificate says; it lies as JSON inside a PEM block, so that stores can be tested without X.509. */
export interface FakeLeaf {
  readonly pair: string;
  readonly names: readonly string[];
  readonly notAfter: string;
  readonly isSelfSigned?: boolean;
}

function block(label: string, text: string): string {
  const lines = Buffer.from(text)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

/** A key and a chain of two that belong together. */
export function fakePair(
  pair: string,
  names: readonly string[],
  notAfter = '2027-01-01T00:00:00Z',
  isSelfSigned = false,
): { readonly keyPem: string; readonly chainPem: string } {
  const leaf: FakeLeaf = { pair, names, notAfter, ...(isSelfSigned ? { isSelfSigned } : {}) };
  return {
    keyPem: block('PRIVATE KEY', JSON.stringify({ pair })),
    chainPem: block('CERTIFICATE', JSON.stringify(leaf)) + block('CERTIFICATE', '{"pair":"intermediate"}'),
  };
}

/** The stand-in for the X.509 code's function. */
export function takeFakeApart(text: string, path: string): CertificateEvidence {
  const body = /-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/.exec(text)?.[1];
  if (body === undefined) return { kind: 'unreadable', path, why: 'no certificate' };
  const leaf = JSON.parse(Buffer.from(body, 'base64').toString()) as FakeLeaf;
  const facts = {
    der: Buffer.from(body, 'base64'),
    dnsNames: leaf.names,
    notAfter: new Date(leaf.notAfter),
    isSelfSigned: leaf.isSelfSigned === true,
    fingerprint: Buffer.from(leaf.pair).toString('hex').padEnd(64, '0'),
  };
  return {
    kind: 'present',
    path,
    leaf: facts as unknown as CertificateFacts,
    chain: [],
    keySpki: null,
    keyFault: null,
  };
}

export function fakeKeyMatches(keyPem: string, leafDer: Uint8Array): boolean {
  const key = JSON.parse(Buffer.from(keyPem.replace(/-----.*-----/g, ''), 'base64').toString());
  return key.pair === JSON.parse(Buffer.from(leafDer).toString()).pair;
}

export function websiteRef(vhost: string, account = 'alice'): WebsiteRef {
  return { account: parseAccountName(account), vhost: parseHostName(vhost) };
}
