import { describe, expect, test } from '@jest/globals';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import { AcmeProtocolError } from '../../../src/core/domain/autossl-error.js';
import type { OrderRecord } from '../../../src/core/order/record.js';
import { runCheck } from '../../support/check-run.js';
import type { FakeCa } from '../../support/fake-ca.js';
import { type FakeQueueHost, minutesLater, queueHostWithCa, runQueue } from '../../support/queue-run.js';

const HOUR = 60;
const DAY = 24 * HOUR;

/** A server whose nightly run ended with an order that the CA is processing. */
async function withParkedOrder(
  names: readonly string[] = ['a.test'],
): Promise<{ readonly host: FakeQueueHost; readonly ca: FakeCa; readonly log: string }> {
  const { host, ca } = queueHostWithCa();
  host.account('alice', [names]);
  ca.finalStatus = 'processing';
  const report = await runCheck(host);
  expect(report).toMatchObject({ exitCode: 0, counts: { pending: 1 } });
  ca.calls.length = 0;
  return { host, ca, log: report.log };
}
const theOrder = (host: FakeQueueHost): OrderRecord => {
  const [record] = host.orders.records.values();
  if (record === undefined) throw new Error('there is no order');
  return record;
};

describe('an order that was parked', () => {
  test('is not touched before its instant', async () => {
    const { host, ca, log } = await withParkedOrder();
    const lines = host.codesOf(log).length;
    const before = structuredClone(theOrder(host));
    host.clock.set(minutesLater(4.9));
    expect(await runQueue(host)).toBeNull();
    expect(ca.calls).toEqual([]);
    expect(theOrder(host)).toEqual(before);
    expect([host.logs.size, host.codesOf(log).length]).toEqual([1, lines]);
  });

  test('is fetched and installed from its instant on, in the log of its run', async () => {
    const { host, ca, log } = await withParkedOrder();
    host.clock.set(minutesLater(5));
    ca.finalStatus = 'valid';
    const lines = host.codesOf(log).length;
    const report = await runQueue(host);
    expect(report).toMatchObject({
      exitCode: 0,
      busy: false,
      polled: [{ account: 'alice', vhost: 'a.test' }],
      installed: [{ account: 'alice', vhost: 'a.test', names: ['a.test'] }],
      ...{ givenUp: [], pending: [], problems: [], faults: [], next: null },
    });
    expect(host.logs.size).toBe(1);
    expect(host.codesOf(log).slice(lines)).toEqual([
      'ORDER_RESUMED',
      'CERTIFICATE_DOWNLOADED',
      'SERVER_RELOADED',
      'CERTIFICATE_INSTALLED',
    ]);
    expect(host.published).toEqual(['a.test']);
    expect(host.orders.records.size).toBe(0);
    expect(ca.ordered).toHaveLength(1);
    expect(host.locks.held).toEqual([]);
  });

  test('that still is not ready waits for the next rung, and nothing is installed', async () => {
    const { host } = await withParkedOrder();
    host.clock.set(minutesLater(7));
    const report = await runQueue(host);
    expect(report).toMatchObject({
      exitCode: 0,
      installed: [],
      pending: [{ vhost: 'a.test', phase: 'finalized', pollAt: minutesLater(12), trouble: null }],
      next: minutesLater(12),
    });
    expect(host.reloads).toBe(0);
  });

  test('is looked at before its instant by force', async () => {
    const { host, ca } = await withParkedOrder();
    ca.finalStatus = 'valid';
    host.clock.set(minutesLater(1));
    expect(await runQueue(host, { force: true })).toMatchObject({ installed: [{ vhost: 'a.test' }] });
  });

  test.each<[string, number, number]>([
    ['3 days', 3 * DAY, 0],
    ['8 days', 8 * DAY, 0],
    ['8 days, seen by a CA that tells no time', 8 * DAY, Number.NaN],
  ])('is neither lost nor put off by a poll with a clock that was ahead: %s', async (_, minutes, toldMs) => {
    const { host, ca } = await withParkedOrder();
    host.clock.set(minutesLater(minutes));
    ca.clockOffsetMs = Number.isNaN(toldMs) ? null : -minutes * 60_000;
    expect(await runQueue(host)).toMatchObject({ pending: [{ vhost: 'a.test' }], givenUp: [] });
    // The clock is put right: it is looked at at once, by the poller as by a night.
    ca.clockOffsetMs = 0;
    ca.calls.length = 0;
    host.clock.set(minutesLater(10));
    await runCheck(host);
    expect(ca.calls).toContain('order');
    await host.orders.update({ ...theOrder(host), pollAt: minutesLater(minutes + DAY) });
    ca.finalStatus = 'valid';
    expect(await runQueue(host)).toMatchObject({ installed: [{ vhost: 'a.test' }] });
    expect(ca.ordered).toHaveLength(1);
  });

  test('is over when it is older than any order lives, by a clock that its CA vouches for', async () => {
    const { host } = await withParkedOrder();
    host.clock.set(minutesLater(8 * DAY));
    expect(await runQueue(host)).toMatchObject({ givenUp: [{ vhost: 'a.test' }] });
    expect(host.orders.records.size).toBe(0);
  });

  test('gets a log of its own when that of its run is gone, one for all its polls', async () => {
    const { host } = await withParkedOrder();
    host.logs.clear();
    for (const minutes of [6, 12, 18]) {
      host.clock.set(minutesLater(minutes));
      expect((await runQueue(host))?.pending).toHaveLength(1);
    }
    expect(host.logs.size).toBe(1);
    const [own] = host.logs.keys();
    expect(theOrder(host).logStartedAt).toBe(own);
  });

  test('keeps the ladder over three days of cron and nightly runs, with one order', async () => {
    const { host, ca } = await withParkedOrder();
    const polls: number[] = [];
    for (let minutes = 1; minutes <= 3 * DAY; minutes += 1) {
      host.clock.set(minutesLater(minutes));
      if (minutes % 5 === 0) await runQueue(host);
      else if (minutes % DAY === HOUR + 1) expect((await runCheck(host)).counts.pending).toBe(1);
      else continue;
      const count = ca.calls.filter((call) => call === 'order').length;
      for (; polls.length < count; ) polls.push(minutes);
    }
    const gaps = polls.map((minutes, place) => minutes - (polls[place - 1] ?? 0));
    const inDay = (day: number) => gaps.filter((_, place) => Math.ceil((polls[place] ?? 0) / DAY) === day);
    expect(inDay(1)).toEqual(Array(288).fill(5));
    expect(inDay(2)).toEqual(Array(24).fill(HOUR));
    expect(inDay(3)).toEqual([DAY]);
    expect(ca.ordered).toHaveLength(1);
    expect(host.logs.size).toBe(4);
  });

  test('is given up with a clear line when it expires at the CA, and ordered anew by the next run', async () => {
    const { host, ca, log } = await withParkedOrder();
    ca.readOrder = async (url) => ({
      ...{ url, status: 'pending', identifiers: [], authorizations: [], finalize: '', certificate: null },
      ...{ error: null, retryAt: null, expiresAt: new Date(minutesLater(HOUR)) },
    });
    await host.orders.update({ ...theOrder(host), phase: 'placed', expiresAt: minutesLater(HOUR) });
    host.clock.set(minutesLater(HOUR));
    const report = await runQueue(host);
    const message = `“a.test”: the order of ${minutesLater(0)} is given up: the provider did not finish it in its time, which ended ${minutesLater(HOUR)}. The next run of autossl_check orders again.`;
    expect(report).toMatchObject({
      exitCode: 1,
      givenUp: [{ vhost: 'a.test', code: 'ORDER_EXPIRED', message }],
      problems: [{ vhost: 'a.test', code: 'ORDER_EXPIRED', fault: 'ours' }],
      pending: [],
    });
    expect(host.codesOf(log).at(-1)).toBe('ORDER_EXPIRED');
    expect(host.problems.records.get('alice')).toMatchObject([{ code: 'ORDER_EXPIRED', logStartedAt: log }]);
    host.clock.set(minutesLater(2 * HOUR));
    expect(await runQueue(host)).toBeNull();
    ca.finalStatus = 'valid';
    expect((await runCheck(host)).counts.installed).toBe(1);
    expect(host.problems.records.size).toBe(0);
  });

  test('that the CA processes is kept for a week, whatever it says of the end', async () => {
    const { host, ca } = await withParkedOrder();
    const processing = ca.readOrder.bind(ca);
    ca.readOrder = async (url) => {
      const order = await processing(url);
      return 'refused' in order ? order : { ...order, expiresAt: new Date(minutesLater(HOUR)) };
    };
    host.clock.set(minutesLater(7 * DAY - 1));
    expect((await runQueue(host))?.pending).toHaveLength(1);
    host.clock.set(minutesLater(7 * DAY));
    expect(await runQueue(host, { force: true })).toMatchObject({
      exitCode: 1,
      givenUp: [{ code: 'ORDER_EXPIRED' }],
    });
  });

  test('is dropped with its website', async () => {
    const { host, ca } = await withParkedOrder();
    host.inventories.length = 0;
    host.clock.set(minutesLater(5));
    expect(await runQueue(host)).toMatchObject({
      exitCode: 0,
      givenUp: [{ vhost: 'a.test', code: 'ORDER_WEBSITE_GONE' }],
      pending: [],
    });
    expect(ca.calls).toEqual([]);
    expect(host.orders.records.size).toBe(0);
  });

  test('of a suspended account waits by the ladder, without a question to the CA', async () => {
    const { host, ca } = await withParkedOrder();
    host.inventories.splice(0, 1, {
      state: 'skipped',
      account: parseAccountName('alice'),
      reason: 'suspended',
    });
    host.clock.set(minutesLater(2 * DAY));
    expect(await runQueue(host)).toMatchObject({
      exitCode: 0,
      pending: [{ pollAt: minutesLater(3 * DAY), trouble: expect.stringContaining('suspended') }],
    });
    host.clock.set(minutesLater(2 * DAY + 5));
    expect(await runQueue(host)).toBeNull();
    expect(ca.calls).toEqual([]);
  });

  test('is left to the process that works on its website, without a word', async () => {
    const { host, ca, log } = await withParkedOrder();
    const lines = host.codesOf(log).length;
    const before = structuredClone(theOrder(host));
    host.locks.holdElsewhere('website:a.test', { pid: 4711, startedAt: '', note: '' });
    host.clock.set(minutesLater(5));
    expect(await runQueue(host)).toMatchObject({ exitCode: 0, polled: [], pending: [{ vhost: 'a.test' }] });
    expect(ca.calls).toEqual([]);
    expect(theOrder(host)).toEqual(before);
    expect([host.logs.size, host.codesOf(log).length, host.tidied]).toEqual([1, lines, 1]);
  });

  test('is left to a poller that works already: that is no failure, unless somebody insists', async () => {
    const { host, ca } = await withParkedOrder();
    host.locks.holdElsewhere('queue', { pid: 4711, startedAt: '2026-06-01T00:00:00.000Z', note: '' });
    host.clock.set(minutesLater(5));
    expect(await runQueue(host)).toMatchObject({ exitCode: 0, busy: true, pending: [{ vhost: 'a.test' }] });
    await expect(runQueue(host, { force: true })).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining('process 4711'),
    });
    expect(ca.calls).toEqual([]);
  });

  test('waits by the ladder while the CA cannot be reached, and that is told', async () => {
    const { host, ca } = await withParkedOrder();
    ca.directoryError = new AcmeProtocolError('UNREACHABLE', 'the CA cannot be reached');
    host.clock.set(minutesLater(DAY + 5));
    expect(await runQueue(host)).toMatchObject({
      exitCode: 1,
      problems: [{ vhost: 'a.test', code: 'UNREACHABLE' }],
      pending: [{ pollAt: minutesLater(DAY + 5 + HOUR) }],
    });
    host.clock.set(minutesLater(DAY + 10));
    expect(await runQueue(host)).toBeNull();
  });

  test('leaves what is known of other websites and accounts as it is', async () => {
    const { host, ca } = await withParkedOrder();
    const problem = (domain: string, vhost: string) => ({
      ...{ domain, vhost, code: 'NXDOMAIN', message: 'x', advice: null, fault: 'owner' as const },
      ...{ at: minutesLater(0), logStartedAt: null },
    });
    const alices = [
      problem('a.test', 'a.test'),
      problem('gone.a.test', 'a.test'),
      problem('b.test', 'b.test'),
    ];
    host.problems.records.set('alice', alices);
    host.problems.records.set('bob', [problem('bob.test', 'bob.test')]);
    ca.finalStatus = 'valid';
    host.clock.set(minutesLater(5));
    await runQueue(host);
    expect(host.problems.records.get('alice')?.map(({ domain }) => domain)).toEqual([
      'gone.a.test',
      'b.test',
    ]);
    expect(host.problems.records.get('bob')).toHaveLength(1);
  });
});

