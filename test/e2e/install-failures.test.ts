import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildPrograms } from '../support/bin-program.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import { HostingServer } from '../support/hosting-server.js';
import { describeWithParts } from '../support/needs.js';
import { aKey, keyPemOf } from '../support/pki.js';
import type { ServedWebsite } from '../support/served-website.js';
import type { NginxRig } from '../support/server-rigs.js';
import { aPairFor, plantDownloadedOrder, restage } from '../support/staged-order.js';

/** A few orders and runs on a busy machine with two cores. */
const LONGEST_MS = 300_000;
const BATCH = 32;
/** Which of the batch the server does not take. */
const BAD = 17;
/** Much longer than a command needs that does not hang, on any machine. */
const TIMEOUT_SECONDS = 4;
/** In seconds: found again among the processes by this number. */
const ENDLESS = 987_654;

describe.each(['nginx', 'apache'] as const)('what fails on %s', (kind) => {
  describeWithParts(`an installation on ${kind}`, [kind, 'pebble', 'openssl'], () => {
    let ca: HostingCa;
    let hosting: HostingServer;
    beforeAll(async () => {
      buildPrograms();
      ca = await startHostingCa();
      hosting = await HostingServer.open(ca, {
        label: kind,
        [kind]: { accounts: { early: 3, amid: 3, batch: BATCH } },
      });
    }, LONGEST_MS);
    afterAll(async () => {
      await hosting?.stop();
      await ca?.stop();
    });

    /** Runs for one account; gives its exit code, what it faults this side for, and how many orders it made. */
    async function check(account: string): Promise<{
      readonly exitCode: number | null;
      readonly faults: readonly string[];
      readonly orders: number;
    }> {
      const before = hosting.newOrders();
      const { exitCode, stdout, stderr } = await hosting.run('autossl_check', `--user=${account}`);
      expect(stderr).toBe('');
      const faults = stdout.split('\n').filter((line) => line.startsWith('FAULT'));
      return { exitCode, faults, orders: hosting.newOrders() - before };
    }

    /** What is installed and what is served: what a failed installation leaves as it was. */
    async function present(websites: readonly ServedWebsite[]): Promise<unknown> {
      return { installed: hosting.installed(websites), shown: await hosting.shown(websites) };
    }

    /** After the mend one run does what is left, with what the CA gave long ago. */
    async function assertFinishes(account: string): Promise<void> {
      expect(await check(account)).toEqual({ exitCode: 0, faults: [], orders: 0 });
      expect(await hosting.faultsOfServing(hosting.websitesOf(account))).toEqual([]);
      expect([...hosting.openOrders().keys()]).toEqual([]);
    }

    const pathOf = (name: string): string => join(hosting.rig(kind).sitesFolder, name);
    const plant = (name: string): string => hosting.rig(kind).write(pathOf(name), 'nonsense\n');

    describe('a configuration that is broken before the run', () => {
      test('has nothing published, the orders kept, and one line that says where it is broken', async () => {
        const websites = hosting.websitesOf('early');
        const before = await present(websites);
        const reloads = hosting.rig(kind).reloads();
        const file = plant('zz-broken.conf');
        const { exitCode, faults, orders } = await check('early');
        expect({ exitCode, orders }).toEqual({ exitCode: 1, orders: websites.length });
        expect(faults).toEqual([expect.stringContaining(file)]);
        expect(await present(websites)).toEqual(before);
        expect(hosting.rig(kind).reloads()).toBe(reloads);
        expect([...hosting.openOrders().keys()].sort()).toEqual(websites.map(({ vhost }) => vhost).sort());
      });

      test('costs no other order while it stays broken', async () => {
        expect(await check('early')).toMatchObject({ exitCode: 1, orders: 0 });
      });
    });

    describe('a pair that was mixed up in staging', () => {
      let key = '';
      const mixedUp = (): ServedWebsite => hosting.websitesOf('early')[1] as ServedWebsite;
      const orderId = (): string => hosting.openOrders().get(mixedUp().vhost) ?? '';

      test('is not published, and the others are', async () => {
        hosting.rig(kind).remove(pathOf('zz-broken.conf'));
        const others = hosting.websitesOf('early').filter((one) => one !== mixedUp());
        const before = await present([mixedUp()]);
        key = restage(hosting, orderId(), 'key.pem', keyPemOf(aKey()));
        const { exitCode, faults, orders } = await check('early');
        expect({ exitCode, orders }).toEqual({ exitCode: 1, orders: 0 });
        expect(faults).toEqual([expect.stringContaining(mixedUp().vhost)]);
        expect(await present([mixedUp()])).toEqual(before);
        expect(await hosting.faultsOfServing(others)).toEqual([]);
      });

      test('is published as soon as its key is back', async () => {
        restage(hosting, orderId(), 'key.pem', key);
        await assertFinishes('early');
      });
    });

    describe('a configuration that somebody breaks between publication and test', () => {
      test('has everything put back, and nobody of ours blamed', async () => {
        const websites = hosting.websitesOf('amid');
        const before = await present(websites);
        hosting.configure({}, { [kind]: { testCommand: ['/bin/sh', testThatIsInterfered()] } });
        const { exitCode, faults, orders } = await check('amid');
        expect({ exitCode, orders }).toEqual({ exitCode: 1, orders: websites.length });
        expect(faults).toEqual([expect.stringContaining('zz-foreign.conf')]);
        for (const { vhost } of websites) expect(faults.join()).not.toContain(vhost);
        expect(await present(websites)).toEqual(before);
        expect([...hosting.openOrders().keys()].sort()).toEqual(websites.map(({ vhost }) => vhost).sort());
      });

      test('is over when it is mended', async () => {
        hosting.configure({});
        hosting.rig(kind).remove(pathOf('zz-foreign.conf'));
        await assertFinishes('amid');
      });

      /** The server's own test, but a file of somebody else is there when it is asked for the second time. */
      function testThatIsInterfered(): string {
        const rig = hosting.rig(kind);
        const calls = join(rig.folder, 'calls');
        const { program, arguments: words } = rig.settings();
        return rig.write(
          'test.sh',
          `echo call >> ${calls}
[ "$(wc -l < ${calls})" -ne 2 ] || echo nonsense > ${join(rig.folder, pathOf('zz-foreign.conf'))}
exec ${program} ${words.join(' ')} -t
`,
        );
      }
    });

    describe(`one pair of ${BATCH} that the server does not take`, () => {
      let bad: ServedWebsite;
      let id: string;
      test('is put back, the others are served, and one line names it', async () => {
        const websites = hosting.websitesOf('batch');
        bad = websites[BAD] as ServedWebsite;
        for (const website of websites) {
          // Less than OpenSSL's security level 2 wants.
          const planted = plantDownloadedOrder(
            hosting,
            website,
            aPairFor(website, website === bad ? 'rsa-1024' : 'ecdsa-prime256v1'),
          );
          if (website === bad) id = planted;
        }
        const before = await present([bad]);
        const { exitCode, faults, orders } = await check('batch');
        expect({ exitCode, orders }).toEqual({ exitCode: 1, orders: 0 });
        expect(faults).toEqual([expect.stringContaining(bad.vhost)]);
        expect(await present([bad])).toEqual(before);
        expect(await hosting.faultsOfServing(websites.filter((one) => one !== bad))).toEqual([]);
        expect([...hosting.openOrders()]).toEqual([[bad.vhost, id]]);
      });

      test('is served as soon as a better one is staged', async () => {
        const { keyPem, chainPem } = aPairFor(bad);
        restage(hosting, id, 'key.pem', keyPem);
        restage(hosting, id, 'chain.pem', chainPem);
        await assertFinishes('batch');
      });
    });
  });
});

