import { describe, expect, test } from '@jest/globals';
import { manySites, runCheck } from '../../support/check-run.js';
import { refusal, refusalOf } from '../../support/fake-ca.js';
import { FAKE_NOW } from '../../support/fake-host.js';
import { type FakeQueueHost, minutesLater, queueHostWithCa, runQueue } from '../../support/queue-run.js';

const HOUR = 60;
const DAY = 24 * HOUR;
/** Renewal begins so long before the end of a fake certificate, its emergency 4.5 days before. */
const RENEWAL_DAYS = 29;
const EMERGENCY_DAYS = 4.5;

const dueOf = (host: FakeQueueHost): Record<string, string> =>
  Object.fromEntries(host.due.index.websites.map(({ vhost, dueAt }) => [vhost, dueAt]));
/** Turns of the poller by cron, from a minute to another; those that did something, by their minute. */
async function cron(host: FakeQueueHost, from: number, to: number): Promise<Map<number, number>> {
  const installed = new Map<number, number>();
  for (let minutes = from; minutes <= to; minutes += 5) {
    host.clock.set(minutesLater(minutes));
    const report = await runQueue(host);
    if (report !== null) installed.set(minutes, report.installed.length);
  }
  return installed;
}

describe('websites that waited for our own limit', () => {
  test('are ordered for by the poller when it opens, none before, in the log of their run', async () => {
    const { host, ca } = queueHostWithCa();
    host.account('alice', manySites(160));
    const report = await runCheck(host);
    expect(report.counts).toMatchObject({ installed: 150, waiting: 10 });
    expect(Object.values(dueOf(host))).toEqual(Array(10).fill(minutesLater(1.2)));
    const lines = host.codesOf(report.log).length;
    host.clock.set(minutesLater(1));
    expect(await runQueue(host)).toBeNull();
    expect([ca.ordered.length, host.logs.size, host.codesOf(report.log).length]).toEqual([150, 1, lines]);
    // One is refilled every 72 seconds.
    expect(await cron(host, 5, HOUR)).toEqual(
      new Map([
        [5, 4],
        [10, 4],
        [15, 2],
      ]),
    );
    expect(new Set(ca.ordered.flat()).size).toBe(160);
    expect(ca.ordered).toHaveLength(160);
    expect(dueOf(host)).toEqual({});
    expect(host.logs.size).toBe(1);
    expect(host.codesOf(report.log).slice(lines)).toContain('CERTIFICATE_INSTALLED');
    expect(await runCheck(host)).toMatchObject({ counts: { kept: 160, installed: 0 } });
  });

  test('go on until all have one, never more than the limit and what is refilled meanwhile', async () => {
    const { host, ca } = queueHostWithCa();
    host.settings = { ...host.settings, newOrdersPer3Hours: 5 };
    host.account('alice', manySites(23));
    await runCheck(host);
    const orderedAt: number[] = Array(5).fill(0);
    for (let minutes = 5; minutes < DAY; minutes += 5) {
      host.clock.set(minutesLater(minutes));
      await runQueue(host);
      while (orderedAt.length < ca.ordered.length) orderedAt.push(minutes);
    }
    expect(orderedAt).toHaveLength(23);
    const windows = orderedAt.map((at) => orderedAt.filter((one) => one >= at && one < at + 3 * HOUR).length);
    expect(orderedAt.filter((at) => at === 0)).toHaveLength(5);
    expect(Math.max(...windows)).toBeLessThanOrEqual(10);
    expect(new Set(ca.ordered.flat()).size).toBe(23);
  });

  test('are looked at only as far as they may be ordered for', async () => {
    const { host } = queueHostWithCa();
    host.settings = { ...host.settings, newOrdersPer3Hours: 2 };
    host.account('alice', manySites(50));
    await runCheck(host);
    host.looked.length = 0;
    host.clock.set(minutesLater(3 * HOUR));
    const report = await runQueue(host);
    expect(report).toMatchObject({ installed: { length: 2 }, judged: { length: 4 } });
    expect(new Set(host.looked).size).toBeLessThanOrEqual(4);
    host.clock.set(minutesLater(3 * HOUR + 5));
    expect(await runQueue(host)).toMatchObject({ judged: [], next: minutesLater(4.5 * HOUR) });
    host.clock.set(minutesLater(3 * HOUR + 10));
    expect(await runQueue(host)).toBeNull();
  });

  test('do not wait for it when their certificate is about to end', async () => {
    const { host, ca } = queueHostWithCa();
    host.settings = { ...host.settings, newOrdersPer3Hours: 1 };
    host
      .account('alice', [['a.test'], ['new.test']])
      .certificate('a.test', ['a.test'], { daysLeft: EMERGENCY_DAYS + 1 / 24, because: ['RENEWAL_DUE'] });
    expect((await runCheck(host)).counts).toMatchObject({ installed: 1, waiting: 1 });
    expect(ca.ordered).toEqual([['new.test']]);
    expect(dueOf(host)).toEqual({ 'a.test': minutesLater(HOUR) });
    expect(await cron(host, 5, 2 * HOUR)).toEqual(new Map([[HOUR, 1]]));
  });

  test('are left to the next run when that comes first', async () => {
    const { host } = queueHostWithCa();
    host.settings = { ...host.settings, newOrdersPer3Hours: 1, intervalMs: 2 * HOUR * 60_000 };
    host.account('alice', manySites(2));
    await runCheck(host);
    expect(dueOf(host)).toEqual({});
  });
});

