import { beforeEach, describe, expect, test } from '@jest/globals';
import { AcmeProtocolError } from '../../../../src/core/domain/autossl-error.js';
import type { OrderRecord } from '../../../../src/core/order/record.js';
import { renewHostname } from '../../../../src/runs/services/hostname/renew-hostname.js';
import { refusal } from '../../../support/fake-ca.js';
import { FAKE_NOW } from '../../../support/fake-host.js';
import { FAKE_HOSTNAME, FakeServicesHost, runServices } from '../../../support/fake-services.js';
import { runQueue } from '../../../support/queue-run.js';
import { TwoCaHost } from '../../../support/two-ca-host.js';

const HOUR_MS = 3_600_000;
const later = (hours: number): string => new Date(Date.parse(FAKE_NOW) + hours * HOUR_MS).toISOString();
const OUTAGE = new AcmeProtocolError('UNREACHABLE', 'the CA cannot be reached');
const HOME = 'CustomACME';
const AT_THE_OTHER = 'DigiCert for CustomACME';

/** The services of a server whose first CA is `home`, and `other` stands in for it. */
class TwoCaServices extends FakeServicesHost {
  protected override openBase(): TwoCaHost {
    return new TwoCaHost();
  }
}

let server: TwoCaServices;
let host: TwoCaHost;
beforeEach(() => {
  server = new TwoCaServices('exim');
  host = server.base as TwoCaHost;
});
const issuer = (): string | undefined => host.issuer(FAKE_HOSTNAME);
const codes = (): string[] => [...host.logs.values()].flat().map(({ code }) => code);
/** Who issued the certificate that lies there, as its record says. */
const issuedBy = (provider: string): void => {
  const [record] = host.issued.records.get(FAKE_HOSTNAME) ?? [];
  if (record !== undefined) host.issued.records.set(FAKE_HOSTNAME, [{ ...record, provider }]);
};

describe('the CA of the server’s own certificate that cannot be reached', () => {
  beforeEach(() => {
    host.home.directoryError = OUTAGE;
  });

  test('is waited for at first, and left when the outage lasts, with the reason', async () => {
    const first = await runServices(server);
    expect(first).toMatchObject({
      exitCode: 1,
      faults: [{ code: 'UNREACHABLE' }],
      waiting: [{ code: 'PROVIDER_UNREACHABLE', until: later(1) }],
    });
    expect(host.other.ordered).toEqual([]);
    host.clock.set(later(1.01));
    const second = await runServices(server);
    expect(second).toMatchObject({ services: [{ state: 'replaced' }], waiting: [] });
    expect(issuer()).toBe(AT_THE_OTHER);
    expect(second.warnings.map(({ message }) => message)).toContain(
      `“${FAKE_HOSTNAME}” goes to DigiCert instead of CustomACME: CustomACME: the provider cannot be used now.`,
    );
  });

  test('is left at once where it is known from websites for how long it is down', async () => {
    await host.downSince(later(-2));
    await runServices(server);
    expect(issuer()).toBe(AT_THE_OTHER);
  });

  test('is waited for by a renewal that has time', async () => {
    server.certificate('exim', { isOurs: true, daysLeft: 20 });
    await runServices(server);
    host.clock.set(later(23));
    await runServices(server);
    expect(host.other.ordered).toEqual([]);
    host.clock.set(later(25));
    await runServices(server);
    expect(issuer()).toBe(AT_THE_OTHER);
  });

  test('is left at once in an emergency, by the poller too', async () => {
    server.certificate('exim', { isOurs: true, daysLeft: 2 });
    host.renewHostname = (context) => renewHostname(server, context);
    await host.due.write({ ...host.due.index, hostnameDueAt: FAKE_NOW });
    expect((await runQueue(host))?.installed).toHaveLength(1);
    expect(issuer()).toBe(AT_THE_OTHER);
    expect([host.locks.held, server.mails]).toEqual([[], []]);
  });

  test('has the poller come back when it may be left', async () => {
    server.certificate('exim', { isOurs: true, daysLeft: 20 });
    host.renewHostname = (context) => renewHostname(server, context);
    await host.due.write({ ...host.due.index, hostnameDueAt: FAKE_NOW });
    await runQueue(host);
    expect(host.due.index.hostnameDueAt).toBe(later(24));
  });

  test('gets it back at the next renewal, and not before', async () => {
    await host.downSince(later(-2));
    await runServices(server);
    host.home.directoryError = null;
    host.clock.set(later(24));
    await runServices(server);
    expect(host.home.ordered).toEqual([]);
    host.clock.set(later(68 * 24));
    await runServices(server);
    expect(issuer()).toBe(HOME);
    expect(codes()).toContain('RETURNED_HOME');
    expect((await host.ledger.read(HOME)).downSince).toBeNull();
  });

  test('leaves it waiting when the other is down, too', async () => {
    host.other.directoryError = OUTAGE;
    await host.downSince(later(-2));
    const report = await runServices(server);
    expect(report).toMatchObject({ exitCode: 1, waiting: [{ code: 'PROVIDER_UNREACHABLE' }] });
    expect(codes()).toContain('FALLBACK_UNUSABLE');
    expect(issuer()).toBeUndefined();
  });

  test('is nobody’s to stand in for where the hostname is private to a network and they are public', async () => {
    server.settings = { ...server.settings, hostname: 'server.lan' };
    await host.downSince(later(-2));
    expect(await runServices(server)).toMatchObject({ waiting: [{ code: 'PROVIDER_UNREACHABLE' }] });
    expect([host.other.calls, host.other.ordered]).toEqual([[], []]);
  });
});

