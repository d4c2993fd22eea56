import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ProgramResult } from '../demo/program.js';
import { buildPrograms } from '../support/bin-program.js';
import { listTree } from '../support/file-tree.js';
import { FreshServer } from '../support/fresh-server.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import { describeWithParts } from '../support/needs.js';
import { changeIn, printedFile, printedSection } from '../support/readme-blocks.js';
import { NginxRig, servedFingerprint } from '../support/server-rigs.js';

/** Names of the README's three sites. */
const WRITTEN = ['example.com', 'www.example.com', 'example.net', 'example.org'];
const CONFIGURATION = 'conf/conf.d/sites.conf';
/** Of step 2. */
const SNIPPET = '/etc/nginx/snippets/autossl.conf';
const LONGEST_MS = 300_000;

interface Change {
  readonly file: string;
  readonly line: number;
  readonly lines: readonly string[];
}

describeWithParts(
  'README, “From nginx to nightly runs”, word for word on a server with nginx and three sites',
  ['nginx', 'pebble', 'openssl'],
  () => {
    const [first, diff, second, ...more] = printedSection('### From nginx to nightly runs');
    const change = changeIn(diff?.text ?? '');
    let ca: HostingCa;
    let rig: NginxRig;
    let server: FreshServer;
    let certbots: string;
    const served = (name: string): string | undefined =>
      servedFingerprint(server.address, ca.httpsPort, name);
    const fingerprintIn = (path: string): string =>
      new X509Certificate(server.read(path)).fingerprint256.replaceAll(':', '').toLowerCase();
    const combinedOf = (vhost: string): string => `/var/cpanel/ssl/apache_tls/${vhost}/combined`;
    const adopt = async (...words: string[]) => {
      const result = await server.run(
        'autossl',
        'adopt',
        '--from',
        'nginx',
        '--user',
        'alice',
        '--json',
        ...words,
      );
      return { ...result, report: JSON.parse(result.stdout) };
    };

    /** Does what a line of the README says; what cannot be had here (users, Let's Encrypt) by what stands for it. */
    const follow = async (line: string): Promise<ProgramResult> => {
      const done: ProgramResult = { exitCode: 0, stdout: '', stderr: '' };
      const words = line.replace(/ +#.*$/, '').split(' ');
      const [program = '', ...rest] = words;
      if (line.startsWith('useradd --create-home ')) {
        server.addUser(words[2] ?? '');
        return done;
      }
      if (words.join(' ') === 'nginx -t && systemctl reload nginx') {
        server.reload();
        return done;
      }
      if (rest.join(' ').startsWith('provider use LetsEncrypt'))
        return server.useProvider(rest.includes('--accept-terms'));
      if (program === 'autossl' || program === 'autossl_check') return server.run(program, ...rest);
      throw new Error(`nobody knows how to follow “${line}”`);
    };

    beforeAll(async () => {
      buildPrograms();
      ca = await startHostingCa();
      rig = new NginxRig();
      server = await FreshServer.make(ca, rig);
      for (const name of WRITTEN) ca.dns.zones.set(name, { A: [server.address] });
      for (const name of ['example.com', 'example.net', 'example.org']) server.makeFolder(`/var/www/${name}`);
      server.keepByCertbot('example.com', server.oldCertificate(['example.com', 'www.example.com'], 10));
      const expired = server.oldCertificate(['example.net'], 100);
      server.write('/etc/nginx/old.crt', expired.chainPem);
      server.write('/etc/nginx/old.key', expired.keyPem, 0o600);
      certbots = fingerprintIn('/etc/letsencrypt/live/example.com/fullchain.pem');
      rig.write(CONFIGURATION, server.localized(change.before));
      await rig.start(ca.httpPort, server.address);
    }, LONGEST_MS);
    afterAll(async () => {
      await rig?.stop();
      server?.cleanUp();
      await ca?.stop();
    });

    test('has two groups of commands and a change between them', () => {
      expect([first?.language, diff?.language, second?.language, more]).toEqual(['sh', 'diff', 'sh', []]);
      expect(change.path).toBe('/etc/nginx/conf.d/sites.conf');
      expect(served('example.com')).toBe(certbots);
    });

    test('shows, and then takes over, what is there', async () => {
      const [useradd = '', show = '', apply = '', ...rest] = first?.text.trim().split('\n') ?? [];
      expect(rest).toEqual([]);
      await follow(useradd);
      const shown = await follow(show);
      expect(shown).toMatchObject({ exitCode: 0, stderr: '' });
      expect(shown.stdout).toContain('Nothing was written.');
      expect(server.isThere('/var/cpanel')).toBe(false);
      const applied = await follow(apply);
      expect(applied).toMatchObject({ exitCode: 0, stderr: '' });
      expect(applied.stdout).toContain('3 websites adopted, 1 certificate recorded as ours');
      expect(fingerprintIn(combinedOf('example.com'))).toBe(certbots);
    });

    test('changes nothing the second time', async () => {
      const before = listTree(server.root);
      const { exitCode, report } = await adopt('--apply');
      expect(exitCode).toBe(0);
      expect(report.results.map(({ outcome }: { outcome: string }) => outcome)).toEqual(
        Array(3).fill('unchanged'),
      );
      expect(listTree(server.root)).toEqual(before);
    });

    test('prints the lines of the change, and the places where they go', async () => {
      const { report } = await adopt();
      const after = server.localized(change.after);
      const found: Change[] = report.websites.flatMap(({ changes }: { changes: Change[] }) => changes);
      const before = server.localized(change.before).split('\n');
      for (const { file, line, lines } of found) {
        expect(file).toBe(`${rig.folder}/${CONFIGURATION}`);
        expect(before[line - 1]).toBe('server {');
        expect(after).toContain(lines.map((one) => `    ${one}\n`).join(''));
      }
      expect(found).toHaveLength(2);
      const text = (await server.run('autossl', 'adopt', '--from', 'nginx', '--user', 'alice')).stdout;
      for (const line of after.split('\n').filter((one) => one.includes('/combined')))
        expect(text).toContain(line.trim());
    });

    test(
      'ends with three websites secured and served, that of certbot as it was',
      async () => {
        rig.write(`conf/${SNIPPET.slice('/etc/nginx/'.length)}`, server.localized(printedFile(SNIPPET)));
        rig.write(CONFIGURATION, server.localized(change.after));
        const ended: (number | null)[] = [];
        let last: ProgramResult | undefined;
        for (const line of second?.text.trim().split('\n') ?? []) {
          last = await follow(line);
          ended.push(last.exitCode);
          if (line.startsWith('nginx -t')) expect(served('example.com')).toBe(certbots);
        }
        // The first `provider use` only tells where the terms are.
        expect({ ended, last }).toEqual({
          ended: [0, 0, 3, 0, 0, 0],
          last: expect.objectContaining({ stdout: expect.stringContaining('2 certificates installed') }),
        });
        expect(server.isThere('/etc/cron.d/cpanel_autossl')).toBe(true);
        const root = new X509Certificate(await ca.pebble.root());
        for (const name of WRITTEN) {
          const vhost = name.replace('www.', '');
          expect(`${name} ${served(name)}`).toBe(`${name} ${fingerprintIn(combinedOf(vhost))}`);
        }
        expect(served('example.com')).toBe(certbots);
        for (const vhost of ['example.net', 'example.org']) {
          const [, chain = ''] = server
            .read(combinedOf(vhost))
            .split(/(?<=-----END [A-Z ]*PRIVATE KEY-----\n)/);
          const issuer = chain.split(/(?<=-----END CERTIFICATE-----\n)/)[1] ?? '';
          expect(new X509Certificate(issuer).checkIssued(root)).toBe(true);
        }
      },
      LONGEST_MS,
    );

    test('leaves the next night nothing to do', async () => {
      const { exitCode, stdout } = await server.run('autossl_check', '--all');
      expect({ exitCode, stdout }).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining('nothing to do'),
      });
      expect(served('example.com')).toBe(certbots);
    });
  },
);
