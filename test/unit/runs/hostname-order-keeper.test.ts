import { describe, expect, test } from '@jest/globals';
import type { OrderRecord } from '../../../src/core/order/record.js';
import { queueReport, renderQueueReport } from '../../../src/core/report/queue-report.js';
import { RunRecorder } from '../../../src/runs/check/run-recorder.js';
import { WebsiteLock } from '../../../src/runs/install/website-lock.js';
import { HostnameOrderKeeper } from '../../../src/runs/services/hostname-order-keeper.js';
import {
  FAKE_HOSTNAME,
  type FakeServicesHost,
  runServices,
  servicesWithCa,
} from '../../support/fake-services.js';

/** A server whose order pends; a poller's keeper of it. */
async function polled() {
  const { host, ca } = servicesWithCa('exim', 'ftp');
  ca.finalStatus = 'processing';
  await runServices(host);
  const [record] = [...host.orders.records.values()];
  if (record === undefined) throw new Error('no order pends');
  return { host, ca, record };
}

async function goOn(host: FakeServicesHost, record: OrderRecord): Promise<RunRecorder> {
  const recorder = new RunRecorder(null, () => undefined);
  const keeper = new HostnameOrderKeeper(async () => host, recorder, new AbortController().signal);
  const lock = await host.locks.acquire(keeper.lockNameOf(record), 'a test');
  const held = new WebsiteLock(lock);
  await keeper.goOn(record, held);
  await held.release();
  return recorder;
}

describe('between two runs of checkallsslcerts', () => {
  test('the server’s own orders are kept here, and no other', async () => {
    const { record } = await polled();
    const recorder = new RunRecorder(null, () => undefined);
    const keeper = new HostnameOrderKeeper(
      async () => {
        throw new Error('not expected');
      },
      recorder,
      new AbortController().signal,
    );
    expect(keeper.owns(record)).toBe(true);
    expect(keeper.owns({ ...record, account: 'alice' })).toBe(false);
    expect(keeper.lockNameOf(record)).toBe(`website:${FAKE_HOSTNAME}`);
  });

  test('what is issued is given to every service that needs it, placeholders included', async () => {
    const { host, ca, record } = await polled();
    ca.finalStatus = 'valid';
    const recorder = await goOn(host, record);
    const fingerprints = host.services.map(({ present }) => present?.fingerprint);
    expect(new Set(fingerprints).size).toBe(1);
    expect(host.services.map(({ present }) => present?.flaws)).toEqual([undefined, undefined]);
    expect(recorder.notable.filter(({ fault }) => fault !== undefined)).toEqual([]);
    expect(host.orders.records.size).toBe(0);
    expect(host.locks.held).toEqual([]);
  });

  test('what was installed is told by service', async () => {
    const { host, ca, record } = await polled();
    ca.finalStatus = 'valid';
    const { notable: events } = await goOn(host, record);
    const polledOrders = [{ account: record.account, vhost: record.vhost, orderId: record.id }];
    const report = queueReport([], [], { polled: polledOrders, judged: [], events });
    expect(report).toMatchObject({
      exitCode: 0,
      givenUp: [],
      installed: ['exim', 'ftp'].map((service) => ({
        ...{ account: '@server', vhost: FAKE_HOSTNAME, names: [FAKE_HOSTNAME], service },
        fingerprint: host.service('exim').present?.fingerprint,
      })),
    });
    expect(renderQueueReport(report, false).split('\n')).toEqual([
      expect.stringMatching(`^new    @server  exim: ${FAKE_HOSTNAME} until 2`),
      expect.stringMatching(`^new    @server  ftp: ${FAKE_HOSTNAME} until 2`),
      '1 order looked at, 2 certificates installed, 0 orders pending.',
      '',
    ]);
  });

  test('what is not ready stays parked', async () => {
    const { host, record } = await polled();
    const recorder = await goOn(host, record);
    expect(recorder.notable.map(({ code, vhost }) => [code, vhost])).toEqual([
      ['ORDER_PENDING', FAKE_HOSTNAME],
    ]);
    expect(host.orders.records.size).toBe(1);
  });

  test.each([
    ['disable_auto_hostname_certificate', { noOrders: '/x', noReplacement: null }],
    ['disable_service_certificate_management', { noOrders: null, noReplacement: '/x' }],
  ])('nothing is gone on with while %s is there', async (_, touch) => {
    const { host, ca, record } = await polled();
    ca.finalStatus = 'valid';
    host.touch = touch;
    const before = ca.calls.length;
    await goOn(host, record);
    expect(ca.calls).toHaveLength(before);
    expect(host.orders.records.size).toBe(1);
    expect(host.locks.held).toEqual([]);
  });

  test('what no service takes is tried again a day later', async () => {
    const { host, ca, record } = await polled();
    ca.finalStatus = 'valid';
    for (const { daemon } of host.services) daemon.configFault = 'broken';
    await goOn(host, record);
    const [left] = [...host.orders.records.values()];
    expect(left).toMatchObject({ phase: 'downloaded' });
    expect(Date.parse(left?.pollAt ?? '')).toBe(host.clock.now().getTime() + 86_400_000);
  });
});