describe('a rate limit met by the server’s own order', () => {
  const limited = (hours: number, detail = 'slow down') =>
    refusal('rateLimited', { status: 429, detail, retryAt: new Date(later(hours)) });

  test.each([
    ['of the account that lasts sends it to the next CA', limited(5), AT_THE_OTHER],
    [
      'of its registered domain sends it there, too',
      limited(30, 'too many certificates (50) already issued for "example.com" in the last 168h0m0s'),
      AT_THE_OTHER,
    ],
    ['that is over soon is waited for', limited(0.5), undefined],
  ])('%s', async (_, answer, expected) => {
    host.home.onNewOrder = () => answer;
    await runServices(server);
    expect(host.home.ordered).toHaveLength(1);
    expect(issuer()).toBe(expected);
  });

  test('of our own share sends it nowhere', async () => {
    host.settings = { ...host.settings, newOrdersPer3Hours: 1 };
    const record = await host.ledger.read(HOME);
    await host.ledger.write({ ...record, newOrders: [FAKE_NOW] });
    expect(await runServices(server)).toMatchObject({ exitCode: 0, waiting: [{ code: 'BUDGET_SPENT' }] });
    expect([host.home.ordered, host.other.ordered]).toEqual([[], []]);
  });
});

describe('CAA of the hostname', () => {
  test('that forbids the first CA and not the second sends it there, without a problem', async () => {
    host.caa.records.set(FAKE_HOSTNAME, ['0 issue "digicert.com"']);
    expect(await runServices(server)).toMatchObject({ exitCode: 0, problems: [] });
    expect(issuer()).toBe(AT_THE_OTHER);
  });

  test('that forbids both is told once, of its own CA', async () => {
    host.caa.records.set(FAKE_HOSTNAME, ['0 issue "somebody.test"']);
    const report = await runServices(server);
    expect(report.problems.filter(({ code }) => code === 'CAA_FORBIDS')).toHaveLength(1);
    expect([host.home.ordered, host.other.ordered]).toEqual([[], []]);
  });
});

test('a hostname that fails validation is not tried at another CA', async () => {
  host.home.validate = () => refusal('connection').refused;
  await runServices(server);
  expect(host.home.ordered).toHaveLength(1);
  expect(host.other.ordered).toEqual([]);
});

test('the server’s own certificate keeps its CA at renewal, though another one is the first now', async () => {
  server.certificate('exim', { isOurs: true, daysLeft: 20 });
  issuedBy('DigiCert');
  await runServices(server);
  expect(issuer()).toBe('DigiCert');
  expect(host.home.ordered).toEqual([]);
});

test('nobody stands in whom the list does not name', async () => {
  host.fallbacks.length = 0;
  host.home.directoryError = OUTAGE;
  await host.downSince(later(-200));
  await runServices(server);
  expect(host.other.calls).toEqual([]);
});

test('in an emergency another CA is asked while an order pends for an hour, and the same one never', async () => {
  server.certificate('exim', { isOurs: true, daysLeft: 2 });
  host.home.finalStatus = 'processing';
  await runServices(server);
  const [order] = await host.orders.list();
  const record = order?.state === 'ok' ? order.record : undefined;
  expect(record).toMatchObject({ provider: HOME, phase: 'finalized' } satisfies Partial<OrderRecord>);
  host.clock.set(later(0.5));
  await runServices(server);
  expect(host.other.ordered).toEqual([]);
  host.clock.set(later(1.1));
  const report = await runServices(server);
  expect(report).toMatchObject({ services: [{ state: 'replaced' }] });
  expect([host.home.ordered, host.other.ordered].map((orders) => orders.length)).toEqual([1, 1]);
  expect(issuer()).toBe(AT_THE_OTHER);
});
