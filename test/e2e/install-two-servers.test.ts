import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildPrograms } from '../support/bin-program.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import { HostingServer } from '../support/hosting-server.js';
import { describeWithParts } from '../support/needs.js';
import { servedFingerprint } from '../support/server-rigs.js';
import { Visitors } from '../support/visitors.js';

const ACCOUNTS = 5;
const WEBSITES_EACH = 10;
const WEBSITES = 2 * ACCOUNTS * WEBSITES_EACH;
/** For each server, in the whole first run; and one every so often where a slow machine needs longer. */
const MOST_RELOADS = 3;
const BATCH_MS = 30_000;
const LEAST_REQUESTS = 2_000;
/** A hundred orders, and visitors all the while, on a busy machine with two cores. */
const LONGEST_MS = 900_000;

const accounts = (prefix: string): Record<string, number> =>
  Object.fromEntries(Array.from({ length: ACCOUNTS }, (_, index) => [`${prefix}${index}`, WEBSITES_EACH]));

describeWithParts(
  'the first run for fifty websites of nginx and fifty of Apache',
  ['nginx', 'apache', 'pebble', 'openssl'],
  () => {
    let ca: HostingCa;
    let hosting: HostingServer;
    let visitors: Visitors;
    let durationMs = 0;
    beforeAll(async () => {
      buildPrograms();
      ca = await startHostingCa();
      const added = ['n0.two.test', 'a0.two.test'];
      hosting = await HostingServer.open(ca, {
        label: 'two',
        withoutTls: added,
        nginx: { accounts: accounts('n') },
        apache: { accounts: accounts('a') },
      });
      expect(hosting.websites).toHaveLength(WEBSITES);
      // The panel wrote their sites just now: a pair that is not there yet would keep each server from reloading.
      for (const website of hosting.websites)
        if (added.includes(website.vhost)) hosting.serve({ ...website, isTls: true });
    }, LONGEST_MS);
    afterAll(async () => {
      await visitors?.kill();
      await hosting?.stop();
      await ca?.stop();
    });

    test(
      'loses no visitor',
      async () => {
        const { httpPort, httpsPort } = ca;
        visitors = await Visitors.start(
          hosting.websites.map(({ vhost, address }) => ({ name: vhost, address, httpPort, httpsPort })),
        );
        const beganAt = Date.now();
        const { exitCode, stdout, stderr } = await hosting.run('autossl_check', '--all');
        durationMs = Date.now() - beganAt;
        expect({ exitCode, stdout, stderr }).toEqual({
          exitCode: 0,
          stdout: `${WEBSITES} websites of ${2 * ACCOUNTS} users checked: ${WEBSITES} certificates installed.\n`,
          stderr: '',
        });
        const during = await visitors.count();
        const { ok, lost, reasons } = await visitors.end(LEAST_REQUESTS);
        expect({ lost, reasons }).toEqual({ lost: 0, reasons: {} });
        expect(during.ok).toBeGreaterThan(0);
        expect(ok).toBeGreaterThanOrEqual(LEAST_REQUESTS);
      },
      LONGEST_MS,
    );

    test('has every name of every website served from its own file', async () => {
      expect(await hosting.faultsOfServing()).toEqual([]);
      for (const { vhost, address } of hosting.websites.filter((_, index) => index % 10 === 0))
        expect(servedFingerprint(address, ca.httpsPort, vhost)).toBe(hosting.installed().get(vhost));
    });

    test('takes few reloads, as the servers’ own logs tell', () => {
      const most = Math.max(MOST_RELOADS, Math.ceil(durationMs / BATCH_MS));
      for (const kind of ['nginx', 'apache'] as const) {
        expect(hosting.rig(kind).reloads()).toBeGreaterThan(0);
        expect(hosting.rig(kind).reloads()).toBeLessThanOrEqual(most);
      }
      expect(hosting.newOrders()).toBe(WEBSITES);
    });

    test('leaves the next run nothing to do, not even a reload', async () => {
      const reloads = (): number[] => [hosting.rig('nginx').reloads(), hosting.rig('apache').reloads()];
      const before = reloads();
      expect(await hosting.run('autossl_check', '--all')).toMatchObject({
        exitCode: 0,
        stdout: `${WEBSITES} websites of ${2 * ACCOUNTS} users checked: nothing to do.\n`,
      });
      expect(reloads()).toEqual(before);
      expect(hosting.newOrders()).toBe(WEBSITES);
    });
  },
);
