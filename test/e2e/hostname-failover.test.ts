import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { parseDomainName } from '../../src/core/domain/name/names.js';
import type { IssuedRecord } from '../../src/runs/ports/orders.js';
import { PATHS } from '../support/acme-proxy.js';
import { buildPrograms } from '../support/bin-program.js';
import { PEBBLE_TERMS } from '../support/ca-site.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import { describeWithParts } from '../support/needs.js';
import { type Pebble, startPebble } from '../support/pebble.js';
import { ServicesServer, statesOf } from '../support/services-server.js';

/** More than any test asks for. */
const ALWAYS = 99;
const TRANSPORT = '/etc/ssl/other-transport.pem';
const ROOTS = '/etc/ssl/both-roots.pem';
const AT_THE_OTHER = 'DigiCert for CustomACME';

describeWithParts('the hostname’s certificate, with two CAs', ['pebble', 'nginx', 'openssl', 'root'], () => {
  let ca: HostingCa;
  let other: Pebble;
  let server: ServicesServer;
  let roots = '';
  beforeAll(async () => {
    buildPrograms();
    ca = await startHostingCa();
    other = await startPebble({ dns: ca.dns.server, httpPort: ca.httpPort });
    roots = `${await ca.pebble.root()}\n${await other.root()}`;
  });
  afterEach(async () => {
    ca.proxy.clear();
    await server?.stop();
  });
  afterAll(async () => {
    await other?.stop();
    await ca?.stop();
  });

  /** A panel at CustomACME (behind the proxy), for which DigiCert (a Pebble without one) stands in. */
  async function aServer(label: string): Promise<ServicesServer> {
    const settings = { trustAnchors: ROOTS, run: { outageMinutes: 0, patienceSeconds: 20 } };
    server = await ServicesServer.open(ca, { label, domain: 'example.net', rigs: {}, settings });
    server.built.write(ROOTS, roots);
    server.built.write(TRANSPORT, other.transport.caPem);
    for (const words of [
      [
        ...['register', 'DigiCert', '--directory', other.directoryUrl],
        ...['--ca-bundle', server.built.path(TRANSPORT), '--accept-terms', PEBBLE_TERMS],
      ],
      ['use', 'CustomACME', '--accept-terms', PEBBLE_TERMS, '--fallback', 'DigiCert'],
    ])
      expect(await server.run('autossl', 'provider', ...words)).toMatchObject({ exitCode: 0, stderr: '' });
    ca.proxy.clear();
    return server;
  }
  /** Who issued, in whose stead. */
  const issuer = (): string => {
    const path = server.built.path(`/var/cpanel/ssl/autossl/issued/${server.hostname}.json`);
    const { records } = JSON.parse(readFileSync(path, 'utf8')) as { records: IssuedRecord[] };
    const { provider, insteadOf } = records[0] ?? { provider: 'nobody' };
    return insteadOf === undefined ? provider : `${provider} for ${insteadOf}`;
  };

  test('comes from the second when the first is down, is kept when that answers, and goes back at its next order', async () => {
    await aServer('down');
    ca.proxy.fault(PATHS.directory, { kind: 'close' }, ALWAYS);
    const first = await server.check();
    expect(first.report).toMatchObject({ exitCode: 1, faults: [{ code: 'UNREACHABLE' }], problems: [] });
    expect(statesOf(first.report)).toMatchObject({ cpanel: 'replaced' });
    expect(server.shown('cpanel')).toEqual([server.lying('cpanel')]);
    expect(issuer()).toBe(AT_THE_OTHER);
    expect(server.takeMails().join('')).toContain('goes to DigiCert instead of CustomACME');
    ca.proxy.clear();
    expect(statesOf((await server.check()).report)).toMatchObject({ cpanel: 'kept' });
    expect(server.newOrders()).toBe(0);
    // Another reason than the last order's: that would be braked.
    await server.place('cpanel', { daysLeft: 30, names: [parseDomainName('other.example.net')] });
    const last = await server.check();
    expect(last.report).toMatchObject({ exitCode: 0, problems: [], faults: [] });
    expect(issuer()).toBe('CustomACME');
  });

  test('comes from the second when the first limits its registered domain', async () => {
    await aServer('limit');
    const detail =
      'too many certificates (50) already issued for "example.net" in the last 168h0m0s, retry after 2099-01-01 00:00:00 UTC';
    ca.proxy.fault(PATHS.newOrder, { kind: 'problem', status: 429, type: 'rateLimited', detail }, 1);
    const { report } = await server.check();
    expect(report).toMatchObject({ exitCode: 0, problems: [], faults: [] });
    expect(issuer()).toBe(AT_THE_OTHER);
  });
});
