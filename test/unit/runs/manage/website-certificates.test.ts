import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FileIssuedStore } from '../../../../src/adapters/store/orders/issued.js';
import { FileOrderStore } from '../../../../src/adapters/store/orders/orders.js';
import { systemClock } from '../../../../src/adapters/system/clock.js';
import { FileLockKeeper } from '../../../../src/adapters/system/locks/locks.js';
import type { CertificatesHost } from '../../../../src/api/whm/host.js';
import { openCertificatesHost } from '../../../../src/cli/host/websites/website-certificates.js';
import { readCsr } from '../../../../src/core/certificate/csr.js';
import { keyMatchesCertificate } from '../../../../src/core/certificate/key/private-key.js';
import { decodePem, splitPem } from '../../../../src/core/certificate/pem/pem.js';
import { parseAccountName } from '../../../../src/core/domain/account/account-name.js';
import { parseHostName } from '../../../../src/core/domain/name/names.js';
import { generateCertificate } from '../../../../src/runs/manage/certificates/generate-certificate.js';
import {
  completeCertificate,
  findInstallable,
  listKnownCertificates,
} from '../../../../src/runs/manage/certificates/known-certificates.js';
import { removeWebsiteCertificate } from '../../../../src/runs/manage/certificates/remove-website-certificate.js';
import { installWebsiteCertificates } from '../../../../src/runs/manage/install-website-certificate.js';
import { installedFingerprint } from '../../../support/aged-set.js';
import { aCertificate, anIntermediate, aRoot, type TestCertificate } from '../../../support/pki.js';
import { lastRecords } from '../../../support/run-logs.js';
import { aTree, type BuiltTree } from '../../../support/tree-builder.js';

const SETTINGS = `trustAnchors: /etc/ssl/roots.pem
webServer: { kind: none }
services: { cpanel: { kind: none }, exim: { kind: none }, dovecot: { kind: none }, ftp: { kind: none } }
`;
const DAY_MS = 86_400_000;
const YESTERDAY = new Date(Date.now() - DAY_MS);

let built: BuiltTree;
let host: CertificatesHost;
beforeEach(async () => {
  built = aTree()
    .account('alice', { domain: 'a.test', subs: ['shop.a.test'], exclude: ['mail.a.test'] })
    .account('carol', { domain: 'c.test', suspended: true })
    .account('dave', { domain: 'd.test', feature: false })
    .file('/etc/ssl/roots.pem', aRoot().certPem)
    .file('/etc/autossl.yaml', SETTINGS, 0o600)
    .build();
  host = await openCertificatesHost({ AUTOSSL_ROOT: built.root }, process.getuid?.() ?? 0);
});
afterEach(() => built.cleanUp());

const call = () => ({ host, listen: () => undefined, signal: new AbortController().signal });
const aGiven = (names: readonly string[], selfSigned = false): TestCertificate =>
  aCertificate({ names, notBefore: YESTERDAY, ...(selfSigned ? { issuer: 'self' as const } : {}) });
const fingerprintOf = ({ certPem }: TestCertificate): string =>
  new X509Certificate(certPem).fingerprint256.replaceAll(':', '').toLowerCase();
const offer = (domain: string, made: TestCertificate, account: string | null = null) => ({
  domain: parseHostName(domain),
  account: account === null ? null : parseAccountName(account),
  address: null,
  files: {
    certificate: Buffer.from(made.certPem),
    key: Buffer.from(made.keyPem),
    bundle: Buffer.from(anIntermediate().certPem),
  },
});
const install = (...offers: ReturnType<typeof offer>[]) => installWebsiteCertificates(offers, call());

/** An order of a.test whose certificate came and was not put in place yet. */
async function anOrder(): Promise<TestCertificate> {
  const made = aGiven(['a.test', 'www.a.test']);
  const orders = new FileOrderStore(built.tree);
  const record = { ...ORDER, phase: 'finalized' } as const;
  await orders.create(record, { keyPem: made.keyPem, csrDer: Buffer.from('csr') });
  await orders.stageChain(record.id, made.chainPem);
  await orders.update({ ...record, phase: 'downloaded' });
  return made;
}
const ORDER = {
  schemaVersion: 1,
  id: '1764000000000-0123456789abcdef',
  account: 'alice',
  vhost: 'a.test',
  provider: 'CustomACME',
  directoryUrl: 'https://ca.test/dir',
  acmeAccountUrl: null,
  names: ['a.test', 'www.a.test'],
  keyType: 'rsa-2048',
  replaces: null,
  createdAt: '2026-06-01T00:00:00.000Z',
  orderUrl: 'https://ca.test/order/1',
  expiresAt: null,
  challenges: [],
  pollAt: null,
  lastPolledAt: null,
  logStartedAt: null,
  diedOf: null,
  because: ['CERTIFICATE_ABSENT'],
} as const;

