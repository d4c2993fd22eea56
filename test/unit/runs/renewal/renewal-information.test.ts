import { describe, expect, test } from '@jest/globals';
import { ConfigurationError } from '../../../../src/core/domain/autossl-error.js';
import { LETS_ENCRYPT_LIMITS } from '../../../../src/core/order/limits/published-limits.js';
import type { RenewalAnswer } from '../../../../src/core/renewal/information/renewal-record.js';
import { hostWithCa, manySites, runCheck } from '../../../support/check-run.js';
import { refusal } from '../../../support/fake-ca.js';
import { FAKE_NOW, type FakeHost } from '../../../support/fake-host.js';
import { minutesLater, queueHostWithCa, runQueue } from '../../../support/queue-run.js';

const DAY_MS = 86_400_000;
const WHY = 'https://ca.test/incident/7';
const inDays = (days: number): Date => new Date(Date.parse(FAKE_NOW) + days * DAY_MS);
const window = (from: number, to: number, retryAfterDays = 0.25): RenewalAnswer => ({
  state: 'said',
  value: {
    suggestedWindow: { start: inDays(from).toISOString(), end: inDays(to).toISOString() },
    explanationURL: WHY,
  },
  retryAt: inDays(retryAfterDays),
});
const askedIn = (calls: readonly string[]): string[] =>
  calls.filter((call) => call.startsWith('renewalInfo ')).map((call) => call.slice('renewalInfo '.length));

/** Websites with healthy certificates of ours, ids `AAAA.<website>`. */
function healthy<Host extends FakeHost>(host: Host, count: number): Host {
  host.account('alice', manySites(count));
  for (const [name = ''] of manySites(count))
    host.certificate(name, [name], { ariId: `AAAA.${name}`, daysLeft: 60 });
  return host;
}

describe('a night with a CA that says when it wants certificates renewed', () => {
  test('asks about each certificate once, and not again before the CA said', async () => {
    const { host, ca } = hostWithCa();
    healthy(host, 3);
    ca.renewalInfo = () => window(20, 22);
    await runCheck(host);
    expect(askedIn(ca.calls)).toEqual(['AAAA.s0000.test', 'AAAA.s0001.test', 'AAAA.s0002.test']);
    ca.calls.length = 0;
    await runCheck(host);
    expect(askedIn(ca.calls)).toEqual([]);
    host.clock.set(inDays(0.3).toISOString());
    await runCheck(host);
    expect(askedIn(ca.calls)).toHaveLength(3);
  });

  test('asks about what it has just issued in the same run, and keeps the instant drawn', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['new.test']]);
    ca.renewalInfo = () => window(60, 62);
    await runCheck(host);
    expect(askedIn(ca.calls)).toEqual(['AAAA.1']);
    const selectedAt = host.renewalInfo.records.get('new.test')?.info?.selectedAt;
    expect(selectedAt && selectedAt > inDays(50)).toBe(true);
    host.clock.set(inDays(1).toISOString());
    await runCheck(host);
    expect(host.renewalInfo.records.get('new.test')?.info?.selectedAt).toEqual(selectedAt);
  });

  test('replaces in the same run what the CA calls back, says where that is explained, and names what it replaces', async () => {
    const { host, ca } = hostWithCa();
    healthy(host, 3);
    ca.renewalInfo = (id) => (id === 'AAAA.s0001.test' ? window(-2, -1) : window(20, 22));
    const report = await runCheck(host);
    expect(report.counts).toMatchObject({ websites: 3, kept: 2, installed: 1 });
    expect(ca.ordered).toEqual([['s0001.test']]);
    expect(ca.options).toEqual([{ replaces: 'AAAA.s0001.test' }]);
    const planned = host.logged.find(({ code }) => code === 'PLANNED');
    expect(planned?.data).toMatchObject({
      because: [{ code: 'CALLED_BACK', message: expect.stringContaining(WHY) }],
      explanationUrl: WHY,
    });
    // The others of that CA are asked about soon.
    expect(host.renewalInfo.hastened).toEqual([host.directoryUrl]);
  });

  test('is not led in circles by a CA that calls back what it has just issued', async () => {
    const { host, ca } = hostWithCa();
    healthy(host, 1);
    ca.renewalInfo = () => window(-2, -1);
    for (let night = 0; night < 5; night += 1) {
      host.clock.set(inDays(night).toISOString());
      await runCheck(host);
    }
    expect(ca.ordered.length).toBe(4);
    const said = host.logged.filter(({ code }) => code === 'TAKEN_BACK_OFTEN');
    expect(said).toMatchObject([{ vhost: 's0000.test', data: { dueAt: inDays(9).toISOString() } }]);
    expect(said[0]?.contents).not.toContain('Look for');
    host.clock.set(inDays(9).toISOString());
    await runCheck(host);
    expect(ca.ordered.length).toBe(5);
  });

  test('renews in time by its own rules where the CA says nothing of use', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test'], ['b.test']]);
    host.certificate('a.test', ['a.test'], { ariId: 'AAAA.a', daysLeft: 60 });
    host.certificate('b.test', ['b.test'], { ariId: 'AAAA.b', daysLeft: 28 });
    ca.renewalInfo = () => ({ state: 'temporary', retryAt: null, why: 'it did not answer' });
    const report = await runCheck(host);
    expect(report).toMatchObject({ exitCode: 0, counts: { kept: 1, installed: 1 } });
    expect(host.logged.find(({ code }) => code === 'RENEWAL_INFO_UNKNOWN')).toMatchObject({ type: 'warn' });
    expect(ca.ordered).toEqual([['b.test']]);
  });

  test('a CA without renewal information is not asked about its certificates again and again', async () => {
    const { host, ca } = hostWithCa();
    healthy(host, 2);
    host.provider = { ...host.provider, hasRenewalInfo: false };
    await runCheck(host);
    expect(askedIn(ca.calls)).toEqual([]);
    expect(host.renewalInfo.records.size).toBe(0);
  });

  test('nothing but what the same ACME account got is said to be replaced', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    host.certificate('a.test', ['a.test'], { ariId: 'AAAA.a', daysLeft: 20 });
    ca.account = { url: 'https://ca.test/account/2', keyThumbprint: 'thumb' };
    ca.renewalInfo = () => window(10, 12);
    host.renewalInfo.records.clear();
    host.clock.set(inDays(10.5).toISOString());
    await runCheck(host);
    expect(ca.ordered).toHaveLength(1);
    expect(ca.options).toEqual([{}]);
  });
});