describe('websites that waited for the CA', () => {
  test('are ordered for after the instant that it named, and it is not asked before', async () => {
    const { host, ca } = queueHostWithCa();
    host.account('alice', manySites(3));
    const limited = refusal('rateLimited', { status: 429, retryAt: new Date(minutesLater(90)) });
    ca.onNewOrder = () => limited;
    expect((await runCheck(host)).counts).toMatchObject({ installed: 0, waiting: 2 });
    // The one that met the limit, and the two that it held back.
    expect(Object.values(dueOf(host))).toEqual(Array(3).fill(minutesLater(90)));
    ca.onNewOrder = () => undefined;
    ca.calls.length = 0;
    expect(await cron(host, 5, 85)).toEqual(new Map());
    expect(ca.calls).toEqual([]);
    expect(await cron(host, 90, 120)).toEqual(new Map([[90, 3]]));
  });

  test('are put off once more when it names another instant', async () => {
    const { host, ca } = queueHostWithCa();
    host.account('alice', manySites(3));
    ca.onNewOrder = (_, nth) =>
      refusal('rateLimited', { status: 429, retryAt: new Date(minutesLater(nth * 60)) });
    await runCheck(host);
    await cron(host, 60, 60);
    expect(ca.ordered).toHaveLength(2);
    expect(Object.values(dueOf(host))).toEqual(Array(3).fill(minutesLater(120)));
  });

  test('are looked at hourly while it cannot be reached at all', async () => {
    const { host, ca } = queueHostWithCa();
    host.settings = { ...host.settings, newOrdersPer3Hours: 1 };
    host.account('alice', manySites(2));
    await runCheck(host);
    const { AcmeProtocolError } = await import('../../../src/core/domain/autossl-error.js');
    ca.directoryError = new AcmeProtocolError('UNREACHABLE', 'the CA cannot be reached');
    const turns = await cron(host, 3 * HOUR, 5 * HOUR);
    expect([...turns.keys()]).toEqual([3 * HOUR, 4 * HOUR, 5 * HOUR]);
    ca.directoryError = null;
    expect(await cron(host, 6 * HOUR, 6 * HOUR)).toEqual(new Map([[6 * HOUR, 1]]));
  });
});