describe('installing', () => {
  test.each([
    ['a name of the website', 'www.a.test', 'a.test'],
    ['an excluded one', 'mail.a.test', 'a.test'],
    ['a website of a suspended account', 'c.test', 'c.test'],
    ['one of an account that AutoSSL is off for', 'd.test', 'd.test'],
  ])('finds the website by %s', async (_what, domain, vhost) => {
    const made = aGiven([vhost, domain]);
    const { installations } = await install(offer(domain, made));
    expect(installations).toMatchObject([{ website: { vhost }, refusals: [], end: { state: 'published' } }]);
    expect(installedFingerprint(built, vhost)).toBe(fingerprintOf(made));
  });

  test('drops the order that would take its place; what was issued is recorded as ours', async () => {
    const issued = await anOrder();
    const made = aGiven(['a.test', 'www.a.test']);
    await install(offer('a.test', made));
    expect(await new FileOrderStore(built.tree).list()).toEqual([]);
    expect(await new FileIssuedStore(built.tree, systemClock).read('a.test')).toMatchObject([
      { fingerprint: fingerprintOf(issued), orderId: ORDER.id },
    ]);
    expect(lastRecords(built).map(({ code }) => code)).toContain('ORDER_SET_ASIDE');
    expect(installedFingerprint(built, 'a.test')).toBe(fingerprintOf(made));
  });

  test('leaves the order where AutoSSL replaces what was given anyway: a self-signed one', async () => {
    await anOrder();
    const { installations } = await install(offer('a.test', aGiven(['a.test'], true)));
    expect(installations[0]?.warnings.map(({ code }) => code)).toContain('REPLACED_SOON');
    expect(await new FileOrderStore(built.tree).list()).toHaveLength(1);
  });

  test('of several: one busy, one of another account, one given twice; the others are done, all is logged', async () => {
    const lock = await new FileLockKeeper(built.tree).acquire('website:shop.a.test', 'the test');
    const good = aGiven(['a.test']);
    const { installations, log } = await install(
      offer('shop.a.test', aGiven(['shop.a.test'])),
      offer('a.test', good, 'alice'),
      offer('www.a.test', aGiven(['www.a.test'])),
      offer('d.test', aGiven(['d.test']), 'alice'),
      offer('nobody.test', aGiven(['nobody.test'])),
    );
    await lock.release();
    expect(installations.map(({ refusals, end }) => refusals[0]?.code ?? end?.state)).toEqual([
      'LOCKED',
      'published',
      'GIVEN_TWICE',
      'OTHER_ACCOUNT',
      'NO_SUCH_WEBSITE',
    ]);
    expect(installations[0]?.refusals[0]?.message).toContain('the test');
    expect(log).not.toBeNull();
    expect(lastRecords(built).map(({ code }) => code)).toEqual(
      expect.arrayContaining(['LOCKED', 'OTHER_ACCOUNT', 'CERTIFICATE_GIVEN']),
    );
    expect(installedFingerprint(built, 'a.test')).toBe(fingerprintOf(good));
    expect(existsSync(built.tree.combined(parseHostName('d.test')))).toBe(false);
  });

  test('gives no lock away that it took', async () => {
    await install(offer('a.test', aGiven(['else.test'])), offer('shop.a.test', aGiven(['shop.a.test'])));
    const locks = new FileLockKeeper(built.tree);
    for (const name of ['website:a.test', 'website:shop.a.test', 'install:web']) {
      const lock = await locks.tryAcquire(name, 'the test');
      expect('heldBy' in lock).toBe(false);
      if (!('heldBy' in lock)) await lock.release();
    }
  });
});

describe('taking away', () => {
  test('archives it, lays a placeholder there, and leaves copies where nobody knows who names them', async () => {
    const made = aGiven(['a.test', 'www.a.test']);
    await install(offer('a.test', made));
    const removal = await removeWebsiteCertificate(parseHostName('www.a.test'), call());
    expect(removal).toMatchObject({
      website: { vhost: 'a.test' },
      end: { state: 'published' },
      withdrawn: [],
      copiesLeft: expect.stringContaining('no web server is known'),
    });
    expect(existsSync(join(built.tree.domainTls(parseHostName('www.a.test')), 'combined'))).toBe(true);
    const text = readFileSync(built.tree.combined(parseHostName('a.test')), 'utf8');
    expect(new X509Certificate(text.slice(text.indexOf('-----BEGIN CERTIFICATE'))).issuer).toContain(
      'placeholder',
    );
    expect(await listKnownCertificates(parseAccountName('alice'), host)).toMatchObject([
      { leaf: { fingerprint: fingerprintOf(made) }, isRegistered: false },
    ]);
  });

  test.each([
    ['a website without one', 'shop.a.test', 'has no certificate'],
    ['nobody’s website', 'nobody.test', 'no account has a website'],
  ])('%s: refused', async (_what, domain, why) => {
    await expect(removeWebsiteCertificate(parseHostName(domain), call())).rejects.toThrow(why);
  });
});

