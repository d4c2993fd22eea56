import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { judgeChain } from '../../src/core/certificate/chain/chain.js';
import { TrustAnchors } from '../../src/core/certificate/chain/trust-anchors.js';
import { createCsr } from '../../src/core/certificate/csr.js';
import type { CertificateFacts } from '../../src/core/certificate/facts.js';
import { takeCombinedApart } from '../../src/core/certificate/pem/combined.js';
import { encodePem } from '../../src/core/certificate/pem/pem.js';
import { createSelfSigned, signCertificate } from '../../src/core/certificate/signing.js';
import type { WantedName } from '../../src/core/domain/name/names.js';
import { describeWithParts } from '../support/needs.js';
import {
  aCertificate,
  aKey,
  anIntermediate,
  aRoot,
  type CertificateOptions,
  keyPemOf,
  PKI_NOW,
  spkiOf,
  type TestCertificate,
  type TestKeyType,
} from '../support/pki.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'openssl-oracle-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, contents: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}
const openssl = (...args: readonly string[]): string =>
  execFileSync('openssl', args, { stdio: 'pipe' }).toString();

function factsOf(leaf: TestCertificate): CertificateFacts {
  const evidence = takeCombinedApart(leaf.combined, 'combined');
  if (evidence.kind !== 'present') throw new Error(evidence.kind);
  return evidence.leaf;
}

describeWithParts('OpenSSL reads the same', ['openssl'], () => {
  test.each<[string, CertificateOptions]>([
    ['an ordinary leaf', {}],
    [
      'an RSA leaf signed with SHA-1',
      { keyType: 'rsa-2048', issuer: anIntermediate({ keyType: 'rsa-2048' }), sha1: true },
    ],
    [
      'a long subject',
      { subject: { '2.5.4.6': 'DE', '2.5.4.10': 'Müller, "Söhne" + Co', '2.5.4.3': 'x.example' } },
    ],
    ['MD5 and an authority', { issuer: 'self', keyType: 'rsa-2048', hash: 'md5', isCa: true }],
    ['a far future and no names', { notAfter: '2060-01-01T00:00:00Z', noSan: true, eku: null }],
    ['Ed25519', { keyType: 'ed25519', issuer: 'self' }],
  ])('%s', (_, options) => {
    const leaf = aCertificate(options);
    const facts = factsOf(leaf);
    const path = file('leaf.pem', leaf.certPem);
    const lines = openssl(
      ...[
        'x509',
        '-in',
        path,
        '-noout',
        '-serial',
        '-startdate',
        '-enddate',
        '-subject',
        '-issuer',
        '-fingerprint',
      ],
      ...['-sha256', '-nameopt', 'RFC2253,-esc_msb,utf8', '-dateopt', 'iso_8601'],
    )
      .trim()
      .split('\n');
    const iso = (at: Date) => at.toISOString().replace('T', ' ').replace('.000Z', 'Z');
    expect(lines).toEqual([
      `serial=${facts.serial.toUpperCase()}`,
      `notBefore=${iso(facts.notBefore)}`,
      `notAfter=${iso(facts.notAfter)}`,
      `subject=${facts.subject}`,
      `issuer=${facts.issuer}`,
      `sha256 Fingerprint=${(facts.fingerprint.toUpperCase().match(/../g) ?? []).join(':')}`,
    ]);
    const text = openssl('x509', '-in', path, '-noout', '-text');
    expect(/Signature Algorithm: (\S+)/.exec(text)?.[1]).toBe(facts.signatureAlgorithm);
    expect(text.includes('CA:TRUE')).toBe(facts.isCa);
    const sans = [...text.matchAll(/DNS:([^,\s]+)/g)].map(([, name]) => name);
    expect(sans).toEqual(facts.dnsNames);
  });
});