describe('a certificate that could not be put in place', () => {
  test('is tried again every few minutes while the web server is misconfigured, and goes in once it is mended', async () => {
    const { host, ca } = await withParkedOrder();
    ca.finalStatus = 'valid';
    host.configFault = 'unexpected "}"';
    host.clock.set(minutesLater(5));
    expect(await runQueue(host)).toMatchObject({
      exitCode: 1,
      faults: [{ code: 'SERVER_CONFIG_BROKEN' }],
      pending: [{ phase: 'downloaded', pollAt: minutesLater(10) }],
    });
    host.clock.set(minutesLater(9));
    expect(await runQueue(host)).toBeNull();
    host.configFault = null;
    host.clock.set(minutesLater(10));
    expect(await runQueue(host)).toMatchObject({
      exitCode: 0,
      installed: [{ vhost: 'a.test' }],
      pending: [],
    });
    expect(ca.ordered).toHaveLength(1);
  });

  test('is tried again after a day where that reloads the server; a nightly run does not wait for it', async () => {
    const { host, ca } = await withParkedOrder();
    ca.finalStatus = 'valid';
    host.reloadFault = 'it refuses';
    host.clock.set(minutesLater(5));
    expect((await runQueue(host))?.pending).toMatchObject([{ pollAt: minutesLater(DAY + 5) }]);
    host.clock.set(minutesLater(60));
    expect(await runQueue(host)).toBeNull();
    host.reloadFault = null;
    expect((await runCheck(host)).counts).toMatchObject({ installed: 1, pending: 0 });
  });
});

