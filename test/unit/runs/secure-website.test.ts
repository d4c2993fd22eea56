import { describe, expect, test } from '@jest/globals';
import { InstallError } from '../../../src/core/domain/autossl-error.js';
import { rememberFailure } from '../../../src/core/order/name-attempt.js';
import { UNSURE_NAMES_PER_ACCOUNT, UNSURE_NAMES_PER_RUN } from '../../../src/core/plan/unsure-names.js';
import { hostWithCa, manySites, runCheck } from '../../support/check-run.js';
import { refusal, refusalOf } from '../../support/fake-ca.js';
import { FAKE_NOW, type FakeHost } from '../../support/fake-host.js';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const later = (ms: number): string => new Date(Date.parse(FAKE_NOW) + ms).toISOString();

/** What the CA thinks of a name: as many failures as given, the last just now. */
function failBefore(host: FakeHost, name: string, times = 1): void {
  for (let time = 0; time < times; time += 1) {
    const failure = {
      at: new Date(host.clock.now().getTime() - (times - 1 - time) * MINUTE_MS),
      code: 'unauthorized',
      message: 'no',
      source: 'ca' as const,
      provider: 'CustomACME',
      lifeMs: 90 * DAY_MS,
      fraction: 0.5,
    };
    host.names.records.set(name, rememberFailure(name, host.names.records.get(name), failure));
  }
}

describe('the order of work', () => {
  test('new before renewal across accounts, then least lifetime left, a wrong key type last', async () => {
    const { host, ca } = hostWithCa();
    host.settings = { ...host.settings, concurrentOrders: 1 };
    host
      .account('alice', [['due.test'], ['sooner.test'], ['key.test']])
      .account('zoe', [['new.test']])
      .certificate('due.test', ['due.test'], { daysLeft: 20 })
      .certificate('sooner.test', ['sooner.test'], { daysLeft: 10 })
      .certificate('key.test', ['key.test'], { flaws: ['KEY_TYPE_DIFFERS'] });
    await runCheck(host, { reissue: true });
    expect(ca.ordered.flat()).toEqual(['new.test', 'sooner.test', 'due.test', 'key.test']);
  });

  test('a wrong key type waits for the renewal unless --reissue is given', async () => {
    const { host } = hostWithCa();
    host
      .account('alice', [['key.test']])
      .certificate('key.test', ['key.test'], { flaws: ['KEY_TYPE_DIFFERS'] });
    expect((await runCheck(host)).counts).toMatchObject({ kept: 1, installed: 0 });
  });

  test('as many orders at a time as the setting says', async () => {
    const { host, ca } = hostWithCa();
    host.settings = { ...host.settings, concurrentOrders: 3 };
    host.account('alice', manySites(9));
    ca.onFinalize = () => new Promise((resolve) => setImmediate(resolve));
    await runCheck(host);
    expect(ca.mostInFlight).toBe(3);
  });

  test('names that wait for a dead server hold up no order, and orders stay as many as the setting says', async () => {
    const { host, ca } = hostWithCa();
    host.settings = { ...host.settings, concurrentOrders: 2, concurrentWebsites: 8 };
    const sites = manySites(12);
    host.account('alice', sites);
    const slow = sites.slice(0, 5).map(([name = '']) => name);
    const { probe } = host.preflight;
    const settle = () => new Promise((resolve) => setImmediate(resolve));
    const fetch: typeof probe.fetch = async (request) => {
      // The others' orders are through first.
      while (slow.includes(request.host) && ca.ordered.length < sites.length - slow.length) await settle();
      return probe.fetch(request);
    };
    Object.assign(host.preflight, { probe: { fetch } });
    ca.onFinalize = settle;
    await runCheck(host);
    expect(ca.mostInFlight).toBe(2);
    expect(ca.ordered.flat().slice(-slow.length).sort()).toEqual([...slow].sort());
    expect(ca.ordered).toHaveLength(sites.length);
  });
});

