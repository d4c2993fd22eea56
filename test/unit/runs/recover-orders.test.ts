import { describe, expect, test } from '@jest/globals';
import { keyHashOf, keyHashOfPrivate } from '../../../src/core/certificate/key-hash.js';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import { StateError } from '../../../src/core/domain/autossl-error.js';
import type { AccountInventory } from '../../../src/core/domain/website/website.js';
import type { OrderRecord } from '../../../src/core/order/record.js';
import { hostWithCa, manySites, runCheck } from '../../support/check-run.js';
import { refusal } from '../../support/fake-ca.js';
import { FAKE_LIFE_MS, fakeChainOf, fakeKeyPem } from '../../support/fake-certificate.js';
import { FAKE_NOW, type FakeHost } from '../../support/fake-host.js';
import { queueHostWithCa, runQueue } from '../../support/queue-run.js';

const MINUTE_MS = 60_000;
const later = (ms: number): string => new Date(Date.parse(FAKE_NOW) + ms).toISOString();

let serial = 0;
/** An order that an earlier run left behind. */
function leave(host: FakeHost, phase: OrderRecord['phase'], over: Partial<OrderRecord> = {}): OrderRecord {
  serial += 1;
  const record: OrderRecord = {
    schemaVersion: 1,
    id: `1780000000000-${String(serial).padStart(16, '0')}`,
    account: 'alice',
    vhost: 'a.test',
    provider: 'CustomACME',
    directoryUrl: host.directoryUrl,
    acmeAccountUrl: null,
    names: ['a.test'],
    keyType: 'rsa-2048',
    replaces: null,
    createdAt: later(-10 * MINUTE_MS),
    phase,
    orderUrl: 'https://ca.test/order/0',
    expiresAt: null,
    challenges: [],
    pollAt: null,
    lastPolledAt: null,
    diedOf: null,
    logStartedAt: null,
    because: ['CERTIFICATE_ABSENT'],
    ...over,
  };
  const chain = fakeChainOf({
    names: record.names,
    notBefore: new Date(FAKE_NOW),
    notAfter: new Date(Date.parse(FAKE_NOW) + FAKE_LIFE_MS),
    fingerprint: 'f'.repeat(64),
  });
  host.orders.records.set(record.id, record);
  host.orders.staged.set(record.id, {
    keyPem: fakeKeyPem(),
    csrDer: new Uint8Array([1]),
    chainPem: phase === 'downloaded' ? chain : null,
  });
  return record;
}

describe('orders for a key that somebody else has, as was learnt since', () => {
  /** The key lies in place, too. */
  const lose = (host: FakeHost): void => {
    host.certificate('a.test', ['a.test'], { key: 'lost' });
    host.knownLostKeys.add(keyHashOfPrivate(fakeKeyPem()) ?? '').add(keyHashOf(Buffer.from('lost')));
  };

  test.each(['placed', 'finalized', 'downloaded'] as const)(
    'a %s one is dropped, nothing of it is put in place, and another is ordered',
    async (phase) => {
      const { host, ca } = hostWithCa();
      host.account('alice', [['a.test']]);
      leave(host, phase, { pollAt: later(600 * MINUTE_MS) });
      lose(host);
      expect((await runCheck(host)).counts.installed).toBe(1);
      expect(host.logged.find(({ code }) => code === 'ORDER_KEY_COMPROMISED')).toMatchObject({
        vhost: 'a.test',
        type: 'warn',
      });
      expect(ca.ordered).toEqual([['a.test']]);
      expect(host.published).toEqual(['a.test']);
      expect(host.present.get('a.test')?.fingerprint).not.toBe('f'.repeat(64));
    },
  );

  test('the poller orders the other in the same turn', async () => {
    const { host, ca } = queueHostWithCa();
    host.account('alice', [['a.test']]);
    leave(host, 'downloaded', { pollAt: later(-MINUTE_MS) });
    lose(host);
    expect((await runQueue(host))?.installed).toHaveLength(1);
    expect(ca.ordered).toEqual([['a.test']]);
  });
});

