import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Tree } from '../../../src/adapters/system/tree.js';
import { detectWebServers } from '../../../src/adapters/webserver/detection.js';
import { judgeLiveness } from '../../../src/core/plan/install/install-liveness.js';
import { whereServed } from '../../../src/core/plan/served/served-places.js';
import type { WebServer } from '../../../src/runs/ports/installation.js';
import { describeWithParts } from '../../support/needs.js';
import { aCertificate, aKey, keyPemOf, type TestCertificate } from '../../support/pki.js';
import { freePorts } from '../../support/ports.js';
import { ApacheRig, servedFingerprint } from '../../support/server-rigs.js';

const MACHINE = new Tree('/');
const aKeyOfAnotherKind = (): string => keyPemOf(aKey('rsa-2048'));
const printOf = ({ der }: TestCertificate): string => createHash('sha256').update(der).digest('hex');

describeWithParts('Apache', ['apache', 'openssl'], () => {
  let rig: ApacheRig;
  let server: WebServer;
  let [port, port6]: number[] = [];
  const first = aCertificate({ names: ['a.test'] });
  const other = aCertificate({ names: ['default.test'] });

  beforeAll(async () => {
    [port, port6] = [...(await freePorts(2))];
    rig = new ApacheRig([`127.0.0.1:${port}`, `[::1]:${port6} https`]);
    const pair = rig.write('tls/a.test', first.combined);
    rig.site('a.test', `*:${port} [::1]:${port6}`, pair, 'ServerAlias www.a.test *.a.test');
    rig.site('0-default', `*:${port}`, rig.write('tls/default', other.combined));
    await rig.start(port ?? 0);
    const [found] = detectWebServers([rig.settings()], MACHINE);
    if (found === undefined) throw new Error('no server');
    server = found;
  });
  afterAll(() => rig.stop());

  const served = () => servedFingerprint('127.0.0.1', port ?? 0, 'a.test');

  test('is seen alive where it listens', async () => {
    expect(await server.liveness()).toMatchObject({
      isAlive: true,
      masterPid: rig.pid,
      listening: [`127.0.0.1:${port}`, `[::1]:${port6}`],
      isListening: true,
    });
  });

  test('is found by itself among all processes, with its own arguments', async () => {
    const all = detectWebServers(
      [{ ...rig.settings(), kind: 'auto', program: null, arguments: [] }],
      MACHINE,
    );
    const lives = await Promise.all(all.map(async (one) => (await one.liveness()).masterPid));
    const found = all[lives.indexOf(rig.pid)];
    expect(found?.kind).toBe('apache');
    expect(await found?.readSites()).toEqual(await server.readSites());
  });

  test('has the sites that it has', async () => {
    const sites = await server.readSites();
    if ('fault' in sites) throw new Error(sites.fault);
    const byName = sites.find(({ names }) => names.includes('a.test'));
    expect(byName).toMatchObject({
      server: 'apache',
      names: ['a.test', 'www.a.test', '*.a.test'],
      certificates: [
        { certificateFile: join(rig.folder, 'tls/a.test'), keyFile: join(rig.folder, 'tls/a.test') },
      ],
      file: join(rig.folder, 'sites/a.test.conf'),
      line: 1,
    });
    expect(whereServed(['shop.a.test', 'b.test'], sites)).toMatchObject({
      places: expect.arrayContaining([
        expect.objectContaining({ address: '127.0.0.1', port }),
        expect.objectContaining({ address: '::1', port: port6 }),
      ]),
      namesWithoutSite: ['b.test'],
    });
  });

  test('tests its configuration and tells its sites at once, as they are now', async () => {
    const before = await server.inspect?.();
    expect(before).toEqual({ check: { ok: true }, sites: await server.readSites() });
    const file = 'sites/a.test.conf';
    const text = rig.read(file);
    // On the same line: what Apache prints of it stays the same.
    const copy = rig.write('tls/a.copy', first.combined);
    rig.write(file, text.replaceAll(join(rig.folder, 'tls/a.test'), copy));
    try {
      const sites = (await server.inspect?.())?.sites;
      expect(sites).toContainEqual(
        expect.objectContaining({
          names: expect.arrayContaining(['a.test']),
          certificates: [expect.objectContaining({ certificateFile: copy })],
        }),
      );
    } finally {
      rig.write(file, text);
    }
    expect(await server.inspect?.()).toEqual(before);
  });

  test('serves the new certificate after a reload under the same process', async () => {
    const next = aCertificate({ names: ['a.test'] });
    const before = await server.liveness();
    rig.write('tls/a.test', next.combined);
    expect(await server.testConfig()).toEqual({ ok: true });
    expect(served()).toBe(printOf(first));
    expect(await server.reload()).toEqual({ ok: true });
    expect(judgeLiveness(before, await server.liveness())).toEqual({ ok: true });
    expect(served()).toBe(printOf(next));
    expect(servedFingerprint('::1', port6 ?? 0, 'a.test')).toBe(printOf(next));
  });

  describe('with a configuration that is broken', () => {
    afterAll(() => rig.remove('sites/broken.conf'));
    test('says where and goes on', async () => {
      const file = rig.write('sites/broken.conf', '<VirtualHost *:80>\nNoSuchThing on\n</VirtualHost>\n');
      const broken = {
        ok: false,
        why: expect.stringContaining(`Syntax error on line 2 of ${file}: Invalid command`),
      };
      expect(await server.testConfig()).toEqual(broken);
      expect(await server.readSites()).toEqual({ fault: broken.why });
      expect(served()).toBeDefined();
    });
  });

  test('names the pair that does not match before a reload would kill it', async () => {
    const pair = rig.write('tls/a.test', first.keyPem + other.chainPem);
    expect(await server.testConfig()).toEqual({
      ok: false,
      why: `certificate and key in ${pair} do not belong together (${join(rig.folder, 'sites/a.test.conf')}:1)`,
    });
    expect((await server.liveness()).isAlive).toBe(true);
  });

  test.each<[string, () => string]>([
    ['has no key', () => first.chainPem],
    ['has no certificate', () => first.keyPem],
    ['is text', () => 'hello\n'],
    ['is cut off', () => first.combined.slice(0, 300)],
  ])('names a file that %s', async (_, contents) => {
    const pair = rig.write('tls/a.test', contents());
    expect(await server.testConfig()).toMatchObject({
      ok: false,
      why: expect.stringContaining(`certificate and key in ${pair} cannot be loaded: ERR_OSSL_`),
    });
  });

  test('says nothing of a key behind a passphrase, and names one of another kind', async () => {
    const key = first.privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    });
    rig.write('tls/a.test', `${key}${first.chainPem}`);
    expect(await server.testConfig()).toEqual({ ok: true });
    rig.write('tls/a.test', aKeyOfAnotherKind() + first.chainPem);
    expect(await server.testConfig()).toMatchObject({
      why: expect.stringContaining('do not belong together'),
    });
  });

  test('dies of a mismatched pair at a reload, which is told, and is started again', async () => {
    const before = await server.liveness();
    rig.write('tls/a.test', first.keyPem + other.chainPem);
    const outcome = await server.reload();
    expect(outcome).toMatchObject({ ok: false });
    if (!outcome.ok) expect(outcome.why).toMatch(/^Apache \(pid \d+\) died: .*AH02565: .* do not match/);
    const after = await server.liveness();
    expect(after).toMatchObject({ isAlive: false, isListening: false });
    expect(judgeLiveness(before, after)).toEqual({
      ok: false,
      why: `the web server (pid ${before.masterPid}) died`,
    });
    expect(served()).toBeUndefined();
    expect(await server.start()).toMatchObject({ ok: false });
    rig.write('tls/a.test', first.combined);
    expect(await server.start()).toEqual({ ok: true });
    expect(served()).toBe(printOf(first));
    expect((await server.liveness()).isAlive).toBe(true);
  });
});

describeWithParts('Apache whose error log is no file', ['apache', 'openssl'], () => {
  let rig: ApacheRig;
  afterAll(() => rig.stop());

  test('is watched for its death all the same', async () => {
    const [port = 0] = await freePorts(1);
    rig = new ApacheRig([`127.0.0.1:${port} https`]);
    const pair = rig.write('tls/a.test', aCertificate().combined);
    rig.site('a.test', `*:${port}`, pair);
    rig.write('sites/log.conf', 'ErrorLog "|/bin/cat"\n');
    await rig.start(port);
    const [server] = detectWebServers([rig.settings()], MACHINE);
    const next = aCertificate({ names: ['a.test'] });
    rig.write('tls/a.test', next.combined);
    expect(await server?.reload()).toEqual({ ok: true });
    expect(servedFingerprint('127.0.0.1', port, 'a.test')).toBe(printOf(next));
    const { pid } = rig;
    rig.write('tls/a.test', aCertificate().keyPem + next.chainPem);
    expect(await server?.reload()).toEqual({ ok: false, why: `Apache (pid ${pid}) died` });
  });
});
