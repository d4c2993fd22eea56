import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readCertificate } from '../../../src/core/certificate/parse.js';
import type { ServiceName } from '../../../src/core/domain/service/service-name.js';
import { applyCertificate } from '../../../src/runs/services/manage/apply-certificate.js';
import { installCertificate } from '../../../src/runs/services/manage/install-certificate.js';
import { listServices, readServiceComponents } from '../../../src/runs/services/manage/list-services.js';
import { resetServices } from '../../../src/runs/services/manage/reset-services.js';
import { rollBackService } from '../../../src/runs/services/manage/roll-back-service.js';
import { aPresentCertificate, MANAGED_HOSTNAME, ManagedTree } from '../../support/managed-tree.js';
import {
  aKey,
  anIntermediate,
  aRoot,
  type CertificateOptions,
  spkiOf,
  type TestCertificate,
} from '../../support/pki.js';

const DAY_MS = 86_400_000;
let managed: ManagedTree;
beforeEach(() => {
  managed = new ManagedTree();
});
afterEach(() => managed.remove());

interface Given {
  readonly certificate: string;
  readonly key?: string;
  readonly bundle?: string;
}
async function install(given: Given, ...services: readonly ServiceName[]) {
  const { certificate, key, bundle } = given;
  const bytesOf = (text: string | undefined): Uint8Array | null =>
    text === undefined ? null : Buffer.from(text);
  const files = { certificate: Buffer.from(certificate), key: bytesOf(key), bundle: bytesOf(bundle) };
  const wanted: readonly ServiceName[] = services.length === 0 ? ['exim'] : services;
  return await installCertificate({ services: wanted, files, warnings: [] }, await managed.call());
}
const fingerprintOf = ({ der }: TestCertificate): string => readCertificate(der).fingerprint;
const inDays = (days: number): Date => new Date(Date.now() + days * DAY_MS);
const codesOf = (findings: readonly { readonly code: string }[]) => findings.map(({ code }) => code);
const whole = ({ certPem, keyPem }: TestCertificate, bundle = anIntermediate().certPem): Given => ({
  certificate: certPem,
  key: keyPem,
  bundle,
});