describeWithParts('openssl verify judges chains the same', ['openssl'], () => {
  const old = anIntermediate({ name: 'Expired', notAfter: '2026-05-02T00:00:00Z' });
  const short = anIntermediate({ name: 'Short', pathLength: 0 });
  const belowShort = anIntermediate({ name: 'Below', issuer: short });
  const strangerRoot = aRoot({ name: 'Stranger' });
  const stranger = anIntermediate({ name: 'Strangers', issuer: strangerRoot });
  const leafUnder = (issuer: typeof old) => aCertificate({ issuer });
  const strangers = leafUnder(stranger);

  test.each<[string, TestCertificate, string]>([
    ['a good chain', aCertificate(), aCertificate().chainPem],
    ['no intermediate', aCertificate(), ''],
    ['self-signed', aCertificate({ issuer: 'self' }), ''],
    ['an unknown root sent along', strangers, strangers.chainPem + strangerRoot.certPem],
    ['an issuer without issuer', strangers, strangers.chainPem],
    ['an expired intermediate', leafUnder(old), old.certPem],
    ['a path too long', leafUnder(belowShort), belowShort.certPem + short.certPem],
    ['a spoilt signature', aCertificate({ badSignature: true }), anIntermediate().certPem],
    [
      'an issuer that is no CA',
      leafUnder(anIntermediate({ name: 'No CA', isCa: false })),
      anIntermediate({ name: 'Other' }).certPem,
    ],
  ])('%s', (_, leaf, untrusted) => {
    const args = [
      'verify',
      '-attime',
      String(PKI_NOW.getTime() / 1000),
      '-CAfile',
      file('root.pem', aRoot().certPem),
    ];
    if (untrusted !== '') args.push('-untrusted', file('untrusted.pem', untrusted));
    const result = spawnSync('openssl', [...args, file('leaf.pem', leaf.certPem)], { encoding: 'utf8' });
    const [, code, depth] = /error (\d+) at (\d+) depth lookup/.exec(result.stderr) ?? [];

    const evidence = takeCombinedApart(leaf.certPem + untrusted, 'combined');
    if (evidence.kind !== 'present') throw new Error(evidence.kind);
    const chain = evidence.chain.filter(({ fingerprint }) => fingerprint !== evidence.leaf.fingerprint);
    const verdict = judgeChain(evidence.leaf, chain, new TrustAnchors([aRoot().certPem]), PKI_NOW);
    const ours =
      verdict.status === 'trusted' ? undefined : /\((\d+):(\d+):/.exec(verdict.opensslTail)?.slice(1);
    expect(ours).toEqual(code === undefined ? undefined : [depth, code]);
    expect(result.status === 0).toBe(verdict.status === 'trusted');
  });
});

describeWithParts('OpenSSL takes what we write', ['openssl'], () => {
  const names = ['example.com', '*.example.com', '192.0.2.1', '2001:db8::1'] as WantedName[];

  test.each<TestKeyType>(['rsa-2048', 'ecdsa-prime256v1', 'ecdsa-secp384r1'])(
    'a request with a %s key',
    async (type) => {
      const csr = await createCsr({ names, keyPem: keyPemOf(aKey(type)) });
      const text = openssl(
        'req',
        '-inform',
        'DER',
        '-in',
        file('csr.der', csr),
        '-noout',
        '-text',
        '-verify',
      );
      expect(text).toMatch(/Subject:\s*$/m);
      expect(text).toContain(
        'DNS:example.com, DNS:*.example.com, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1',
      );
      expect(text).not.toContain('Key Usage');
    },
  );

  test('a root and a leaf under it, by the strict rules', async () => {
    const rootKey = keyPemOf(aKey('ecdsa-secp384r1'));
    const validity = {
      notBefore: new Date('2026-05-01T00:00:00Z'),
      notAfter: new Date('2026-07-30T00:00:00Z'),
    };
    const serial = Buffer.alloc(16, 0xab);
    const root = await createSelfSigned({
      ...validity,
      keyPem: rootKey,
      names: [],
      commonName: 'Local Root',
      serial,
      isCa: true,
    });
    const spki = spkiOf(aKey());
    const leaf = await signCertificate({
      ...validity,
      names,
      serial,
      spki,
      issuerDer: root,
      issuerKeyPem: rootKey,
    });
    const out = openssl(
      ...['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_hostname', 'a.example.com'],
      ...[
        '-attime',
        String(PKI_NOW.getTime() / 1000),
        '-CAfile',
        file('ca.pem', encodePem('CERTIFICATE', root)),
      ],
      file('signed.pem', encodePem('CERTIFICATE', leaf)),
    );
    expect(out).toMatch(/: OK\n$/);
    const text = openssl('x509', '-inform', 'DER', '-in', file('leaf.der', leaf), '-noout', '-text');
    expect(text).toMatch(/Subject Alternative Name: critical/);
  });
});