describeWithParts('an Apache that dies of a reload', ['apache', 'pebble', 'openssl'], () => {
  let ca: HostingCa;
  let hosting: HostingServer;
  beforeAll(async () => {
    buildPrograms();
    ca = await startHostingCa();
    hosting = await HostingServer.open(ca, { label: 'dies', apache: { accounts: { first: 2, second: 2 } } });
  }, LONGEST_MS);
  afterAll(async () => {
    await hosting?.stop();
    await ca?.stop();
  });

  /** It writes its pid anew at each reload, and its configuration test does not look: as when /run was swept. */
  const folder = (): string => dirname(hosting.rig('apache').pidFile);
  const check = async (account: string): Promise<{ exitCode: number | null; faults: readonly string[] }> => {
    const { exitCode, stdout } = await hosting.run('autossl_check', `--user=${account}`);
    return { exitCode, faults: stdout.split('\n').filter((line) => line.startsWith('FAULT')) };
  };

  test('is started again by the command that mends what it lacks, with what it served', async () => {
    const websites = hosting.websitesOf('first');
    const before = await hosting.shown(websites);
    const { program, arguments: words } = hosting.rig('apache').settings();
    const start = `mkdir -p ${folder()}; exec ${program} ${words.join(' ')} -k start`;
    hosting.configure({}, { apache: { startCommand: ['/bin/sh', '-c', start] } });
    rmSync(folder(), { recursive: true });
    const { exitCode, faults } = await check('first');
    expect({ exitCode, faults: faults.length }).toEqual({ exitCode: 1, faults: 1 });
    expect(faults[0]).toContain(`could not create ${hosting.rig('apache').pidFile}`);
    expect(await hosting.shown(websites)).toEqual(before);
    const orders = hosting.newOrders();
    expect(await check('first')).toEqual({ exitCode: 0, faults: [] });
    expect(hosting.newOrders()).toBe(orders);
    expect(await hosting.faultsOfServing(websites)).toEqual([]);
  });

  test('is said to be down, and why, where nothing starts it; when somebody did, the next run is as any other', async () => {
    const websites = hosting.websitesOf('second');
    const before = hosting.installed(websites);
    const masked = 'Failed to start apache2.service: Unit apache2.service is masked.';
    hosting.configure({}, { apache: { startCommand: ['/bin/sh', '-c', `echo "${masked}" >&2; exit 1`] } });
    rmSync(folder(), { recursive: true });
    const { exitCode, faults } = await check('second');
    expect({ exitCode, faults: faults.length }).toEqual({ exitCode: 1, faults: 1 });
    expect(faults[0]).toContain(`could not create ${hosting.rig('apache').pidFile}`);
    expect(faults[0]).toContain(masked);
    expect(hosting.installed(websites)).toEqual(before);
    const orders = hosting.newOrders();
    mkdirSync(folder());
    hosting.rig('apache').startAgain();
    expect(await check('second')).toEqual({ exitCode: 0, faults: [] });
    expect(hosting.newOrders()).toBe(orders);
    expect(await hosting.faultsOfServing(websites)).toEqual([]);
  });
});

