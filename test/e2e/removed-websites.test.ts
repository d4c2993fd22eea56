import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readJsonSync } from 'fs-extra/esm';
import type { OrderRecord } from '../../src/core/order/record.js';
import { AccountChanges } from '../support/account-changes.js';
import { PATHS } from '../support/acme-proxy.js';
import { buildPrograms } from '../support/bin-program.js';
import { everythingBelow } from '../support/folder-listing.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import { HostingServer } from '../support/hosting-server.js';
import { leftoversIn } from '../support/leftovers.js';
import { describeWithParts } from '../support/needs.js';

/** A few orders and runs on a busy machine with two cores. */
const LONGEST_MS = 300_000;

describeWithParts('removed websites', ['nginx', 'apache', 'pebble', 'openssl'], () => {
  let ca: HostingCa;
  let hosting: HostingServer;
  let accounts: AccountChanges;
  beforeAll(async () => {
    buildPrograms();
    ca = await startHostingCa();
    hosting = await HostingServer.open(ca, {
      label: 'removed',
      nginx: { accounts: { alice: 1, bob: 1, carol: 1, dave: 1 } },
      apache: { accounts: { erin: 1 } },
    });
    accounts = new AccountChanges(hosting.built);
  }, LONGEST_MS);
  afterAll(async () => {
    await hosting?.stop();
    await ca?.stop();
  });

  const vhostOf = (account: string): string => `${account}.removed.test`;
  const below = (path: string): readonly string[] =>
    everythingBelow(hosting.built.path(`/var/cpanel/ssl/${path}`));
  const ordersByAccount = (): ReadonlyMap<string, OrderRecord> => {
    const folder = hosting.built.tree.orders();
    const records = readdirSync(folder).map((file): OrderRecord => readJsonSync(join(folder, file)));
    return new Map(records.map((record) => [record.account, record]));
  };
  /** As if the time to look again had come for every order. */
  const letPollNow = (): void => {
    for (const record of ordersByAccount().values()) {
      const due = { ...record, pollAt: new Date(Date.now() - 1000).toISOString() };
      const path = join(hosting.built.tree.orders(), `${record.id}.json`);
      writeFileSync(path, JSON.stringify(due), { mode: 0o600 });
    }
  };
  const tokensOf = (record: OrderRecord | undefined): readonly string[] =>
    (record?.challenges ?? []).flatMap((one) => (one.method === 'http-01' ? [one.token] : []));
  const challengeFiles = (): readonly string[] => readdirSync(hosting.built.tree.challenges());

  /** One run over all accounts, which finds no fault on this side; gives its log. */
  async function check(...words: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await hosting.run('autossl_check', '--all', '--json', ...words);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const log = JSON.parse(stdout).log as string;
    return readFileSync(join(hosting.built.tree.logs(), log, 'txt'), 'utf8');
  }

  describe('orders whose accounts change while they pend', () => {
    let before: ReadonlyMap<string, OrderRecord>;
    beforeAll(async () => {
      // The CA is asked to look at the challenges, and its answers are lost: every order pends, its files in place.
      ca.proxy.fault(PATHS.challenge, { kind: 'lose-answer' }, 1000);
      // One run each: a run gives up on a CA that fails so often.
      for (const { account } of hosting.websites) {
        const run = await hosting.run('autossl_check', `--user=${account}`);
        expect(run).toMatchObject({ exitCode: 0, stderr: '' });
      }
      ca.proxy.clear();
      before = ordersByAccount();
      accounts.remove('alice');
      accounts.suspend('carol');
      accounts.rename('dave', 'david');
    }, LONGEST_MS);

    test('pend for all of them, with challenge files in place', () => {
      expect([...before.keys()].sort()).toEqual(['alice', 'bob', 'carol', 'dave', 'erin']);
      for (const record of before.values()) {
        expect(record.phase).toBe('placed');
        expect(tokensOf(record).length).toBeGreaterThan(0);
        expect(challengeFiles()).toEqual(expect.arrayContaining([...tokensOf(record)]));
        expect(Date.parse(record.pollAt ?? '')).toBeGreaterThan(Date.now());
      }
    });

    test(
      'that of a removed account is dropped before its time, and leaves nothing',
      async () => {
        const log = await check();
        const id = before.get('alice')?.id ?? '';
        expect(ordersByAccount().has('alice')).toBe(false);
        expect(existsSync(join(hosting.built.tree.staging(), id))).toBe(false);
        for (const token of tokensOf(before.get('alice'))) expect(challengeFiles()).not.toContain(token);
        expect(
          log.split('\n').filter((line) => line.includes(`${vhostOf('alice')}”: the website left`)),
        ).toHaveLength(1);
        expect(log).not.toContain('WARN');
      },
      LONGEST_MS,
    );

    test('that of a renamed one is its new name’s, that of a suspended one is as it was', async () => {
      const orders = ordersByAccount();
      expect([...orders.keys()].sort()).toEqual(['bob', 'carol', 'david', 'erin']);
      expect(orders.get('david')).toMatchObject({ ...before.get('dave'), account: 'david' });
      expect(orders.get('carol')).toEqual(before.get('carol'));
    });

    test(
      'both are finished without another order: the one at its time, the other when it is no longer suspended',
      async () => {
        letPollNow();
        const waiting = ordersByAccount().get('carol');
        expect(await check()).toContain('(user “carol” is suspended)');
        expect([...ordersByAccount()]).toEqual([['carol', waiting]]);
        accounts.unsuspend('carol');
        await check();
        expect(hosting.openOrders().size).toBe(0);
        expect(ca.proxy.newOrders()).toBe(0);
        const left = hosting.websites.filter(({ account }) => account !== 'alice');
        expect(await hosting.faultsOfServing(left)).toEqual([]);
        expect(leftoversIn(hosting.built)).toEqual([]);
      },
      LONGEST_MS,
    );
  });

  describe('files of websites that are gone', () => {
    /** Certificate files by path and contents. */
    const filesOf = (account: string): readonly (readonly [string, string])[] =>
      ['apache_tls', 'domain_tls'].flatMap((base) =>
        below(base)
          .filter((path) => path.includes(vhostOf(account)) && !path.endsWith('/'))
          .map(
            (path) =>
              [path, readFileSync(hosting.built.path(`/var/cpanel/ssl/${base}/${path}`), 'utf8')] as const,
          ),
      );

    test(
      'are noted, but not those of the renamed one, whose certificate stays without an order',
      async () => {
        accounts.remove('bob');
        accounts.remove('erin');
        accounts.rename('david', 'dora');
        const orders = ca.proxy.newOrders();
        await check();
        // Alice never got a certificate: what lies there is the administrator's own.
        expect(accounts.noted()).toEqual([vhostOf('bob'), vhostOf('erin')]);
        expect(ca.proxy.newOrders()).toBe(orders);
        expect(filesOf('dave').length).toBeGreaterThan(0);
      },
      LONGEST_MS,
    );

    test(
      'stay untouched for as long as a server names them',
      async () => {
        const before = [...filesOf('bob'), ...filesOf('erin')];
        accounts.ageNotes(31);
        const log = await check();
        expect(log).toMatch(/still names certificates .*bob\.removed\.test, erin\.removed\.test/);
        expect([...filesOf('bob'), ...filesOf('erin')]).toEqual(before);
        const gone = hosting.websites.filter(({ account }) => ['bob', 'erin'].includes(account));
        expect(await hosting.shown(gone)).toEqual(hosting.installed(gone));
      },
      LONGEST_MS,
    );

    test(
      'are archived when no configuration names them any more, and no server is hurt',
      async () => {
        const combined = new Map(
          ['bob', 'erin'].map((one) => [
            one,
            readFileSync(hosting.built.path(`/var/cpanel/ssl/apache_tls/${vhostOf(one)}/combined`), 'utf8'),
          ]),
        );
        for (const { account, vhost, kind } of hosting.websites) {
          if (account !== 'bob' && account !== 'erin') continue;
          rmSync(join(hosting.rig(kind).folder, hosting.rig(kind).sitesFolder, `${vhost}.conf`));
        }
        await check();
        for (const account of ['bob', 'erin']) {
          expect(filesOf(account)).toEqual([]);
          const archive = join(hosting.built.tree.archive(), vhostOf(account));
          const sets = readdirSync(archive).map((set) => join(archive, set, 'combined'));
          expect(sets.map((path) => readFileSync(path, 'utf8'))).toContain(combined.get(account));
          for (const path of sets) expect(statSync(path).mode & 0o777).toBe(0o600);
        }
        const left = hosting.websites.filter(({ account }) => ['carol', 'dave'].includes(account));
        expect(await hosting.faultsOfServing(left)).toEqual([]);
        expect(await check('--reissue')).not.toContain('left this server');
      },
      LONGEST_MS,
    );
  });
});
