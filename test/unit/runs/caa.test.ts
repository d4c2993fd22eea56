import { describe, expect, test } from '@jest/globals';
import type { RecordTrouble } from '../../../src/core/dcv/dns-observation.js';
import { renderReport } from '../../../src/core/report/check/check-report.js';
import { forecastCheck } from '../../../src/runs/check/check-websites.js';
import { forgetAdditions, undoAdditions, type ZoneAdditionsHost } from '../../../src/runs/zone-additions.js';
import { hostWithCa, runCheck } from '../../support/check-run.js';
import type { FakeCa } from '../../support/fake-ca.js';
import type { FakeHost } from '../../support/fake-host.js';
import { FAKE_HOSTNAME, runServices, servicesWithCa } from '../../support/fake-services.js';

const OURS = '0 issue "ca.test"';
const OTHERS = '0 issue "sectigo.com"';

/** A host whose CA is called ca.test in CAA records. */
function judgingHost(): { readonly host: FakeHost; readonly ca: FakeCa } {
  const { host, ca } = hostWithCa();
  host.provider = { ...host.provider, caaIdentities: ['ca.test'] };
  return { host, ca };
}

const codesOf = (host: FakeHost): string[] =>
  host.logged.map(({ code }) => code).filter((code) => code.startsWith('CAA_'));

describe('names that CAA forbids our CA', () => {
  test('are left out with the record to add, and no order is spent on them', async () => {
    const { host, ca } = judgingHost();
    host.account('alice', [['a.test'], ['b.test']]);
    host.caa.records.set('a.test', [OTHERS]);
    const report = await runCheck(host);
    expect(ca.ordered).toEqual([['b.test']]);
    expect(report.exitCode).toBe(0);
    expect(report.problems).toContainEqual({
      account: 'alice',
      vhost: 'a.test',
      domain: 'a.test',
      code: 'CAA_FORBIDS',
      fault: 'owner',
      message:
        '“a.test” is not ordered: the CAA records of a.test permit other certificate authorities only: a.test. CAA 0 issue "sectigo.com"',
      advice: 'Add this record to the DNS of a.test (the others may stay): a.test. CAA 0 issue "ca.test"',
    });
    expect(host.names.records.size).toBe(0);
  });

  test('do not keep the other names of their website waiting', async () => {
    const { host, ca } = judgingHost();
    host.account('alice', [['a.test', 'shop.other.test']]);
    host.caa.records.set('other.test', [OTHERS]);
    const report = await runCheck(host);
    expect(ca.ordered).toEqual([['a.test']]);
    expect(report.problems).toMatchObject([{ domain: 'shop.other.test', code: 'CAA_FORBIDS' }]);
  });

  test('each get a code of their own', async () => {
    const { host, ca } = judgingHost();
    const cases = [
      ['forbids.test', OTHERS, 'CAA_FORBIDS'],
      ['account.test', '0 issue "ca.test; accounturi=https://ca.test/account/99"', 'CAA_ACCOUNT_MISMATCH'],
      ['method.test', '0 issue "ca.test; validationmethods=dns-01"', 'CAA_METHOD_FORBIDDEN'],
      ['critical.test', '128 tbs "x"', 'CAA_CRITICAL_UNKNOWN'],
      ['malformed.test', '0 issue "ca.test."', 'CAA_MALFORMED'],
    ] as const;
    host.account(
      'alice',
      cases.map(([name]) => [name]),
    );
    for (const [name, record] of cases) host.caa.records.set(name, [record]);
    host.account('bob', [['servfail.test']]);
    host.caa.records.set('servfail.test', 'SERVFAIL');
    const report = await runCheck(host);
    const codes = new Map(
      report.problems.filter(({ code }) => code.startsWith('CAA_')).map(({ domain, code }) => [domain, code]),
    );
    expect(codes).toEqual(
      new Map([
        ...cases.map(([name, , code]) => [name, code] as const),
        ['servfail.test', 'CAA_LOOKUP_FAILED'],
      ]),
    );
    expect(ca.ordered).toEqual([]);
  });

  test('are judged by what the CA’s own directory says, and by our account there', async () => {
    const { host, ca } = judgingHost();
    ca.readDirectory = async () => ({
      termsOfService: null,
      website: null,
      caaIdentities: ['new-name.test'],
      requiresEab: false,
      hasRenewalInfo: false,
      profiles: [],
      clockOffsetMs: 0,
    });
    host.account('alice', [['old.test'], ['new.test'], ['bound.test']]);
    host.caa.records.set('old.test', [OURS]);
    host.caa.records.set('new.test', ['0 issue "new-name.test"']);
    host.caa.records.set('bound.test', ['0 issue "new-name.test; accounturi=https://ca.test/account/1"']);
    await runCheck(host);
    expect(ca.ordered.flat().sort()).toEqual(['bound.test', 'new.test']);
  });

  test('are not looked for where the CA does not say who it is', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    host.caa.records.set('a.test', [OTHERS]);
    await runCheck(host);
    expect(ca.ordered).toEqual([['a.test']]);
    expect(host.caa.asked).toEqual([]);
  });

  test.each([
    ['advise', [['a.test']], ['CAA_FORBIDS']],
    ['off', [['a.test']], []],
  ] as const)('are ordered all the same with “preflight: %s”', async (preflight, ordered, codes) => {
    const { host, ca } = judgingHost();
    host.settings = { ...host.settings, preflight };
    host.account('alice', [['a.test']]);
    host.caa.records.set('a.test', [OTHERS]);
    await runCheck(host);
    expect(ca.ordered).toEqual(ordered);
    expect(codesOf(host)).toEqual(codes);
  });

  test('of which nothing is known for sure are ordered from the small budget', async () => {
    const { host, ca } = judgingHost();
    host.account('alice', [['slow.test']]);
    host.caa.records.set('slow.test', 'TIMED_OUT');
    const report = await runCheck(host);
    expect(ca.ordered).toEqual([['slow.test']]);
    expect(report.counts.installed).toBe(1);
  });

  test('are only asked for when they can be validated', async () => {
    const { host } = judgingHost();
    host.account('alice', [['dead.test']]);
    host.unknownNames.add('dead.test');
    await runCheck(host);
    expect(host.caa.asked).toEqual([]);
  });

  test('keep a certificate that secures them until the deadline of the deferral', async () => {
    const { host, ca } = judgingHost();
    host.account('alice', [['a.test', 'b.a.test']]);
    host.certificate('a.test', ['a.test', 'b.a.test'], { daysLeft: 20 });
    host.caa.records.set('b.a.test', [OTHERS]);
    const report = await runCheck(host);
    expect(ca.ordered).toEqual([]);
    expect(report.problems.map(({ code }) => code)).toContain('SECURED_DOMAIN_DCV_FAILURE');
  });
});

