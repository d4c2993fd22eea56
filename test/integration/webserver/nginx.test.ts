import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SocketTlsProbe } from '../../../src/adapters/probe/tls-probe.js';
import { findMasters } from '../../../src/adapters/system/daemon/process-table.js';
import { Tree } from '../../../src/adapters/system/tree.js';
import { detectWebServers } from '../../../src/adapters/webserver/detection.js';
import { judgeLiveness } from '../../../src/core/plan/install/install-liveness.js';
import { judgeServed } from '../../../src/core/plan/served/served.js';
import { whereServed } from '../../../src/core/plan/served/served-places.js';
import type { WebServer } from '../../../src/runs/ports/installation.js';
import type { WebServerSettings } from '../../../src/runs/ports/settings.js';
import { describeWithParts } from '../../support/needs.js';
import { aCertificate, type TestCertificate } from '../../support/pki.js';
import { freePorts } from '../../support/ports.js';
import { NginxRig, servedFingerprint } from '../../support/server-rigs.js';

const MACHINE = new Tree('/');
const printOf = ({ der }: TestCertificate): string => createHash('sha256').update(der).digest('hex');

describeWithParts('nginx', ['nginx', 'openssl'], () => {
  let rig: NginxRig;
  let server: WebServer;
  let [port, port6, plainPort]: number[] = [];
  const probe = new SocketTlsProbe();
  const first = aCertificate({ names: ['a.test', 'www.a.test'] });
  const other = aCertificate({ names: ['default.test'] });
  const open = (more: Partial<WebServerSettings> = {}): WebServer => {
    const [found] = detectWebServers([rig.settings(more)], MACHINE);
    if (found === undefined) throw new Error('no server');
    return found;
  };

  beforeAll(async () => {
    [port, port6, plainPort] = [...(await freePorts(3))];
    rig = new NginxRig();
    const pair = rig.write('tls/a.test', first.combined);
    rig.site('a.test', `127.0.0.1:${port} ssl`, pair, `listen [::1]:${port6} ssl;`);
    rig.site('0-default', `127.0.0.1:${port} ssl default_server`, rig.write('tls/default', other.combined));
    rig.write('conf/sites/plain.conf', `server { listen 127.0.0.1:${plainPort}; server_name plain.test; }`);
    await rig.start(port ?? 0);
    server = open();
  });
  afterAll(() => rig.stop());

  const serve = (certificate: TestCertificate): void => void rig.write('tls/a.test', certificate.combined);

  test('is seen alive where it listens', async () => {
    expect(await server.liveness()).toEqual({
      isAlive: true,
      masterPid: rig.pid,
      startToken: expect.stringMatching(new RegExp(`^${rig.pid}\\.\\d+\\.`)),
      listening: [`127.0.0.1:${port}`, `127.0.0.1:${plainPort}`, `[::1]:${port6}`].sort(),
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
    expect(found?.kind).toBe('nginx');
    expect(await found?.readSites()).toEqual(await server.readSites());
  });

  test('tests its configuration and tells its sites at once', async () => {
    expect(await server.inspect?.()).toEqual({ check: { ok: true }, sites: await server.readSites() });
    const broken = rig.write('conf/sites/broken.conf', 'no_such_thing on;\n');
    try {
      const why = expect.stringContaining(`unknown directive "no_such_thing" in ${broken}:1`);
      expect(await server.inspect?.()).toEqual({ check: { ok: false, why }, sites: { fault: why } });
      expect(await server.testConfig()).toEqual({ ok: false, why });
    } finally {
      rig.remove('conf/sites/broken.conf');
    }
    rig.write('conf/sites/plain2.conf', `server { listen 127.0.0.1:${plainPort}; server_name more.test; }`);
    try {
      expect((await server.inspect?.())?.sites).toContainEqual(
        expect.objectContaining({ names: ['more.test'] }),
      );
    } finally {
      rig.remove('conf/sites/plain2.conf');
    }
  });

  test('is tested by the command that is set, also where its sites are told', async () => {
    const refusing = open({ testCommand: ['/bin/sh', '-c', 'echo not today >&2; exit 1'] });
    const why = expect.stringContaining('not today');
    expect(await refusing.inspect?.()).toEqual({ check: { ok: false, why }, sites: { fault: why } });
    const agreeing = open({ testCommand: ['/bin/true'] });
    expect(await agreeing.inspect?.()).toEqual({ check: { ok: true }, sites: await server.readSites() });
  });

  test('is known where it alone runs and a reload command is set, which is then used', async () => {
    const note = `${rig.folder}/reloaded`;
    const auto = {
      ...rig.settings({ reloadCommand: ['/bin/sh', '-c', `echo >>${note}; kill -HUP ${rig.pid}`] }),
      kind: 'auto' as const,
      program: null,
      arguments: [],
    };
    const alone = (programs: readonly string[]) => findMasters(programs).filter(({ pid }) => pid === rig.pid);
    const found = detectWebServers([auto], MACHINE, alone);
    expect(found.map(({ kind }) => kind)).toEqual(['nginx']);
    expect(await found[0]?.readSites()).toEqual(await server.readSites());
    expect(await found[0]?.reload()).toEqual({ ok: true });
    expect(rig.read('reloaded')).toBe('\n');
    // Of two servers nobody knows which one a command reloads.
    const apache = alone(['nginx']).map((one) => ({ ...one, startToken: 'x', commandLine: ['apache2'] }));
    const both = (programs: readonly string[]) => (programs.includes('nginx') ? alone(programs) : apache);
    expect(detectWebServers([auto], MACHINE, both).map(({ kind }) => kind)).toEqual(['command']);
  });

  test('is found by its pid file, which is believed no further than its process', async () => {
    expect((await open({ pidFile: rig.pidFile, arguments: [] }).liveness()).masterPid).toBe(rig.pid);
    const stranger = rig.write('logs/stranger.pid', `${process.pid}\n`);
    const wrong = open({ pidFile: stranger });
    expect(await wrong.liveness()).toMatchObject({ isAlive: false, masterPid: null });
    expect(await wrong.reload()).toEqual({ ok: false, why: 'nginx does not run' });
  });

  test('has the sites that it has', async () => {
    expect(await server.readSites()).toMatchObject([
      { names: ['0-default'], isDefault: true },
      {
        names: ['a.test'],
        isDefault: true,
        listens: [
          { address: '127.0.0.1', port, isTls: true, isDefault: false },
          { address: '::1', port: port6, isTls: true, isDefault: true },
        ],
        certificates: [{ certificateFile: join(rig.folder, 'tls/a.test'), isVariable: false }],
        file: join(rig.folder, 'conf/sites/a.test.conf'),
        line: 1,
      },
      { names: ['plain.test'], listens: [{ isTls: false }] },
    ]);
  });

  test('serves the new certificate after a reload, in both families, under the same process', async () => {
    const next = aCertificate({ names: ['a.test'] });
    const before = await server.liveness();
    serve(next);
    expect(servedFingerprint('127.0.0.1', port ?? 0, 'a.test')).toBe(printOf(first));
    expect(await server.testConfig()).toEqual({ ok: true });
    expect(await server.reload()).toEqual({ ok: true });
    expect(judgeLiveness(before, await server.liveness())).toEqual({ ok: true });
    expect(servedFingerprint('127.0.0.1', port ?? 0, 'a.test')).toBe(printOf(next));
    expect(servedFingerprint('::1', port6 ?? 0, 'a.test')).toBe(printOf(next));

    const sites = await server.readSites();
    if ('fault' in sites) throw new Error(sites.fault);
    const { places } = whereServed(['a.test', 'www.a.test'], sites);
    expect(places.map(({ address }) => address)).toEqual(['127.0.0.1', '::1']);
    const observations = await Promise.all(
      places.map(async ({ name, address, port: at }) => ({
        name,
        address,
        port: at,
        observation: await probe.handshake({ address, port: at, serverName: name }),
      })),
    );
    expect(observations[0]?.observation).toMatchObject({
      names: ['a.test'],
      protocol: expect.stringMatching(/^TLSv1\.[23]$/),
      error: null,
    });
    const facts = { expected: printOf(next), previous: printOf(first), combinedFile: '/x', hasSite: true };
    expect(judgeServed(facts, observations)).toEqual({ served: true });
  });

  test('answers for a name that it does not have with the default site’s certificate', async () => {
    const sites = await server.readSites();
    if ('fault' in sites) throw new Error(sites.fault);
    expect(whereServed(['stranger.test'], sites)).toEqual({
      places: [],
      namesWithoutSite: ['stranger.test'],
    });
    const observation = await probe.handshake({
      address: '127.0.0.1',
      port: port ?? 0,
      serverName: 'stranger.test',
    });
    const facts = { expected: printOf(first), previous: null, combinedFile: '/x', hasSite: false };
    expect(
      judgeServed(facts, [{ name: 'stranger.test', address: '127.0.0.1', port: port ?? 0, observation }]),
    ).toMatchObject({
      code: 'OTHER_CERTIFICATE',
      message: `no site has this name with TLS; the default site at 127.0.0.1:${port} answers with another certificate, for default.test`,
    });
  });

  test('does not speak TLS on its plain port', async () => {
    const observation = await probe.handshake({
      address: '127.0.0.1',
      port: plainPort ?? 0,
      serverName: 'a.test',
    });
    const seen = { name: 'a.test', address: '127.0.0.1', port: plainPort ?? 0, observation };
    const facts = { expected: printOf(first), previous: null, combinedFile: '/x', hasSite: true };
    expect(judgeServed(facts, [seen])).toMatchObject({ code: 'NO_TLS' });
  });

  describe('with a configuration that is broken', () => {
    afterAll(() => rig.remove('conf/sites/broken.conf'));
    test('says where, keeps what it serves over a SIGHUP, and says so', async () => {
      const served = servedFingerprint('127.0.0.1', port ?? 0, 'a.test');
      const file = rig.write('conf/sites/broken.conf', 'server {\n  no_such_thing on;\n}\n');
      const why = `unknown directive "no_such_thing" in ${file}:2`;
      expect(await server.testConfig()).toEqual({ ok: false, why });
      expect(await server.readSites()).toEqual({ fault: why });
      const before = await server.liveness();
      expect(await server.reload()).toEqual({
        ok: false,
        why: `nginx goes on with its old configuration: ${why}`,
      });
      expect(judgeLiveness(before, await server.liveness())).toEqual({ ok: true });
      expect(servedFingerprint('127.0.0.1', port ?? 0, 'a.test')).toBe(served);
    });
  });

  test('refuses a pair that does not match and goes on', async () => {
    const served = servedFingerprint('127.0.0.1', port ?? 0, 'a.test');
    rig.write('tls/a.test', first.keyPem + other.chainPem);
    expect(await server.testConfig()).toMatchObject({
      ok: false,
      why: expect.stringContaining('key values mismatch'),
    });
    expect(servedFingerprint('127.0.0.1', port ?? 0, 'a.test')).toBe(served);
    serve(first);
    expect(await server.testConfig()).toEqual({ ok: true });
  });

  test('is reloaded by a command where one is set, which may hang or fail', async () => {
    const byCommand = open({ reloadCommand: ['kill', '-HUP', String(rig.pid)] });
    expect(await byCommand.reload()).toEqual({ ok: true });
    expect(await open({ reloadCommand: ['sleep', '60'], timeoutMs: 1000 }).reload()).toEqual({
      ok: false,
      why: 'sleep 60 did not end within 1 seconds',
    });
    expect(await open({ reloadCommand: ['false'] }).reload()).toEqual({
      ok: false,
      why: 'false ended with code 1',
    });
    expect(await open({ testCommand: ['sh', '-c', 'echo no good >&2; exit 3'] }).testConfig()).toEqual({
      ok: false,
      why: 'no good',
    });
  });

  test('is started again when it is gone', async () => {
    const last = await server.liveness();
    process.kill(rig.pid, 'SIGTERM');
    while ((await server.liveness()).isAlive === true) await pause(10);
    expect(judgeLiveness(last, await server.liveness())).toEqual({
      ok: false,
      why: `the web server (pid ${last.masterPid}) died`,
    });
    expect(await server.reload()).toEqual({ ok: false, why: 'nginx does not run' });
    expect(await server.start()).toEqual({ ok: true });
    expect(judgeLiveness(last, await server.liveness()).ok).toBe(false);
    expect(readFileSync(rig.pidFile, 'utf8').trim()).not.toBe(String(last.masterPid));
    expect(servedFingerprint('127.0.0.1', port ?? 0, 'a.test')).toBe(printOf(first));
  });
});
