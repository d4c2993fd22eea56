import { describe, expect, test } from '@jest/globals';
import { AcmeProtocolError } from '../../../src/core/domain/autossl-error.js';
import type { AcmeRefusal } from '../../../src/runs/ports/authority.js';
import { hostWithCa, manySites, runCheck } from '../../support/check-run.js';
import { refusal } from '../../support/fake-ca.js';
import { FAKE_NOW } from '../../support/fake-host.js';

const HOUR_MS = 3_600_000;
const later = (ms: number): string => new Date(Date.parse(FAKE_NOW) + ms).toISOString();

describe('our own share of a CA’s limit (design 5.18)', () => {
  test('150 orders at once and 150 more in 3 hours, across runs; the rest waits until one is refilled', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', manySites(151));
    const first = await runCheck(host);
    expect(ca.ordered).toHaveLength(150);
    expect(first.counts).toMatchObject({ installed: 150, waiting: 1 });
    expect(first.waiting).toEqual([
      { code: 'BUDGET_SPENT', message: expect.any(String), until: later(HOUR_MS / 50), websites: 1 },
    ]);
    expect(first.exitCode).toBe(0);

    host.clock.set(later(HOUR_MS / 50 - 1));
    await runCheck(host);
    expect(ca.ordered).toHaveLength(150);

    host.clock.set(later(HOUR_MS / 50 + 1));
    expect((await runCheck(host)).counts).toMatchObject({ installed: 1, waiting: 0 });
  });

  test('websites in emergency are ordered for before new ones, and although the share is spent', async () => {
    const { host, ca } = hostWithCa();
    host.settings = { ...host.settings, newOrdersPer3Hours: 1 };
    host.account('alice', [['new.test'], ['soon.test'], ['sooner.test'], ['later.test']]);
    host.certificate('soon.test', ['soon.test'], { daysLeft: 2 });
    host.certificate('sooner.test', ['sooner.test'], { daysLeft: 1 });
    host.certificate('later.test', ['later.test'], { daysLeft: 20 });
    const report = await runCheck(host);
    expect(ca.ordered).toEqual([['sooner.test'], ['soon.test']]);
    expect(report.counts).toMatchObject({ installed: 2, waiting: 2 });
  });

  test('a CA of our own has no limit to keep', async () => {
    const { host, ca } = hostWithCa();
    host.provider = { ...host.provider, kind: 'local' };
    host.settings = { ...host.settings, newOrdersPer3Hours: 1 };
    host.account('alice', manySites(5));
    expect((await runCheck(host)).counts.installed).toBe(5);
    expect(ca.ordered).toHaveLength(5);
  });
});