describe('installing', () => {
  test('puts a good certificate in the services that are named, nobody objecting', async () => {
    const made = aPresentCertificate();
    const report = await install(whole(made), 'exim', 'dovecot');
    expect(report).toMatchObject({ exitCode: 0, refusals: [], warnings: [], faults: [] });
    expect(report.certificate).toMatchObject({ fingerprint: fingerprintOf(made), names: [MANAGED_HOSTNAME] });
    expect(report.services.map(({ service, state }) => [service, state])).toEqual([
      ['exim', 'published'],
      ['dovecot', 'published'],
    ]);
    for (const name of ['exim', 'dovecot'] as const)
      expect(managed.lying(name)?.leaf.fingerprint).toBe(fingerprintOf(made));
    expect(managed.lying('ftp')).toBeUndefined();
  });

  test('puts the chain in order and sends no strangers', async () => {
    const upper = anIntermediate({ name: 'Upper' });
    const lower = anIntermediate({ name: 'Lower', issuer: upper });
    const made = aPresentCertificate({ issuer: lower });
    const bundle =
      aRoot().certPem + upper.certPem + anIntermediate({ name: 'Stranger' }).certPem + lower.certPem;
    expect((await install(whole(made, bundle))).exitCode).toBe(0);
    expect(managed.lying('exim')?.chain).toEqual([
      expect.stringContaining('CN=Lower'),
      expect.stringContaining('CN=Upper'),
    ]);
  });

  test.each<[string, (made: TestCertificate) => Promise<unknown>]>([
    ['another service has', () => install(whole(aPresentCertificate()), 'ftp')],
    [
      'a website has',
      async () => {
        const folder = join('/var/cpanel/ssl/apache_tls', 'example.com');
        managed.write(join(folder, 'certificates'), aPresentCertificate().chainPem);
      },
    ],
  ])('completes the chain by the issuer that %s', async (_case, plant) => {
    const made = aPresentCertificate();
    await plant(made);
    const report = await install({ certificate: made.certPem, key: made.keyPem });
    expect(report).toMatchObject({ exitCode: 0, refusals: [] });
    expect(managed.lying('exim')?.chain).toEqual([expect.stringContaining('CN=Test Intermediate')]);
  });

  test('finds the key at another service, among former ones, and at a website; of that it is warned', async () => {
    const made = aPresentCertificate();
    await install(whole(made), 'ftp');
    expect(await install({ certificate: made.certPem })).toMatchObject({ exitCode: 0, warnings: [] });
    await install(whole(aPresentCertificate()), 'ftp', 'exim');
    expect(await install({ certificate: made.certPem })).toMatchObject({ exitCode: 0, warnings: [] });
    expect(managed.lying('exim')?.leaf.fingerprint).toBe(fingerprintOf(made));
    const website = aPresentCertificate({ names: ['shop.test', MANAGED_HOSTNAME] });
    managed.write('/var/cpanel/ssl/apache_tls/shop.test/combined', website.combined);
    const report = await install({ certificate: website.certPem });
    expect(report).toMatchObject({ exitCode: 0, warnings: [{ code: 'KEY_OF_WEBSITE' }] });
  });

  test('a renewal for the same key needs no key either', async () => {
    const key = aKey('ecdsa-prime256v1', 'kept');
    await install(whole(aPresentCertificate({ key })));
    const renewed = aPresentCertificate({ key });
    expect((await install({ certificate: renewed.certPem })).exitCode).toBe(0);
    expect(managed.lying('exim')?.leaf.fingerprint).toBe(fingerprintOf(renewed));
  });

  test.each<[string, CertificateOptions, readonly string[]]>([
    ['a wildcard that covers the hostname', { names: ['*.manage.test'] }, []],
    ['one for another name', { names: ['mail.example.com'] }, ['HOSTNAME_MISMATCH', 'REPLACED_SOON']],
    ['one that signed itself', { issuer: 'self' }, ['SELF_SIGNED', 'REPLACED_SOON']],
    ['one for any purpose', { eku: null }, ['NO_SERVER_AUTH', 'REPLACED_SOON']],
    ['one with two days left', { notBefore: inDays(-88), notAfter: inDays(2) }, ['REPLACED_SOON']],
    ['one with ten days left', { notBefore: inDays(-80), notAfter: inDays(10) }, []],
  ])('%s is installed, and what speaks against it is said', async (_case, options, codes) => {
    const made = aPresentCertificate(options);
    const report = await install(whole(made));
    expect(report).toMatchObject({ exitCode: 0, refusals: [] });
    expect(codesOf(report.warnings)).toEqual(codes);
    expect(managed.lying('exim')?.leaf.fingerprint).toBe(fingerprintOf(made));
  });

  test('one for another name is not replaced where the administrator does not want that', async () => {
    managed.write('/var/cpanel/cpanel.config', 'autoupdate_certificate_on_hostname_mismatch=0\n');
    const report = await install(whole(aPresentCertificate({ names: ['mail.example.com'] })));
    expect(codesOf(report.warnings)).toEqual(['HOSTNAME_MISMATCH']);
  });

  test('nothing is replaced soon where the touch file forbids it', async () => {
    managed.write('/var/cpanel/ssl/disable_service_certificate_management', '');
    const report = await install(whole(aPresentCertificate({ issuer: 'self' })));
    expect(codesOf(report.warnings)).toEqual(['SELF_SIGNED']);
  });

  test('that of a private authority is installed with its root, and clients’ doubts are told', async () => {
    const root = aRoot({ name: 'Private Root' });
    const made = aPresentCertificate({ issuer: root });
    const report = await install(whole(made, root.certPem));
    expect(report).toMatchObject({ exitCode: 0, refusals: [] });
    expect(codesOf(report.warnings)).toEqual(['CHAIN_UNTRUSTED']);
    expect(managed.lying('exim')?.chain).toEqual([expect.stringContaining('CN=Private Root')]);
    const applied = await applyCertificate({ from: 'exim', to: ['ftp'] }, await managed.call());
    expect(applied).toMatchObject({ exitCode: 0, warnings: [{ code: 'CHAIN_UNTRUSTED' }] });
  });
});

describe('refusing', () => {
  const weak = aRoot({ name: 'Weak Root' });
  test.each<[string, string, CertificateOptions]>([
    ['an expired one', 'CERTIFICATE_EXPIRED', { notBefore: inDays(-90), notAfter: inDays(-1) }],
    ['one that is not valid yet', 'CERTIFICATE_NOT_YET_VALID', { notBefore: inDays(1) }],
    ['a small RSA key', 'RSA_KEY_TOO_SMALL', { keyType: 'rsa-1024' }],
    ['an RSA key with a weak exponent', 'RSA_EXPONENT_WEAK', { keyType: 'rsa-2048-e3' }],
    ['a small curve', 'CURVE_TOO_SMALL', { keyType: 'ecdsa-secp224r1' }],
    ['a curve that nobody takes', 'KEY_TYPE_UNSUPPORTED', { keyType: 'ecdsa-secp256k1' }],
    ['a weak signature', 'WEAK_SIGNATURE', { sha1: true }],
    ['no names', 'NO_SUBJECT_ALT_NAME', { noSan: true }],
    ['one for clients', 'NO_SERVER_AUTH', { eku: ['1.3.6.1.5.5.7.3.2'] }],
    ['an unknown issuer', 'CHAIN_INCOMPLETE', { issuer: weak }],
    ['a signature that is not its issuer’s', 'CHAIN_UNTRUSTED', { badSignature: true }],
  ])('%s: one reason with advice, and nothing is written', async (_case, code, options) => {
    await install(whole(aPresentCertificate()));
    const before = managed.files();
    const report = await install(whole(aPresentCertificate(options)));
    expect(report).toMatchObject({ exitCode: 1, log: null, services: [] });
    expect(codesOf(report.refusals)[0]).toBe(code);
    expect(report.refusals[0]?.advice).not.toBeNull();
    expect(managed.files()).toEqual(before);
  });

  test('a certificate whose key nobody has', async () => {
    const { certPem } = aPresentCertificate();
    expect(await install({ certificate: certPem, bundle: anIntermediate().certPem })).toMatchObject({
      exitCode: 1,
      refusals: [{ code: 'KEY_MISSING', advice: 'Give the key with --key.' }],
    });
  });

  test('what is already wrong with the files', async () => {
    expect(await install({ certificate: 'hello', key: 'x' })).toMatchObject({
      exitCode: 1,
      certificate: null,
      refusals: [{ code: 'CERTIFICATE_UNREADABLE' }],
    });
  });
});