describe('names that CAA leaves to validation by DNS alone', () => {
  function dnsOnly(trouble: RecordTrouble | null) {
    const { host, ca } = judgingHost();
    host.account('alice', [['a.test']]);
    host.caa.records.set('a.test', ['0 issue "ca.test; validationmethods=dns-01"']);
    host.dns = {
      locate: async (name) => ({ name, recordName: `_acme-challenge.${name}`, zone: 'a.test' }),
      present: async () => [{ zone: 'a.test', trouble, servers: [] }],
      checkResolved: async () => null,
      cleanUp: async () => [],
      sweep: async () => [],
    };
    return { host, ca };
  }

  test('are validated so where that works here', async () => {
    const { host, ca } = dnsOnly(null);
    const report = await runCheck(host);
    expect(ca.ordered).toEqual([['a.test']]);
    expect(report).toMatchObject({ problems: [], exitCode: 0 });
  });

  test('are left out where it does not, and it is said why', async () => {
    const why = 'REFUSED';
    const { host, ca } = dnsOnly({ kind: 'update-refused', zone: 'a.test', editor: 'nsupdate', why });
    const report = await runCheck(host);
    expect(ca.ordered).toEqual([]);
    const [problem] = report.problems.filter(({ code }) => code === 'CAA_METHOD_FORBIDDEN');
    expect(problem?.message).toMatch(/by DNS it cannot be validated: .*REFUSED/);
  });
});