describe('websites that met the CA’s own trouble', () => {
  const silent = async (): Promise<Error> => {
    const { AcmeProtocolError } = await import('../../../src/core/domain/autossl-error.js');
    return new AcmeProtocolError('TIMED_OUT', 'the CA did not answer');
  };
  /** The turn by cron that comes next, of every five minutes. */
  const turnFrom = (instant: string): number =>
    Math.ceil((Date.parse(instant) - Date.parse(minutesLater(0))) / (5 * 60_000)) * 5;

  test.each<[string, () => Promise<Error> | ReturnType<typeof refusal>]>([
    ['it did not answer', silent],
    ['it had an inner error', () => refusal('serverInternal', { status: 500 })],
  ])('where %s are ordered for by the poller within minutes', async (_how, trouble) => {
    const { host, ca } = queueHostWithCa();
    host.account('alice', [['a.test'], ['b.test'], ['c.test']]);
    const met = await trouble();
    ca.onNewOrder = (_, nth) => (nth === 2 ? met : undefined);
    expect(await runCheck(host)).toMatchObject({ exitCode: 1, counts: { installed: 2 } });
    expect(host.due.index.websites).toMatchObject([{ vhost: 'b.test', tries: 1 }]);
    expect(await cron(host, 5, 30)).toEqual(new Map([[5, 1]]));
    expect(host.due.index.websites).toEqual([]);
    expect(ca.ordered).toHaveLength(4);
  });

  test('are tried again after 1, 10 and 100 minutes, and are left to the next run then', async () => {
    const { host, ca } = queueHostWithCa();
    host.account('alice', [['a.test']]);
    const met = await silent();
    ca.onNewOrder = () => met;
    await runCheck(host);
    const turns = [...(await cron(host, 5, DAY)).keys()];
    expect(ca.ordered).toHaveLength(turns.length + 1);
    expect(turns.length).toBeLessThanOrEqual(4);
    const [first = 0, second = 0, third = 0] = turns;
    expect(first).toBe(5);
    expect(second - first).toBeGreaterThanOrEqual(10);
    expect(second - first).toBeLessThanOrEqual(15);
    expect(third - second).toBeGreaterThanOrEqual(75);
    expect(third - second).toBeLessThanOrEqual(130);
  });

  test('are not tried before the instant that the CA named', async () => {
    const { host, ca } = queueHostWithCa();
    host.account('alice', [['a.test']]);
    const retryAt = new Date(minutesLater(47));
    ca.onNewOrder = () => refusal('serverInternal', { status: 500, retryAt });
    await runCheck(host);
    expect(dueOf(host)).toEqual({ 'a.test': retryAt.toISOString() });
    expect([...(await cron(host, 5, 50)).keys()]).toEqual([turnFrom(retryAt.toISOString())]);
  });

  test('or waited because it met others, are looked at an hour later, all of them', async () => {
    const { host, ca } = queueHostWithCa();
    host.settings = { ...host.settings, concurrentOrders: 1, concurrentWebsites: 1 };
    host.account('alice', manySites(8));
    const met = await silent();
    ca.onNewOrder = () => met;
    // Three in a row end the ordering.
    expect((await runCheck(host)).counts).toMatchObject({ installed: 0, waiting: 5 });
    expect(Object.values(dueOf(host)).filter((dueAt) => dueAt === minutesLater(HOUR))).toHaveLength(5);
    ca.onNewOrder = () => undefined;
    expect(await cron(host, 5, HOUR)).toEqual(
      new Map([
        [5, 3],
        [HOUR, 5],
      ]),
    );
  });

  test('while nobody can ask it: a turn that found that out puts off those that it did not get to', async () => {
    const { host, ca } = queueHostWithCa();
    host.settings = { ...host.settings, newOrdersPer3Hours: 400 };
    host.account('alice', manySites(350));
    const { AcmeProtocolError } = await import('../../../src/core/domain/autossl-error.js');
    ca.directoryError = new AcmeProtocolError('UNREACHABLE', 'the CA cannot be reached');
    await runCheck(host);
    expect(Object.values(dueOf(host))).toEqual(Array(350).fill(minutesLater(HOUR)));
    ca.calls.length = 0;
    // More than a turn looks at; the CA is asked for its directory once an hour for all of that.
    await cron(host, 5, 2 * HOUR);
    expect(ca.calls).toEqual(['directory', 'directory']);
  });
});

