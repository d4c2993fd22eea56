import { describe, expect, test } from '@jest/globals';
import { AcmeProtocolError } from '../../../src/core/domain/autossl-error.js';
import { runCheck } from '../../support/check-run.js';
import { type FakeCa, refusal } from '../../support/fake-ca.js';
import { FAKE_LIFE_MS, fakeChainOf } from '../../support/fake-certificate.js';
import { aCertificate } from '../../support/pki.js';
import { type FakeQueueHost, minutesLater, queueHostWithCa, runQueue } from '../../support/queue-run.js';

const HOUR = 60;
const DAY_MS = 86_400_000;

/** A server whose nightly run left an order that the CA is processing; `inPlace`: a certificate that is due lies there. */
async function withParkedOrder(
  inPlace = false,
): Promise<{ readonly host: FakeQueueHost; readonly ca: FakeCa }> {
  const { host, ca } = queueHostWithCa();
  host.account('alice', [['a.test', 'www.a.test']]);
  if (inPlace) host.certificate('a.test', ['a.test', 'www.a.test'], { daysLeft: 20 });
  ca.finalStatus = 'processing';
  expect(await runCheck(host)).toMatchObject({ exitCode: 0, counts: { pending: 1 } });
  ca.finalStatus = 'valid';
  return { host, ca };
}

/** The poller every five minutes; gives the minutes at which it did something, and its last report. */
async function pollFor(host: FakeQueueHost, from: number, to: number) {
  const turns: {
    readonly minute: number;
    readonly report: NonNullable<Awaited<ReturnType<typeof runQueue>>>;
  }[] = [];
  for (let minute = from; minute <= to; minute += 5) {
    host.clock.set(minutesLater(minute));
    const report = await runQueue(host);
    if (report !== null) turns.push({ minute, report });
  }
  return turns;
}

const chainFor = (host: FakeQueueHost, over: Partial<Parameters<typeof fakeChainOf>[0]>) => async () => {
  const notBefore = host.clock.now();
  const notAfter = new Date(notBefore.getTime() + FAKE_LIFE_MS);
  return fakeChainOf({
    names: ['a.test', 'www.a.test'],
    notBefore,
    notAfter,
    fingerprint: 'e'.repeat(64),
    ...over,
  });
};

describe('an order of which the CA says 404', () => {
  test('is read again, and its certificate installed when the CA knows it once more', async () => {
    const { host, ca } = await withParkedOrder();
    const read = ca.readOrder.bind(ca);
    ca.readOrder = async () => refusal('malformed', { status: 404 });
    expect((await pollFor(host, 5, 40)).map(({ minute }) => minute)).toEqual([5, 10, 15, 25]);
    ca.readOrder = read;
    const turns = await pollFor(host, 45, 120);
    expect(turns.map(({ minute }) => minute)).toEqual([45]);
    expect(turns[0]?.report).toMatchObject({ exitCode: 0, installed: [{ vhost: 'a.test' }] });
    expect(ca.ordered).toHaveLength(1);
    expect(host.ledger.records.get(host.provider.name)?.failedOrders ?? []).toEqual([]);
  });

  test('tells meanwhile why it waits', async () => {
    const { host, ca } = await withParkedOrder();
    ca.readOrder = async () => refusal('malformed', { status: 404 });
    host.clock.set(minutesLater(5));
    expect(await runQueue(host)).toMatchObject({
      exitCode: 0,
      givenUp: [],
      pending: [
        {
          pollAt: minutesLater(10),
          trouble: expect.stringMatching(/the CA no longer knows the order: “the CA says malformed”/),
        },
      ],
    });
  });

  test('is given up after an hour in which it was read again: a failed order, told, exit code 1', async () => {
    const { host, ca } = await withParkedOrder();
    ca.readOrder = async () => refusal('malformed', { status: 404 });
    const turns = await pollFor(host, 5, 3 * HOUR);
    expect(turns.map(({ minute }) => minute)).toEqual([5, 10, 15, 25, 45, 85]);
    expect(turns.at(-1)?.report).toMatchObject({
      exitCode: 1,
      givenUp: [{ code: 'ORDER_GONE', message: expect.stringContaining('the CA no longer knows the order') }],
      problems: [{ vhost: 'a.test', code: 'ORDER_GONE', fault: 'ours' }],
      pending: [],
    });
    expect(host.ledger.records.get(host.provider.name)?.failedOrders).toMatchObject([{ vhost: 'a.test' }]);
    expect(host.orders.records.size).toBe(0);
  });

  test('is given up by a nightly run with exit code 1, too', async () => {
    const { host, ca } = await withParkedOrder();
    const read = ca.readOrder.bind(ca);
    ca.readOrder = async () => refusal('malformed', { status: 404 });
    for (const day of [1, 2, 3]) {
      host.clock.set(minutesLater(day * 24 * HOUR));
      expect(await runCheck(host)).toMatchObject({ exitCode: 0, counts: { pending: 1 } });
    }
    ca.readOrder = async (url) => (url.endsWith('/0') ? refusal('malformed', { status: 404 }) : read(url));
    host.clock.set(minutesLater(4 * 24 * HOUR));
    expect(await runCheck(host)).toMatchObject({ exitCode: 1 });
    expect([...host.logs.values()].flat().map(({ code }) => code)).toContain('ORDER_GONE');
  });

  test('is not doubted for what was answered between: the count begins anew', async () => {
    const { host, ca } = await withParkedOrder();
    const read = ca.readOrder.bind(ca);
    ca.readOrder = async () => refusal('malformed', { status: 404 });
    await pollFor(host, 5, 60);
    ca.readOrder = read;
    ca.finalStatus = 'processing';
    await pollFor(host, 65, 90);
    ca.readOrder = async () => refusal('malformed', { status: 404 });
    const again = await pollFor(host, 95, 150);
    expect(again.flatMap(({ report }) => report.givenUp)).toEqual([]);
    expect(host.orders.records.size).toBe(1);
  });

  test('keeps its doubt over a CA that cannot be reached', async () => {
    const { host, ca } = await withParkedOrder();
    ca.readOrder = async () => refusal('malformed', { status: 404 });
    await pollFor(host, 5, 40);
    ca.readOrder = async () => {
      throw new AcmeProtocolError('UNREACHABLE', 'nobody there');
    };
    await pollFor(host, 45, 60);
    const [record] = host.orders.records.values();
    expect(record?.doubt).toMatchObject({ about: 'ORDER_GONE', reads: 4, since: minutesLater(5) });
  });
});