describe('a record that is missing in a zone of ours', () => {
  function ownZone(): { readonly host: FakeHost; readonly ca: FakeCa } {
    const { host, ca } = judgingHost();
    host.account('alice', [['a.test', 'www.a.test']]);
    host.caa.records.set('a.test', [OTHERS, '0 iodef "mailto:x@a.test"']);
    host.caa.ownZones = ['a.test'];
    return { host, ca };
  }

  test('is added beside the others, journalled before, and the run goes on', async () => {
    const { host, ca } = ownZone();
    const report = await runCheck(host);
    expect(host.caa.changes).toEqual([{ op: 'add', name: 'a.test', type: 'CAA', value: OURS }]);
    expect(host.caa.records.get('a.test')).toEqual([OTHERS, '0 iodef "mailto:x@a.test"', OURS]);
    expect(host.caa.additions.written).toEqual(['begun', 'added']);
    expect(ca.ordered).toEqual([['a.test', 'www.a.test']]);
    expect(report).toMatchObject({ exitCode: 0, problems: [] });
    const added = host.logged.find(({ code }) => code === 'CAA_RECORD_ADDED');
    expect(added?.contents).toBe(
      'Added to the zone “a.test” (fake editor): a.test. CAA 0 issue "ca.test"; taken back by: autossl caa undo a.test_1',
    );
  });

  test('names our account where the owner bound another', async () => {
    const { host, ca } = ownZone();
    host.caa.records.set('a.test', ['0 issue "ca.test; accounturi=https://ca.test/account/99"']);
    await runCheck(host);
    expect(host.caa.changes.map(({ value }) => value)).toEqual([
      '0 issue "ca.test; accounturi=https://ca.test/account/1"',
    ]);
    expect(ca.ordered).toHaveLength(1);
  });

  test('is only reported with “caa: report”, and where no zone is ours', async () => {
    const { host, ca } = ownZone();
    host.caa.mode = 'report';
    await runCheck(host);
    host.caa.mode = 'fix';
    host.caa.ownZones = ['other.test'];
    await runCheck(host);
    expect(host.caa.changes).toEqual([]);
    expect(ca.ordered).toEqual([]);
    expect(host.logged.at(-1)).toBeDefined();
    expect(host.logged.filter(({ code }) => code === 'CAA_FORBIDS').at(-1)?.contents).toContain(
      'its zone cannot be edited here: no local authority',
    );
  });

  test.each([
    ['forbids wildcards and methods', '0 issue "ca.test; validationmethods=dns-01"'],
    ['has an unknown critical record', '128 tbs "x"'],
  ])('is not added where the owner %s', async (_what, record) => {
    const { host, ca } = ownZone();
    host.caa.records.set('a.test', [record]);
    await runCheck(host);
    expect(host.caa.changes).toEqual([]);
    expect(ca.ordered).toEqual([]);
  });

  test.each([
    ['only a wildcard of the zone answers', 'lent', 'from a wildcard of its zone alone'],
    ['the name is delegated away', 'elsewhere', 'lies in another zone'],
    ['the zone’s servers do not tell', 'unknown', 'is not known to have records of its own'],
  ] as const)('is not added where %s: the line to add is named', async (_what, standing, words) => {
    const { host, ca } = ownZone();
    host.caa.standings.set('a.test', standing);
    const report = await runCheck(host);
    expect(host.caa.changes).toEqual([]);
    expect(ca.ordered).toEqual([]);
    expect(report.exitCode).toBe(0);
    const [problem] = report.problems.filter(({ code }) => code === 'CAA_FORBIDS');
    expect(problem?.message).toContain(words);
    expect(problem?.advice).toContain(`a.test. CAA ${OURS}`);
    expect(problem?.advice?.startsWith('Add the record to the wildcard')).toBe(standing === 'lent');
  });

  test('is not added for a customer whose alias leads into another customer’s zone', async () => {
    const { host, ca } = judgingHost();
    host.account('mallory', [['evil.test']]).account('victim', [['victim.test']]);
    host.certificate('victim.test', ['victim.test']);
    host.caa.records.set('victim.test', [OTHERS]);
    host.caa.aliases.set('evil.test', 'victim.test');
    host.caa.ownZones = ['evil.test', 'victim.test'];
    await runCheck(host);
    expect(host.caa.changes).toEqual([]);
    expect(ca.ordered).toEqual([]);
  });

  test('is not added for a customer who has a name below another customer’s domain', async () => {
    const { host, ca } = judgingHost();
    host.account('mallory', [['sub.victim.test']]).account('victim', [['victim.test']]);
    host.certificate('victim.test', ['victim.test']);
    host.caa.records.set('victim.test', [OTHERS]);
    host.caa.ownZones = ['victim.test'];
    const report = await runCheck(host);
    expect(host.caa.changes).toEqual([]);
    expect(ca.ordered).toEqual([]);
    const problem = report.problems.find(({ code }) => code === 'CAA_FORBIDS');
    expect(problem?.message).toContain('victim.test is no name of this account');
  });

  test('is added for a subdomain’s website where the domain is of the same account', async () => {
    const { host, ca } = judgingHost();
    host.account('alice', [['a.test'], ['shop.a.test']]);
    host.certificate('a.test', ['a.test']);
    host.caa.records.set('a.test', [OTHERS]);
    host.caa.ownZones = ['a.test'];
    await runCheck(host);
    expect(host.caa.changes).toHaveLength(1);
    expect(ca.ordered).toEqual([['shop.a.test']]);
  });

  test('that the resolvers do not show yet is waited for', async () => {
    const { host, ca } = ownZone();
    host.caa.slowLooks = 3;
    await runCheck(host);
    expect(ca.ordered).toHaveLength(1);
    expect(host.caa.changes).toHaveLength(1);
  });

  test('that all servers of the zone show is enough, whatever resolvers remember', async () => {
    const { host, ca } = ownZone();
    host.caa.remembered.set('a.test', [OTHERS]);
    host.caa.areServersAskable = true;
    await runCheck(host);
    expect(ca.ordered).toEqual([['a.test', 'www.a.test']]);
  });

  test('that nobody shows in time leaves the name to the next run, which does not add another', async () => {
    const { host, ca } = ownZone();
    host.caa.remembered.set('a.test', [OTHERS]);
    const report = await runCheck(host);
    expect(ca.ordered).toEqual([]);
    expect(report.problems.map(({ message }) => message).join()).toContain(
      'it was added and is not seen in DNS yet',
    );
    host.caa.remembered.clear();
    await runCheck(host);
    expect(ca.ordered).toHaveLength(1);
    expect([...(host.caa.records.get('a.test') ?? [])].filter((one) => one === OURS)).toHaveLength(1);
    expect(host.caa.additions.kept.size).toBe(1);
  });

  test('is not waited for again and again in a website of many zones', async () => {
    const { host } = judgingHost();
    const names = Array.from({ length: 30 }, (_, number) => `d${number}.test`);
    host.account('alice', [names]);
    for (const name of names) {
      host.caa.records.set(name, [OTHERS]);
      host.caa.remembered.set(name, [OTHERS]);
    }
    host.caa.ownZones = names;
    await runCheck(host);
    expect(host.caa.changes).toHaveLength(30);
    expect(host.caa.looksAnew).toBeLessThan(30 * 2 + 10);
  });

  test('whose change is refused is a fault of this server; what was begun stays written down', async () => {
    const { host, ca } = ownZone();
    host.caa.changeFault = 'REFUSED by 127.0.0.1';
    const report = await runCheck(host);
    expect(report.exitCode).toBe(1);
    expect(codesOf(host)).toContain('CAA_RECORD_NOT_ADDED');
    expect(report.problems).toContainEqual(
      expect.objectContaining({ domain: 'a.test', code: 'CAA_FORBIDS', fault: 'owner' }),
    );
    expect(ca.ordered).toEqual([]);
    expect(host.caa.additions.written).toEqual(['begun']);
  });

  test('whose change is refused is told in the text of the report, too', async () => {
    const { host } = ownZone();
    host.caa.changeFault = 'NOTAUTH(BADKEY)';
    const text = renderReport(await runCheck(host));
    expect(text).toMatch(/^FAULT {2}alice .*the zone “a\.test” could not be edited .*NOTAUTH\(BADKEY\)/m);
  });

  test('that our key’s policy does not have is a hint, said once, and no fault', async () => {
    const { host } = ownZone();
    host.account('bob', [['b.a.test']]).account('carol', [['c.a.test']]);
    for (const name of ['b.a.test', 'c.a.test']) host.caa.records.set(name, [OTHERS]);
    host.caa.changeFault = 'update failed: REFUSED';
    host.caa.isDenied = true;
    const report = await runCheck(host);
    expect(report.exitCode).toBe(0);
    expect(codesOf(host).filter((code) => code === 'CAA_RECORD_NOT_ADDED')).toHaveLength(1);
    const problems = report.problems.filter(({ code }) => code === 'CAA_FORBIDS');
    expect(problems.map(({ domain }) => domain).sort()).toEqual([
      'a.test',
      'b.a.test',
      'c.a.test',
      'www.a.test',
    ]);
    expect(problems.every(({ advice }) => advice?.includes(`CAA ${OURS}`))).toBe(true);
  });

  test('for which there is no room is the owner’s to mend', async () => {
    const { host } = ownZone();
    host.caa.records.set(
      'a.test',
      Array.from({ length: 100 }, (_, number) => `0 issue "ca${number}.example"`),
    );
    host.caa.changeFault = 'update failed: SERVFAIL';
    const report = await runCheck(host);
    expect(report.exitCode).toBe(0);
    expect(report.problems).toContainEqual(
      expect.objectContaining({ code: 'CAA_RECORD_NOT_ADDED', fault: 'owner' }),
    );
    expect(report.problems.map(({ message }) => message).join()).toContain(
      '100 CAA records lie there already',
    );
  });

  test('is not added when it cannot be written down first', async () => {
    const { host, ca } = ownZone();
    host.caa.additions.write = async () => {
      throw new Error('disk full');
    };
    await expect(runCheck(host)).rejects.toThrow('disk full');
    expect(host.caa.changes).toEqual([]);
    expect(ca.ordered).toEqual([]);
  });

  test('is added once for all websites of the zone', async () => {
    const { host, ca } = judgingHost();
    const names = Array.from({ length: 12 }, (_, number) => `s${number}.a.test`);
    host.account('alice', [['a.test'], ...names.map((name) => [name])]);
    host.caa.records.set('a.test', [OTHERS]);
    host.caa.ownZones = ['a.test'];
    await runCheck(host);
    expect(host.caa.changes).toHaveLength(1);
    expect(ca.ordered).toHaveLength(13);
  });

  test('that a killed run may have added, or not, is added by the next one', async () => {
    const { host, ca } = ownZone();
    const killed = new Error('killed');
    const { write } = host.caa.additions;
    host.caa.additions.write = async (addition) => {
      if (addition.state === 'added') throw killed;
      return await write.call(host.caa.additions, addition);
    };
    await expect(runCheck(host)).rejects.toThrow(killed);
    expect(await host.caa.additions.list()).toMatchObject([{ state: 'begun' }]);
    host.caa.additions.write = write;
    host.caa.records.set('a.test', [OTHERS]);
    await runCheck(host);
    expect(host.caa.records.get('a.test')).toEqual([OTHERS, OURS]);
    expect(await host.caa.additions.list()).toMatchObject([{ state: 'added' }]);
    expect(ca.ordered).toHaveLength(1);
  });

  const undoHost = (host: FakeHost): ZoneAdditionsHost => ({
    clock: host.clock,
    locks: host.locks,
    additions: host.caa.additions,
    zones: host.caa.zones,
  });
  const undo = (host: FakeHost, ...wanted: string[]) =>
    undoAdditions(wanted.length === 0 ? null : wanted, undoHost(host), new AbortController().signal);

  test('can be taken back, and only it; it is not added again until that is forgotten', async () => {
    const { host, ca } = ownZone();
    await runCheck(host);
    const before = ca.ordered.length;
    const report = await undo(host, 'a.test');
    expect(report).toMatchObject({ exitCode: 0, additions: [{ outcome: 'undone', value: OURS }] });
    expect(host.caa.records.get('a.test')).toEqual([OTHERS, '0 iodef "mailto:x@a.test"']);
    host.present.clear();
    host.issued.records.clear();
    await runCheck(host);
    expect(ca.ordered).toHaveLength(before);
    expect(host.caa.changes.map(({ op }) => op)).toEqual(['add', 'remove']);
    expect(host.logged.filter(({ code }) => code === 'CAA_FORBIDS').at(-1)?.contents).toContain(
      'so it is not added again (autossl caa forget a.test_1)',
    );
    await forgetAdditions(['a.test_1'], undoHost(host));
    await runCheck(host);
    expect(ca.ordered).toHaveLength(before + 1);
  });

  test('cannot be taken back where the zone is ours no longer, and says so', async () => {
    const { host } = ownZone();
    await runCheck(host);
    host.caa.ownZones = [];
    expect(await undo(host)).toMatchObject({
      exitCode: 1,
      additions: [{ outcome: 'failed', message: 'no local authority', state: 'added' }],
    });
    host.caa.ownZones = null;
    expect((await undo(host)).exitCode).toBe(1);
  });

  test('that was never added is wrong usage; what was not taken back is not forgotten', async () => {
    const { host } = ownZone();
    await runCheck(host);
    await expect(undo(host, 'other.test')).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    await expect(forgetAdditions(['a.test'], undoHost(host))).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    expect(host.caa.records.get('a.test')).toContain(OURS);
  });
});