describe('the poller', () => {
  test('asks what is due, and replaces what the CA calls back within that turn', async () => {
    const { host, ca } = queueHostWithCa();
    healthy(host, 3);
    ca.renewalInfo = () => window(20, 22);
    await runCheck(host);
    ca.calls.length = 0;
    ca.renewalInfo = (id) => (id === 'AAAA.s0002.test' ? window(-2, -1) : window(20, 22));
    host.clock.set(minutesLater(5));
    expect(await runQueue(host)).toBeNull();
    host.clock.set(inDays(0.3).toISOString());
    const report = await runQueue(host);
    expect(askedIn(ca.calls)).toHaveLength(4);
    expect(report?.installed).toMatchObject([{ vhost: 's0002.test' }]);
    expect(ca.options).toEqual([{ replaces: 'AAAA.s0002.test' }]);
  });

  test('asks about everything when root forces it to', async () => {
    const { host, ca } = queueHostWithCa();
    healthy(host, 2);
    ca.renewalInfo = () => window(20, 22);
    await runCheck(host);
    ca.renewalInfo = () => window(-2, -1);
    host.clock.set(minutesLater(5));
    expect((await runQueue(host, { force: true }))?.installed).toHaveLength(2);
  });

  test('asks again at once when a poll with a clock that was ahead has put everything off', async () => {
    const { host, ca } = queueHostWithCa();
    healthy(host, 3);
    ca.renewalInfo = () => window(20, 22, 3.25);
    await runCheck(host);
    host.clock.set(inDays(3).toISOString());
    await runQueue(host, { force: true });
    ca.calls.length = 0;
    ca.renewalInfo = (id) => (id === 'AAAA.s0002.test' ? window(-2, -1) : window(20, 22));
    host.clock.set(minutesLater(10));
    expect((await runQueue(host))?.installed).toMatchObject([{ vhost: 's0002.test' }]);
    // And so does a night.
    for (const record of host.renewalInfo.records.values())
      await host.renewalInfo.keep([{ ...record, askAt: inDays(3) }]);
    ca.calls.length = 0;
    await runCheck(host);
    expect(askedIn(ca.calls)).toHaveLength(3);
  });

  test('finds the one that is called back among many that their CA does not know, in one turn', async () => {
    const { host, ca } = queueHostWithCa();
    healthy(host, 40);
    ca.renewalInfo = () => window(20, 22);
    await runCheck(host);
    ca.calls.length = 0;
    ca.renewalInfo = (id) =>
      id === 'AAAA.s0039.test' ? window(-2, -1) : { state: 'unknown-certificate', why: 'status 404' };
    host.clock.set(inDays(0.3).toISOString());
    expect((await runQueue(host))?.installed).toMatchObject([{ vhost: 's0039.test' }]);
    // What it did not know it is asked about a day later.
    ca.calls.length = 0;
    host.clock.set(inDays(1.2).toISOString());
    await runQueue(host);
    expect(askedIn(ca.calls).filter((id) => id.startsWith('AAAA.s'))).toEqual([]);
    host.clock.set(inDays(1.4).toISOString());
    await runQueue(host);
    expect(askedIn(ca.calls).filter((id) => id.startsWith('AAAA.s'))).toHaveLength(39);
  });

  test('keeps what was drawn when a directory offers no renewal information once, or its CA cannot be opened', async () => {
    const { host, ca } = queueHostWithCa();
    healthy(host, 3);
    ca.renewalInfo = () => window(20, 22);
    await runCheck(host);
    const drawn = () => [...host.renewalInfo.records.values()].map(({ info }) => info?.selectedAt);
    const before = drawn();
    ca.renewalInfo = null;
    // It is remembered what the directory said last.
    host.provider = { ...host.provider, hasRenewalInfo: false };
    host.clock.set(inDays(0.3).toISOString());
    await runQueue(host);
    expect(drawn()).toEqual(before);
    const { openAuthority } = host;
    host.openAuthority = async () => {
      throw new ConfigurationError('BAD_SETTING', 'its account cannot be read');
    };
    host.clock.set(inDays(2).toISOString());
    await runQueue(host);
    expect(drawn()).toEqual(before);
    host.openAuthority = openAuthority;
    ca.renewalInfo = (id) => (id === 'AAAA.s0001.test' ? window(-2, -1) : window(20, 22));
    host.clock.set(inDays(2.5).toISOString());
    expect((await runQueue(host))?.installed).toMatchObject([{ vhost: 's0001.test' }]);
    expect(drawn().filter((at) => before.includes(at))).toHaveLength(2);
  });

  test('forgets what was drawn once its CA has offered none for a day in three looks', async () => {
    const { host, ca } = queueHostWithCa();
    healthy(host, 3);
    ca.renewalInfo = () => window(20, 22);
    await runCheck(host);
    ca.renewalInfo = null;
    for (const days of [0.3, 0.6, 0.9]) {
      host.clock.set(inDays(days).toISOString());
      await runQueue(host);
      expect(host.renewalInfo.records.size).toBe(3);
    }
    host.clock.set(inDays(1.4).toISOString());
    await runQueue(host);
    expect(host.renewalInfo.records.size).toBe(0);
  });

  test('writes no log and does nothing more where nothing is new', async () => {
    const { host, ca } = queueHostWithCa();
    healthy(host, 2);
    ca.renewalInfo = () => window(20, 22);
    await runCheck(host);
    const journals = host.journals;
    host.clock.set(inDays(0.3).toISOString());
    const report = await runQueue(host);
    expect(report).toMatchObject({ exitCode: 0, installed: [] });
    expect(host.journals).toBe(journals);
  });
});

