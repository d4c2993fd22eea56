import { describe, expect, test } from '@jest/globals';
import { AcmeProtocolError } from '../../../../src/core/domain/autossl-error.js';
import type { RenewalAnswer } from '../../../../src/core/renewal/information/renewal-record.js';
import { noteIssued } from '../../../../src/runs/renewal/noted-certificates.js';
import { renewHostname } from '../../../../src/runs/services/hostname/renew-hostname.js';
import { HostnameOrderKeeper } from '../../../../src/runs/services/hostname-order-keeper.js';
import { runCheck } from '../../../support/check-run.js';
import { FakeCa, refusal } from '../../../support/fake-ca.js';
import { FAKE_NOW } from '../../../support/fake-host.js';
import { FAKE_HOSTNAME, FakeServicesHost } from '../../../support/fake-services.js';
import { FakeQueueHost, minutesLater, runQueue } from '../../../support/queue-run.js';

const HOUR_MS = 3_600_000;
const inHours = (hours: number): Date => new Date(Date.parse(FAKE_NOW) + hours * HOUR_MS);
const window = (from: number, to: number): RenewalAnswer => ({
  state: 'said',
  value: { suggestedWindow: { start: inHours(from).toISOString(), end: inHours(to).toISOString() } },
  retryAt: inHours(1000),
});
const CALLED_BACK = window(-2, -1);

class PolledServices extends FakeServicesHost {
  protected override openBase(): FakeQueueHost {
    return new FakeQueueHost();
  }
}

/** A server whose two services have one certificate of ours, about which the CA is asked at the next turn of the poller. */
async function polledServer() {
  const services = new PolledServices('exim', 'ftp');
  const host = services.base as FakeQueueHost;
  const ca = new FakeCa(() => host.clock.now());
  host.ca = ca;
  const same = { fingerprint: 'a1'.repeat(32), ariId: 'AAAA.host', isOurs: true };
  services.certificate('exim', same).certificate('ftp', { ...same, isOurs: false });
  const [issued] = await services.issued.read(FAKE_HOSTNAME);
  if (issued === undefined) throw new Error('nothing was issued');
  await noteIssued(issued, host);
  host.renewHostname = (context) => renewHostname(services, context);
  return { services, host, ca };
}

const newOrders = ({ ordered }: FakeCa): readonly (readonly string[])[] => ordered;