describe('orders that a run left behind when it died', () => {
  test.each(['placed', 'finalized', 'downloaded'] as const)(
    'a %s one is gone on with at once',
    async (phase) => {
      const { host, ca } = await withParkedOrder();
      ca.finalStatus = 'valid';
      const record = theOrder(host);
      if (phase === 'downloaded') {
        await host.orders.stageChain(record.id, await ca.downloadCertificate(record.orderUrl ?? ''));
      }
      await host.orders.update({ ...record, phase, pollAt: null });
      expect(await runQueue(host)).toMatchObject({ exitCode: 0, installed: [{ vhost: 'a.test' }] });
    },
  );

  test.each(['journalled', 'published', 'failed'] as const)(
    'a %s one is left to the next run',
    async (phase) => {
      const { host } = await withParkedOrder();
      await host.orders.update({ ...theOrder(host), phase, pollAt: null });
      expect(await runQueue(host)).toBeNull();
    },
  );

  test('one of which a web server died is left to people', async () => {
    const { host } = await withParkedOrder();
    await host.orders.update({
      ...theOrder(host),
      phase: 'downloaded',
      pollAt: null,
      diedOf: 'f'.repeat(64),
    });
    expect(await runQueue(host)).toBeNull();
  });
});

describe('an order that is no website’s', () => {
  test('is its keeper’s, under the keeper’s lock, and no run of websites minds it', async () => {
    const { host, log } = await withParkedOrder();
    const record = { ...theOrder(host), account: '@services', vhost: 'host.test' };
    await host.orders.update(record);
    const gone: string[] = [];
    host.keepers = [
      {
        owns: ({ account }) => account === '@services',
        lockNameOf: () => 'service:hostname',
        goOn: async ({ id }) => {
          gone.push(`${id} ${host.locks.held.join(' ')}`);
          await host.orders.remove(id);
        },
      },
    ];
    host.clock.set(minutesLater(5));
    expect(await runQueue(host)).toMatchObject({ polled: [{ account: '@services', vhost: 'host.test' }] });
    expect(gone).toEqual([`${record.id} queue service:hostname`]);
    expect(host.logs.size).toBe(1);
    expect(host.locks.held).toEqual([]);
    expect(log).toBe([...host.logs.keys()][0]);
  });

  test('that nobody keeps stays as it is', async () => {
    const { host } = await withParkedOrder();
    const record = { ...theOrder(host), account: '@services', vhost: 'a.test', pollAt: null };
    await host.orders.update(record);
    expect(await runQueue(host)).toMatchObject({ exitCode: 0, polled: [] });
    const report = await runCheck(host);
    expect(report).toMatchObject({ exitCode: 0, faults: [], counts: { pending: 1 } });
    expect(host.orders.records.get(record.id)).toEqual(record);
  });
});