describeWithParts('a reload command that hangs', ['nginx', 'pebble', 'openssl'], () => {
  let ca: HostingCa;
  let hosting: HostingServer;
  beforeAll(async () => {
    buildPrograms();
    ca = await startHostingCa();
    hosting = await HostingServer.open(ca, { label: 'hangs', nginx: { accounts: { slow: 2 } } });
  }, LONGEST_MS);
  afterAll(async () => {
    await hosting?.stop();
    await ca?.stop();
  });

  test(
    'is ended; what was served is served, and the next run needs no other order',
    async () => {
      const rig = hosting.rig('nginx') as NginxRig;
      const hang = rig.write('hang', '');
      const reload = rig.reloadCommand().join(' ');
      const script = `[ ! -e ${hang} ] || exec sleep ${ENDLESS}; exec ${reload}`;
      hosting.configure(
        {},
        {
          nginx: { reloadCommand: ['/bin/sh', '-c', script], timeoutSeconds: TIMEOUT_SECONDS },
        },
      );
      const before = { installed: hosting.installed(), shown: await hosting.shown() };
      const { exitCode, stdout } = await hosting.run('autossl_check', '--all');
      const faults = stdout.split('\n').filter((line) => line.startsWith('FAULT'));
      expect({ exitCode, faults }).toEqual({
        exitCode: 1,
        faults: [expect.stringContaining(`did not end within ${TIMEOUT_SECONDS} seconds`)],
      });
      expect({ installed: hosting.installed(), shown: await hosting.shown() }).toEqual(before);
      expect(isRunning(`sleep ${ENDLESS}`)).toBe(false);
      rig.remove('hang');
      const orders = hosting.newOrders();
      expect(await hosting.run('autossl_check', '--all')).toMatchObject({ exitCode: 0 });
      expect(hosting.newOrders()).toBe(orders);
      expect(await hosting.faultsOfServing()).toEqual([]);
    },
    LONGEST_MS,
  );
});

function isRunning(command: string): boolean {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      const file = `/proc/${pid}/cmdline`;
      try {
        return existsSync(file) && readFileSync(file, 'utf8').replaceAll('\0', ' ').trim() === command;
      } catch {
        return false;
      }
    });
}