describe('a CA that says rateLimited', () => {
  const limited = refusal('rateLimited', { status: 429, retryAt: new Date(later(2 * HOUR_MS)) });

  test('stops the account until its Retry-After, across runs: not even its directory is asked for', async () => {
    const { host, ca } = hostWithCa();
    host.settings = { ...host.settings, concurrentOrders: 1 };
    host.account('alice', manySites(4));
    ca.onNewOrder = (_, nth) => (nth === 2 ? limited : undefined);
    const first = await runCheck(host);
    expect(ca.ordered).toHaveLength(2);
    expect(first).toMatchObject({ exitCode: 1, counts: { installed: 1, waiting: 2 } });
    expect(first.problems).toMatchObject([{ vhost: 's0001.test', code: 'RATE_LIMITED', fault: 'ours' }]);
    expect(first.waiting).toMatchObject([{ code: 'STOPPED_BY_CA', until: later(2 * HOUR_MS), websites: 2 }]);

    host.clock.set(later(2 * HOUR_MS - 1));
    ca.calls.length = 0;
    const second = await runCheck(host);
    expect(ca.calls).toEqual([]);
    expect(second).toMatchObject({ exitCode: 0, counts: { installed: 0, waiting: 3 } });

    host.clock.set(later(2 * HOUR_MS + 1));
    expect((await runCheck(host)).counts).toMatchObject({ installed: 3, waiting: 0 });
  });

  test('is obeyed by an emergency too', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['soon.test']]).certificate('soon.test', ['soon.test'], { daysLeft: 1 });
    ca.onNewOrder = () => limited;
    await runCheck(host);
    const second = await runCheck(host);
    expect(ca.ordered).toHaveLength(1);
    // Nobody is failed by what only waits; whoever will soon warn visitors off needs people.
    expect(second).toMatchObject({
      exitCode: 1,
      faults: [{ code: 'EMERGENCY_HELD_BACK', message: expect.stringContaining('1 website') }],
    });
  });

  test('at the account’s registration stops it as well', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    ca.account = limited;
    const first = await runCheck(host);
    expect(first).toMatchObject({ exitCode: 1, faults: [{ code: 'ACCOUNT_REFUSED' }] });
    ca.calls.length = 0;
    expect((await runCheck(host)).waiting).toMatchObject([{ code: 'STOPPED_BY_CA', websites: 1 }]);
    expect(ca.calls).toEqual([]);
  });

  test('for some seconds is waited out by the run, in the turn in which it was met', async () => {
    const { host, ca } = hostWithCa();
    const slept: number[] = [];
    Object.assign(host.clock, {
      sleep: async (ms: number) => {
        slept.push(ms);
        host.clock.set(new Date(host.clock.now().getTime() + ms).toISOString());
      },
    });
    host.settings = { ...host.settings, concurrentOrders: 1 };
    host.account('alice', manySites(4));
    ca.onNewOrder = (_, nth) =>
      nth === 2
        ? refusal('rateLimited', { status: 429, retryAt: new Date(host.clock.now().getTime() + 20_000) })
        : undefined;
    expect((await runCheck(host)).counts).toMatchObject({ installed: 3, waiting: 0 });
    expect(slept).toEqual([20_000]);
    expect(ca.ordered).toHaveLength(4);
  });

  test('and is told to stop meanwhile: it ends at once', async () => {
    const { host, ca } = hostWithCa();
    const stop = new AbortController();
    Object.assign(host.clock, {
      sleep: async () => {
        stop.abort(new Error('SIGTERM'));
        throw stop.signal.reason;
      },
    });
    host.settings = { ...host.settings, concurrentOrders: 1 };
    host.account('alice', manySites(4));
    ca.onNewOrder = () => refusal('rateLimited', { status: 429, retryAt: new Date(later(20_000)) });
    expect((await runCheck(host, { signal: stop.signal })).waiting).toMatchObject([
      { code: 'RUN_STOPPED', websites: 3 },
    ]);
    expect(ca.ordered).toHaveLength(1);
  });

  test('without end, again and again, ends the ordering of the run after three of them', async () => {
    const { host, ca } = hostWithCa();
    host.settings = { ...host.settings, concurrentOrders: 1 };
    host.account('alice', manySites(8));
    ca.onNewOrder = () => refusal('rateLimited', { status: 429, retryAt: host.clock.now() });
    expect(await runCheck(host)).toMatchObject({ exitCode: 1, counts: { installed: 0, waiting: 5 } });
    expect(ca.ordered).toHaveLength(3);
  });

  test('an overload that names its end (503 with Retry-After) is waited for in the same way', async () => {
    const { host, ca } = hostWithCa();
    host.settings = { ...host.settings, concurrentOrders: 1 };
    host.account('alice', manySites(3));
    ca.onNewOrder = () => refusal('serverInternal', { status: 503, retryAt: new Date(later(HOUR_MS)) });
    expect((await runCheck(host)).counts.waiting).toBe(2);
    await runCheck(host);
    expect(ca.ordered).toHaveLength(1);
  });
});

describe('a ledger that cannot be read', () => {
  test('holds no run up: it is made anew of what was issued, and counts that', async () => {
    const { host, ca } = hostWithCa();
    host.settings = { ...host.settings, newOrdersPer3Hours: 3 };
    host.account('alice', manySites(2));
    await runCheck(host);
    host.ledger.damaged.add(host.provider.name);
    host.account('bob', [['x.test'], ['y.test']]);
    const report = await runCheck(host);
    expect(report).toMatchObject({ exitCode: 0, counts: { installed: 1, waiting: 1 } });
    expect(ca.ordered).toHaveLength(3);
    expect(host.logged.map(({ code }) => code)).toContain('LEDGER_DAMAGED');
  });
});