describe('a certificate that is called back', () => {
  const back = (): RenewalAnswer => window(-2, -1, 1);
  const poll = (host: Parameters<typeof runQueue>[0], minutes: number) => {
    host.clock.set(minutesLater(minutes));
    return runQueue(host);
  };

  test('is replaced at the next turn of the poller when a run learnt it at its end', async () => {
    const { host, ca } = queueHostWithCa();
    host.account('alice', [['new.test']]);
    ca.renewalInfo = (id) => (id === 'AAAA.1' ? back() : window(20, 22));
    await runCheck(host);
    expect(ca.ordered).toHaveLength(1);
    expect((await poll(host, 5))?.installed).toMatchObject([{ vhost: 'new.test' }]);
    expect(ca.options.at(-1)).toEqual({ replaces: 'AAAA.1' });
    expect(await poll(host, 10)).toBeNull();
  });

  test('is replaced although the index is gone, or whoever learnt it was killed before he wrote it there', async () => {
    const { host, ca } = queueHostWithCa();
    healthy(host, 2);
    ca.renewalInfo = () => window(20, 22);
    await runCheck(host);
    const [first] = [...host.renewalInfo.records.values()];
    if (first?.info == null) throw new Error('nothing is known');
    const gone = inDays(-1);
    const info = { ...first.info, selectedAt: gone, windowStartAt: inDays(-2), windowEndAt: gone };
    await host.renewalInfo.keep([{ ...first, info }]);
    expect((await poll(host, 5))?.installed).toMatchObject([{ vhost: first.vhost }]);
    expect(await poll(host, 10)).toBeNull();
  });

  /** As Let’s Encrypt: orders that say what they replace are not counted. */
  const exempting = ({ host, ca }: ReturnType<typeof queueHostWithCa>) => {
    host.provider = { ...host.provider, limits: LETS_ENCRYPT_LIMITS };
    ca.renewalInfo = () => window(20, 22);
    return { host, ca };
  };

  test('is not held by our share, and stands before all that waits for it', async () => {
    const { host, ca } = exempting(queueHostWithCa());
    host.settings = { ...host.settings, newOrdersPer3Hours: 4 };
    healthy(host, 4);
    host.account(
      'bob',
      Array.from({ length: 30 }, (_, n) => [`m${n}.test`]),
    );
    await runCheck(host);
    expect(ca.ordered).toHaveLength(4);
    ca.renewalInfo = (id) => (id.startsWith('AAAA.s') ? back() : window(20, 22));
    host.clock.set(minutesLater(5));
    expect((await runQueue(host, { force: true }))?.installed).toHaveLength(4);
    expect(ca.options.slice(4)).toEqual(manySites(4).map(([name]) => ({ replaces: `AAAA.${name}` })));
    // The others keep their instant.
    expect(host.due.index.websites).toHaveLength(26);
    expect(host.due.index.websites.every(({ dueAt }) => dueAt > minutesLater(5))).toBe(true);
  });

  test('among thousands: as many as a turn takes, then the next, and nobody is lost', async () => {
    const { host, ca } = exempting(queueHostWithCa());
    healthy(host, 700);
    await runCheck(host);
    ca.renewalInfo = (id) => (id.startsWith('AAAA.s') ? back() : window(20, 22));
    host.clock.set(inDays(0.3).toISOString());
    const taken: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      host.clock.set(new Date(inDays(0.3).getTime() + turn * 300_000).toISOString());
      taken.push((await runQueue(host))?.installed.length ?? 0);
    }
    expect(taken).toEqual([300, 300, 100, 0]);
    expect(new Set(ca.ordered.flat()).size).toBe(700);
  });

  test('that cannot be had now is looked at again in an hour, and not at every turn', async () => {
    const { host, ca } = exempting(queueHostWithCa());
    healthy(host, 1);
    await runCheck(host);
    ca.renewalInfo = () => back();
    host.unknownNames.add('s0000.test');
    const looked: number[] = [];
    for (let minutes = 500; minutes <= 630; minutes += 5)
      if (((await poll(host, minutes))?.judged.length ?? 0) > 0) looked.push(minutes);
    expect(looked).toEqual([500, 560, 620]);
    host.unknownNames.clear();
    expect((await poll(host, 680))?.installed).toHaveLength(1);
  });

  test('whose CA has stopped the account waits for just that instant, though the next run is earlier', async () => {
    const { host, ca } = exempting(queueHostWithCa());
    healthy(host, 1);
    await runCheck(host);
    ca.renewalInfo = () => back();
    ca.onNewOrder = () => refusal('rateLimited', { status: 429, retryAt: inDays(2) });
    await poll(host, 500);
    expect(await poll(host, 505)).toBeNull();
    await poll(host, 560);
    expect(host.due.index.websites).toMatchObject([{ dueAt: inDays(2).toISOString(), isCalledBack: true }]);
    expect(ca.ordered).toHaveLength(1);
    ca.onNewOrder = () => undefined;
    expect((await poll(host, 2 * 1440))?.installed).toHaveLength(1);
  });

  test('does not have the poller brake at every turn while the clock is wrong', async () => {
    const { host, ca } = exempting(queueHostWithCa());
    healthy(host, 1);
    await runCheck(host);
    ca.renewalInfo = () => back();
    ca.clockOffsetMs = 7_200_000;
    await expect(poll(host, 500)).rejects.toMatchObject({ code: 'BRAKE' });
    expect(await poll(host, 505)).toBeNull();
    ca.clockOffsetMs = 0;
    expect((await poll(host, 560))?.installed).toHaveLength(1);
  });
});

describe('thousands of certificates', () => {
  test('are asked about in one night; a CA that does not answer is left alone after a few, and what was known holds', async () => {
    const { host, ca } = hostWithCa();
    healthy(host, 2000);
    ca.renewalInfo = () => ({ state: 'temporary', retryAt: null, why: 'it did not answer' });
    await runCheck(host);
    expect(askedIn(ca.calls).length).toBeLessThan(20);
    ca.calls.length = 0;
    ca.renewalInfo = () => window(20, 22);
    await runCheck(host);
    expect(askedIn(ca.calls).length).toBeGreaterThan(1900);
    expect(new Set(askedIn(ca.calls)).size).toBe(askedIn(ca.calls).length);
    expect(ca.ordered).toEqual([]);
  });
});
