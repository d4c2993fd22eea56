import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PATHS } from '../support/acme-proxy.js';
import { type AgedSet, installedFingerprint, placeAgedSet } from '../support/aged-set.js';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, type HostedTree, startCaSite } from '../support/ca-site.js';
import { installedSet } from '../support/installed-set.js';
import { runBinLater } from '../support/moved-clock.js';
import { describeWithParts } from '../support/needs.js';
import { aRoot } from '../support/pki.js';
import { type LogRecord, lastRecords } from '../support/run-logs.js';

const DAY_MINUTES = 24 * 60;
const DAY_MS = DAY_MINUTES * 60_000;
/** Longer than the story, so that what is issued in it is not due within it. */
const ISSUED_LIFE_SECONDS = 120 * 24 * 3600;
/** More than any night asks for. */
const ALWAYS = 9999;
const LONGEST_MS = 180_000;
/** A certificate of 90 days: due 29 days before its end, no longer put off 3 days before. */
const DAYS_LEFT = 40;
const namesOf = (domain: string): string[] => [domain, `www.${domain}`, `mail.${domain}`];

describeWithParts('a secured name that cannot be validated', ['pebble', 'openssl', 'faketime'], () => {
  let site: CaSite;
  let hosted: HostedTree;
  const before = new Map<string, string>();
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite({ validityPeriod: ISSUED_LIFE_SECONDS });
    const EC = { keyType: 'ecdsa-prime256v1' } as const;
    const roots = (await site.pebble.root()) + aRoot().certPem;
    hosted = await site.host(
      { back: { domain: 'back.test', ...EC }, gone: { domain: 'gone.test', ...EC } },
      { furnish: (builder) => builder.file('/etc/ssl/roots.pem', roots) },
    );
    for (const account of ['back', 'gone']) {
      const domain = `${account}.test`;
      const set: AgedSet = {
        vhost: domain,
        account,
        names: namesOf(domain),
        provider: 'CustomACME',
        daysLeft: DAYS_LEFT,
      };
      before.set(domain, placeAgedSet(hosted, set));
      site.dns.zones.delete(`mail.${domain}`);
    }
    expect(await site.choose(hosted)).toMatchObject({ exitCode: 0, stderr: '' });
  }, LONGEST_MS);
  afterAll(() => site?.stop());

  /** The nightly run so many days later, the CA's clock with ours: newOrders that it cost, and what was said of each website. */
  async function night(daysLater: number): Promise<{ orders: number; said: (vhost: string) => LogRecord[] }> {
    const minutes = Math.round(daysLater * DAY_MINUTES);
    site.proxy.clear();
    site.proxy.lift();
    const now = Date.now() + minutes * 60_000;
    const value = new Date(now).toUTCString();
    site.proxy.fault(PATHS.directory, { kind: 'date', value }, ALWAYS);
    const expires = new Date(now + DAY_MS).toISOString();
    for (const path of [PATHS.newOrder, PATHS.order, PATHS.finalize, PATHS.authorization]) {
      site.proxy.fault(path, { kind: 'change', members: { expires } }, ALWAYS);
    }
    const { exitCode, stderr } = await runBinLater(minutes, 'autossl_check', ['--all'], hosted.root);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const records = lastRecords(hosted);
    return {
      orders: site.proxy.newOrders(),
      said: (vhost) => records.filter((record) => record.vhost === vhost),
    };
  }
  const isAsBefore = (domain: string): boolean => installedFingerprint(hosted, domain) === before.get(domain);
  const securedNames = (domain: string): string[] =>
    (installedSet(hosted, domain).leaf.subjectAltName ?? '').replaceAll('DNS:', '').split(', ').sort();

  test(
    'before the renewal window it costs nothing and says nothing of a wait',
    async () => {
      // The window begins a third of the life before expiry, or up to a tenth earlier.
      const { orders, said } = await night(DAYS_LEFT - 39.5);
      expect(orders).toBe(0);
      expect(said('back.test').map(({ code }) => code)).toContain('WEBSITE_OK');
    },
    LONGEST_MS,
  );

  test(
    'inside the window the renewal waits, with the deadline and the name, night after night',
    async () => {
      for (const daysLeft of [20, 10, 3.5]) {
        const { orders, said } = await night(DAYS_LEFT - daysLeft);
        expect([daysLeft, orders, isAsBefore('gone.test')]).toEqual([daysLeft, 0, true]);
        const waits = said('gone.test').find(({ code }) => code === 'SECURED_DOMAIN_DCV_FAILURE');
        const deadline = Date.parse(installedSet(hosted, 'gone.test').leaf.validTo) - 3 * DAY_MS;
        expect(waits).toMatchObject({
          fault: 'owner',
          data: { dueAt: new Date(deadline).toISOString(), failing: ['mail.gone.test'] },
        });
        expect(waits?.contents).toContain('mail.gone.test');
      }
    },
    LONGEST_MS,
  );

  test(
    'comes back in time: renewed with all names; the other one at its deadline without its name',
    async () => {
      site.dns.zones.set('mail.back.test', { A: ['127.0.0.1'] });
      const { orders, said } = await night(DAYS_LEFT - 2.9);
      expect(orders).toBe(2);
      expect(securedNames('back.test')).toEqual(namesOf('back.test').sort());
      expect(said('back.test').map(({ code }) => code)).not.toContain('COVERAGE_REDUCED');
      expect(securedNames('gone.test')).toEqual(['gone.test', 'www.gone.test']);
      expect(said('gone.test').find(({ code }) => code === 'COVERAGE_REDUCED')).toMatchObject({
        data: { names: ['mail.gone.test'] },
      });
    },
    LONGEST_MS,
  );

  test(
    'that was lost stays wanted: the night after it comes back it is secured again, and then nothing is ordered',
    async () => {
      const quiet = await night(DAYS_LEFT - 1.9);
      expect(quiet.orders).toBe(0);
      expect(quiet.said('gone.test').map(({ code }) => code)).toContain('NO_UNSECURED_DOMAIN_PASSED_DCV');
      site.dns.zones.set('mail.gone.test', { A: ['127.0.0.1'] });
      expect((await night(DAYS_LEFT - 0.9)).orders).toBe(1);
      expect(securedNames('gone.test')).toEqual(namesOf('gone.test').sort());
      expect((await night(DAYS_LEFT + 0.1)).orders).toBe(0);
    },
    LONGEST_MS,
  );
});