describe('a ledger that a clock a month ahead left', () => {
  test('is put right by the first run, and orders go out one filling later at the latest', async () => {
    const { host } = hostWithCa();
    host.account('alice', [['a.test']]);
    const record = await host.ledger.read(host.provider.name);
    await host.ledger.write({ ...record, fullAt: { 'new-orders': later(30 * 24 * HOUR_MS) } });
    expect((await runCheck(host)).counts).toMatchObject({ installed: 0, waiting: 1 });
    expect(host.logged.map(({ code }) => code)).toContain('LEDGER_AHEAD');
    host.clock.set(later(3 * HOUR_MS));
    expect((await runCheck(host)).counts).toMatchObject({ installed: 1, waiting: 0 });
  });
});

const PAIR = { keyPem: '', chainPem: '' };
const SPAN = { notAfter: new Date(later(90 * 24 * HOUR_MS)), archivedAt: new Date(later(0)) };

describe('a former certificate that somebody went back to', () => {
  test('is left as it is while it is good', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]).certificate('a.test', ['a.test'], { daysLeft: 40 });
    const former = host.present.get('a.test');
    if (former !== undefined) host.remember('a.test', { ...former, fingerprint: 'newer' }, ['NAMES_MISSING']);
    expect(await runCheck(host)).toMatchObject({ exitCode: 0, counts: { kept: 1, waiting: 0 } });
    expect(ca.ordered).toEqual([]);
  });

  test('is not renewed while the newer one is young, without anybody’s fault; then it is', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]).certificate('a.test', ['a.test'], { daysLeft: 20 });
    const former = host.present.get('a.test');
    await runCheck(host);
    expect(ca.ordered).toHaveLength(1);
    if (former !== undefined) host.present.set('a.test', former);
    const report = await runCheck(host);
    expect(report).toMatchObject({ exitCode: 0, problems: [] });
    expect(report.waiting).toMatchObject([{ code: 'ROLLED_BACK', until: later(9 * 24 * HOUR_MS) }]);
    // Nothing is kept of the newer one here: nobody is sent to put it back.
    expect(report.waiting[0]?.message).not.toContain('autossl rollback');
    const [kept] = host.issued.records.get('a.test') ?? [];
    host.certificates.listArchived = async () => [
      { ...PAIR, fingerprint: kept?.fingerprint ?? '', names: ['a.test'], ...SPAN },
    ];
    expect((await runCheck(host)).waiting[0]?.message).toContain('autossl rollback');
    expect(ca.ordered).toHaveLength(1);

    host.clock.set(later(9 * 24 * HOUR_MS));
    expect((await runCheck(host)).counts.installed).toBe(1);
  });

  test('is a fault once visitors are warned of it', async () => {
    const { host } = hostWithCa();
    host.account('alice', [['a.test']]).certificate('a.test', ['a.test'], { flaws: ['KEY_MISMATCH'] });
    const former = host.present.get('a.test');
    await runCheck(host);
    if (former !== undefined) host.present.set('a.test', former);
    expect(await runCheck(host)).toMatchObject({ exitCode: 1, problems: [{ code: 'ISSUED_RECENTLY' }] });
  });
});

describe('a certificate that keeps getting lost', () => {
  test('is not ordered again for the same defect while it is younger than a tenth of its life', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    await runCheck(host);
    host.present.delete('a.test');
    const again = await runCheck(host);
    expect(ca.ordered).toHaveLength(1);
    expect(again).toMatchObject({ exitCode: 1, problems: [{ code: 'ISSUED_RECENTLY', fault: 'ours' }] });
    expect(again.problems[0]?.message).toContain(later(9 * 24 * HOUR_MS));

    host.clock.set(later(9 * 24 * HOUR_MS));
    expect((await runCheck(host)).counts.installed).toBe(1);
  });

  test('is ordered again at once for another defect, and at most twice a week', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    await runCheck(host);
    const spoil = (flaw: 'KEY_MISMATCH' | 'WEAK_SIGNATURE') => {
      const certificate = host.present.get('a.test');
      if (certificate !== undefined) host.present.set('a.test', { ...certificate, flaws: [flaw] });
    };
    spoil('KEY_MISMATCH');
    expect((await runCheck(host)).counts.installed).toBe(1);
    spoil('WEAK_SIGNATURE');
    expect((await runCheck(host)).problems).toMatchObject([{ code: 'WEEKLY_LIMIT', fault: 'ours' }]);
    expect(ca.ordered).toHaveLength(2);

    host.clock.set(later(7 * 24 * HOUR_MS));
    expect((await runCheck(host)).counts.installed).toBe(1);
  });

  test('is ordered again at once for other names', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    await runCheck(host);
    host.inventories.length = 0;
    host.account('alice', [['a.test', 'new.a.test']]);
    await runCheck(host);
    expect(ca.ordered.at(-1)).toEqual(expect.arrayContaining(['a.test', 'new.a.test']));
  });
});

