import { describe, expect, test } from '@jest/globals';
import { AcmeProtocolError } from '../../../src/core/domain/autossl-error.js';
import { hostWithCa, manySites, runCheck } from '../../support/check-run.js';
import { refusal } from '../../support/fake-ca.js';
import { FAKE_NOW, type FakeHost } from '../../support/fake-host.js';
import { NotedFindings } from '../../support/noted-findings.js';
import { queueHostWithCa, runQueue } from '../../support/queue-run.js';

const DAY_MS = 86_400_000;
const afterDays = (days: number): string => new Date(Date.parse(FAKE_NOW) + days * DAY_MS).toISOString();

function telling(): ReturnType<typeof hostWithCa> & { readonly notices: NotedFindings } {
  const notices = new NotedFindings();
  const { host, ca } = hostWithCa();
  host.notices = notices;
  return { host, ca, notices };
}

const noSuchNames = (host: FakeHost, ...names: readonly string[]): void => {
  for (const name of names) host.unknownNames.add(name);
};
const unsettled = ({ scope }: NotedFindings): string[] =>
  scope === undefined || scope.kind === 'websites' ? [] : [...scope.unsettled];

describe('a new certificate', () => {
  test('is told with what it secures, once; a website that is fine leaves nothing', async () => {
    const { host, notices } = telling();
    host.account('alice', [['a.test', 'www.a.test'], ['old.test']]).certificate('old.test', ['old.test']);
    await runCheck(host);
    expect(notices.told).toEqual(['renewal a.test FIRST_CERTIFICATE a.test www.a.test']);
    expect(notices.find('notify_autossl_renewal')?.certificate).toMatchObject({ isSelfSigned: false });
    await runCheck(host);
    expect(notices.runs).toHaveLength(2);
    expect(notices.told).toEqual([]);
    expect(notices.scope).toEqual({ kind: 'all', except: new Set(), unsettled: new Set() });
  });

  test('without a name that the former one had is a reduction, until it is covered again', async () => {
    const { host, notices } = telling();
    host
      .account('alice', [['a.test', 'www.a.test', 'new.a.test']])
      .certificate('a.test', ['a.test', 'www.a.test'], { daysLeft: 2 });
    noSuchNames(host, 'www.a.test', 'new.a.test');
    await runCheck(host);
    const lacking = [
      'renewal_coverage_reduced a.test NAMES_NOT_COVERED www.a.test:NXDOMAIN',
      'renewal_uncovered_domains a.test NAMES_NOT_COVERED new.a.test:NXDOMAIN',
    ];
    expect(notices.told).toEqual(['renewal a.test RENEWED a.test', ...lacking]);
    const { certificate, names } = notices.find('notify_autossl_renewal_coverage_reduced') ?? {};
    expect(certificate?.notAfter).toEqual(new Date(Date.parse(FAKE_NOW) + 90 * DAY_MS));
    expect(names).toEqual([
      {
        name: 'www.a.test',
        code: 'NXDOMAIN',
        why: 'www.a.test does not exist in DNS (NXDOMAIN)',
        advice: expect.stringContaining('www.a.test'),
        isServiceName: false,
        wasCovered: true,
        failingSince: new Date(FAKE_NOW),
      },
    ]);
    // The second night says the same, and since when.
    host.clock.set(afterDays(1));
    await runCheck(host);
    expect(notices.told).toEqual(lacking);
    expect(notices.find('notify_autossl_renewal_coverage_reduced')?.names[0]?.failingSince).toEqual(
      new Date(FAKE_NOW),
    );
    host.unknownNames.delete('www.a.test');
    host.clock.set(afterDays(2));
    await runCheck(host);
    expect(notices.told).toEqual([
      'renewal a.test RENEWED a.test www.a.test',
      'renewal_uncovered_domains a.test NAMES_NOT_COVERED new.a.test:NXDOMAIN',
    ]);
    host.unknownNames.clear();
    host.clock.set(afterDays(3));
    await runCheck(host);
    expect(notices.told).toEqual(['renewal a.test RENEWED a.test new.a.test www.a.test']);
    expect(unsettled(notices)).toEqual([]);
  });
});