describe('a forecast', () => {
  const scope = { user: null, isReissueAsked: false };

  test('reads CAA and names what would be left out, and adds nothing', async () => {
    const { host } = judgingHost();
    host.account('alice', [['a.test'], ['b.test']]);
    host.caa.records.set('a.test', [OTHERS]);
    host.caa.records.set('b.test', [OTHERS]);
    host.caa.ownZones = ['b.test'];
    const events: string[] = [];
    const forecast = await forecastCheck(scope, host, ({ code, contents }) =>
      events.push(`${code} ${contents}`),
    );
    expect(forecast.problems).toMatchObject([{ domain: 'a.test', code: 'CAA_FORBIDS' }]);
    expect(events).toContain(
      'CAA_RECORD_WOULD_BE_ADDED Would be added to the zone “b.test”: b.test. CAA 0 issue "ca.test"',
    );
    expect(host.caa.changes).toEqual([]);
    expect(host.caa.additions.kept.size).toBe(0);
  });

  test('does not ask for websites that are fine', async () => {
    const { host } = judgingHost();
    host.account('alice', [['fine.test']]);
    host.certificate('fine.test', ['fine.test'], { daysLeft: 80 });
    await forecastCheck(scope, host, () => undefined);
    expect(host.caa.asked).toEqual([]);
  });
});

describe('the hostname', () => {
  function hostnameHost() {
    const { host, ca } = servicesWithCa('exim');
    host.base.provider = { ...host.base.provider, caaIdentities: ['ca.test'] };
    host.base.caa.records.set('example.com', [OTHERS]);
    return { host, ca, caa: host.base.caa };
  }

  test('is not ordered where CAA forbids it', async () => {
    const { host, ca } = hostnameHost();
    const report = await runServices(host);
    expect(ca.ordered).toEqual([]);
    expect(report.problems).toMatchObject([
      { code: 'CAA_FORBIDS', message: expect.stringContaining(FAKE_HOSTNAME) },
    ]);
  });

  test('has the record added in a domain of the server’s own', async () => {
    const { host, ca, caa } = hostnameHost();
    caa.ownZones = ['example.com'];
    await runServices(host);
    expect(caa.changes).toMatchObject([{ op: 'add', name: 'example.com', value: OURS }]);
    expect(ca.ordered).toEqual([[FAKE_HOSTNAME]]);
  });
});
