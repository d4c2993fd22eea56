import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildPrograms, runBin } from '../../support/bin-program.js';
import { startEmbeddedDns } from '../../support/embedded-dns.js';
import { LOOPBACK } from '../../support/loopback.js';
import { describeWithParts } from '../../support/needs.js';
import { aCertificate, anIntermediate, aRoot, type CertificateOptions } from '../../support/pki.js';
import { freePorts } from '../../support/ports.js';
import { ApacheRig, servedFingerprint } from '../../support/server-rigs.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';

const DAY_MS = 86_400_000;
const EXTENDED_VALIDATION = '2.23.140.1.1';
const KINDS: Readonly<Record<string, { readonly ageDays: number; readonly options?: CertificateOptions }>> = {
  'young.test': { ageDays: 10 },
  'due.test': { ageDays: 70 },
  'bought.test': { ageDays: 10, options: { policies: [EXTENDED_VALIDATION] } },
  'old.test': { ageDays: 100 },
  'own.test': { ageDays: 10, options: { issuer: 'self' } },
};
const HOSTS = Object.keys(KINDS);

describeWithParts('adopting from a real Apache', ['apache', 'openssl'], () => {
  let dns: Awaited<ReturnType<typeof startEmbeddedDns>>;
  let rig: ApacheRig;
  let built: BuiltTree;
  let httpsPort: number;
  const run = (program: string, ...words: string[]) => runBin(program, words, built.root);
  const fingerprintAt = (name: string): string | undefined => servedFingerprint('127.0.0.1', httpsPort, name);
  const adopt = async (...words: string[]) => {
    const { exitCode, stdout, stderr } = await run(
      'autossl',
      ...['adopt', '--from', 'apache', '--user', 'alice', '--json', ...words],
    );
    return { exitCode, stderr, report: JSON.parse(stdout) };
  };

  beforeAll(async () => {
    buildPrograms();
    dns = await startEmbeddedDns(HOSTS.map((name) => [name, { A: ['127.0.0.1'] }] as const));
    const [httpPort = 0, tlsPort = 0] = await freePorts(2);
    httpsPort = tlsPort;
    rig = new ApacheRig([httpPort, httpsPort].map((port) => `127.0.0.1:${port}`));
    // Of an authority that nobody built in.
    const issuer = anIntermediate({ organization: 'Some Authority' });
    const builder = aTree()
      .domainIndex('none')
      .file('/etc/passwd', 'alice:x:20001:20001::/home/alice:/bin/sh\n')
      .file('/etc/ssl/roots.pem', aRoot().certPem)
      .settings({
        webServer: rig.yaml(),
        resolvers: [dns.server],
        http: { port: httpPort, httpsPort, privateNetworks: LOOPBACK },
        trustAnchors: '/etc/ssl/roots.pem',
      });
    for (const name of HOSTS) builder.file(`/var/www/${name}/index.html`, `this is ${name}\n`);
    for (const [name, { ageDays, options }] of Object.entries(KINDS)) {
      const notBefore = new Date(Date.now() - ageDays * DAY_MS);
      const pair = aCertificate({ names: [name], issuer, notBefore, ...options });
      builder.file(`/etc/ssl/${name}.crt`, pair.chainPem).file(`/etc/ssl/${name}.key`, pair.keyPem, 0o600);
    }
    built = builder.build();
    for (const name of HOSTS) {
      const root = `DocumentRoot ${built.path(`/var/www/${name}`)}`;
      const files = ['Certificate', 'CertificateKey'].map(
        (what, index) => `SSL${what}File ${built.path(`/etc/ssl/${name}.${index === 0 ? 'crt' : 'key'}`)}`,
      );
      rig.write(
        join(rig.sitesFolder, `${name}.conf`),
        [
          `<VirtualHost 127.0.0.1:${httpPort}>\nServerName ${name}\nServerAlias *.${name}\n${root}\n</VirtualHost>`,
          `<VirtualHost 127.0.0.1:${httpsPort}>\nServerName ${name}\n${root}\nSSLEngine on\n${files.join('\n')}\n</VirtualHost>\n`,
        ].join('\n'),
      );
    }
    await rig.start(httpsPort);
  });
  afterAll(async () => {
    await rig?.stop();
    await built?.cleanUp();
    await dns?.close();
  });

  test('takes over what is in force, bought or not, and leaves the rest to the next run', async () => {
    const { exitCode, stderr, report } = await adopt('--apply');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const told = report.results.map(({ website, certificate }: Record<string, string>) => [
      website,
      certificate,
    ]);
    expect(Object.fromEntries(told)).toEqual({
      'young.test': 'recorded',
      'due.test': 'recorded',
      'bought.test': 'copied',
      'old.test': 'placeholder',
      'own.test': 'placeholder',
    });
    expect(report.skipped.map(({ name }: { name: string }) => name).sort()).toEqual(
      HOSTS.map((name) => `*.${name}`).sort(),
    );
  });

  test('has them kept until their time, whoever issued them', async () => {
    expect(await run('autossl', 'provider', 'use', 'LocalCA')).toMatchObject({ exitCode: 0 });
    const { stdout } = await run('autossl_check', '--all', '--dry-run', '--json');
    const { plan } = JSON.parse(stdout);
    const because = Object.fromEntries(
      plan.actions.map(({ vhost, because: reasons }: { vhost: string; because: { code: string }[] }) => [
        vhost,
        reasons.map(({ code }) => code),
      ]),
    );
    expect(because['due.test']).toContain('RENEWAL_DUE');
    for (const name of ['old.test', 'own.test']) expect(because[name]).toContain('SELF_SIGNED');
    expect(because['young.test'] ?? []).not.toContain('RENEWAL_DUE');
    expect(because).not.toHaveProperty('bought.test');
  });

  test('prints lines by which Apache serves the same from our file', async () => {
    const { report } = await adopt();
    const before = HOSTS.map((name) => fingerprintAt(name));
    for (const { changes } of report.websites) {
      expect(changes).toHaveLength(1);
      const [{ file, line, replaces, lines }] = changes;
      const text = readFileSync(file, 'utf8').split('\n');
      const rest = text.slice(line - 1);
      expect(rest[0]).toMatch(/^<VirtualHost 127\.0\.0\.1:\d+>$/);
      const kept = rest.filter((one) => !replaces.includes(one.split(' ')[0] ?? ''));
      const changed = [...text.slice(0, line - 1), kept[0], ...lines, ...kept.slice(1)].join('\n');
      rig.write(file.slice(rig.folder.length + 1), changed);
    }
    rig.reload();
    const isTaken = (name: string): boolean => (KINDS[name]?.ageDays ?? 0) < 90 && name !== 'own.test';
    for (const [index, name] of HOSTS.entries()) {
      if (isTaken(name)) expect(fingerprintAt(name)).toBe(before[index]);
    }
    const { exitCode, report: again } = await adopt('--apply');
    expect(exitCode).toBe(0);
    expect(again.websites.flatMap(({ changes }: { changes: unknown[] }) => changes)).toEqual([]);
    expect(again.results.every(({ outcome }: { outcome: string }) => outcome === 'unchanged')).toBe(true);
  });
});