describe('orders that an earlier run left', () => {
  test('a downloaded one is published without asking the CA, and nothing is ordered for that website', async () => {
    const { host } = hostWithCa();
    host.ca = null;
    host.account('alice', [['a.test']]);
    leave(host, 'downloaded');
    const report = await runCheck(host);
    expect(report).toMatchObject({ exitCode: 0, counts: { installed: 1, kept: 1 } });
    expect(host.orders.records.size).toBe(0);
    expect(host.reloads).toBe(1);
  });

  test('a downloaded one whose certificate has expired meanwhile is dropped, and another is ordered', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    leave(host, 'downloaded');
    host.configFault = 'broken';
    await runCheck(host);
    host.configFault = null;
    host.clock.set(new Date(Date.parse(FAKE_NOW) + 2 * FAKE_LIFE_MS).toISOString());
    const report = await runCheck(host);
    expect(ca.ordered).toEqual([['a.test']]);
    expect(report).toMatchObject({ exitCode: 1, counts: { installed: 1 } });
    expect(host.orders.records.size).toBe(0);
  });

  test('one of which a web server died is not put in place again until something else is staged', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    const record = leave(host, 'downloaded', { diedOf: 'f'.repeat(64) });
    expect(await runCheck(host)).toMatchObject({ exitCode: 1, problems: [{ code: 'SERVER_DIED_OF_IT' }] });
    expect([host.published, host.reloads, ca.ordered]).toEqual([[], 0, []]);
    host.orders.records.set(record.id, { ...record, diedOf: 'another' });
    expect(await runCheck(host)).toMatchObject({ exitCode: 0, counts: { installed: 1 } });
  });

  test.each(['journalled', 'published', 'failed'] as const)(
    'one that is only %s is cleared away without asking the CA about it',
    async (phase) => {
      const { host, ca } = hostWithCa();
      host.account('alice', [['a.test']]).certificate('a.test', ['a.test']);
      leave(host, phase);
      expect((await runCheck(host)).exitCode).toBe(0);
      expect(host.orders.records.size).toBe(0);
      expect(ca.calls).toEqual([]);
    },
  );

  test('a parked one is not asked about before its time, and its website is not ordered for again', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    ca.finalStatus = 'processing';
    expect((await runCheck(host)).counts.pending).toBe(1);
    ca.calls.length = 0;
    host.clock.set(later(4 * MINUTE_MS));
    expect((await runCheck(host)).counts).toMatchObject({ pending: 1, installed: 0 });
    expect(ca.calls).toEqual([]);
    host.clock.set(later(6 * MINUTE_MS));
    ca.finalStatus = 'valid';
    expect((await runCheck(host)).counts).toMatchObject({ pending: 0, installed: 1 });
    expect(ca.ordered).toHaveLength(1);
  });

  test('one that the CA will not show any more is ordered for anew when its own time is over, in the same run', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    leave(host, 'placed', { expiresAt: later(120 * MINUTE_MS) });
    ca.readOrder = async () => refusal('unauthorized', { status: 403 });
    host.clock.set(later(179 * MINUTE_MS));
    expect((await runCheck(host)).counts).toMatchObject({ pending: 1, installed: 0 });
    host.clock.set(later(185 * MINUTE_MS));
    expect((await runCheck(host)).counts).toMatchObject({ pending: 0, installed: 1 });
  });

  test('one whose certificate may be issued is looked for longer than its order lasts', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    leave(host, 'finalized', { expiresAt: later(0) });
    ca.readOrder = async () => refusal('unauthorized', { status: 403 });
    host.clock.set(later(180 * MINUTE_MS));
    expect((await runCheck(host)).counts).toMatchObject({ pending: 1, installed: 0 });
  });

  test('those of other users are left to their own runs', async () => {
    const { host } = hostWithCa();
    host
      .account('alice', [['a.test']])
      .account('bob', [['bob.test']])
      .certificate('bob.test', ['bob.test']);
    const record = leave(host, 'downloaded');
    await runCheck(host, { user: 'bob' });
    expect(host.orders.records.get(record.id)).toEqual(record);
  });

  test('one whose website another process works on is left alone', async () => {
    const { host } = hostWithCa();
    host.account('alice', [['a.test']]);
    const record = leave(host, 'downloaded');
    host.locks.holdElsewhere('website:a.test', { pid: 4711, startedAt: '', note: '' });
    await runCheck(host);
    expect(host.orders.records.get(record.id)).toEqual(record);
    expect(host.published).toEqual([]);
  });

  test('one at a directory that is no longer the chosen one is dropped, and ordered anew there', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    leave(host, 'placed', { directoryUrl: 'https://former.test/dir' });
    const report = await runCheck(host);
    expect(report.counts).toMatchObject({ installed: 1, pending: 0 });
    expect(ca.calls).not.toContain('order');
    expect(host.orders.records.size).toBe(0);
  });

  test('one that another run placed and parked since this run looked is not placed again', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    host.openAuthority = async () => {
      if (host.orders.records.size === 0) leave(host, 'finalized', { pollAt: later(60 * MINUTE_MS) });
      return ca;
    };
    const report = await runCheck(host);
    expect(ca.ordered).toEqual([]);
    expect(report).toMatchObject({ exitCode: 0, counts: { installed: 0, pending: 1 } });
  });

  test('one that names no provider of ours is kept and said', async () => {
    const { host } = hostWithCa();
    leave(host, 'placed', { provider: 'Gone' });
    const report = await runCheck(host);
    expect(report).toMatchObject({ exitCode: 1, faults: [{ code: 'ORDER_RECORD_BROKEN' }] });
    expect(host.orders.records.size).toBe(1);
  });

  test('what a killed run published and never put into use is put into use, though nothing is to do', async () => {
    const { host } = hostWithCa();
    host.account('alice', [['a.test']]).certificate('a.test', ['a.test']);
    host.isReloadOwed = true;
    expect(await runCheck(host)).toMatchObject({ exitCode: 0, counts: { installed: 0 } });
    expect(host.reloads).toBe(1);
    await runCheck(host);
    expect(host.reloads).toBe(1);
  });

  test('what was published of them is put into use even when a brake ends the run', async () => {
    const { host } = hostWithCa();
    host.account('alice', [['a.test'], ...manySites(30)]);
    for (const [name = ''] of manySites(30)) host.certificate(name, [name]);
    await runCheck(host);
    for (const [name = ''] of manySites(30)) host.present.delete(name);
    host.present.delete('a.test');
    const before = host.reloads;
    leave(host, 'downloaded');
    await expect(runCheck(host)).rejects.toMatchObject({ code: 'BRAKE' });
    expect(host.reloads).toBe(before + 1);
  });
});