describe('a renewal', () => {
  test('that begins between two runs is made at its instant, not before', async () => {
    const { host, ca } = queueHostWithCa();
    host
      .account('alice', [['a.test'], ['later.test']])
      .certificate('a.test', ['a.test'], { daysLeft: RENEWAL_DAYS + 0.5 })
      .certificate('later.test', ['later.test'], { daysLeft: RENEWAL_DAYS + 1.5 });
    const report = await runCheck(host);
    expect(report.counts).toMatchObject({ kept: 2 });
    expect(dueOf(host)).toEqual({ 'a.test': minutesLater(12 * HOUR) });
    expect(await cron(host, 5, DAY)).toEqual(new Map([[12 * HOUR, 1]]));
    expect(ca.ordered).toEqual([['a.test']]);
    expect(dueOf(host)).toEqual({});
    expect(host.codesOf(report.log)).toContain('CERTIFICATE_INSTALLED');
  });

  test('that somebody made meanwhile is not made again, and nothing is said', async () => {
    const { host, ca } = queueHostWithCa();
    host.account('alice', [['a.test']]).certificate('a.test', ['a.test'], { daysLeft: RENEWAL_DAYS + 0.5 });
    const { log } = await runCheck(host);
    const lines = host.codesOf(log).length;
    host.certificate('a.test', ['a.test'], { daysLeft: 90, fingerprint: 'b'.repeat(64) });
    host.clock.set(minutesLater(12 * HOUR));
    expect(await runQueue(host)).toMatchObject({ judged: [], installed: [] });
    expect(dueOf(host)).toEqual({});
    expect([ca.calls, host.logs.size, host.codesOf(log).length]).toEqual([[], 1, lines]);
  });

  test('that is put off for a failing name is made without it when the wait is over', async () => {
    const { host, ca } = queueHostWithCa();
    host
      .account('alice', [['a.test', 'gone.test']])
      .certificate('a.test', ['a.test', 'gone.test'], { daysLeft: 3.25, because: ['RENEWAL_DUE'] });
    host.unknownNames.add('gone.test');
    // The emergency has begun; the deferral ends 3 days before the end.
    await runCheck(host);
    expect(dueOf(host)).toEqual({ 'a.test': minutesLater(6 * HOUR) });
    expect(await cron(host, 5, DAY)).toEqual(new Map([[6 * HOUR, 1]]));
    expect(ca.ordered).toEqual([['a.test']]);
  });

  test('of a foreign certificate is nobody’s', async () => {
    const { host } = queueHostWithCa();
    host.account('alice', [['a.test']]).certificate('a.test', ['a.test'], { daysLeft: 3.5, isOurs: false });
    await runCheck(host);
    expect(dueOf(host)).toEqual({});
  });

  test('whose order pends is the order’s own affair', async () => {
    const { host, ca } = queueHostWithCa();
    ca.finalStatus = 'processing';
    host.account('alice', [['a.test']]).certificate('a.test', ['a.test'], { daysLeft: EMERGENCY_DAYS + 0.5 });
    expect((await runCheck(host)).counts.pending).toBe(1);
    expect(dueOf(host)).toEqual({});
  });
});

describe('what lives shorter than it takes until the next run', () => {
  const HOUR_MS = 3_600_000;

  test.each([
    ['160 hours, runs every 100', 160 * HOUR, 100 * HOUR, 80 * HOUR],
    ['ten minutes, runs every day', 10, DAY, 5],
  ])('%s: is renewed by the poller, again and again', async (_, life, interval, renewedAfter) => {
    const { host, ca } = queueHostWithCa();
    ca.lifeMs = life * 60_000;
    host.settings = { ...host.settings, intervalMs: interval * 60_000 };
    host.account('alice', [['a.test'], ['b.test', 'gone.test']]);
    host.unknownNames.add('gone.test');
    await runCheck(host);
    expect(dueOf(host)).toMatchObject({
      'a.test': minutesLater(renewedAfter),
      'b.test': minutesLater(renewedAfter),
    });
    expect(ca.ordered).toHaveLength(2);
    await cron(host, 5, renewedAfter - 5);
    expect(ca.ordered).toHaveLength(2);
    expect(await cron(host, renewedAfter, renewedAfter)).toEqual(new Map([[renewedAfter, 2]]));
    for (let minutes = renewedAfter + 5; minutes <= 5 * renewedAfter; minutes += 5) {
      host.clock.set(minutesLater(minutes));
      if (minutes % interval === 0) await runCheck(host);
      else await runQueue(host);
    }
    expect(ca.ordered.filter(([vhost]) => vhost === 'a.test')).toHaveLength(6);
  });

  test('an order that the poller brings to its end is noted, too', async () => {
    const { host, ca } = queueHostWithCa();
    ca.lifeMs = 10 * 60_000;
    ca.finalStatus = 'processing';
    host.account('alice', [['a.test']]);
    await runCheck(host);
    expect(dueOf(host)).toEqual({});
    ca.finalStatus = 'valid';
    host.clock.set(minutesLater(5));
    expect((await runQueue(host, { force: true }))?.installed).toHaveLength(1);
    expect(dueOf(host)).toEqual({ 'a.test': minutesLater(10) });
  });

  test('what lives long costs nothing', async () => {
    const { host } = queueHostWithCa();
    host.account('alice', manySites(20));
    let judged = 0;
    const { gatherEvidence } = host.certificates;
    host.certificates.gatherEvidence = (website) => {
      judged += 1;
      return gatherEvidence(website);
    };
    await runCheck(host);
    // At the survey, and under the lock.
    expect(judged).toBe(40);
    expect(host.due.writes).toBe(0);
  });

  test('a window that the CA names at the end of a run counts', async () => {
    const { host, ca } = queueHostWithCa();
    host.account('alice', [['a.test']]);
    const at = (minutes: number) => new Date(Date.parse(FAKE_NOW) + minutes * 60_000);
    ca.renewalInfo = () => ({
      state: 'said',
      value: { suggestedWindow: { start: at(5 * HOUR).toISOString(), end: at(5 * HOUR + 1).toISOString() } },
      retryAt: at(DAY),
    });
    await runCheck(host);
    const [due] = host.due.index.websites;
    expect(due?.vhost).toBe('a.test');
    expect(Date.parse(due?.dueAt ?? '') - Date.parse(FAKE_NOW)).toBeLessThanOrEqual(5 * HOUR_MS + 60_000);
  });
});