describe('the server’s own certificate, called back by its CA', () => {
  test('is renewed in that very turn of the poller, for all services, and the CA told what it replaces', async () => {
    const { services, host, ca } = await polledServer();
    ca.renewalInfo = (id) => (id === 'AAAA.host' ? CALLED_BACK : window(1000, 1100));
    const report = await runQueue(host);
    expect(report).toMatchObject({
      exitCode: 0,
      judged: [{ account: '@server', vhost: FAKE_HOSTNAME }],
      installed: [{ service: 'exim' }, { service: 'ftp' }],
      problems: [],
    });
    expect(newOrders(ca)).toEqual([[FAKE_HOSTNAME]]);
    expect(ca.options).toEqual([{ replaces: 'AAAA.host' }]);
    const lying = services.services.map(({ present }) => present?.fingerprint);
    expect(new Set(lying).size).toBe(1);
    expect(lying[0]).not.toBe('a1'.repeat(32));
    // It is told in a log, concerns no account, and is over.
    expect(host.codesOf([...host.logs.keys()][0])).toContain('SERVICE_CERTIFICATE_INSTALLED');
    expect(host.due.index.hostnameDueAt).toBeUndefined();
    expect([services.mails, host.locks.held]).toEqual([[], []]);
    host.clock.set(minutesLater(5));
    expect(await runQueue(host)).toBeNull();
  });

  test('is not touched while its window lies far ahead, and is at the instant drawn where that comes before the next night', async () => {
    const { host, ca } = await polledServer();
    ca.renewalInfo = () => window(1000, 1100);
    expect(await runQueue(host)).toMatchObject({ judged: [] });
    expect(host.due.index.hostnameDueAt).toBeUndefined();

    const soon = await polledServer();
    soon.ca.renewalInfo = (id) => (id === 'AAAA.host' ? window(3, 4) : window(1000, 1100));
    const report = await runQueue(soon.host);
    const dueAt = soon.host.due.index.hostnameDueAt ?? '';
    expect(report).toMatchObject({ judged: [], next: dueAt });
    expect([dueAt >= inHours(3).toISOString(), dueAt <= inHours(4).toISOString()]).toEqual([true, true]);
    // A night in between, which makes the list of websites anew, changes nothing about it.
    await runCheck(soon.host);
    expect(soon.host.due.index.hostnameDueAt).toBe(dueAt);
    soon.host.clock.set(inHours(2).toISOString());
    expect(await runQueue(soon.host)).toBeNull();
    soon.host.clock.set(dueAt);
    expect((await runQueue(soon.host))?.installed).toHaveLength(2);
  });

  test('waits for the instant that the CA named, and is tried again then', async () => {
    const { host, ca } = await polledServer();
    ca.renewalInfo = (id) => (id === 'AAAA.host' ? CALLED_BACK : window(1000, 1100));
    ca.onNewOrder = () => refusal('rateLimited', { status: 429, retryAt: new Date(minutesLater(40)) });
    expect(await runQueue(host)).toMatchObject({ installed: [] });
    expect(host.due.index.hostnameDueAt).toBe(minutesLater(40));
    ca.onNewOrder = () => undefined;
    host.clock.set(minutesLater(35));
    expect(await runQueue(host)).toBeNull();
    host.clock.set(minutesLater(40));
    expect((await runQueue(host))?.installed).toHaveLength(2);
  });

  test('is tried again within the hour where the CA could not be talked to', async () => {
    const { host, ca } = await polledServer();
    ca.renewalInfo = (id) => (id === 'AAAA.host' ? CALLED_BACK : window(1000, 1100));
    ca.onNewOrder = () => {
      throw new AcmeProtocolError('UNREACHABLE', 'the CA is down');
    };
    expect(await runQueue(host)).toMatchObject({ installed: [] });
    expect(host.due.index.hostnameDueAt).toBe(minutesLater(60));
    ca.onNewOrder = () => undefined;
    host.clock.set(minutesLater(60));
    expect((await runQueue(host))?.installed).toHaveLength(2);
  });

  test('is tried again within the hour where there is no room for an order', async () => {
    const { host, ca } = await polledServer();
    ca.renewalInfo = (id) => (id === 'AAAA.host' ? CALLED_BACK : window(1000, 1100));
    host.rooms = [{ folder: '/var/cpanel/ssl/autossl', bytes: 1024 * 1024, inodes: null }];
    expect(await runQueue(host)).toMatchObject({
      exitCode: 1,
      installed: [],
      faults: [{ code: 'NO_SPACE' }],
    });
    expect([newOrders(ca), host.due.index.hostnameDueAt]).toEqual([[], minutesLater(60)]);
    host.rooms = [];
    host.clock.set(minutesLater(60));
    expect((await runQueue(host))?.installed).toHaveLength(2);
  });

  test('whose regular renewal is a day old is no order too many', async () => {
    const { services, host, ca } = await polledServer();
    const records = services.issued.records.get(FAKE_HOSTNAME) ?? [];
    const issuedAt = inHours(-24).toISOString();
    services.issued.records.set(
      FAKE_HOSTNAME,
      records.map((one) => ({ ...one, issuedAt, because: ['RENEWAL_DUE'] })),
    );
    ca.renewalInfo = (id) => (id === 'AAAA.host' ? CALLED_BACK : window(1000, 1100));
    expect((await runQueue(host))?.installed).toHaveLength(2);
    expect(services.issued.records.get(FAKE_HOSTNAME)?.[0]?.because).toEqual(['CALLED_BACK']);
  });

  test('whose order is not ready goes on by the ladder of orders', async () => {
    const { services, host, ca } = await polledServer();
    ca.renewalInfo = (id) => (id === 'AAAA.host' ? CALLED_BACK : window(1000, 1100));
    ca.finalStatus = 'processing';
    expect(await runQueue(host)).toMatchObject({ installed: [], pending: [{ vhost: FAKE_HOSTNAME }] });
    expect(host.due.index.hostnameDueAt).toBeUndefined();
    const { signal } = new AbortController();
    host.otherKeepers = (recorder) => [new HostnameOrderKeeper(async () => services, recorder, signal)];
    ca.finalStatus = 'valid';
    host.clock.set(minutesLater(24 * 60));
    await runQueue(host);
    expect(newOrders(ca)).toHaveLength(1);
    expect(services.service('exim').present?.fingerprint).not.toBe('a1'.repeat(32));
  });

  test('is left to checkallsslcerts while that is at work, and looked at in the next turn', async () => {
    const { host, ca } = await polledServer();
    ca.renewalInfo = (id) => (id === 'AAAA.host' ? CALLED_BACK : window(1000, 1100));
    const lock = await host.locks.acquire('run:services', 'checkallsslcerts');
    expect(await runQueue(host)).toMatchObject({ judged: [] });
    expect(newOrders(ca)).toEqual([]);
    await lock.release();
    host.clock.set(minutesLater(5));
    expect((await runQueue(host))?.installed).toHaveLength(2);
  });

  test.each([
    ['disable_auto_hostname_certificate', { noOrders: '/x', noReplacement: null }],
    ['disable_service_certificate_management', { noOrders: null, noReplacement: '/x' }],
  ])('is left alone while %s is there', async (_, touch) => {
    const { services, host, ca } = await polledServer();
    services.touch = touch;
    ca.renewalInfo = () => CALLED_BACK;
    expect(await runQueue(host)).toMatchObject({ judged: [], installed: [] });
    expect(newOrders(ca)).toEqual([]);
    host.clock.set(minutesLater(5));
    expect(await runQueue(host)).toBeNull();
  });

  test('that needs people is left to the nightly run', async () => {
    const { host, ca } = await polledServer();
    ca.renewalInfo = (id) => (id === 'AAAA.host' ? CALLED_BACK : window(1000, 1100));
    ca.onNewOrder = () => refusal('unauthorized', { status: 403 });
    await runQueue(host);
    const orders = ca.calls.length;
    host.clock.set(minutesLater(5));
    expect(await runQueue(host)).toBeNull();
    expect(ca.calls).toHaveLength(orders);
  });
});