describe('names that the CA could not validate lately', () => {
  test('are left out of an order until their backoff is over, the others go ahead', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test', 'bad.a.test']]);
    failBefore(host, 'bad.a.test');
    const report = await runCheck(host);
    expect(ca.ordered).toEqual([['a.test']]);
    expect(host.looked).toEqual(['a.test']);
    expect(report.exitCode).toBe(0);
    expect(report.problems).toMatchObject([
      {
        domain: 'bad.a.test',
        code: 'NAME_WAITS',
        fault: 'owner',
        message: expect.stringContaining(later(MINUTE_MS)),
      },
    ]);
    host.clock.set(later(2 * MINUTE_MS));
    await runCheck(host);
    expect([...(ca.ordered.at(-1) ?? [])].sort()).toEqual(['a.test', 'bad.a.test']);
  });

  test('are tried all the same in an emergency, but never after three failures within the hour', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test'], ['b.test']]);
    host
      .certificate('a.test', ['a.test'], { daysLeft: 1 })
      .certificate('b.test', ['b.test'], { daysLeft: 1 });
    failBefore(host, 'a.test', 2);
    failBefore(host, 'b.test', 3);
    const report = await runCheck(host);
    expect(ca.ordered).toEqual([['a.test']]);
    expect(report.problems.map(({ vhost, code }) => `${vhost} ${code}`)).toEqual([
      'b.test NAME_WAITS',
      'b.test TOTAL_DCV_FAILURE',
    ]);
  });

  test('are remembered as passed once the CA took them', async () => {
    const { host } = hostWithCa();
    host.account('alice', [['a.test']]);
    failBefore(host, 'a.test');
    host.clock.set(later(2 * MINUTE_MS));
    await runCheck(host);
    expect(host.names.records.get('a.test')).toMatchObject({
      consecutiveFailures: 0,
      nextAttemptAt: null,
      lastPassedAt: later(2 * MINUTE_MS),
    });
  });
});

describe('a website whose orders keep failing', () => {
  const names = Array.from({ length: 12 }, (_, index) => `n${index}.test`);

  /** Whoever rules the names has the first of each order refused at the end, so that each order costs something. */
  function failing(options: { readonly daysLeft?: number } = {}) {
    const { host, ca } = hostWithCa();
    host.account('alice', [names]).account('bob', [['honest.test']]);
    if (options.daysLeft !== undefined) host.certificate('n0.test', names, { daysLeft: options.daysLeft });
    ca.onFinalize = async ([first = '']) => (first === 'honest.test' ? undefined : refusalOf('caa', [first]));
    const spent = () => ca.ordered.filter((ordered) => !ordered.includes('honest.test')).length;
    return { host, ca, spent };
  }
  const hours = (count: number): string => later(count * 60 * MINUTE_MS);

  test('costs two orders a run and four a day, over runs; it waits until the instant, and no other website does', async () => {
    const { host, ca, spent } = failing();
    const seen: number[] = [];
    for (const minute of [0, 5, 10, 15]) {
      host.clock.set(later(minute * MINUTE_MS));
      await runCheck(host);
      seen.push(spent());
    }
    expect(seen).toEqual([2, 4, 4, 4]);
    expect(ca.ordered).toContainEqual(['honest.test']);
    host.clock.set(hours(23));
    const { waiting, exitCode } = await runCheck(host);
    expect(spent()).toBe(4);
    expect(exitCode).toBe(0);
    expect(waiting).toMatchObject([{ code: 'ORDERS_FAILED', until: later(DAY_MS), websites: 1 }]);
    host.clock.set(later(DAY_MS + MINUTE_MS));
    await runCheck(host);
    expect(spent()).toBe(6);
  });

  test('goes on every three hours in an emergency, and at once when a person says so', async () => {
    const { host, spent } = failing({ daysLeft: 1 });
    for (const minute of [0, 5, 10]) {
      host.clock.set(later(minute * MINUTE_MS));
      await runCheck(host);
    }
    expect(spent()).toBe(4);
    host.clock.set(later(190 * MINUTE_MS));
    await runCheck(host);
    expect(spent()).toBe(5);
    await runCheck(host);
    expect(spent()).toBe(5);
    await runCheck(host, { yesReally: true });
    expect(spent()).toBeGreaterThan(5);
  });

  test('is not one that the CA’s own trouble hit', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    ca.onFinalize = async () => refusal('malformed', { status: 400 });
    await runCheck(host);
    expect(host.ledger.records.get('CustomACME')?.failedOrders).toHaveLength(1);
    ca.accountStatus = 'deactivated';
    ca.onFinalize = async () => refusal('unauthorized');
    await runCheck(host);
    expect(host.ledger.records.get('CustomACME')?.failedOrders).toHaveLength(1);
  });
});