describe('a name that the CA could not validate', () => {
  test('stays wanted: it is tried again after 1, 10 and 100 minutes, then daily', async () => {
    const { host, ca } = queueHostWithCa();
    host.account('alice', [['a.test', 'bad.test']]);
    const triedAt: number[] = [];
    let minute = 0;
    ca.onNewOrder = (asked) => {
      if (!asked.includes('bad.test')) return undefined;
      triedAt.push(minute);
      return refusalOf('unauthorized', ['bad.test']);
    };
    expect((await runCheck(host)).counts).toMatchObject({ installed: 1 });
    for (minute = 1; minute < DAY; minute += 1) {
      host.clock.set(minutesLater(minute));
      await runQueue(host);
    }
    // Each wait is drawn once, a quarter to both sides, and ends at the next minute.
    const waits = triedAt.slice(1).map((at, index) => at - (triedAt[index] ?? 0));
    expect(waits.length).toBeGreaterThanOrEqual(3);
    for (const [index, wait] of [1, 10, 100, DAY].slice(0, waits.length).entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(wait * 0.75);
      expect(waits[index]).toBeLessThanOrEqual(Math.ceil(wait * 1.25) + 1);
    }
    expect(ca.ordered.filter((names) => !names.includes('bad.test'))).toEqual([['a.test']]);
  });

  test('is secured as soon as it passes, and the website is settled', async () => {
    const { host, ca } = queueHostWithCa();
    host.account('alice', [['a.test', 'bad.test']]);
    ca.onNewOrder = (asked) =>
      asked.includes('bad.test') ? refusalOf('unauthorized', ['bad.test']) : undefined;
    await runCheck(host);
    ca.onNewOrder = () => undefined;
    expect(await cron(host, 5, HOUR)).toEqual(new Map([[5, 1]]));
    expect(ca.ordered.at(-1)).toEqual(['a.test', 'bad.test']);
    expect(dueOf(host)).toEqual({});
  });
});

describe('the list', () => {
  test('is written by the run for one user for that user alone', async () => {
    const { host } = queueHostWithCa();
    host.settings = { ...host.settings, newOrdersPer3Hours: 1 };
    host.account('alice', [['a.test'], ['aa.test']]).account('bob', [['b.test'], ['bb.test']]);
    await runCheck(host);
    expect(Object.keys(dueOf(host))).toEqual(['aa.test', 'b.test', 'bb.test']);
    host.inventories.splice(1, 1);
    host.account('bob', [['bb.test']]);
    await runCheck(host, { user: 'bob' });
    expect(Object.keys(dueOf(host)).sort()).toEqual(['aa.test', 'bb.test']);
  });

  test('is not written where nothing is due', async () => {
    const { host } = queueHostWithCa();
    host.account('alice', [['a.test']]);
    await runCheck(host);
    expect(host.due.writes).toBe(0);
  });

  test('is emptied by a brake', async () => {
    const { host, ca } = queueHostWithCa();
    host.settings = { ...host.settings, newOrdersPer3Hours: 1 };
    host.account('alice', manySites(2));
    await runCheck(host);
    expect(Object.keys(dueOf(host))).toHaveLength(1);
    ca.clockOffsetMs = 7_200_000;
    host.clock.set(minutesLater(3 * HOUR));
    await expect(runCheck(host)).rejects.toMatchObject({ code: 'BRAKE' });
    expect(dueOf(host)).toEqual({});
  });

  test('without its websites: they are passed over', async () => {
    const { host, ca } = queueHostWithCa();
    host.settings = { ...host.settings, newOrdersPer3Hours: 1 };
    host.account('alice', manySites(3));
    await runCheck(host);
    host.inventories.length = 0;
    ca.calls.length = 0;
    host.clock.set(minutesLater(3 * HOUR));
    expect(await runQueue(host)).toMatchObject({ exitCode: 0, judged: [] });
    expect([dueOf(host), ca.calls]).toEqual([{}, []]);
  });
});

