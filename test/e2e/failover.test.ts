import { readFileSync, rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { CheckReport } from '../../src/core/report/check/check-report.js';
import type { IssuedRecord } from '../../src/runs/ports/orders.js';
import { PATHS } from '../support/acme-proxy.js';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, type HostedTree, PEBBLE_TERMS, startCaSite } from '../support/ca-site.js';
import { describeWithParts } from '../support/needs.js';
import { type Pebble, startPebble } from '../support/pebble.js';

/** More than any test asks for. */
const DAY_MS = 24 * 60 * 60_000;
const ALWAYS = 99;
const ACCOUNTS = {
  alice: { domain: 'alice.test', keyType: 'ecdsa-prime256v1' },
  bob: { domain: 'bob.test', keyType: 'ecdsa-prime256v1' },
};
const TRANSPORT = '/etc/ssl/other-transport.pem';

describeWithParts('two CAs', ['pebble'], () => {
  let site: CaSite;
  let other: Pebble;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite();
    other = await startPebble({ httpPort: site.pebble.httpPort });
  });
  afterEach(() => site?.proxy.clear());
  afterAll(async () => {
    await other?.stop();
    await site?.stop();
  });

  /** A server at CustomACME (behind the proxy), for which DigiCert (a Pebble without one) stands in. */
  async function aServer(outageMinutes = 0, orders = 10): Promise<HostedTree> {
    const roots = `${await site.pebble.root()}\n${await other.root()}`;
    const hosted = await site.host(ACCOUNTS, {
      settings: { trustAnchors: '/etc/ssl/both-roots.pem', run: { outageMinutes }, concurrency: { orders } },
      furnish: (builder) =>
        builder.file('/etc/ssl/both-roots.pem', roots).file(TRANSPORT, other.transport.caPem),
    });
    expect(await site.choose(hosted)).toMatchObject({ exitCode: 0 });
    const registered = await hosted.run(
      'autossl',
      ...['provider', 'register', 'DigiCert', '--directory', other.directoryUrl],
      ...['--ca-bundle', hosted.path(TRANSPORT), '--accept-terms', PEBBLE_TERMS],
    );
    expect(registered).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await choose(hosted, 'DigiCert')).toMatchObject({ exitCode: 0, stderr: '' });
    site.proxy.clear();
    return hosted;
  }
  const choose = (hosted: HostedTree, fallback: string) =>
    hosted.run('autossl', 'provider', 'use', 'CustomACME', '--fallback', fallback);
  const check = async (hosted: HostedTree, ...words: string[]): Promise<CheckReport> => {
    const ended = await hosted.run('autossl_check', '--all', '--json', ...words);
    return JSON.parse(ended.stdout) as CheckReport;
  };
  /** Who issued, and in whose stead, by website. */
  const issuers = (hosted: HostedTree): Record<string, string> =>
    Object.fromEntries(
      Object.values(ACCOUNTS).map(({ domain }) => {
        const path = hosted.path(`/var/cpanel/ssl/autossl/issued/${domain}.json`);
        const { records } = JSON.parse(readFileSync(path, 'utf8')) as { records: IssuedRecord[] };
        const { provider, insteadOf } = records[0] ?? { provider: 'nobody' };
        return [domain, insteadOf === undefined ? provider : `${provider} for ${insteadOf}`];
      }),
    );
  const AT_THE_OTHER = { 'alice.test': 'DigiCert for CustomACME', 'bob.test': 'DigiCert for CustomACME' };

  describe('the first of which is down', () => {
    let hosted: HostedTree;
    beforeAll(async () => {
      hosted = await aServer();
    });

    test('websites without a certificate get theirs from the second, and the reason is said', async () => {
      site.proxy.fault(PATHS.directory, { kind: 'close' }, ALWAYS);
      const report = await check(hosted);
      expect(report).toMatchObject({
        exitCode: 1,
        faults: [{ code: 'UNREACHABLE' }],
        problems: [],
        counts: { installed: 2, waiting: 0 },
      });
      expect(issuers(hosted)).toEqual(AT_THE_OTHER);
      const log = readFileSync(`${hosted.path('/var/cpanel/logs/autossl')}/${report.log}/txt`, 'utf8');
      expect(log).toContain(
        '“alice.test” goes to DigiCert instead of CustomACME: CustomACME: the provider cannot be used now.',
      );
    });

    test('it is said since when, and who stands in', async () => {
      const shown = await hosted.run('autossl', 'provider', 'show');
      expect(shown.stdout).toMatch(/^Out of use: +since 20\d\d-/m);
      const second = await hosted.run('autossl', 'provider', 'show', 'DigiCert');
      expect(second.stdout).toMatch(/^Stands in: +for the active provider, as number 1$/m);
      const why = await hosted.run('autossl', 'why', 'alice.test');
      expect(why.stdout).toMatch(/from +DigiCert, in place of CustomACME, which has the next turn/);
      const status = await hosted.run('autossl', 'status', 'alice.test');
      expect(status.stdout).toMatch(/from +DigiCert, in place of CustomACME/);
      const limits = JSON.parse((await hosted.run('autossl', 'limits', '--json')).stdout);
      expect(limits.accounts).toMatchObject([
        { provider: 'CustomACME', isActive: true, downSince: expect.stringMatching(/^20/) },
        { provider: 'DigiCert', isActive: false, newOrders: 2, downSince: null },
      ]);
    });

    test('once it answers nothing is exchanged, and it is no longer out of use', async () => {
      const report = await check(hosted);
      expect(report).toMatchObject({ exitCode: 0, counts: { installed: 0, kept: 2 } });
      expect(issuers(hosted)).toEqual(AT_THE_OTHER);
      expect(site.proxy.newOrders()).toBe(0);
    });

    test('the next certificate of a website is its own CA’s again', async () => {
      rmSync(hosted.path('/var/cpanel/ssl/apache_tls/alice.test'), { recursive: true });
      const report = await check(hosted, '--yes-really');
      expect(report).toMatchObject({ exitCode: 0, counts: { installed: 1 } });
      expect(issuers(hosted)).toEqual({ ...AT_THE_OTHER, 'alice.test': 'CustomACME' });
      expect((await hosted.run('autossl', 'provider', 'show')).stdout).not.toContain('Out of use');
    });
  });

  test('an outage that is shorter than the setting is waited for', async () => {
    const hosted = await aServer(60);
    site.proxy.fault(PATHS.directory, { kind: 'close' }, ALWAYS);
    expect(await check(hosted)).toMatchObject({
      exitCode: 1,
      counts: { installed: 0, waiting: 2 },
      waiting: [{ code: 'PROVIDER_UNREACHABLE', until: expect.stringMatching(/^20/) }],
    });
  });

  test('a rate limit of the account that lasts sends the websites to the second', async () => {
    const hosted = await aServer();
    const detail = 'too many new orders (300) from this account in the last 3h0m0s';
    site.proxy.fault(
      PATHS.newOrder,
      { kind: 'problem', status: 429, type: 'rateLimited', detail, retryAfter: '7200' },
      ALWAYS,
    );
    expect(await check(hosted)).toMatchObject({
      exitCode: 0,
      problems: [],
      counts: { installed: 2, waiting: 0 },
    });
    expect(issuers(hosted)).toEqual(AT_THE_OTHER);
    // The account is not asked again while that lasts.
    expect(site.proxy.newOrders()).toBe(1);
  });

  test('a rate limit of one registered domain sends that website alone', async () => {
    const hosted = await aServer(0, 1);
    // No later than such a limit may hold.
    const until = `${new Date(Date.now() + 5 * DAY_MS).toISOString().slice(0, 10)} 00:00:00`;
    const detail = `too many certificates (50) already issued for "alice.test" in the last 168h0m0s, retry after ${until} UTC`;
    site.proxy.fault(PATHS.newOrder, { kind: 'problem', status: 429, type: 'rateLimited', detail }, 1);
    expect(await check(hosted)).toMatchObject({ exitCode: 0, problems: [], counts: { installed: 2 } });
    expect(issuers(hosted)).toEqual({ 'alice.test': 'DigiCert for CustomACME', 'bob.test': 'CustomACME' });
    const limits = await hosted.run('autossl', 'limits');
    expect(limits.stdout).toMatch(new RegExp(`^CustomACME +alice\\.test +${until.replace(' ', 'T')}Z `, 'm'));
  });

  test('who cannot stand in is refused, and the list stays', async () => {
    const hosted = await aServer();
    for (const [fallback, why] of [
      ['LetsEncryptStaging', 'no visitor trusts its certificates'],
      ['DigiCert,LocalCA', 'no visitor trusts its certificates'],
      ['CustomACME', 'cannot stand in for itself'],
      ['ZeroSSL', 'we are not registered there. Run: autossl provider register ZeroSSL'],
      ['Nobody', 'Nobody'],
    ] as const) {
      const ended = await choose(hosted, fallback);
      expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
      expect(ended.stderr).toContain(why);
    }
    const json = JSON.parse(readFileSync(hosted.path('/var/cpanel/autossl.json'), 'utf8'));
    expect(json.x_fallback_providers).toEqual(['DigiCert']);
    expect(await choose(hosted, 'none')).toMatchObject({ exitCode: 0 });
    expect(readFileSync(hosted.path('/var/cpanel/autossl.json'), 'utf8')).not.toContain('x_fallback');
  });
});
