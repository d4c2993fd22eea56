import { afterEach, describe, expect, test } from '@jest/globals';
import { type DetectionParts, detectService } from '../../../src/adapters/services/service-detection.js';
import { parseDomainName } from '../../../src/core/domain/name/names.js';
import type { ServiceName } from '../../../src/core/domain/service/service-name.js';
import type { ServerSite } from '../../../src/core/plan/served/server-site.js';
import type { WebServer } from '../../../src/runs/ports/installation.js';
import type { ServiceSettings } from '../../../src/runs/ports/settings.js';
import { scratchTree } from '../../support/scratch.js';

const SETTINGS: ServiceSettings = {
  kind: 'auto',
  testCommand: null,
  reloadCommand: null,
  startCommand: null,
  aliveCommand: null,
  pidFile: null,
  program: null,
  arguments: [],
  timeoutMs: 10_000,
  endpoints: null,
  keyGroup: null,
  sni: true,
};
const HOSTNAME = parseDomainName('host.test');
const PEM = '/var/cpanel/ssl/cpanel/cpanel.pem';

const removals: (() => void)[] = [];
afterEach(() => {
  for (const remove of removals.splice(0)) remove();
});

function detect(
  service: ServiceName,
  more: Partial<ServiceSettings> = {},
  servers: readonly WebServer[] = [],
) {
  const { tree, remove } = scratchTree();
  removals.push(remove);
  const parts: DetectionParts = { tree, hostname: HOSTNAME, files: [PEM], webServers: () => servers };
  return detectService(service, { ...SETTINGS, ...more }, parts);
}

function webServer(name: string, certificateFile: string): WebServer {
  const site: ServerSite = {
    server: 'nginx',
    names: ['_'],
    isDefault: true,
    listens: [{ address: '0.0.0.0', port: 2087, isTls: true, isDefault: true, wantsProxyHeader: false }],
    certificates: [{ certificateFile, keyFile: certificateFile, isVariable: false }],
    documentRoot: null,
    file: '/etc/nginx/panel.conf',
    line: 7,
  };
  const fine = async () => ({ ok: true }) as const;
  return {
    kind: 'nginx',
    describe: () => name,
    testConfig: fine,
    reload: fine,
    start: fine,
    liveness: async () => ({
      isAlive: true,
      masterPid: 1,
      startToken: 'x',
      listening: [],
      isListening: true,
    }),
    readSites: async () => [site, { ...site, certificates: [] }],
  };
}

describe('a service', () => {
  test.each<[string, ServiceName, Partial<ServiceSettings>, RegExp]>([
    ['that nobody wants', 'exim', { kind: 'none' }, /services\.exim\.kind is “none”/],
    ['in a private tree, where nobody named it', 'dovecot', {}, /private tree/],
    ['of a panel that no web server serves', 'cpanel', {}, /no site of a web server/],
  ])('%s is absent', async (_, service, settings, why) => {
    expect(await detect(service, settings)).toEqual({ state: 'absent', why: expect.stringMatching(why) });
  });

  test('that is named is there though it does not run', async () => {
    const found = await detect('ftp', { kind: 'vsftpd', arguments: ['/no/such/vsftpd.conf'] });
    expect(found).toMatchObject({ state: 'found', lockName: 'install:ftp' });
    const [server] = found.state === 'found' ? found.servers : [];
    expect(server?.describe()).toBe('vsftpd (/no/such/vsftpd.conf)');
    expect(await server?.liveness()).toMatchObject({ isAlive: false });
    expect(await server?.testConfig()).toMatchObject({ ok: false });
  });

  test('by commands is asked where the settings say', async () => {
    const found = await detect('cpanel', {
      kind: 'command',
      reloadCommand: ['true'],
      endpoints: [{ address: '192.0.2.1', port: 2087 }],
    });
    const [server] = found.state === 'found' ? found.servers : [];
    expect(await server?.reload()).toEqual({ ok: true });
    expect(await server?.readSites()).toMatchObject([
      {
        server: 'service',
        names: ['host.test'],
        listens: [{ address: '192.0.2.1', port: 2087, isTls: true }],
      },
    ]);
  });

  test('by commands whose places nobody knows is not asked', async () => {
    const found = await detect('exim', { kind: 'command', reloadCommand: ['false'] });
    const [server] = found.state === 'found' ? found.servers : [];
    expect(await server?.readSites()).toHaveProperty('fault');
    expect(await server?.reload()).toMatchObject({ ok: false });
    expect(await server?.start()).toMatchObject({
      ok: false,
      why: expect.stringContaining('services.exim.startCommand'),
    });
  });

  test('of a panel is every web server with a site that names its certificate, under the lock of web servers', async () => {
    const found = await detect('cpanel', {}, [
      webServer('one', PEM),
      webServer('two', '/other'),
      webServer('three', PEM),
    ]);
    expect(found).toMatchObject({ state: 'found', lockName: 'install:web' });
    const servers = found.state === 'found' ? found.servers : [];
    expect(servers.map((server) => server.describe())).toEqual(['one', 'three']);
    expect(await servers[0]?.readSites()).toMatchObject([
      {
        server: 'service',
        names: ['host.test'],
        listens: [{ port: 2087 }],
        file: '/etc/nginx/panel.conf',
        line: 7,
      },
    ]);
  });
});
