import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { CheckReport } from '../../src/core/report/check/check-report.js';
import type { QueueReport } from '../../src/core/report/queue-report.js';
import { PATHS } from '../support/acme-proxy.js';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, startCaSite } from '../support/ca-site.js';
import { type HostedWebsites, hostWebsites } from '../support/hosted-websites.js';
import { describeWithParts } from '../support/needs.js';
import { issuedTo, renewalInfoOf } from '../support/renewal-records.js';
import { sayRenewalInfo } from '../support/renewal-said.js';
import { lastRecords } from '../support/run-logs.js';

const LONGEST_MS = 300_000;
const WHY = 'https://ca.test/incident/2026-11';
const HOUR_MS = 3_600_000;
const instant = (ms: number): string => new Date(Date.now() + ms).toISOString();

describeWithParts('renewal information of a real CA', ['newer-pebble', 'openssl'], () => {
  let site: CaSite;
  let serial = 0;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite();
    expect(site.pebble.offers).toEqual({ renewalInfo: true, profiles: true });
  }, LONGEST_MS);
  afterAll(() => site?.stop());
  beforeEach(() => site.proxy.clear());

  const host = async (websites: number): Promise<HostedWebsites> => {
    serial += 1;
    const hosted = await hostWebsites(site, `ari${serial}`, { websites });
    const first = await check(hosted);
    expect({ exitCode: first.exitCode, installed: first.installed.length }).toEqual({
      exitCode: 0,
      installed: websites,
    });
    return hosted;
  };
  const check = async (hosted: HostedWebsites, ...words: string[]): Promise<CheckReport> =>
    JSON.parse((await hosted.run('autossl_check', '--all', '--json', ...words)).stdout);
  const poll = async (hosted: HostedWebsites, ...words: string[]): Promise<QueueReport> =>
    JSON.parse((await hosted.run('autossl_check_queue', '--json', ...words)).stdout);
  const asked = (): number => site.proxy.requests.filter(({ path }) => path.includes('/renewalInfo/')).length;
  const vhostOf = (hosted: HostedWebsites, nth: number): string => `site${nth}${hosted.suffix}`;
  const newOrders = (): readonly unknown[] =>
    site.proxy.requests
      .filter(({ path, method }) => path === PATHS.newOrder && method === 'POST')
      .map(({ payload }) => payload);

  /** Pebble says this of the certificate in place from now on. */
  const setRenewalInfo = (hosted: HostedWebsites, vhost: string, said: object): Promise<void> =>
    sayRenewalInfo(
      site.pebble,
      readFileSync(hosted.path(`/var/cpanel/ssl/apache_tls/${vhost}/combined`), 'utf8'),
      said,
    );
  const calledBack = {
    suggestedWindow: { start: instant(-2 * HOUR_MS), end: instant(-HOUR_MS) },
    explanationURL: WHY,
  };

  test(
    'is asked for right after the issuance; the instant is drawn once and stays',
    async () => {
      const hosted = await host(2);
      expect(asked()).toBe(2);
      const info = await renewalInfoOf(hosted, vhostOf(hosted, 0));
      expect(info?.info).not.toBeNull();
      expect(info?.info?.selectedAt.getTime()).toBeLessThan(info?.info?.windowEndAt.getTime() ?? 0);
      // Pebble says 6 hours.
      expect((info?.askAt.getTime() ?? 0) - Date.now()).toBeGreaterThan(5 * HOUR_MS);
      site.proxy.clear();
      await check(hosted);
      expect(asked()).toBe(0);
      await poll(hosted, '--force');
      expect(asked()).toBe(2);
      expect((await renewalInfoOf(hosted, vhostOf(hosted, 0)))?.info).toEqual(info?.info);
    },
    LONGEST_MS,
  );

  test(
    'an incident is acted on by the poller alone: replaced at once, the CA told what it replaces, and explained',
    async () => {
      const hosted = await host(3);
      const vhost = vhostOf(hosted, 1);
      const [before] = await issuedTo(hosted, vhost);
      await setRenewalInfo(hosted, vhost, calledBack);
      site.proxy.clear();
      const report = await poll(hosted, '--force');
      expect(report).toMatchObject({ exitCode: 0, installed: [{ vhost }] });
      expect(newOrders()).toEqual([expect.objectContaining({ replaces: before?.ariCertificateId })]);
      const issued = await issuedTo(hosted, vhost);
      expect(issued).toMatchObject([
        { because: ['CALLED_BACK'], replaces: before?.ariCertificateId },
        { fingerprint: before?.fingerprint },
      ]);
      const log = lastRecords(hosted);
      expect(log.find(({ code }) => code === 'REPLACEMENT_WANTED')).toMatchObject({
        vhost,
        contents: expect.stringContaining(WHY),
        data: { explanationUrl: WHY, isCalledBack: true },
      });
      // The new one was asked about in the same turn, and is not called back.
      expect((await renewalInfoOf(hosted, vhost))?.info).toMatchObject({ explanationUrl: null });
      expect(await poll(hosted, '--force')).toMatchObject({ installed: [] });
    },
    LONGEST_MS,
  );

  test(
    'what another order replaced already is ordered once without saying so',
    async () => {
      const hosted = await host(1);
      const vhost = vhostOf(hosted, 0);
      const [before] = await issuedTo(hosted, vhost);
      await setRenewalInfo(hosted, vhost, calledBack);
      site.proxy.clear();
      site.proxy.fault(PATHS.newOrder, { kind: 'problem', status: 409, type: 'alreadyReplaced' }, 1);
      expect(await poll(hosted, '--force')).toMatchObject({ exitCode: 0, installed: [{ vhost }] });
      expect(newOrders()).toEqual([
        expect.objectContaining({ replaces: before?.ariCertificateId }),
        expect.not.objectContaining({ replaces: expect.anything() }),
      ]);
    },
    LONGEST_MS,
  );

  test(
    'what the CA itself knows to be replaced (409 of Pebble) is ordered once without saying so',
    async () => {
      const hosted = await host(1);
      const vhost = vhostOf(hosted, 0);
      const [before] = await issuedTo(hosted, vhost);
      const files = [
        hosted.path(`/var/cpanel/ssl/apache_tls/${vhost}/combined`),
        hosted.path(`/var/cpanel/ssl/autossl/issued/${vhost}.json`),
      ];
      const former = files.map((file) => readFileSync(file));
      await setRenewalInfo(hosted, vhost, calledBack);
      expect(await poll(hosted, '--force')).toMatchObject({ exitCode: 0, installed: [{ vhost }] });
      // As after a backup was put back: nothing here knows of the order in between.
      for (const [place, file] of files.entries()) writeFileSync(file, former[place] ?? '');
      site.proxy.clear();
      expect(await check(hosted)).toMatchObject({ exitCode: 0, installed: [{ vhost }] });
      expect(newOrders()).toEqual([
        expect.objectContaining({ replaces: before?.ariCertificateId }),
        expect.not.objectContaining({ replaces: expect.anything() }),
      ]);
      const statuses = site.proxy.requests
        .filter(({ path }) => path === PATHS.newOrder)
        .map(({ status }) => status);
      expect(statuses).toEqual([409, 201]);
      expect(lastRecords(hosted).map(({ code }) => code)).toContain('ORDER_PLACED_WITHOUT_REPLACES');
    },
    LONGEST_MS,
  );

  test(
    'autossl why names the address where it is explained; a window that comes soon is no incident',
    async () => {
      const hosted = await host(1);
      const vhost = vhostOf(hosted, 0);
      const window = { start: instant(3 * 24 * HOUR_MS), end: instant(4 * 24 * HOUR_MS) };
      await setRenewalInfo(hosted, vhost, { suggestedWindow: window, explanationURL: WHY });
      expect(await poll(hosted, '--force')).toMatchObject({ installed: [] });
      const { stdout } = await hosted.run('autossl', 'why', vhost);
      expect(stdout).toContain(WHY);
    },
    LONGEST_MS,
  );

  test(
    'nonsense and silence change nothing of what is known',
    async () => {
      const hosted = await host(1);
      const vhost = vhostOf(hosted, 0);
      const before = await renewalInfoOf(hosted, vhost);
      await setRenewalInfo(hosted, vhost, { suggestedWindow: { start: 'tomorrow', end: null } });
      expect(await poll(hosted, '--force')).toMatchObject({ exitCode: 0, installed: [] });
      site.proxy.fault('/draft-ietf-acme-ari', { kind: 'close' }, 5);
      expect(await poll(hosted, '--force')).toMatchObject({ exitCode: 0, installed: [] });
      expect((await renewalInfoOf(hosted, vhost))?.info).toEqual(before?.info);
    },
    LONGEST_MS,
  );

  test(
    'a profile is checked against the directory, asked for, and taken back',
    async () => {
      const hosted = await host(1);
      const unknown = await site.choose(hosted, '--profile', 'eternal');
      expect(unknown).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('It offers: default') });
      expect(await site.choose(hosted, '--profile', 'default')).toMatchObject({ exitCode: 0, stderr: '' });
      await setRenewalInfo(hosted, vhostOf(hosted, 0), calledBack);
      site.proxy.clear();
      expect(await poll(hosted, '--force')).toMatchObject({ exitCode: 0 });
      expect(newOrders()).toEqual([expect.objectContaining({ profile: 'default' })]);
      expect(await site.choose(hosted, '--profile', '')).toMatchObject({ exitCode: 0, stderr: '' });
    },
    LONGEST_MS,
  );
});