describe('making a key, a request and a certificate', () => {
  const request = {
    domains: ['Example.com', 'www.example.com', 'example.com'],
    subject: [
      { type: 'C', value: 'DE' },
      { type: 'O', value: 'Grüße "Söhne" \\ #1, Ltd+CN=evil' },
      { type: 'E', value: 'a@example.com' },
    ],
    keySize: 2048,
    challengePassword: 'open sesame',
    withCertificate: true,
  } as const;

  test('keeps all three, for root alone, under ids of one key; the subject says what it was told', async () => {
    const { key, csr, certificate } = await generateCertificate(request, host);
    const [block] = splitPem(csr.pem);
    expect(readCsr(block === undefined ? Buffer.alloc(0) : decodePem(block))).toMatchObject({
      dnsNames: ['example.com', 'www.example.com'],
      commonNames: ['example.com'],
      isSignatureValid: true,
    });
    const leaf = new X509Certificate(certificate?.pem ?? '');
    expect(keyMatchesCertificate(key.pem, leaf.raw)).toBe(true);
    expect(leaf.subject.split('\n').map((line) => line.split('=')[0])).toEqual([
      'C',
      'O',
      'emailAddress',
      'CN',
    ]);
    expect(leaf.toLegacyObject().subject).toMatchObject({ O: request.subject[1].value });
    const digits = key.id.split('_').slice(0, 2).join('_');
    expect(csr.id).toContain(`example_com_${digits}_`);
    expect(certificate?.id).toContain(`example_com_${digits}_`);
    for (const { path, pem } of [key, csr, certificate ?? key]) {
      expect(path).toMatch(/^\/var\/cpanel\/ssl\/system\/(keys|csrs|certs)\/\w+\.(key|csr|crt)$/);
      expect(readFileSync(built.path(path), 'utf8')).toBe(pem);
      expect(statSync(built.path(path)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(built.tree.rootMaterial()).mode & 0o777).toBe(0o700);
    expect(statSync(join(built.tree.rootMaterial(), '..')).mode & 0o777).toBe(0o755);
  });

  test.each([
    ['no name', { domains: [] }, 'no domain was named'],
    ['a name that is none', { domains: ['a/b'] }, 'is not a domain name'],
    ['a key of another size', { keySize: 1024 }, 'There are: 2048, 4096.'],
    ['a country of three letters', { subject: [{ type: 'C', value: 'DEU' }] }, 'cannot be “DEU”'],
    ['a line in the subject', { subject: [{ type: 'O', value: 'a\nb' }] }, 'control character'],
    ['a subject without end', { subject: [{ type: 'O', value: 'a'.repeat(65) }] }, 'longer than 64'],
  ] as const)('%s: refused, nothing kept', async (_what, over, why) => {
    await expect(generateCertificate({ ...request, ...over }, host)).rejects.toMatchObject({
      name: 'UsageError',
    });
    const error = await generateCertificate({ ...request, ...over }, host).catch((caught) => caught);
    expect(`${error.message} ${error.advice ?? ''}`).toContain(why);
    expect(existsSync(built.tree.rootMaterial())).toBe(false);
  });
});

describe('what could be installed', () => {
  test('for a name: the one of an authority with the most time left whose key is here', async () => {
    const former = aGiven(['a.test', 'shop.a.test']);
    await install(offer('a.test', former));
    await install(offer('a.test', aGiven(['a.test'], true)));
    await generateCertificate(
      { domains: ['a.test'], subject: [], keySize: null, challengePassword: null, withCertificate: true },
      host,
    );
    const found = await findInstallable(parseHostName('shop.a.test'), null, host);
    expect(found).toMatchObject({ keyPem: former.keyPem, bundlePem: anIntermediate().certPem });
    expect(found.leaf.fingerprint).toBe(fingerprintOf(former));
    const own = await findInstallable(parseHostName('a.test'), parseAccountName('alice'), host);
    expect(own.leaf.fingerprint).toBe(fingerprintOf(former));
  });

  test('for somebody’s certificate: the key that root made for it', async () => {
    const { key, certificate } = await generateCertificate(
      { domains: ['x.test'], subject: [], keySize: null, challengePassword: null, withCertificate: true },
      host,
    );
    expect(await completeCertificate(certificate?.pem ?? '', host)).toMatchObject({
      keyPem: key.pem,
      bundlePem: '',
    });
    expect(await completeCertificate(aGiven(['a.test']).certPem, host)).toMatchObject({ keyPem: null });
    expect(await listKnownCertificates(null, host)).toMatchObject([{ website: null, isRegistered: true }]);
  });

  test.each([
    ['nothing fits', 'a.test', null, 'no valid certificate'],
    ['another account has the name', 'a.test', 'dave', 'has no website'],
  ])('is refused when %s', async (_what, domain, user, why) => {
    const account = user === null ? null : parseAccountName(user);
    await expect(findInstallable(parseHostName(domain), account, host)).rejects.toThrow(why);
  });
});
