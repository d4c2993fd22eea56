import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { SocketTlsProbe } from '../../../src/adapters/probe/tls-probe.js';
import { Tree } from '../../../src/adapters/system/tree.js';
import { detectWebServers } from '../../../src/adapters/webserver/detection.js';
import type { CertificateEvidence } from '../../../src/core/certificate/facts.js';
import { takeCombinedApart } from '../../../src/core/certificate/pem/combined.js';
import type { Verification } from '../../../src/core/report/verification.js';
import type { WebServer } from '../../../src/runs/ports/installation.js';
import { type VerifyHost, type VerifyItem, verifyWebsites } from '../../../src/runs/verify-websites.js';
import { FakeHost } from '../../support/fake-host.js';
import { MemoryServedStore } from '../../support/memory-stores.js';
import { describeWithParts } from '../../support/needs.js';
import { aCertificate, type TestCertificate } from '../../support/pki.js';
import { freePorts } from '../../support/ports.js';
import { NginxRig } from '../../support/server-rigs.js';

const MACHINE = new Tree('/');
const printOf = ({ der }: TestCertificate): string => createHash('sha256').update(der).digest('hex');

/** Websites as their files lie there, beside what a running nginx makes of them. */
describeWithParts('verify on nginx', ['nginx', 'openssl'], () => {
  let rig: NginxRig;
  let [port = 0, port6 = 0, plain = 0, other = 0, closed = 0]: number[] = [];
  const certificates = new Map<string, TestCertificate>();
  const served = new MemoryServedStore();
  const accounts = new FakeHost();
  const NAMES: Readonly<Record<string, readonly string[]>> = {
    'fine.test': ['fine.test', 'www.fine.test'],
    'stale.test': ['stale.test'],
    'lost.test': ['lost.test'],
    'six.test': ['six.test'],
    'own.test': ['own.test'],
    'plain.test': ['plain.test'],
    'down.test': ['down.test'],
    'copy.test': ['copy.test'],
    'half.test': ['half.test', 'mail.half.test'],
    'new.test': ['new.test'],
  };

  const pathOf = (vhost: string): string => join(rig.folder, 'tls', vhost);
  const place = (vhost: string, certificate = aCertificate({ names: NAMES[vhost] ?? [] })): string => {
    certificates.set(vhost, certificate);
    return rig.write(`tls/${vhost}`, certificate.combined);
  };

  beforeAll(async () => {
    [port, port6, plain, other, closed] = [...(await freePorts(5))] as [
      number,
      number,
      number,
      number,
      number,
    ];
    rig = new NginxRig();
    const website = (vhost: string, listen = `127.0.0.1:${port} ssl`): void =>
      rig.site(vhost, listen, place(vhost));
    rig.site('fine.test', `127.0.0.1:${port} ssl default_server`, place('fine.test'));
    rig.write(
      'conf/sites/fine.test.conf',
      rig
        .read('conf/sites/fine.test.conf')
        .replace('server_name fine.test', 'server_name fine.test www.fine.test'),
    );
    website('stale.test');
    place('lost.test');
    website('six.test', `[::1]:${port6} ssl`);
    website('own.test', `127.0.0.2:${other} ssl`);
    place('plain.test');
    rig.write('conf/sites/plain.conf', `server { listen 127.0.0.1:${plain}; server_name plain.test; }\n`);
    website('down.test');
    rig.site('copy.test', `127.0.0.1:${port} ssl`, rig.write('tls/a-copy', aCertificate().combined));
    place('copy.test');
    website('half.test');
    await rig.start(port);
    // Not loaded by the server that runs.
    website('down.test', `127.0.0.1:${closed} ssl`);
    for (const [vhost, names] of Object.entries(NAMES)) accounts.account(vhost.replace('.test', ''), [names]);
  });
  afterAll(() => rig.stop());
  beforeEach(() => served.records.clear());

  const hostWith = (webServers: readonly WebServer[], over: Partial<VerifyHost> = {}): VerifyHost => ({
    clock: { now: () => new Date(), sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
    accounts: accounts.accounts,
    certificates: {
      gatherEvidence: async ({ vhost }): Promise<CertificateEvidence> => {
        const text = certificates.get(vhost)?.combined;
        return text === undefined ? { kind: 'absent', path: vhost } : takeCombinedApart(text, pathOf(vhost));
      },
      listArchived: async () => [],
    },
    issued: accounts.issued,
    served,
    tls: new SocketTlsProbe(),
    resolver: {
      addressesOf: async (name) => {
        const isHere = name === 'fine.test';
        return {
          ipv4: [isHere ? '127.0.0.1' : '192.0.2.1'],
          ipv6: [],
          ipv4Error: null,
          ipv6Error: 'ENODATA',
        };
      },
      isAnswering: async () => true,
    },
    ownAddresses: ['127.0.0.1', '127.0.0.2', '::1'],
    addressMap: new Map(),
    webServers: () => webServers,
    certificatePath: pathOf,
    ...over,
  });
  const nginx = (): readonly WebServer[] => detectWebServers([rig.settings()], MACHINE);
  const verify = async (host: VerifyHost): Promise<readonly VerifyItem[]> => {
    const items: VerifyItem[] = [];
    const scope = { user: null, names: [] };
    for await (const item of verifyWebsites(scope, host, new AbortController().signal)) items.push(item);
    return items;
  };
  const websitesOf = (items: readonly VerifyItem[]): Readonly<Record<string, Verification>> =>
    Object.fromEntries(
      items.flatMap((item) =>
        item.kind === 'website' ? [[item.verification.website, item.verification]] : [],
      ),
    );

  test('tells for each website what answers in its place, and keeps it', async () => {
    // As after a renewal that no reload followed, recorded as every renewal is.
    const before = certificates.get('stale.test');
    if (before === undefined) throw new Error('no certificate');
    accounts.remember(
      'stale.test',
      { names: ['stale.test'], notBefore: new Date(0), notAfter: new Date(), fingerprint: printOf(before) },
      [],
    );
    place('stale.test');
    const items = await verify(hostWith(nginx()));
    expect(items.filter(({ kind }) => kind !== 'website')).toEqual([]);
    const told = websitesOf(items);
    const outcomes = Object.entries(told).map(([vhost, { outcome, code }]) => [vhost, outcome, code]);
    expect(outcomes).toEqual([
      ['fine.test', 'served', null],
      ['stale.test', 'not-served', 'PREVIOUS_CERTIFICATE'],
      ['lost.test', 'not-served', 'OTHER_WEBSITES_CERTIFICATE'],
      ['six.test', 'served', null],
      ['own.test', 'served', null],
      ['plain.test', 'not-served', 'OTHER_WEBSITES_CERTIFICATE'],
      ['down.test', 'not-served', 'CONNECTION_REFUSED'],
      ['copy.test', 'not-served', 'OTHER_CERTIFICATE'],
      ['half.test', 'served', null],
      ['new.test', 'no-certificate', null],
    ]);
    expect(told['six.test']?.places).toMatchObject([{ address: '::1', port: port6, name: 'six.test' }]);
    expect(told['own.test']?.places).toMatchObject([{ address: '127.0.0.2', port: other }]);
    expect(told['half.test']?.namesWithoutSite).toEqual(['mail.half.test']);
    expect(told['lost.test']?.message).toContain('the certificate of fine.test');
    expect(told['fine.test']).toMatchObject({ publicAddresses: ['127.0.0.1'], pointsHere: true });
    expect(told['lost.test']).toMatchObject({ publicAddresses: ['192.0.2.1'], pointsHere: false });
    expect(told['new.test']).toMatchObject({ publicAddresses: null, pointsHere: null });
    const kept = [...served.records.values()].map(({ vhost, served: { state } }) => [vhost, state]);
    expect(kept).toEqual(
      outcomes
        .filter(([, outcome]) => outcome !== 'no-certificate')
        .map(([vhost, outcome]) => [vhost, outcome]),
    );
  });

  test('a website without any site with TLS on its server, where nothing answers at all', async () => {
    const lonely = new NginxRig();
    try {
      lonely.write(
        'conf/sites/plain.conf',
        `server { listen 127.0.0.1:${plain}; server_name plain.test; }\n`,
      );
      const told = websitesOf(await verify(hostWith(detectWebServers([lonely.settings()], MACHINE))));
      expect(told['plain.test']).toMatchObject({
        outcome: 'not-served',
        code: 'NO_TLS_SITE',
        advice: expect.stringContaining(pathOf('plain.test')),
        places: [],
      });
    } finally {
      await lonely.stop();
    }
  });

  test('a server that cannot tell its sites makes unknown what no other server has, and nothing is kept of it', async () => {
    const silent: WebServer = {
      ...({} as WebServer),
      kind: 'apache',
      describe: () => 'Apache (pid 1)',
      readSites: async () => ({ fault: 'it does not start' }),
    };
    const items = await verify(hostWith([...nginx(), silent]));
    const told = websitesOf(items);
    expect(told['fine.test']?.outcome).toBe('served');
    expect(told['lost.test']).toMatchObject({
      outcome: 'unknown',
      code: null,
      message: expect.stringContaining('Apache (pid 1)'),
    });
    expect(served.records.has('lost.test')).toBe(false);
    expect(items.filter(({ kind }) => kind === 'fault')).toMatchObject([
      { fault: { code: 'SITES_UNREADABLE', message: expect.stringContaining('it does not start') } },
    ]);
  });

  test('without any web server everything is unknown, and what was known stays', async () => {
    const told = websitesOf(await verify(hostWith([])));
    expect(new Set(Object.values(told).map(({ outcome }) => outcome))).toEqual(
      new Set(['unknown', 'no-certificate']),
    );
    expect(served.records.size).toBe(0);
  });

  test('a certificate that is exchanged meanwhile is neither judged nor kept', async () => {
    const next = aCertificate({ names: ['fine.test'] });
    let looks = 0;
    const host = hostWith(nginx());
    const items = await verify({
      ...host,
      certificates: {
        ...host.certificates,
        gatherEvidence: (website) => {
          if (website.vhost !== 'fine.test') return host.certificates.gatherEvidence(website);
          looks += 1;
          return looks === 1
            ? host.certificates.gatherEvidence(website)
            : Promise.resolve(takeCombinedApart(next.combined, '/combined'));
        },
      },
    });
    expect(websitesOf(items)['fine.test']).toMatchObject({
      outcome: 'unknown',
      message: expect.stringContaining('exchanged'),
    });
    expect(served.records.has('fine.test')).toBe(false);
  });

  test('told to stop it ends, says so, and keeps nothing of what it did not finish', async () => {
    const stop = new AbortController();
    stop.abort(new Error('stopped'));
    const items: VerifyItem[] = [];
    for await (const item of verifyWebsites({ user: null, names: [] }, hostWith(nginx()), stop.signal)) {
      items.push(item);
    }
    expect(items).toMatchObject([{ kind: 'fault', fault: { code: 'STOPPED' } }]);
    expect(served.records.size).toBe(0);
  });

  test('where DNS is silent nothing is said of it', async () => {
    const told = websitesOf(
      await verify(
        hostWith(nginx(), {
          resolver: {
            isAnswering: async () => false,
            addressesOf: async () => {
              throw new Error('not expected');
            },
          },
        }),
      ),
    );
    expect(told['fine.test']).toMatchObject({ outcome: 'served', publicAddresses: null, pointsHere: null });
  });
});