describe('a certificate that the CA delivers and that is not fit', () => {
  const wrong = {
    'for another key': async () =>
      aCertificate({ names: ['a.test', 'www.a.test'], notBefore: minutesLater(0) }).chainPem,
    'for another name': (host: FakeQueueHost) => chainFor(host, { names: ['evil.example'] })(),
    'for one name of two': (host: FakeQueueHost) => chainFor(host, { names: ['a.test'] })(),
    'that begins in two days': (host: FakeQueueHost) =>
      chainFor(host, { notBefore: new Date(host.clock.now().getTime() + 2 * DAY_MS) })(),
    'that is over': (host: FakeQueueHost) =>
      chainFor(host, {
        notBefore: new Date(host.clock.now().getTime() - 10 * DAY_MS),
        notAfter: new Date(host.clock.now().getTime() - 5 * DAY_MS),
      })(),
  };

  test.each(Object.entries(wrong))(
    '(%s) never replaces a healthy one; it is fetched again, and the right one goes in',
    async (_which, chainOf) => {
      const { host, ca } = await withParkedOrder(true);
      const download = ca.downloadCertificate.bind(ca);
      const before = host.present.get('a.test');
      ca.downloadCertificate = () => chainOf(host);
      for (const { report } of await pollFor(host, 5, 2 * HOUR))
        expect(report).toMatchObject({
          exitCode: 0,
          installed: [],
          pending: [{ trouble: expect.stringMatching(/^its certificate /) }],
        });
      expect(host.present.get('a.test')).toEqual(before);
      ca.downloadCertificate = download;
      const turns = await pollFor(host, 2 * HOUR + 5, 5 * HOUR);
      expect(turns.flatMap(({ report }) => report.installed)).toMatchObject([{ vhost: 'a.test' }]);
      expect(ca.ordered).toHaveLength(1);
    },
  );

  test('is given up after six hours: a failed order, remembered, told with what was wrong', async () => {
    const { host, ca } = await withParkedOrder(true);
    const before = host.present.get('a.test');
    ca.downloadCertificate = chainFor(host, { names: ['evil.example'] });
    const turns = await pollFor(host, 5, 10 * HOUR);
    expect(turns.map(({ minute }) => minute)).toEqual([5, 10, 15, 25, 45, 85, 165, 285, 405]);
    const message = expect.stringMatching(
      /its certificate lacks a\.test, www\.a\.test \(it names evil\.example\).*Nothing was replaced/,
    );
    expect(turns.at(-1)?.report).toMatchObject({
      exitCode: 1,
      installed: [],
      givenUp: [{ code: 'CERTIFICATE_UNFIT', message }],
      problems: [{ vhost: 'a.test', code: 'CERTIFICATE_UNFIT', fault: 'ours' }],
    });
    expect(host.present.get('a.test')).toEqual(before);
    expect(host.issued.unfit).toMatchObject([
      {
        vhost: 'a.test',
        code: 'NAMES_LACKING',
        orderUrl: 'https://ca.test/order/0',
        names: ['a.test', 'www.a.test'],
      },
    ]);
    expect(host.ledger.records.get(host.provider.name)?.failedOrders).toMatchObject([{ vhost: 'a.test' }]);
  });

  test('is never ordered again by run after run: twenty runs in a day are one order', async () => {
    const { host, ca } = await withParkedOrder();
    ca.downloadCertificate = chainFor(host, { names: ['evil.example'] });
    for (let run = 1; run <= 20; run += 1) {
      host.clock.set(minutesLater(run * 10));
      await runCheck(host);
      await runQueue(host, { force: true });
    }
    expect(ca.ordered).toHaveLength(1);
    expect(host.published).toEqual([]);
  });

  test('whose life is over when it is fetched at last is given up at once, and another one ordered', async () => {
    const { host, ca } = await withParkedOrder();
    const download = ca.downloadCertificate.bind(ca);
    const made = host.clock.now();
    const late = chainFor(host, { notBefore: made, notAfter: new Date(made.getTime() + 6 * DAY_MS) });
    ca.downloadCertificate = (url) => (url.endsWith('/0') ? late() : download(url));
    host.clock.set(minutesLater(6.5 * 24 * HOUR));
    expect(await runCheck(host)).toMatchObject({ exitCode: 1, counts: { installed: 1 } });
    expect(host.issued.unfit).toMatchObject([{ code: 'EXPIRED' }]);
  });

  test('that expired while it was staged is dropped with words that come true: the same run orders another', async () => {
    const { host, ca } = await withParkedOrder();
    const [record] = host.orders.records.values();
    if (record === undefined) throw new Error('there is no order');
    const notAfter = new Date(host.clock.now().getTime() + 6 * DAY_MS);
    await host.orders.stageChain(record.id, await chainFor(host, { notAfter })());
    await host.orders.update({ ...record, phase: 'downloaded', pollAt: null });
    host.clock.set(minutesLater(6.5 * 24 * HOUR));
    const report = await runCheck(host);
    expect(report).toMatchObject({ exitCode: 1, counts: { installed: 1 } });
    expect(ca.ordered).toHaveLength(2);
    const told = [...host.logs.values()].flat().find(({ code }) => code === 'EXPIRED_WHILE_STAGED');
    expect(told?.contents).toMatch(/It is dropped; autossl_check orders another one\./);
    // Nor is anybody told to go back to it.
    expect((await runCheck(host)).waiting).toEqual([]);
  });

  test('is not installed from what lies staged either: it is fetched again', async () => {
    const { host, ca } = await withParkedOrder(true);
    const [record] = host.orders.records.values();
    if (record === undefined) throw new Error('there is no order');
    await host.orders.stageChain(record.id, await chainFor(host, { names: ['evil.example'] })());
    await host.orders.update({ ...record, phase: 'downloaded', pollAt: null });
    host.clock.set(minutesLater(5));
    expect(await runQueue(host)).toMatchObject({
      installed: [],
      pending: [
        { phase: 'finalized', pollAt: minutesLater(10), trouble: expect.stringContaining('evil.example') },
      ],
    });
    expect(host.issued.records.get('a.test')).toHaveLength(1);
    host.clock.set(minutesLater(10));
    expect(await runQueue(host)).toMatchObject({ installed: [{ vhost: 'a.test' }] });
    expect(ca.ordered).toHaveLength(1);
  });
});

test('a certificate with further names is installed, and they are told', async () => {
  const { host, ca } = await withParkedOrder();
  ca.downloadCertificate = chainFor(host, { names: ['a.test', 'www.a.test', 'free.a.test'] });
  host.clock.set(minutesLater(5));
  expect(await runQueue(host)).toMatchObject({ exitCode: 0, installed: [{ vhost: 'a.test' }] });
  expect([...host.logs.values()].flat().find(({ code }) => code === 'FURTHER_NAMES')?.contents).toContain(
    'free.a.test',
  );
});