describe('applying', () => {
  test('gives other services the same certificate, key and chain', async () => {
    const made = aPresentCertificate();
    await install(whole(made), 'cpanel');
    const report = await applyCertificate({ from: 'cpanel', to: ['exim', 'ftp'] }, await managed.call());
    expect(report).toMatchObject({ exitCode: 0, command: 'apply', refusals: [], warnings: [] });
    const parts = await readServiceComponents(await managed.open());
    const [cpanel, exim, dovecot, ftp] = parts.map(({ service: _, ...rest }) => rest);
    expect(exim).toEqual(cpanel);
    expect(ftp).toEqual(cpanel);
    expect(dovecot).toMatchObject({ certificatePem: null, keyPem: null });
    expect(cpanel).toMatchObject({
      keyPem: made.keyPem,
      certificatePem: made.certPem,
      bundlePem: anIntermediate().certPem,
    });
  });

  test.each([
    ['nothing', ''],
    ['garbage', 'hello'],
    ['a certificate with another one’s key', aPresentCertificate().certPem + aPresentCertificate().keyPem],
  ])('refuses %s', async (_case, text) => {
    if (text !== '') managed.write('/var/cpanel/ssl/exim/combined', text);
    expect(await applyCertificate({ from: 'exim', to: ['ftp'] }, await managed.call())).toMatchObject({
      exitCode: 1,
      refusals: [{ code: 'NOTHING_TO_APPLY' }],
    });
    expect(managed.lying('ftp')).toBeUndefined();
  });

  test('refuses one that has expired since', async () => {
    const { combined } = aPresentCertificate({ notBefore: inDays(-90), notAfter: inDays(-1) });
    managed.write('/var/cpanel/ssl/exim/combined', combined);
    expect(await applyCertificate({ from: 'exim', to: ['ftp'] }, await managed.call())).toMatchObject({
      exitCode: 1,
      refusals: [{ code: 'CERTIFICATE_EXPIRED' }],
    });
  });
});

test('what was reset is kept, and comes back by a rollback', async () => {
  const made = aPresentCertificate();
  await install(whole(made));
  expect((await resetServices(['exim'], await managed.call())).exitCode).toBe(0);
  expect(managed.lying('exim')?.leaf.isSelfSigned).toBe(true);
  const { services } = await listServices([], await managed.open());
  expect(services[1]).toMatchObject({ service: 'exim', certificate: { isPlaceholder: true }, former: 1 });
  const back = await rollBackService({ service: 'exim', to: null }, await managed.call());
  expect(back).toMatchObject({ exitCode: 0, certificate: { fingerprint: fingerprintOf(made) } });
  expect(managed.lying('exim')?.leaf.fingerprint).toBe(fingerprintOf(made));
});

test('the parts of a certificate are told as documented', async () => {
  const rsa = aPresentCertificate({ keyType: 'rsa-2048' });
  const ec = aPresentCertificate();
  await install(whole(rsa), 'exim');
  await install(whole(ec), 'ftp');
  const parts = await readServiceComponents(await managed.open());
  const detailsOf = (name: ServiceName) => parts.find(({ service }) => service === name)?.details;
  const modulus = rsa.privateKey.export({ format: 'jwk' }).n ?? '';
  expect(detailsOf('exim')).toMatchObject({
    domains: [MANAGED_HOSTNAME],
    isSelfSigned: false,
    issuerCommonName: 'Test Intermediate',
    issuerOrganization: 'Test Authority',
    keyAlgorithm: 'rsaEncryption',
    modulus: Buffer.from(modulus, 'base64url').toString('hex'),
    modulusLength: 2048,
    ecdsaCurveName: null,
    ecdsaPublic: null,
    validationType: 'dv',
  });
  const point = spkiOf(ec.privateKey).subarray(-65);
  expect(detailsOf('ftp')).toMatchObject({
    keyAlgorithm: 'id-ecPublicKey',
    modulus: null,
    ecdsaCurveName: 'prime256v1',
    ecdsaPublic: `0${2 + ((point.at(-1) ?? 0) & 1)}${point.subarray(1, 33).toString('hex')}`,
  });
});