describe('names that the CA refuses in an order', () => {
  const names = ['a.test', 'bad.a.test', 'worse.a.test'];

  test('are left out of a second order, and remembered with a backoff', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [names]);
    ca.onNewOrder = (asked) =>
      asked.includes('bad.a.test') ? refusalOf('rejectedIdentifier', ['bad.a.test']) : undefined;
    const report = await runCheck(host);
    expect(ca.ordered.map((one) => one.length)).toEqual([3, 2]);
    expect(ca.ordered[1]).not.toContain('bad.a.test');
    expect(report).toMatchObject({ exitCode: 0, counts: { installed: 1 } });
    expect(report.problems).toMatchObject([
      { domain: 'bad.a.test', code: 'CA_REFUSED_NAME', fault: 'owner' },
    ]);
    expect(host.names.records.get('bad.a.test')).toMatchObject({ consecutiveFailures: 1 });
    expect(host.names.records.get('bad.a.test')?.nextAttemptAt).not.toBeNull();
  });

  test('one after the other, before any order exists, are left out one after the other', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [names]);
    ca.onNewOrder = (asked) =>
      asked.length > 1 ? refusalOf('rejectedIdentifier', asked.slice(-1)) : undefined;
    const report = await runCheck(host);
    expect(ca.ordered.map((one) => one.length)).toEqual([3, 2, 1]);
    expect(report).toMatchObject({ exitCode: 0, counts: { installed: 1 } });
    expect(report.problems.map(({ code }) => code)).toEqual(['CA_REFUSED_NAME', 'CA_REFUSED_NAME']);
  });

  test('after an order was placed are left out of one other order, not of a third', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [names]);
    ca.onFinalize = async (asked) => refusalOf('caa', asked.slice(-1));
    const report = await runCheck(host);
    expect(ca.ordered.map((one) => one.length)).toEqual([3, 2]);
    expect(report.problems.map(({ code }) => code)).toEqual([
      'CA_REFUSED_NAME',
      'CA_REFUSED_NAME',
      'ORDERS_KEEP_FAILING',
    ]);
    // Names and what they serve are their owner's: no customer makes the nightly run fail.
    expect(report.problems.map(({ fault }) => fault)).toEqual(['owner', 'owner', 'owner']);
    expect(report.exitCode).toBe(0);
  });

  test('and that the present certificate secures keep it in place as long as the deferral lasts', async () => {
    const { host, ca } = hostWithCa();
    host
      .account('alice', [['a.test', 'b.test']])
      .certificate('a.test', ['a.test', 'b.test'], { daysLeft: 20 });
    ca.onNewOrder = () => refusalOf('rejectedIdentifier', ['b.test']);
    const report = await runCheck(host);
    expect(ca.ordered).toHaveLength(1);
    expect(report.problems.map(({ code }) => code)).toEqual([
      'CA_REFUSED_NAME',
      'SECURED_DOMAIN_DCV_FAILURE',
    ]);
  });

  test('an order that is refused as a whole is a fault of ours with the CA’s words made harmless', async () => {
    const { host } = hostWithCa();
    host.account('alice', [['a.test']]);
    host.ca!.onNewOrder = () => refusal('malformed', { detail: 'bad\u001b[31m\nthing' });
    const report = await runCheck(host);
    expect(report).toMatchObject({ exitCode: 1, problems: [{ code: 'ORDER_REFUSED', fault: 'ours' }] });
    expect(report.problems[0]?.message).toContain('bad\\u{1b}[31m\\u{a}thing');
  });
});

