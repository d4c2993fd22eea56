import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { readJsonSync } from 'fs-extra/esm';
import { PATHS } from '../support/acme-proxy.js';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, type HostedTree, startCaSite } from '../support/ca-site.js';
import { faultsOf, installedSet } from '../support/installed-set.js';
import { leftoversIn } from '../support/leftovers.js';
import { describeWithParts } from '../support/needs.js';

describeWithParts('how orders go at a real CA', ['pebble', 'openssl'], () => {
  let site: CaSite;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite({ blocklist: ['blocked.test'] });
  });
  afterEach(() => site?.proxy.clear());
  afterAll(async () => site?.stop());

  const aServer = async (domain: string, settings: Readonly<Record<string, unknown>> = {}) => {
    const hosted = await site.host({ alice: { domain, keyType: 'ecdsa-prime256v1' } }, { settings });
    expect(await site.choose(hosted)).toMatchObject({ exitCode: 0 });
    site.proxy.clear();
    return hosted;
  };
  const isServed = (hosted: HostedTree, domain: string): string[] =>
    faultsOf(hosted, domain, hosted.names.get(domain) ?? [], hosted.path('/etc/ssl/roots.pem'));

  describe('a CA that is still processing when patience ends', () => {
    test('the order is parked, said so, and not looked at before its time; a later run fetches it without a second order', async () => {
      const domain = 'slow.test';
      const hosted = await aServer(domain, { run: { patienceSeconds: 20 } });
      const processing = {
        kind: 'change',
        members: { status: 'processing', certificate: undefined },
        retryAfter: '30',
      } as const;
      site.proxy.fault(PATHS.finalize, processing);
      const first = await hosted.run('autossl_check', '--all');
      expect(first).toMatchObject({ exitCode: 0, stderr: '' });
      expect(first.stdout).toContain('1 order pending');
      expect(site.proxy.newOrders()).toBe(1);
      const record = onlyOrder(hosted);
      expect(record).toMatchObject({ phase: 'finalized', challenges: [] });
      const pollAt = Date.parse(String(record['pollAt']));
      expect(pollAt).toBeGreaterThan(Date.now() + 60_000);

      const second = await hosted.run('autossl_check', '--all');
      expect(second).toMatchObject({ exitCode: 0, stderr: '' });
      expect(second.stdout).toContain('1 order pending');
      expect(site.proxy.newOrders()).toBe(1);

      letPollNow(hosted);
      site.proxy.fault(PATHS.order, processing);
      expect((await hosted.run('autossl_check', '--all')).stdout).toContain('1 order pending');

      site.proxy.clear();
      letPollNow(hosted);
      const third = await hosted.run('autossl_check', '--all');
      expect(third).toMatchObject({ exitCode: 0, stderr: '' });
      expect(third.stdout).toContain('1 certificate installed');
      expect(site.proxy.newOrders()).toBe(0);
      expect(isServed(hosted, domain)).toEqual([]);
      expect(leftoversIn(hosted)).toEqual([]);
      expect((await hosted.run('autossl_check', '--all')).stdout).toContain('nothing to do');
    });

    test('a short Retry-After is waited for within the run', async () => {
      const domain = 'soon.test';
      const hosted = await aServer(domain);
      site.proxy.fault(PATHS.finalize, {
        kind: 'change',
        members: { status: 'processing', certificate: undefined },
        retryAfter: '1',
      });
      expect(await hosted.run('autossl_check', '--all')).toMatchObject({ exitCode: 0, stderr: '' });
      expect(site.proxy.newOrders()).toBe(1);
      expect(isServed(hosted, domain)).toEqual([]);
    });
  });

  describe('a CA that still knows who proved the names', () => {
    test('the order is ready at once: no name is proved again', async () => {
      const reusing = await startCaSite({ authzReuse: 100 });
      try {
        const hosted = await reusing.host({ alice: { domain: 'again.test', keyType: 'ecdsa-prime256v1' } });
        await reusing.choose(hosted);
        expect(await hosted.run('autossl_check', '--all')).toMatchObject({ exitCode: 0, stderr: '' });
        reusing.proxy.clear();
        reusing.web.requests.length = 0;
        rmSync(hosted.path('/var/cpanel/ssl/apache_tls/again.test'), { recursive: true });
        rmSync(join(hosted.tree.issued(), 'again.test.json'));
        // All of its certificates are gone, and that is meant.
        const again = await hosted.run('autossl_check', '--all', '--yes-really');
        expect(again).toMatchObject({ exitCode: 0, stderr: '' });
        expect(reusing.proxy.newOrders()).toBe(1);
        expect(reusing.proxy.requests.filter(({ path }) => path.startsWith(PATHS.challenge))).toEqual([]);
        expect(isServed(hosted, 'again.test')).toEqual([]);
        expect(leftoversIn(hosted)).toEqual([]);
      } finally {
        await reusing.stop();
      }
    });
  });

  describe('a CA that refuses one name', () => {
    test('in advance: it is named, the others get their certificate in the same run', async () => {
      const hosted = await site.host({
        alice: { domain: 'partly.test', aliases: ['blocked.test'], keyType: 'ecdsa-prime256v1' },
      });
      await site.choose(hosted);
      const first = await hosted.run('autossl_check', '--all', '--json');
      expect(first).toMatchObject({ exitCode: 0, stderr: '' });
      expect(installedSet(hosted, 'partly.test').names).toEqual([
        'mail.partly.test',
        'partly.test',
        'www.partly.test',
      ]);
      const refused = JSON.parse(first.stdout).problems as {
        domain: string;
        code: string;
        message: string;
      }[];
      expect(refused.map(({ domain }) => domain).sort()).toEqual([
        'blocked.test',
        'mail.blocked.test',
        'www.blocked.test',
      ]);
      expect(refused[0]).toMatchObject({ code: 'CA_REFUSED_NAME', fault: 'owner' });
      expect(refused[0]?.message).toContain('The provider refuses “');
      expect(refused[0]?.message).toContain('forbidden');
      expect(nameRecord(hosted, 'blocked.test')).toMatchObject({
        lastFailure: { code: 'rejectedIdentifier', source: 'ca' },
      });
    });

    test('at validation: it is remembered, left out, not asked for before its time, and then gained', async () => {
      const domain = 'differs.test';
      const hosted = await aServer(domain);
      const failing = `mail.${domain}`;
      await site.pebble.mock('set-servfail', { host: failing });
      const begunAt = Date.now();
      const first = await hosted.run('autossl_check', '--all', '--json');
      expect(first).toMatchObject({ exitCode: 0, stderr: '' });
      expect(JSON.parse(first.stdout).problems).toMatchObject([
        {
          domain: failing,
          vhost: domain,
          account: 'alice',
          code: 'CA_REFUSED_NAME',
          fault: 'owner',
          advice: expect.stringContaining('to the whole internet'),
        },
      ]);
      expect(installedSet(hosted, domain).names).toEqual([domain, `www.${domain}`]);
      const memory = nameRecord(hosted, failing);
      expect(memory).toMatchObject({ consecutiveFailures: 1, lastFailure: { source: 'ca' } });
      // A minute, more or less by a quarter.
      const nextAttemptAt = Date.parse(String(memory['nextAttemptAt']));
      expect(nextAttemptAt).toBeGreaterThanOrEqual(begunAt + 45_000);
      expect(nextAttemptAt).toBeLessThanOrEqual(Date.now() + 75_000);

      await site.pebble.mock('clear-servfail', { host: failing });
      site.proxy.clear();
      const second = await hosted.run('autossl_check', '--all');
      expect(second).toMatchObject({ exitCode: 0, stderr: '' });
      expect(second.stdout).toContain(`“${failing}” is left out until ${memory['nextAttemptAt']}`);
      expect(site.proxy.newOrders()).toBe(0);
      expect(nameRecord(hosted, failing)).toEqual(memory);

      const past = new Date(Date.now() - 1000).toISOString();
      write(join(hosted.path('/var/cpanel/ssl/autossl/names'), `${failing}.json`), {
        ...memory,
        nextAttemptAt: past,
      });
      const third = await hosted.run('autossl_check', '--all');
      expect(third.stdout).toContain('1 certificate installed');
      expect(site.proxy.newOrders()).toBe(1);
      expect(isServed(hosted, domain)).toEqual([]);
      expect(nameRecord(hosted, failing)).toMatchObject({ consecutiveFailures: 0, nextAttemptAt: null });
    });

    test('three times within the hour: it is not asked for a fourth time', async () => {
      const domain = 'thrice.test';
      const hosted = await aServer(domain);
      const failing = `www.${domain}`;
      await site.pebble.mock('set-servfail', { host: failing });
      for (let failure = 1; failure <= 4; failure += 1) {
        site.proxy.clear();
        const { stdout, exitCode } = await hosted.run('autossl_check', '--all');
        expect(exitCode).toBe(0);
        expect(site.proxy.newOrders()).toBe(failure === 1 ? 2 : failure === 4 ? 0 : 1);
        if (failure === 4) expect(stdout).toContain('three times within the hour');
        const memory = nameRecord(hosted, failing);
        const past = new Date(Date.now() - 1000).toISOString();
        write(join(hosted.path('/var/cpanel/ssl/autossl/names'), `${failing}.json`), {
          ...memory,
          nextAttemptAt: past,
        });
      }
      await site.pebble.mock('clear-servfail', { host: failing });
    });
  });
});

function nameRecord(hosted: HostedTree, name: string): Record<string, unknown> {
  return readJsonSync(join(hosted.path('/var/cpanel/ssl/autossl/names'), `${name}.json`));
}

function write(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value), { mode: 0o600 });
}

function onlyOrder(hosted: HostedTree): Record<string, unknown> {
  const orders = hosted.tree.orders();
  const files = readdirSync(orders);
  expect(files).toHaveLength(1);
  return readJsonSync(join(orders, files[0] ?? ''));
}

/** As if the time to look again had come. */
function letPollNow(hosted: HostedTree): void {
  const [file = ''] = readdirSync(hosted.tree.orders());
  const path = join(hosted.tree.orders(), file);
  const record = readJsonSync(path);
  write(path, { ...record, pollAt: new Date(Date.now() - 1000).toISOString() });
}
