import { beforeEach, describe, expect, test } from '@jest/globals';
import { AcmeProtocolError } from '../../../src/core/domain/autossl-error.js';
import type { OrderRecord } from '../../../src/core/order/record.js';
import { runCheck } from '../../support/check-run.js';
import { refusal } from '../../support/fake-ca.js';
import { FAKE_NOW } from '../../support/fake-host.js';
import { runQueue } from '../../support/queue-run.js';
import { TwoCaHost } from '../../support/two-ca-host.js';

const HOUR_MS = 3_600_000;
const later = (hours: number): string => new Date(Date.parse(FAKE_NOW) + hours * HOUR_MS).toISOString();
const OUTAGE = new AcmeProtocolError('UNREACHABLE', 'the CA cannot be reached');

let host: TwoCaHost;
beforeEach(() => {
  host = new TwoCaHost();
});
const codes = (): string[] => [...host.logs.values()].flat().map(({ code }) => code);

describe('a CA that cannot be reached', () => {
  beforeEach(() => {
    host.home.directoryError = OUTAGE;
  });

  test('is waited for at first, and then left by websites without a certificate, with the reason', async () => {
    host.account('alice', [['new.test']]);
    const first = await runCheck(host);
    expect(first).toMatchObject({ counts: { installed: 0, waiting: 1 } });
    expect(first.waiting).toMatchObject([{ code: 'PROVIDER_UNREACHABLE', until: later(1) }]);
    expect(host.other.ordered).toEqual([]);
    // The poller comes back by itself.
    host.clock.set(later(1.01));
    expect(await runQueue(host)).toMatchObject({ installed: [{ vhost: 'new.test' }] });
    expect(host.issuer('new.test')).toBe('DigiCert for CustomACME');
    expect(codes()).toContain('ORDERED_ELSEWHERE');
  });

  test('is waited for by renewals that have time', async () => {
    host.account('alice', [['soon.test']]).certificate('soon.test', ['soon.test'], { daysLeft: 20 });
    await runCheck(host);
    host.clock.set(later(23));
    await runCheck(host);
    expect(host.other.ordered).toEqual([]);
    host.clock.set(later(25));
    await runCheck(host);
    expect(host.issuer('soon.test')).toBe('DigiCert for CustomACME');
  });

  test('is left at once in an emergency', async () => {
    host.account('alice', [['last.test']]).certificate('last.test', ['last.test'], { daysLeft: 2 });
    await runCheck(host);
    expect(host.issuer('last.test')).toBe('DigiCert for CustomACME');
  });

  test('gets its websites back at their next renewal, and new ones as soon as it answers', async () => {
    host.account('alice', [['a.test'], ['b.test']]);
    host.unknownNames.add('b.test');
    await host.downSince(later(-2));
    await runCheck(host);
    expect(host.issuer('a.test')).toBe('DigiCert for CustomACME');
    host.home.directoryError = null;
    host.unknownNames.clear();
    host.clock.set(later(24));
    await runCheck(host);
    expect(host.issuer('b.test')).toBe('CustomACME');
    expect(host.issuer('a.test')).toBe('DigiCert for CustomACME');
    expect((await host.ledger.read('CustomACME')).downSince).toBeNull();
    host.clock.set(later(62 * 24));
    await runCheck(host);
    expect(host.issuer('a.test')).toBe('CustomACME');
    expect(codes()).toContain('RETURNED_HOME');
  });

  test('leaves all waiting when the other is down, too', async () => {
    host.account('alice', [['new.test']]);
    host.other.directoryError = OUTAGE;
    await host.downSince(later(-2));
    const report = await runCheck(host);
    expect(report).toMatchObject({ counts: { installed: 0, waiting: 1 } });
    expect(codes()).toContain('FALLBACK_UNUSABLE');
  });
});

