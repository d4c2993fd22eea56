import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, PEBBLE_TERMS, startCaSite } from '../support/ca-site.js';
import { faultsOf, installedSet } from '../support/installed-set.js';
import { describeWithParts } from '../support/needs.js';

const ALICE = { alice: { domain: 'alice.test', keyType: 'ecdsa-prime256v1' } };
const ACCOUNT_KEY = '/var/cpanel/ssl/autossl/accounts/CustomACME/key.pem';

describeWithParts('choosing a CA by its directory', ['pebble', 'openssl'], () => {
  describe('one with terms', () => {
    let site: CaSite;
    beforeAll(async () => {
      buildPrograms();
      site = await startCaSite();
    });
    afterAll(async () => site?.stop());

    test.each([
      ['no word about the terms', [], `are at ${PEBBLE_TERMS} and are not accepted yet`],
      [
        'a yes to other terms',
        ['--accept-terms', 'https://other.test/terms'],
        'not “https://other.test/terms”',
      ],
    ])('%s: it names them and the command, changes nothing, exits 3', async (_, words, expected) => {
      const hosted = await site.host(ALICE);
      const bundle = hosted.path('/etc/ssl/ca-transport.pem');
      site.proxy.clear();
      const ended = await hosted.run(
        'autossl',
        ...['provider', 'use', 'CustomACME', '--directory', site.proxy.directoryUrl],
        ...['--ca-bundle', bundle, ...words],
      );
      expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
      expect(ended.stderr).toContain(expected);
      expect(ended.stderr).toContain(`autossl provider use CustomACME`);
      expect(ended.stderr).toContain(`--accept-terms ${PEBBLE_TERMS}`);
      expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
      expect(site.proxy.requests.map(({ path }) => path)).toEqual(['/dir']);
      expect(existsSync(hosted.path('/var/cpanel/autossl.json'))).toBe(false);
      expect(existsSync(hosted.path(ACCOUNT_KEY))).toBe(false);
    });

    test('a server without a chosen provider cannot run, and is told how to choose', async () => {
      const hosted = await site.host(ALICE);
      const ended = await hosted.run('autossl_check', '--all');
      expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
      expect(ended.stderr).toContain('autossl provider use');
    });

    test('a CA behind roots that nobody named is not believed', async () => {
      const hosted = await site.host(ALICE);
      const ended = await hosted.run(
        'autossl',
        ...['provider', 'use', 'CustomACME', '--directory', site.proxy.directoryUrl],
        ...['--accept-terms', PEBBLE_TERMS],
      );
      expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
      expect(ended.stderr).toContain('--ca-bundle');
      expect(existsSync(hosted.path('/var/cpanel/autossl.json'))).toBe(false);
    });

    test.each([
      ['ecdsa-prime256v1', { asymmetricKeyType: 'ec', details: { namedCurve: 'prime256v1' } }],
      ['ecdsa-secp384r1', { asymmetricKeyType: 'ec', details: { namedCurve: 'secp384r1' } }],
      ['rsa-2048', { asymmetricKeyType: 'rsa', details: { modulusLength: 2048 } }],
    ])('an account key of type %s registers, orders and stays the same', async (accountKeyType, wanted) => {
      const domain = `${accountKeyType}.test`;
      const hosted = await site.host(
        { alice: { ...ALICE.alice, domain } },
        { settings: { acme: { accountKeyType } } },
      );
      expect(await site.choose(hosted)).toMatchObject({ exitCode: 0, stderr: '' });
      const pem = readFileSync(hosted.path(ACCOUNT_KEY), 'utf8');
      const key = createPrivateKey(pem);
      expect(key.asymmetricKeyType).toBe(wanted.asymmetricKeyType);
      expect(key.asymmetricKeyDetails).toMatchObject(wanted.details);
      expect(lstatSync(hosted.path(ACCOUNT_KEY)).mode & 0o7777).toBe(0o600);
      expect(lstatSync(hosted.path('/var/cpanel/ssl/autossl')).mode & 0o7777).toBe(0o700);
      expect(await hosted.run('autossl_check', '--all')).toMatchObject({ exitCode: 0, stderr: '' });
      const root = hosted.path('/etc/ssl/roots.pem');
      expect(faultsOf(hosted, domain, hosted.names.get(domain) ?? [], root)).toEqual([]);

      site.proxy.clear();
      expect(await site.choose(hosted)).toMatchObject({ exitCode: 0 });
      expect(readFileSync(hosted.path(ACCOUNT_KEY), 'utf8')).toBe(pem);
      expect(site.proxy.requests.filter(({ path }) => path === '/sign-me-up')).toEqual([]);
    });

    test('each account’s websites get the kind of key that the account asks for', async () => {
      const kinds = ['rsa-2048', 'ecdsa-prime256v1', 'ecdsa-secp384r1'];
      const hosted = await site.host(
        Object.fromEntries(
          kinds.map((keyType, index) => [`user${index}`, { domain: `kind${index}.test`, keyType }]),
        ),
      );
      await site.choose(hosted);
      expect(await hosted.run('autossl_check', '--all')).toMatchObject({ exitCode: 0, stderr: '' });
      const keys = kinds.map((_, index) => installedSet(hosted, `kind${index}.test`).key);
      expect(keys.map(({ asymmetricKeyType }) => asymmetricKeyType)).toEqual(['rsa', 'ec', 'ec']);
      expect(keys[0]?.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 });
      expect(keys[1]?.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' });
      expect(keys[2]?.asymmetricKeyDetails).toMatchObject({ namedCurve: 'secp384r1' });
    });
  });

  describe('one that wants external accounts', () => {
    const KID = 'kid-1';
    const HMAC = createHash('sha256').update('a shared secret').digest('base64url');
    let site: CaSite;
    beforeAll(async () => {
      site = await startCaSite({ eab: { [KID]: HMAC } });
    });
    afterAll(async () => site?.stop());

    const aServer = async (domain: string, contents = HMAC, mode = 0o600) => {
      const hosted = await site.host({ alice: { ...ALICE.alice, domain } });
      writeFileSync(hosted.path('/etc/hmac'), `${contents}\n`, { mode });
      return hosted;
    };

    test('with kid and key file it registers and orders; the key is neither stored nor shown', async () => {
      const hosted = await aServer('eab.test');
      const hmac = `file:${hosted.path('/etc/hmac')}`;
      const chosen = await site.choose(hosted, '--eab-kid', KID, '--eab-hmac', hmac);
      expect(chosen).toMatchObject({ exitCode: 0, stderr: '' });
      expect(chosen.stdout).not.toContain(HMAC);
      expect(readFileSync(hosted.path('/var/cpanel/autossl.json'), 'utf8')).not.toContain(HMAC);
      expect(await hosted.run('autossl_check', '--all')).toMatchObject({ exitCode: 0, stderr: '' });
      expect(
        faultsOf(hosted, 'eab.test', hosted.names.get('eab.test') ?? [], hosted.path('/etc/ssl/roots.pem')),
      ).toEqual([]);
    });

    test.each([
      ['neither', [], HMAC, 0o600, 3, 'requires external account binding'],
      ['a kid alone', ['--eab-kid', KID], HMAC, 0o600, 2, 'both --eab-kid and --eab-hmac'],
      ['a key alone', ['--eab-hmac', 'FILE'], HMAC, 0o600, 2, 'both --eab-kid and --eab-hmac'],
      ['a key written out', ['--eab-kid', KID, '--eab-hmac', HMAC], HMAC, 0o600, 2, 'file:PATH'],
      [
        'an unknown kid',
        ['--eab-kid', 'kid-9', '--eab-hmac', 'FILE'],
        HMAC,
        0o600,
        1,
        'does not accept the external account with key id kid-9',
      ],
      [
        'a wrong key',
        ['--eab-kid', KID, '--eab-hmac', 'FILE'],
        HMAC.toLowerCase(),
        0o600,
        1,
        'does not accept the external account with key id kid-1',
      ],
      ['a key that is no base64', ['--eab-kid', KID, '--eab-hmac', 'FILE'], '§§', 0o600, 3, 'base64url'],
      ['an empty key file', ['--eab-kid', KID, '--eab-hmac', 'FILE'], '', 0o600, 3, 'it is empty'],
      [
        'a key file that others read',
        ['--eab-kid', KID, '--eab-hmac', 'FILE'],
        HMAC,
        0o644,
        3,
        'holds a secret and is open to others',
      ],
      [
        'a key file that is not there',
        ['--eab-kid', KID, '--eab-hmac', 'file:/no/such'],
        HMAC,
        0o600,
        3,
        '“/no/such”',
      ],
    ])('%s: one clear line', async (_, words, contents, mode, exitCode, expected) => {
      const hosted = await aServer('refused.test', contents, mode);
      const file = `file:${hosted.path('/etc/hmac')}`;
      const ended = await site.choose(hosted, ...words.map((word) => word.replace('FILE', file)));
      expect(ended).toMatchObject({ exitCode, stdout: '' });
      expect(ended.stderr).toContain(expected);
      expect(
        ended.stderr
          .replace(/\nSee .*/, '')
          .trimEnd()
          .split('\n'),
      ).toHaveLength(1);
      expect(ended.stderr).not.toContain(HMAC);
      expect(existsSync(hosted.path('/var/cpanel/autossl.json'))).toBe(false);
    });
  });

  describe('one with three certificates above the leaf and other roots', () => {
    let site: CaSite;
    beforeAll(async () => {
      site = await startCaSite({ chainLength: 3, alternateRoots: 2 });
    });
    afterAll(async () => site?.stop());

    test.each([0, 1, 2])('the chain to root %i is served whole when it is preferred', async (index) => {
      const root = await site.pebble.root(index);
      const commonName = /CN=(.*)/.exec(new X509Certificate(root).subject)?.[1] ?? '';
      const domain = `root${index}.test`;
      const hosted = await site.host(
        { alice: { ...ALICE.alice, domain } },
        {
          ...(index === 0 ? {} : { settings: { acme: { preferredChain: commonName } } }),
          furnish: (builder) => builder.file('/etc/ssl/roots.pem', root),
        },
      );
      await site.choose(hosted);
      expect(await hosted.run('autossl_check', '--all')).toMatchObject({ exitCode: 0, stderr: '' });
      expect(
        faultsOf(hosted, domain, hosted.names.get(domain) ?? [], hosted.path('/etc/ssl/roots.pem')),
      ).toEqual([]);
      expect(installedSet(hosted, domain).chain).toHaveLength(4);
      const second = await hosted.run('autossl_check', '--all');
      expect(second.stdout).toContain('nothing to do');
    });
  });
});