describe('a CA in trouble', () => {
  const unreachable = (): Error =>
    new AcmeProtocolError('UNREACHABLE', 'the CA at ca.test cannot be reached');

  test('three failures to talk to it in a row end the ordering; the rest waits', async () => {
    const { host, ca } = hostWithCa();
    host.settings = { ...host.settings, concurrentOrders: 1 };
    host.account('alice', manySites(6));
    ca.onNewOrder = unreachable;
    const report = await runCheck(host);
    // Each of three is asked for three times: the answer may only have been lost.
    expect(ca.ordered).toHaveLength(9);
    expect(new Set(ca.ordered.flat()).size).toBe(3);
    expect(report.problems.map(({ code }) => code)).toEqual(Array(3).fill('UNREACHABLE'));
    expect(report).toMatchObject({ exitCode: 1, waiting: [{ code: 'PROVIDER_UNREACHABLE', websites: 3 }] });
    expect(host.orders.records.size).toBe(0);
  });

  test('three refusals for trouble of its own count the same', async () => {
    const { host, ca } = hostWithCa();
    host.settings = { ...host.settings, concurrentOrders: 1 };
    host.account('alice', manySites(6));
    ca.onNewOrder = () => refusal('serverInternal', { status: 500 });
    await runCheck(host);
    expect(ca.ordered).toHaveLength(3);
  });

  test('an answer between the failures begins the count anew', async () => {
    const { host, ca } = hostWithCa();
    host.settings = { ...host.settings, concurrentOrders: 1 };
    host.account('alice', manySites(6));
    ca.onNewOrder = (_, nth) => (nth === 7 ? refusal('malformed') : unreachable());
    await runCheck(host);
    expect(new Set(ca.ordered.flat()).size).toBe(6);
  });

  test('a refusal that only a person can mend ends the ordering at once', async () => {
    const { host, ca } = hostWithCa();
    host.settings = { ...host.settings, concurrentOrders: 1 };
    host.account('alice', manySites(3));
    ca.accountStatus = 'deactivated';
    ca.onNewOrder = () => refusal('unauthorized', { status: 403, detail: 'account is suspended' });
    const report = await runCheck(host);
    expect(ca.ordered).toHaveLength(1);
    expect(report.waiting).toMatchObject([
      {
        code: 'PROVIDER_NEEDS_A_PERSON',
        message: 'the provider refuses our account: “account is suspended” (unauthorized).',
      },
    ]);
  });

  test.each<[string, number, (nth: number) => AcmeRefusal | Error]>([
    ['an account that is refused', 1, () => refusal('unauthorized', { status: 403, detail: 'no' })],
    ['three failures to talk', 3, unreachable],
    ['three refusals for trouble of its own', 3, () => refusal('serverInternal', { status: 500 })],
  ])('after %s not even what stands in the queue goes out', async (_what, asked, answer) => {
    const { host, ca } = hostWithCa();
    host.settings = { ...host.settings, concurrentOrders: 10 };
    host.account('alice', manySites(20));
    ca.accountStatus = 'refused';
    ca.onNewOrder = (_, nth) => answer(nth);
    const report = await runCheck(host);
    expect(new Set(ca.ordered.flat()).size).toBe(asked);
    expect(report.waiting).toMatchObject([{ websites: 20 - asked }]);
    expect(host.orders.records.size).toBe(0);
  });

  test('one that cannot be used at all is said once, with who waits; nothing is ordered', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', manySites(3));
    ca.directoryError = unreachable();
    const report = await runCheck(host);
    expect(report).toMatchObject({
      exitCode: 1,
      faults: [{ code: 'UNREACHABLE', message: expect.stringContaining('ca.test cannot be reached') }],
      waiting: [{ code: 'PROVIDER_UNREACHABLE', websites: 3 }],
      counts: { waiting: 3 },
    });
    expect(ca.ordered).toEqual([]);
  });
});