describe('a rate limit', () => {
  const limited = (hours: number, detail = 'slow down') =>
    refusal('rateLimited', { status: 429, detail, retryAt: new Date(later(hours)) });

  test('of the account sends new websites to the next CA when it lasts, each once', async () => {
    host.settings = { ...host.settings, concurrentOrders: 1 };
    host.account('alice', [['a.test'], ['b.test']]);
    host.home.onNewOrder = () => limited(5);
    const report = await runCheck(host);
    expect(report).toMatchObject({ exitCode: 0, counts: { installed: 2, waiting: 0 } });
    expect(host.home.ordered).toHaveLength(1);
    expect(host.other.ordered).toEqual([['a.test'], ['b.test']]);
  });

  test('that is over soon is waited for', async () => {
    host.account('alice', [['a.test']]);
    host.home.onNewOrder = () => limited(0.5);
    await runCheck(host);
    expect(host.other.ordered).toEqual([]);
  });

  test('of one registered domain sends that alone to the next CA', async () => {
    host.account('alice', [['x.crowd.test'], ['quiet.test']]);
    host.home.onNewOrder = ([name]) =>
      name === 'x.crowd.test'
        ? limited(30, 'too many certificates (50) already issued for "crowd.test" in the last 168h0m0s')
        : undefined;
    expect(await runCheck(host)).toMatchObject({ exitCode: 0, counts: { installed: 2 } });
    expect([host.issuer('x.crowd.test'), host.issuer('quiet.test')]).toEqual([
      'DigiCert for CustomACME',
      'CustomACME',
    ]);
  });

  test('of our own share sends nobody anywhere', async () => {
    host.settings = { ...host.settings, newOrdersPer3Hours: 1 };
    host.account('alice', [['a.test'], ['b.test']]);
    expect(await runCheck(host)).toMatchObject({ counts: { installed: 1, waiting: 1 } });
    expect(host.other.ordered).toEqual([]);
  });
});

describe('CAA', () => {
  test('that forbids the first CA and not the second sends the website there, without a problem', async () => {
    host.account('alice', [['a.test']]);
    host.caa.records.set('a.test', ['0 issue "digicert.com"']);
    const report = await runCheck(host);
    expect(report).toMatchObject({ exitCode: 0, problems: [], counts: { installed: 1 } });
    expect(host.issuer('a.test')).toBe('DigiCert for CustomACME');
  });

  test('that forbids both is told once, of its own CA', async () => {
    host.account('alice', [['a.test']]);
    host.caa.records.set('a.test', ['0 issue "somebody.test"']);
    const report = await runCheck(host);
    expect(report.problems.filter(({ code }) => code === 'CAA_FORBIDS')).toHaveLength(1);
    expect([host.home.ordered, host.other.ordered]).toEqual([[], []]);
  });
});

test('a name that fails validation is not tried at another CA', async () => {
  host.account('alice', [['a.test']]);
  host.home.validate = () => refusal('connection').refused;
  await runCheck(host);
  expect(host.home.ordered).toHaveLength(1);
  expect(host.other.ordered).toEqual([]);
});

test('a certificate keeps its CA at renewal, though another one is the first now', async () => {
  host.account('alice', [['a.test'], ['b.test']]);
  host.certificate('a.test', ['a.test'], { daysLeft: 20 });
  const [record] = host.issued.records.get('a.test') ?? [];
  if (record !== undefined) host.issued.records.set('a.test', [{ ...record, provider: 'DigiCert' }]);
  await runCheck(host);
  expect([host.issuer('a.test'), host.issuer('b.test')]).toEqual(['DigiCert', 'CustomACME']);
});

test('in an emergency another CA is asked while an order pends, and the same one never', async () => {
  host.account('alice', [['a.test']]).certificate('a.test', ['a.test'], { daysLeft: 5 });
  host.home.finalStatus = 'processing';
  await runCheck(host);
  const [order] = await host.orders.list();
  const record = order?.state === 'ok' ? order.record : undefined;
  expect(record).toMatchObject({ provider: 'CustomACME', phase: 'finalized' } satisfies Partial<OrderRecord>);
  host.clock.set(later(24));
  await runCheck(host);
  expect(host.home.ordered).toHaveLength(1);
  expect(host.issuer('a.test')).toBe('DigiCert for CustomACME');
});
