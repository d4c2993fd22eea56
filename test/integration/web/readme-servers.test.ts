import { execFileSync } from 'node:child_process';
import type { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { describeWithParts } from '../../support/needs.js';
import { printedFiles } from '../../support/readme-blocks.js';
import { ACCOUNT_FILES, ReadmeServer, WEBSITE_FILE } from '../../support/readme-server.js';

const NAMES = ['example.com', 'www.example.com', 'mail.example.com'];

const subjectNames = (certificate: X509Certificate): string[] =>
  (certificate.subjectAltName ?? '').split(', ').map((name) => name.replace('DNS:', ''));
const publicKey = (certificate: X509Certificate): string =>
  certificate.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');

describe.each([
  ['nginx', { reuseKey: true }, true],
  ['apache', {}, false],
] as const)('the README followed with %s', (kind, settings, isKeyKept) => {
  describeWithParts(`on a server with ${kind}`, [kind, 'pebble'], () => {
    let server: ReadmeServer;
    let first: X509Certificate;
    beforeAll(async () => {
      server = new ReadmeServer();
      await server.start(kind, settings);
    });
    afterAll(async () => {
      await server?.stop();
    });

    test('the provider is chosen when its terms are accepted', async () => {
      expect(await server.useProvider()).toMatchObject({ exitCode: 0, stderr: '' });
    });

    test('a run gets the first certificate over the mapped folder, and says that no block serves it yet', async () => {
      const result = await server.run('autossl_check', ['--all', '--json']);
      expect(result).toMatchObject({ exitCode: 1, stderr: '' });
      expect(JSON.parse(result.stdout)).toMatchObject({
        problems: [{ code: 'PUBLISHED_NOT_SERVED', advice: expect.stringContaining('names') }],
        installed: [{ vhost: 'example.com', names: expect.arrayContaining(NAMES) }],
      });
    });

    test('the file serves TLS as it is, for every name, by a chain that a client trusts', async () => {
      server.serveTls(kind);
      for (const name of NAMES) {
        first = await server.servedAfter('', name);
        expect(subjectNames(first).sort()).toEqual([...NAMES].sort());
      }
    });

    test('the next run has nothing to do', async () => {
      const result = await server.run('autossl_check', ['--all']);
      expect(result).toMatchObject({
        exitCode: 0,
        stdout: '1 website of 1 user checked: nothing to do.\n',
      });
    });

    test('a new name gets a new certificate, and it is served by our own reload', async () => {
      const added = 'shop.example.com';
      server.write(WEBSITE_FILE, server.read(WEBSITE_FILE).replace('www.example.com', `$& ${added}`));
      const result = await server.run('autossl_check', ['--user=alice']);
      expect(result).toMatchObject({
        exitCode: 0,
        stdout: '1 website of 1 user checked: 1 certificate installed.\n',
      });
      const next = await server.servedAfter(first.fingerprint256, 'example.com');
      expect(subjectNames(next).sort()).toEqual([...NAMES, added, `www.${added}`].sort());
      expect(publicKey(next) === publicKey(first)).toBe(isKeyKept);
    });

    test('a reload that fails is said, and the former certificate stays until the next run', async () => {
      const settingsFile = server.read('/etc/autossl.yaml');
      const own = parse(settingsFile);
      const broken = { ...own, webServer: { ...own.webServer, reloadCommand: ['/bin/false'] } };
      server.write('/etc/autossl.yaml', stringify(broken), 0o600);
      server.write(WEBSITE_FILE, server.read(WEBSITE_FILE).replace('www.example.com', '$& more.example.com'));
      const result = await server.run('autossl_check', ['--all']);
      expect(result.exitCode).toBe(1);
      expect(result.stdout).toMatch(/^FAULT {2}The reload of .* failed: .*\/bin\/false/m);
      expect(subjectNames(await server.servedAfter('', 'example.com'))).not.toContain('more.example.com');
      server.write('/etc/autossl.yaml', settingsFile, 0o600);
      const again = await server.run('autossl_check', ['--all']);
      expect(again).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining('1 certificate installed'),
      });
      expect(subjectNames(await server.servedAfter('', 'more.example.com'))).toContain('more.example.com');
    });
  });
});

describeWithParts('one nginx block for every website, present and future', ['nginx', 'pebble'], () => {
  const keyGroup = process.getuid?.() === 0 ? 'www-data' : execFileSync('id', ['-gn'], { encoding: 'utf8' });
  let server: ReadmeServer;
  beforeAll(async () => {
    server = new ReadmeServer();
    await server.start('nginx', { keyGroup: keyGroup.trim() });
    server.add('nginx', 'conf.d/every-website.conf');
    await server.useProvider();
  });
  afterAll(async () => {
    await server?.stop();
  });

  test('is taken before there is any certificate, and serves the first for every name', async () => {
    expect(await server.run('autossl_check', ['--all'])).toMatchObject({ exitCode: 0, stderr: '' });
    for (const name of NAMES) {
      expect(subjectNames(await server.servedAfter('', name)).sort()).toEqual([...NAMES].sort());
      expect(await server.page(name)).toBe('hello from alice\n');
    }
  });

  test('serves the next certificate', async () => {
    const { fingerprint256 } = await server.servedAfter('', 'example.com');
    server.write(WEBSITE_FILE, server.read(WEBSITE_FILE).replace('www.example.com', '$& shop.example.com'));
    expect(await server.run('autossl_check', ['--all'])).toMatchObject({ exitCode: 0, stderr: '' });
    await server.servedAfter(fingerprint256, 'example.com');
    await server.servedAfter(fingerprint256, 'shop.example.com');
  });

  test.each(['other.example.com', 'EXAMPLE.com/../example.com', '..'])('refuses %s', async (name) => {
    await expect(server.page(name)).rejects.toThrow(/alert internal error/);
  });
});

describe('the files that the README prints', () => {
  test('are those of the suites above, and no other', () => {
    const expected = [
      ...ACCOUNT_FILES,
      WEBSITE_FILE,
      '/etc/nginx/snippets/autossl.conf',
      '/etc/nginx/conf.d/alice.conf',
      '/etc/nginx/conf.d/alice-tls.conf',
      '/etc/nginx/conf.d/every-website.conf',
      '/etc/apache2/conf-available/autossl.conf',
      '/etc/apache2/sites-available/alice.conf',
      '/etc/apache2/sites-available/alice-tls.conf',
      '/etc/autossl.yaml',
    ];
    expect(
      printedFiles()
        .map(({ path }) => path)
        .sort(),
    ).toEqual(expected.sort());
  });
});