describe('a renewal that waits for names which are secured', () => {
  test('is told with its end; it is over when it went through', async () => {
    const { host, notices } = telling();
    host
      .account('alice', [['a.test', 'www.a.test']])
      .certificate('a.test', ['a.test', 'www.a.test'], { daysLeft: 20 });
    noSuchNames(host, 'www.a.test');
    await runCheck(host);
    expect(notices.told).toEqual(['expiry_coverage a.test SECURED_DOMAIN_DCV_FAILURE www.a.test:NXDOMAIN']);
    const finding = notices.find('notify_autossl_expiry_coverage');
    expect(finding?.deadlineAt).toEqual(new Date(Date.parse(FAKE_NOW) + 17 * DAY_MS));
    expect(finding?.nextAttemptAt).toEqual(new Date(Date.parse(FAKE_NOW) + DAY_MS));
    expect(finding?.because.text).toMatch(/^A name that the present certificate secures cannot be validated/);
    expect(unsettled(notices)).toEqual([]);
    // Near its end too, nothing but the deferral is told: it says what happens then.
    host.clock.set(afterDays(14));
    await runCheck(host);
    expect(notices.told).toHaveLength(1);
    host.unknownNames.clear();
    host.clock.set(afterDays(15));
    await runCheck(host);
    expect(notices.told).toEqual(['renewal a.test RENEWED a.test www.a.test']);
  });

  test('before it is due it is a risk', async () => {
    const { host, notices } = telling();
    host.account('alice', [['a.test', 'www.a.test', 'new.a.test']]);
    host.certificate('a.test', ['a.test', 'www.a.test']);
    noSuchNames(host, 'www.a.test');
    await runCheck(host);
    expect(notices.told).toEqual(['renewal_coverage a.test SECURED_DOMAIN_DCV_FAILURE www.a.test:NXDOMAIN']);
    noSuchNames(host, 'a.test', 'new.a.test');
    host.clock.set(afterDays(1));
    await runCheck(host);
    expect(notices.told).toEqual([
      'renewal_coverage a.test TOTAL_DCV_FAILURE a.test:NXDOMAIN www.a.test:NXDOMAIN',
      'renewal_uncovered_domains a.test NAMES_NOT_COVERED new.a.test:NXDOMAIN',
    ]);
    expect(unsettled(notices)).toEqual([]);
  });
});

describe('a certificate that is not renewed', () => {
  test('is told when all names have failed for three nights, and from then on', async () => {
    const { host, notices } = telling();
    host.account('alice', [['a.test']]).certificate('a.test', ['a.test'], { daysLeft: 28 });
    noSuchNames(host, 'a.test');
    const nights: (readonly string[])[] = [];
    for (let night = 0; night < 4; night += 1) {
      host.clock.set(afterDays(night));
      await runCheck(host);
      nights.push(notices.told);
      expect(unsettled(notices)).toEqual(night < 2 ? ['a.test'] : []);
    }
    const told = ['expiry a.test TOTAL_DCV_FAILURE a.test:NXDOMAIN'];
    expect(nights).toEqual([[], [], told, told]);
    expect(notices.find('notify_autossl_expiry')).toMatchObject({
      deadlineAt: new Date(Date.parse(FAKE_NOW) + 28 * DAY_MS),
      because: { text: 'No name of this website can be validated.' },
    });
  });

  test.each([
    ['the provider is down', (host: FakeHost) => providerDown(host), 'PROVIDER_UNREACHABLE'],
    ['the CA stopped our account', (host: FakeHost) => stopAccount(host), 'STOPPED_BY_CA'],
    [
      'the provider refuses the order',
      ({ ca }: FakeHost) => Object.assign(ca ?? {}, { onNewOrder: () => refusal('malformed') }),
      'ORDER_REFUSED',
    ],
  ])('for whatever reason (%s) from a tenth of its life on', async (_why, breakIt, code) => {
    const { host, notices } = telling();
    host.account('alice', [['a.test']]).certificate('a.test', ['a.test'], { daysLeft: 28 });
    breakIt(host);
    await runCheck(host);
    expect(notices.told).toEqual([]);
    expect(unsettled(notices)).toEqual(['a.test']);
    host.clock.set(afterDays(20));
    breakIt(host);
    await runCheck(host);
    expect(notices.told).toEqual([`expiry a.test ${code}`]);
  });

  test('a pending order is told only when a tenth of the life is left', async () => {
    const { host, ca, notices } = telling();
    ca.finalStatus = 'processing';
    host.account('alice', [['a.test']]).certificate('a.test', ['a.test'], { daysLeft: 28 });
    await runCheck(host);
    host.clock.set(afterDays(5));
    await runCheck(host);
    expect(notices.told).toEqual([]);
    expect(unsettled(notices)).toEqual(['a.test']);
    host.clock.set(afterDays(20));
    await runCheck(host);
    expect(notices.told).toEqual(['expiry a.test ORDER_PENDING']);
  });

  test('expired is told, and over when it is renewed', async () => {
    const { host, notices } = telling();
    host.account('alice', [['a.test']]).certificate('a.test', ['a.test'], { daysLeft: -1 });
    noSuchNames(host, 'a.test');
    await runCheck(host);
    expect(notices.told).toEqual(['expiry a.test TOTAL_DCV_FAILURE a.test:NXDOMAIN']);
    expect(notices.find('notify_autossl_expiry')?.deadlineAt).toBeNull();
    host.unknownNames.clear();
    await runCheck(host);
    expect(notices.told).toEqual(['renewal a.test RENEWED a.test']);
  });

  test('a braked run tells what time has brought, and that nothing is over', async () => {
    const { host, notices } = telling();
    const sites = manySites(60);
    host.account('alice', [...sites, ['late.test']]).certificate('late.test', ['late.test'], { daysLeft: 5 });
    for (const [name = ''] of sites) host.certificate(name, [name]);
    stopAccount(host);
    await runCheck(host);
    for (const [name = ''] of sites) host.present.delete(name);
    await expect(runCheck(host)).rejects.toMatchObject({ code: 'BRAKE' });
    expect(notices.told).toEqual(['expiry late.test BRAKE']);
    expect(notices.scope).toEqual({ kind: 'websites', websites: [] });
  });
});