describe('a poller that must not order', () => {
  test('because the clock is wrong says so once, and leaves its websites to the next run', async () => {
    const { host, ca } = queueHostWithCa();
    host.settings = { ...host.settings, newOrdersPer3Hours: 1 };
    host.account('alice', manySites(2));
    const { log } = await runCheck(host);
    ca.clockOffsetMs = 7_200_000;
    host.clock.set(minutesLater(3 * HOUR));
    await expect(runQueue(host)).rejects.toMatchObject({ code: 'BRAKE' });
    expect(host.codesOf(log).filter((code) => code === 'BRAKE')).toHaveLength(1);
    expect(await cron(host, 3 * HOUR + 5, 4 * HOUR)).toEqual(new Map());
    expect(ca.ordered).toHaveLength(1);
  });

  test('for want of room says so once an hour, and goes on when somebody made some', async () => {
    const { host, ca } = queueHostWithCa();
    host.account('alice', [['a.test']]).certificate('a.test', ['a.test'], { daysLeft: RENEWAL_DAYS + 0.5 });
    await runCheck(host);
    host.rooms = [{ folder: '/var/cpanel/ssl/autossl', bytes: 1024 * 1024, inodes: null }];
    host.clock.set(minutesLater(12 * HOUR));
    await expect(runQueue(host)).rejects.toMatchObject({ code: 'NO_SPACE' });
    expect(await cron(host, 12 * HOUR + 5, 13 * HOUR - 5)).toEqual(new Map());
    host.rooms = [];
    expect(await cron(host, 13 * HOUR, 13 * HOUR + 5)).toEqual(new Map([[13 * HOUR, 1]]));
    expect(ca.ordered).toHaveLength(1);
  });

  test('because many certificates are gone at once does not either', async () => {
    const { host, ca } = queueHostWithCa();
    const sites = manySites(40);
    host.account('alice', sites);
    for (const [vhost = ''] of sites) host.certificate(vhost, [vhost], { daysLeft: RENEWAL_DAYS + 0.5 });
    await runCheck(host);
    host.present.clear();
    host.clock.set(minutesLater(12 * HOUR));
    await expect(runQueue(host)).rejects.toMatchObject({ code: 'BRAKE' });
    expect(ca.ordered).toEqual([]);
    expect(dueOf(host)).toEqual({});
  });

  test('for a website that another process works on tries again at the next turn', async () => {
    const { host, ca } = queueHostWithCa();
    host.account('alice', [['a.test']]).certificate('a.test', ['a.test'], { daysLeft: RENEWAL_DAYS + 0.5 });
    await runCheck(host);
    const lock = await host.locks.acquire('website:a.test', 'another');
    expect(await cron(host, 12 * HOUR, 12 * HOUR + 5)).toEqual(
      new Map([
        [12 * HOUR, 0],
        [12 * HOUR + 5, 0],
      ]),
    );
    await lock.release();
    expect(await cron(host, 12 * HOUR + 10, 13 * HOUR)).toEqual(new Map([[12 * HOUR + 10, 1]]));
    expect(ca.ordered).toHaveLength(1);
  });

  test('because it was told to stop keeps what is due', async () => {
    const { host, ca } = queueHostWithCa();
    host.account('alice', [['a.test']]).certificate('a.test', ['a.test'], { daysLeft: RENEWAL_DAYS + 0.5 });
    await runCheck(host);
    host.clock.set(minutesLater(12 * HOUR));
    await runQueue(host, { signal: AbortSignal.abort(new Error('stopped by SIGTERM')) });
    expect(ca.ordered).toEqual([]);
    expect(dueOf(host)).toEqual({ 'a.test': minutesLater(12 * HOUR) });
  });
});

test('a website whose order cannot be placed for another reason waits for the next run', async () => {
  const { host, ca } = queueHostWithCa();
  host.account('alice', [['a.test']]).certificate('a.test', ['a.test'], { daysLeft: RENEWAL_DAYS + 0.5 });
  await runCheck(host);
  ca.onNewOrder = () => refusal('malformed');
  host.clock.set(minutesLater(12 * HOUR));
  expect(await runQueue(host)).toMatchObject({
    exitCode: 1,
    problems: [{ vhost: 'a.test', code: 'ORDER_REFUSED' }],
    next: null,
  });
  expect(host.problems.records.get('alice')).toMatchObject([{ logStartedAt: `${FAKE_NOW.slice(0, 19)}Z` }]);
});