describe('one website’s trouble', () => {
  test('with its files never stops another', async () => {
    const { host } = hostWithCa();
    host.account('alice', [['a.test'], ['b.test'], ['c.test']]);
    host.unpublishable.set(
      'b.test',
      new InstallError('PUBLISH_FAILED', 'no space left', { advice: 'Make room.' }),
    );
    const report = await runCheck(host);
    expect(host.published.sort()).toEqual(['a.test', 'c.test']);
    expect(report).toMatchObject({
      exitCode: 1,
      problems: [{ vhost: 'b.test', code: 'PUBLISH_FAILED', fault: 'ours' }],
    });
    expect(report.problems[0]?.message).toBe('“b.test”: no space left. Make room.');
    expect(host.reloads).toBe(1);
  });

  test('what was issued and could not be published is published by the next run, not ordered again', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    host.unpublishable.set('a.test', new InstallError('PUBLISH_FAILED', 'no space left'));
    await runCheck(host);
    const second = await runCheck(host);
    expect(ca.ordered).toHaveLength(1);
    expect(second).toMatchObject({ exitCode: 1, problems: [{ code: 'PUBLISH_FAILED' }] });
    host.unpublishable.clear();
    const third = await runCheck(host);
    expect(ca.ordered).toHaveLength(1);
    expect(third).toMatchObject({ exitCode: 0, counts: { installed: 1 } });
    expect(host.reloads).toBe(1);
    expect(host.orders.records.size).toBe(0);
  });

  test('a website that another process works on is passed by with a line', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test'], ['b.test']]);
    host.locks.holdElsewhere('website:a.test', { pid: 4711, startedAt: '', note: 'autossl_check' });
    const report = await runCheck(host);
    expect(ca.ordered).toEqual([['b.test']]);
    expect(report).toMatchObject({ exitCode: 0, waiting: [{ code: 'WEBSITE_LOCKED', websites: 1 }] });
    expect(report.waiting[0]?.message).toContain('process 4711');
  });

  test('a broken account costs a line and exit 1, the others go on', async () => {
    const { host } = hostWithCa();
    const fault = { code: 'ACCOUNT_FILE_INVALID', path: '/x', vhost: null, message: 'not YAML' } as const;
    host.inventories.push({ state: 'broken', account: 'aaron', fault });
    host.account('alice', [['a.test']]);
    const report = await runCheck(host);
    expect(report).toMatchObject({ exitCode: 1, counts: { installed: 1, accounts: 1 } });
    expect(report.problems).toMatchObject([{ account: 'aaron', code: 'ACCOUNT_FILE_INVALID' }]);
  });

  test('a reload that fails is a fault of the run; what lay there lies there again, and the next run goes on without an order', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test'], ['b.test']]);
    host.reloadFault = 'syntax error';
    expect(await runCheck(host)).toMatchObject({
      exitCode: 1,
      counts: { installed: 0 },
      faults: [{ code: 'RELOAD_FAILED' }],
      waiting: [{ code: 'SERVER_IN_TROUBLE', websites: 2 }],
    });
    expect(host.present.size).toBe(0);
    expect(await runCheck(host)).toMatchObject({ exitCode: 1, faults: [{ code: 'RELOAD_FAILED' }] });
    host.reloadFault = null;
    expect(await runCheck(host)).toMatchObject({ exitCode: 0, counts: { installed: 2 } });
    expect(ca.ordered).toHaveLength(2);
    expect(host.orders.records.size).toBe(0);
    expect(host.locks.held).toEqual([]);
  });

  test('a web server that is broken as found keeps everything staged', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    host.configFault = 'nginx.conf:7: unknown directive';
    expect(await runCheck(host)).toMatchObject({ exitCode: 1, faults: [{ code: 'SERVER_CONFIG_BROKEN' }] });
    expect(host.published).toEqual([]);
    host.configFault = null;
    expect(await runCheck(host)).toMatchObject({ exitCode: 0, counts: { installed: 1 } });
    expect(ca.ordered).toHaveLength(1);
  });
});

describe('the local preflight', () => {
  const withBadName = (preflight: 'gate' | 'advise' | 'off') => {
    const { host, ca } = hostWithCa();
    host.settings = { ...host.settings, preflight };
    host.account('alice', [['a.test', 'gone.test']]);
    host.unknownNames.add('gone.test');
    return { host, ca };
  };

  test('gate: a name that fails is left out, with what was seen and what to do', async () => {
    const { host, ca } = withBadName('gate');
    const report = await runCheck(host);
    expect(ca.ordered).toEqual([['a.test']]);
    expect(report.problems).toMatchObject([{ domain: 'gone.test', code: 'NXDOMAIN', fault: 'owner' }]);
    expect(report.problems[0]?.advice).toBeTruthy();
    expect(host.names.records.has('gone.test')).toBe(false);
  });

  test('advise: it is ordered all the same, and no problem once the CA took it', async () => {
    const { host, ca } = withBadName('advise');
    const report = await runCheck(host);
    expect(ca.ordered).toEqual([['a.test', 'gone.test']]);
    expect(report.problems).toEqual([]);
    expect(host.logged).toContainEqual(expect.objectContaining({ code: 'NXDOMAIN', name: 'gone.test' }));
  });

  test.each([
    ['ours', 1],
    ['owner', 0],
  ] as const)(
    'a challenge that cannot be placed is the fault of who can mend it: %s',
    async (fault, exitCode) => {
      const { host, ca } = hostWithCa();
      host.account('alice', [['a.test']]);
      host.placementFault = { why: 'account alice has uid 33', fault };

      const report = await runCheck(host);
      expect(report.exitCode).toBe(exitCode);
      expect(report.problems).toContainEqual(
        expect.objectContaining({ code: 'CHALLENGE_NOT_PLACED', fault }),
      );
      expect(report.problems).toContainEqual(expect.objectContaining({ code: 'TOTAL_DCV_FAILURE', fault }));
      expect(ca.ordered).toEqual([]);
    },
  );

  test('off: nobody is asked', async () => {
    const { host, ca } = withBadName('off');
    await runCheck(host);
    expect(ca.ordered).toEqual([['a.test', 'gone.test']]);
    expect(host.looked).toEqual([]);
  });

  test('a website none of whose names passes is not ordered for', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['gone.test']]);
    host.unknownNames.add('gone.test');
    const report = await runCheck(host);
    expect(ca.ordered).toEqual([]);
    expect(report.exitCode).toBe(0);
    expect(report.problems.map(({ code }) => code)).toEqual(['NXDOMAIN', 'TOTAL_DCV_FAILURE']);
  });
});