describe('orders whose account changed since', () => {
  const suspended = (name: string): AccountInventory => ({
    state: 'skipped',
    account: parseAccountName(name),
    reason: 'suspended',
    domains: ['a.test'],
  });
  const events = (host: FakeHost, code: string) => host.logged.filter((event) => event.code === code);

  test.each(['placed', 'finalized', 'downloaded'] as const)(
    'a website that is gone: the %s order is dropped before its time, without asking the CA',
    async (phase) => {
      const { host, ca } = hostWithCa();
      host.account('bob', [['bob.test']]).certificate('bob.test', ['bob.test']);
      leave(host, phase, {
        pollAt: phase === 'downloaded' ? null : later(60 * MINUTE_MS),
        challenges: [{ name: 'a.test', method: 'http-01', token: 'tok', documentRoot: '/home/alice' }],
      });
      const cleaned: string[] = [];
      const openSolver = host.openSolver.bind(host);
      host.openSolver = async () => ({
        ...(await openSolver()),
        cleanUp: async ({ token, account }) => void cleaned.push(`${account} ${token}`),
      });
      const report = await runCheck(host);
      expect(report).toMatchObject({ exitCode: 0, pending: [], problems: [], counts: { installed: 0 } });
      expect(host.orders.records.size + host.orders.staged.size).toBe(0);
      expect(cleaned).toEqual(['alice tok']);
      expect(ca.calls).toEqual([]);
      expect(events(host, 'ORDER_WEBSITE_GONE')).toHaveLength(1);
      expect((await host.issued.read('a.test')).map(({ fingerprint }) => fingerprint)).toEqual(
        phase === 'downloaded' ? ['f'.repeat(64)] : [],
      );
    },
  );

  test('one whose staging is damaged is dropped all the same', async () => {
    const { host } = hostWithCa();
    host.account('bob', [['bob.test']]).certificate('bob.test', ['bob.test']);
    leave(host, 'downloaded');
    host.orders.readStaged = async () => {
      throw new StateError('CORRUPT_RECORD', 'it is gone');
    };
    expect((await runCheck(host)).exitCode).toBe(0);
    expect(host.orders.records.size).toBe(0);
  });

  test('a suspended account: the order stays and is not asked about, and that is no fault', async () => {
    const { host, ca } = hostWithCa();
    host.inventories.push(suspended('alice'));
    const record = leave(host, 'placed');
    const report = await runCheck(host);
    expect(report).toMatchObject({
      exitCode: 0,
      problems: [],
      pending: [{ vhost: 'a.test', trouble: 'user “alice” is suspended' }],
    });
    expect(host.orders.records.get(record.id)).toEqual(record);
    expect(ca.calls).toEqual([]);
  });

  test('a suspended account: what was issued already is put in place', async () => {
    const { host } = hostWithCa();
    host.inventories.push(suspended('alice'));
    leave(host, 'downloaded');
    expect((await runCheck(host)).counts).toMatchObject({ installed: 1, pending: 0 });
  });

  test('a renamed account: the order goes on for the new one, and no other is made', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    ca.finalStatus = 'processing';
    await runCheck(host);
    host.inventories.length = 0;
    host.account('alicia', [['a.test']]);
    expect((await runCheck(host)).pending).toMatchObject([{ account: 'alicia', vhost: 'a.test' }]);
    expect([...host.orders.records.values()]).toMatchObject([{ account: 'alicia' }]);
    expect(events(host, 'ORDER_MOVED')).toMatchObject([{ account: 'alicia', data: { former: 'alice' } }]);
    host.clock.set(later(6 * MINUTE_MS));
    ca.finalStatus = 'valid';
    expect((await runCheck(host)).installed).toMatchObject([{ account: 'alicia', vhost: 'a.test' }]);
    expect(ca.ordered).toHaveLength(1);
    expect(await host.issued.read('a.test')).toMatchObject([{ account: 'alicia' }]);
    expect(events(host, 'ORDER_MOVED')).toHaveLength(1);
  });

  test('an account list that cannot be read: nothing is dropped', async () => {
    const { host } = hostWithCa();
    const record = leave(host, 'placed', { pollAt: later(60 * MINUTE_MS) });
    const unreadable = new StateError('TREE_UNREADABLE', 'the accounts cannot be read');
    host.accounts.read = async () => {
      throw unreadable;
    };
    await runCheck(host);
    expect(host.orders.records.get(record.id)).toEqual(record);
  });
});
