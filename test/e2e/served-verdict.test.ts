import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readJsonSync } from 'fs-extra/esm';
import { buildPrograms } from '../support/bin-program.js';
import { startCdn } from '../support/cdn.js';
import type { EmbeddedWeb } from '../support/embedded-web.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import { HostingServer } from '../support/hosting-server.js';
import { describeWithParts, SKIPPED_PREFIX } from '../support/needs.js';
import type { ServedWebsite } from '../support/served-website.js';

const NIGHTS = 3;
const LONGEST_MS = 300_000;
/** A reload by hand that took no effect by then never will. */
const RELOAD_PATIENCE_MS = 60_000;
const hasIPv6 = Object.values(networkInterfaces())
  .flat()
  .some((one) => one?.address === '::1');

describe.each(['nginx', 'apache'] as const)('the verdict on %s', (kind) => {
  describeWithParts(`whether ${kind} serves what was installed`, [kind, 'pebble', 'openssl'], () => {
    let ca: HostingCa;
    let cdn: EmbeddedWeb;
    let hosting: HostingServer;
    let exitCode: number | null;
    let faults: readonly string[];
    const trap = `trap.${kind}.test`;

    const websiteOf = (account: string): ServedWebsite => {
      const [website] = hosting.websitesOf(account);
      if (website === undefined) throw new Error(`${account} has no website`);
      return website;
    };
    /** What is on record of a website since the last run. */
    const seenOf = (account: string): unknown => {
      const { vhost } = websiteOf(account);
      const folder = hosting.built.path('/var/cpanel/ssl/autossl/served');
      const [record] = [`${vhost}.json`, `not-served/${vhost}.json`]
        .map((name) => join(folder, name))
        .filter((path) => existsSync(path));
      return readJsonSync(record ?? '').served;
    };
    const faultsIn = (stdout: string): readonly string[] =>
      stdout.split('\n').filter((line) => line.startsWith('FAULT'));

    beforeAll(async () => {
      buildPrograms();
      ca = await startHostingCa();
      const [ownip, shadowed] = [ca.nextAddress(), ca.nextAddress()];
      hosting = await HostingServer.open(ca, {
        label: kind,
        withoutTls: [trap],
        [kind]: {
          accounts: { behindcdn: 1, ownip: 1, shadowed: 1, trap: 1, ...(hasIPv6 ? { six: 1 } : {}) },
          addresses: { ownip, shadowed, ...(hasIPv6 ? { six: '::1' } : {}) },
          others: {
            // Answers at every address where no other site does, and with the right names.
            '00-default': {
              address: '0.0.0.0',
              names: ['default.test'],
              covers: [trap, `*.${trap}`],
            },
            // Somebody's older site of the same name, before ours in the configuration.
            '01-older': { address: shadowed, names: [`shadowed.${kind}.test`] },
          },
        },
      });
      const elsewhere = ca.nextAddress();
      const { address, names } = websiteOf('behindcdn');
      cdn = await startCdn(elsewhere, { address, httpPort: ca.httpPort });
      for (const name of names) ca.dns.zones.set(name, { A: [elsewhere] });
      const first = await hosting.run('autossl_check', '--all');
      expect(first.stderr).toBe('');
      exitCode = first.exitCode;
      faults = faultsIn(first.stdout);
    }, LONGEST_MS);
    afterAll(async () => {
      await cdn?.close();
      await hosting?.stop();
      await ca?.stop();
    });

    test('a website whose names lead to a CDN is served where its own server is', async () => {
      expect(cdn.requests.length).toBeGreaterThan(0);
      expect(seenOf('behindcdn')).toMatchObject({
        state: 'served',
        places: [{ address: websiteOf('behindcdn').address, port: ca.httpsPort }],
      });
      expect(await hosting.faultsOfServing([websiteOf('behindcdn')])).toEqual([]);
    });

    test('a website with an address of its own is asked for there, whatever answers at the others', async () => {
      expect(seenOf('ownip')).toMatchObject({
        state: 'served',
        places: [{ address: websiteOf('ownip').address, port: ca.httpsPort }],
      });
      expect(await hosting.faultsOfServing([websiteOf('ownip')])).toEqual([]);
    });

    const ipv6 = hasIPv6 ? test : test.skip;
    const why = hasIPv6 ? '' : `${SKIPPED_PREFIX}this machine has no ::1: `;
    ipv6(`${why}a website with IPv6 alone is asked for by IPv6`, async () => {
      expect(seenOf('six')).toMatchObject({
        state: 'served',
        places: [{ address: '::1', port: ca.httpsPort }],
      });
      expect(await hosting.faultsOfServing([websiteOf('six')])).toEqual([]);
    });

    test('a website is not served by a default site that answers for it, though its names are right', () => {
      expect(seenOf('trap')).toMatchObject({
        state: 'not-served',
        code: expect.stringMatching(/^OTHER_(?:WEBSITES_)?CERTIFICATE$/),
      });
    });

    test('a website is not served by an older site of its names that comes before its own', () => {
      expect(seenOf('shadowed')).toMatchObject({ state: 'not-served', code: 'OTHER_CERTIFICATE' });
    });

    test('those that are not served cost exit 1 and one line each, which says what to do', () => {
      expect(exitCode).toBe(1);
      expect(faults.join()).toContain('no site has this name with TLS; the default site');
      expect([...faults].sort()).toEqual(
        ['shadowed', 'trap'].map((account) => expect.stringContaining(websiteOf(account).vhost)),
      );
      for (const fault of faults) expect(fault).toContain('/combined');
    });

    test('no night orders for them again, and each says so again', async () => {
      const orders = hosting.newOrders();
      expect(orders).toBe(hosting.websites.length);
      for (let night = 2; night <= NIGHTS; night++) {
        const { exitCode: code, stdout } = await hosting.run('autossl_check', '--all');
        expect({ code, faults: [...faultsIn(stdout)].sort() }).toEqual({
          code: 1,
          faults: [...faults].sort(),
        });
      }
      expect(hosting.newOrders()).toBe(orders);
    });

    test('once they have a site, they are served without an order and without a word', async () => {
      const orders = hosting.newOrders();
      hosting.rig(kind).remove(join(hosting.rig(kind).sitesFolder, '01-older.conf'));
      hosting.serve({ ...websiteOf('trap'), isTls: true });
      hosting.rig(kind).reload();
      const deadline = Date.now() + RELOAD_PATIENCE_MS;
      while ((await hosting.faultsOfServing()).length > 0 && Date.now() < deadline) await pause(100);
      const { exitCode: code, stdout } = await hosting.run('autossl_check', '--all');
      expect({ code, faults: faultsIn(stdout) }).toEqual({ code: 0, faults: [] });
      expect(hosting.newOrders()).toBe(orders);
      expect(await hosting.faultsOfServing()).toEqual([]);
    });
  });
});