describe('names whose local failure tells nothing (design 5.6)', () => {
  /** Names at our own address, which cannot be reached from inside. */
  const hairpin = (host: FakeHost, names: Iterable<string>): void => {
    for (const name of names) host.fetchErrors.set(name, 'ETIMEDOUT');
  };

  test('are ordered all the same, and are no problem once the CA took them', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test', 'www.a.test']]);
    hairpin(host, ['a.test', 'www.a.test']);
    const report = await runCheck(host);
    expect(ca.ordered[0]).toHaveLength(2);
    expect(report).toMatchObject({ exitCode: 0, counts: { installed: 1 }, problems: [] });
    expect(host.logged).toContainEqual(
      expect.objectContaining({ type: 'warn', contents: expect.stringContaining('ordered all the same') }),
    );
  });

  test('are ordered one at a time, beside websites that were seen to work', async () => {
    const { host, ca } = hostWithCa();
    const unsure = manySites(5);
    host.account('alice', [...unsure, ['fine.test'], ['good.test']]);
    hairpin(host, unsure.flat());
    const together: number[] = [];
    let inTurn = 0;
    ca.onFinalize = async (names) => {
      if (!host.fetchErrors.has(names[0] ?? '')) return;
      inTurn += 1;
      together.push(inTurn);
      await new Promise((resolve) => setImmediate(resolve));
      inTurn -= 1;
    };
    expect((await runCheck(host)).counts.installed).toBe(7);
    expect(together).toEqual([1, 1, 1, 1, 1]);
  });

  test('are ordered up to a small number a run; the others are left out and say why', async () => {
    const { host, ca } = hostWithCa();
    const unsure = manySites(UNSURE_NAMES_PER_RUN + 3);
    for (const [index, names] of unsure.entries()) host.account(`user${index}`, [names]);
    hairpin(host, unsure.flat());
    const report = await runCheck(host);
    expect(ca.ordered).toHaveLength(UNSURE_NAMES_PER_RUN);
    const left = report.problems.filter(({ code }) => code === 'CONNECTION_TIMED_OUT');
    expect(left).toHaveLength(3);
    expect(left[0]?.message).toContain('waits for the next');
  });

  test('are ordered up to a smaller number of one account: nobody takes what others need', async () => {
    const { host, ca } = hostWithCa();
    const unsure = manySites(UNSURE_NAMES_PER_RUN);
    host.account('alice', unsure).account('zoe', [['zoe.test', 'www.zoe.test']]);
    hairpin(host, [...unsure.flat(), 'zoe.test', 'www.zoe.test']);
    await runCheck(host);
    expect(ca.ordered).toHaveLength(UNSURE_NAMES_PER_ACCOUNT + 1);
    expect(ca.ordered).toContainEqual(['zoe.test', 'www.zoe.test']);
  });

  test('count only when they are ordered', async () => {
    const { host, ca } = hostWithCa();
    host.settings = { ...host.settings, concurrentOrders: 1 };
    // The first website keeps its certificate: a name that it secures fails for good.
    const many = Array.from({ length: UNSURE_NAMES_PER_ACCOUNT }, (_, index) => `n${index}.a.test`);
    host
      .account('alice', [['a.test', ...many], ['b.test']])
      .certificate('a.test', ['a.test'], { daysLeft: 10 });
    host.certificate('b.test', ['b.test'], { daysLeft: 20 });
    host.unknownNames.add('a.test');
    hairpin(host, [...many, 'b.test']);
    const report = await runCheck(host);
    expect(report.problems.map(({ code }) => code)).toContain('SECURED_DOMAIN_DCV_FAILURE');
    expect(ca.ordered).toEqual([['b.test']]);
  });

  test('that the CA refuses go into their backoff like any other', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test', 'b.test']]);
    hairpin(host, ['b.test']);
    ca.onNewOrder = (names) =>
      names.includes('b.test') ? refusalOf('rejectedIdentifier', ['b.test']) : undefined;
    await runCheck(host);
    host.clock.set(later(30_000));
    const report = await runCheck(host);
    expect(ca.ordered).toHaveLength(2);
    expect(report.problems.map(({ domain, code }) => `${domain} ${code}`)).toContain('b.test NAME_WAITS');
  });
});