describe('a website that never had a certificate', () => {
  test('whose names all fail lacks coverage; nothing of it expires', async () => {
    const { host, notices } = telling();
    host.account('alice', [['a.test', 'www.a.test']]);
    noSuchNames(host, 'a.test', 'www.a.test');
    await runCheck(host);
    const told = ['renewal_uncovered_domains a.test TOTAL_DCV_FAILURE a.test:NXDOMAIN www.a.test:NXDOMAIN'];
    expect(notices.told).toEqual(told);
    expect(notices.find('notify_autossl_renewal_uncovered_domains')?.certificate).toBeNull();
    host.clock.set(afterDays(30));
    await runCheck(host);
    expect(notices.told).toEqual(told);
    expect(unsettled(notices)).toEqual([]);
  });
});

describe("somebody else's certificate", () => {
  test.each([
    [20, []],
    [8, ['ssl_expiry a.test FOREIGN_CERTIFICATE']],
    [-1, ['ssl_expiry a.test FOREIGN_CERTIFICATE']],
  ])('with %i days left', async (daysLeft, told) => {
    const { host, notices } = telling();
    host.account('alice', [['a.test']]).certificate('a.test', ['a.test'], { daysLeft, isOurs: false });
    await runCheck(host);
    expect(notices.told.map((line) => line.replace(/ VALID$/, ' FOREIGN_CERTIFICATE'))).toEqual(told);
  });
});

describe('what a run cannot speak for', () => {
  test('accounts that are skipped or broken, and websites that only wait', async () => {
    const { host, notices } = telling();
    host.account('alice', [['a.test'], ['b.test']]).certificate('b.test', ['b.test']);
    host.inventories.push({ state: 'skipped', account: 'bob' as never, reason: 'suspended' });
    providerDown(host);
    await runCheck(host);
    expect(notices.scope).toEqual({
      kind: 'all',
      except: new Set(['bob']),
      unsettled: new Set(['a.test']),
    });
    await runCheck(host, { user: 'alice' });
    expect(notices.scope).toEqual({
      kind: 'accounts',
      accounts: new Set(['alice']),
      unsettled: new Set(['a.test']),
    });
  });

  test('a run that was stopped', async () => {
    const { host, notices } = telling();
    host.account('alice', [['a.test'], ['b.test']]).certificate('b.test', ['b.test'], { daysLeft: 20 });
    await runCheck(host, { signal: AbortSignal.abort() });
    expect(notices.told).toEqual([]);
    expect(unsettled(notices).sort()).toEqual(['a.test', 'b.test']);
  });

  test('a forecast tells nobody, and a run without a desk is a run', async () => {
    const { host } = telling();
    host.notices = null;
    host.account('alice', [['a.test']]);
    expect((await runCheck(host)).counts.installed).toBe(1);
  });

  test('what the desk has to say is in the log and changes no exit code', async () => {
    const { host, notices } = telling();
    host.account('alice', [['a.test']]);
    notices.warnings = [{ type: 'warn', code: 'NOTICES_WAIT', indent: 0, contents: 'No room.' }];
    expect((await runCheck(host)).exitCode).toBe(0);
    expect(host.logged.map(({ code }) => code)).toContain('NOTICES_WAIT');
  });
});

describe('between two runs', () => {
  test('what the poller installs is told, of those websites alone', async () => {
    const { host, ca } = queueHostWithCa();
    const notices = new NotedFindings();
    host.notices = notices;
    ca.finalStatus = 'processing';
    host.account('alice', [['a.test', 'www.a.test', 'bad.a.test'], ['c.test']]);
    noSuchNames(host, 'bad.a.test', 'c.test');
    await runCheck(host);
    expect(notices.told).toEqual(['renewal_uncovered_domains c.test TOTAL_DCV_FAILURE c.test:NXDOMAIN']);
    expect(unsettled(notices)).toEqual(['a.test']);
    ca.finalStatus = 'valid';
    await runQueue(host, { force: true });
    expect(notices.told).toEqual([
      'renewal a.test FIRST_CERTIFICATE a.test www.a.test',
      'renewal_uncovered_domains a.test NAMES_NOT_COVERED bad.a.test:NXDOMAIN',
    ]);
    expect(notices.scope).toEqual({ kind: 'websites', websites: [{ account: 'alice', vhost: 'a.test' }] });
    expect(await runQueue(host)).toBeNull();
    expect(notices.runs).toHaveLength(2);
  });
});

function providerDown(host: FakeHost): void {
  const error = new AcmeProtocolError('UNREACHABLE', 'no route');
  Object.assign(host.ca ?? {}, { directoryError: error });
}

function stopAccount(host: FakeHost): void {
  const provider = host.provider.name;
  host.ledger.records.set(provider, {
    schemaVersion: 1,
    provider,
    newOrders: [],
    stoppedUntil: new Date(host.clock.now().getTime() + 6 * DAY_MS).toISOString(),
    stoppedBecause: 'rateLimited: too many',
  });
}
