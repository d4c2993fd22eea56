import { describe, expect, test } from '@jest/globals';
import type { RecordTrouble } from '../../../src/core/dcv/dns-observation.js';
import { rememberFailure } from '../../../src/core/order/name-attempt.js';
import { LOCAL_CA } from '../../../src/core/provider/known/local-ca.js';
import { hostWithCa, runCheck } from '../../support/check-run.js';
import { FakeDnsSolver } from '../../support/fake-dns-solver.js';
import type { FakeHost } from '../../support/fake-host.js';
import { FAKE_HOSTNAME, runServices, servicesWithCa } from '../../support/fake-services.js';

const NAMES = ['a.test', 'www.a.test', '*.a.test'] as const;
const REFUSED: RecordTrouble = { kind: 'update-refused', zone: 'a.test', editor: 'a hook', why: 'not today' };

/** A host with a website of which HTTP reaches one name, and with what its orders were to be proved by DNS. */
function hostWithDns(names: readonly string[] = NAMES) {
  const { host, ca } = hostWithCa();
  const dns = new FakeDnsSolver();
  host.dns = dns;
  host.settings = { ...host.settings, wildcardReduction: false };
  host.account('alice', [names]);
  host.fetchErrors.set('www.a.test', 'ECONNREFUSED');
  const byDns: (readonly string[] | undefined)[] = [];
  ca.onFinalize = async () => {
    byDns.push(...(await recordsOf(host)).map((record) => record.byDns));
  };
  return { host, ca, dns, byDns };
}
const recordsOf = async (host: FakeHost) =>
  (await host.orders.list()).flatMap((entry) => (entry.state === 'ok' ? [entry.record] : []));

describe('what HTTP does not reach', () => {
  test('is ordered to be proved by DNS, as wildcards are, and the rest over HTTP', async () => {
    const { host, ca, dns, byDns } = hostWithDns();
    const report = await runCheck(host);
    expect(report.problems).toEqual([]);
    expect(ca.ordered).toEqual([[...NAMES]]);
    expect(byDns).toEqual([['www.a.test', '*.a.test']]);
    expect(dns.presented.flat()).toEqual(dns.cleaned);
    const passed = host.logged.filter(({ code }) => code === 'DCV_PASSED').map(({ contents }) => contents);
    expect(passed).toEqual([
      '“a.test” passed the local validation (HTTP).',
      '“www.a.test” passed the local validation (DNS).',
      '“*.a.test” passed the local validation (DNS).',
    ]);
  });

  test('and DNS neither: both are told, and the rest goes ahead', async () => {
    const { host, ca, dns, byDns } = hostWithDns();
    dns.troubles.set('_', REFUSED);
    const report = await runCheck(host);
    expect(ca.ordered).toEqual([['a.test']]);
    expect(byDns).toEqual([undefined]);
    expect(report.exitCode).toBe(1);
    expect(report.problems).toMatchObject([
      { code: 'CONNECTION_REFUSED', domain: 'www.a.test', fault: 'owner' },
      { code: 'DNS_UPDATE_REFUSED', domain: '*.a.test', fault: 'ours' },
    ]);
    expect(report.problems[0]?.message).toContain('nor by DNS');
  });

  test('is not tried by DNS where the name does not exist, or all is well', async () => {
    const { host, dns } = hostWithDns(['a.test', 'gone.a.test']);
    host.unknownNames.add('gone.a.test');
    await runCheck(host);
    expect(dns.presented).toEqual([]);
  });

  test('is left to HTTP where no zone is edited here; wildcards are not even planned, and said in each run', async () => {
    const { host, ca, byDns } = hostWithDns();
    host.dns = null;
    for (const _run of [1, 2]) {
      const report = await runCheck(host);
      expect(report.exitCode).toBe(0);
      expect(report.problems).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ code: 'WILDCARD_NEEDS_DNS', domain: '*.a.test', fault: 'owner' }),
          expect.objectContaining({ code: 'CONNECTION_REFUSED' }),
        ]),
      );
    }
    expect(ca.ordered).toEqual([['a.test']]);
    expect(byDns).toEqual([undefined]);
  });

  test('is left to HTTP where the provider knows nothing else', async () => {
    const { host, dns } = hostWithDns(['a.test', 'www.a.test']);
    host.provider = { ...LOCAL_CA, patienceMs: 0 };
    await runCheck(host);
    expect(dns.presented).toEqual([]);
  });
});

describe('a wildcard that the present certificate secures', () => {
  const DOWN: RecordTrouble = { kind: 'editor-silent', why: 'PowerDNS does not list its zones' };
  function secured(daysLeft: number) {
    const { host, ca, dns } = hostWithDns(['a.test', '*.a.test']);
    host.certificate('a.test', ['a.test', '*.a.test'], { daysLeft });
    return { host, ca, dns };
  }

  test('holds the renewal back while the editor is down: a fault of ours', async () => {
    const { host, ca, dns } = secured(20);
    host.wildcards = 'unsure';
    dns.down = DOWN;
    const report = await runCheck(host);
    expect(ca.ordered).toEqual([]);
    expect(report.exitCode).toBe(1);
    expect(report.problems).toMatchObject([
      { code: 'DNS_UPDATE_REFUSED', domain: '*.a.test', fault: 'ours' },
      { code: 'SECURED_DOMAIN_DCV_FAILURE', fault: 'ours' },
    ]);
  });

  test('holds it back where nothing edits zones any more, whatever is looked at before an order', async () => {
    for (const preflight of ['gate', 'off', 'advise'] as const) {
      const { host, ca } = secured(20);
      host.settings = { ...host.settings, preflight };
      host.dns = null;
      const report = await runCheck(host);
      expect(ca.ordered).toEqual([]);
      expect(report.problems.map(({ code }) => code)).toContain('WILDCARD_NEEDS_DNS');
    }
  });

  test('is left out at the deferral’s deadline, and that is said', async () => {
    const { host, ca } = secured(2);
    host.dns = null;
    const report = await runCheck(host);
    expect(ca.ordered).toEqual([['a.test']]);
    expect(report.problems.map(({ code }) => code)).toContain('COVERAGE_REDUCED');
  });
});

describe('a wildcard of a domain that another account has', () => {
  test.each(['gate', 'off', 'advise'] as const)('is never ordered (preflight: %s)', async (preflight) => {
    const { host, ca } = hostWithDns(['a.test']);
    host.settings = { ...host.settings, preflight };
    host.account('mallory', [['evil.test', '*.a.test', '*.deep.a.test', '*.nobody.test']]);
    const report = await runCheck(host);
    expect(ca.ordered.flat().sort()).toEqual(['*.nobody.test', 'a.test', 'evil.test']);
    expect(report).toMatchObject({ exitCode: 0 });
    expect(report.problems.map(({ code, domain }) => `${code} ${domain}`).sort()).toEqual([
      'DOMAIN_OF_ANOTHER_ACCOUNT *.a.test',
      'DOMAIN_OF_ANOTHER_ACCOUNT *.deep.a.test',
    ]);
  });

  test('is ordered for whoever has the domain below it', async () => {
    const { host, ca } = hostWithDns(['a.test']);
    host.account('bob', [['shop.a.test', '*.shop.a.test', '*.x.shop.a.test']]);
    await runCheck(host);
    expect(ca.ordered.flat()).toEqual(expect.arrayContaining(['*.shop.a.test', '*.x.shop.a.test']));
  });
});

describe('where names are not looked at before an order', () => {
  test.each([
    ['off', ['*.a.test']],
    ['advise', ['www.a.test', '*.a.test']],
  ] as const)('(preflight: %s) wildcards at least are proved by DNS', async (preflight, expected) => {
    const { host, ca, byDns } = hostWithDns();
    host.settings = { ...host.settings, preflight };
    await runCheck(host);
    expect(ca.ordered).toEqual([[...NAMES]]);
    expect(byDns).toEqual([expected]);
  });
});

test('the server’s hostname too is proved by DNS where HTTP does not reach it', async () => {
  const { host, ca } = servicesWithCa('exim');
  const byDns: unknown[] = [];
  host.base.dns = new FakeDnsSolver();
  host.base.fetchErrors.set(FAKE_HOSTNAME, 'ECONNREFUSED');
  ca.onFinalize = async () => {
    byDns.push(...(await recordsOf(host.base)).map((record) => record.byDns));
  };
  expect((await runServices(host)).services).toMatchObject([{ state: 'replaced' }]);
  expect(byDns).toEqual([[FAKE_HOSTNAME]]);
});

describe('a zone that shows test records and no challenges', () => {
  const UNSEEN: RecordTrouble = { kind: 'update-refused', zone: 'a.test', editor: 'a hook', why: 'no room' };
  const MINUTE_MS = 60_000;

  test('costs one order, however many nights it lasts: from then on the challenges’ own records are tried first', async () => {
    const { host, ca, dns } = hostWithDns(['www.a.test']);
    ca.validate = () => null;
    dns.troubles.set('_acme-challenge', UNSEEN);
    await runCheck(host);
    expect(ca.ordered).toEqual([['www.a.test']]);
    expect(host.names.records.get('www.a.test')).toMatchObject({
      caFailures: [],
      lastFailure: { source: 'local', code: 'DNS_UPDATE_REFUSED' },
    });
    // Within the backoff nothing is even looked at.
    const placed = dns.presented.length;
    await runCheck(host);
    expect(dns.presented).toHaveLength(placed);
    for (let night = 1; night <= 3; night += 1) {
      host.clock.set(new Date(host.clock.now().getTime() + 24 * 60 * MINUTE_MS).toISOString());
      const { problems } = await runCheck(host);
      expect(problems[0]?.message).toContain('nor by DNS');
    }
    expect(ca.ordered).toHaveLength(1);
    const textOf = ({ value }: { readonly value: string }) => value;
    expect(dns.presented.flat().map(textOf)).toEqual(dns.cleaned.map(textOf));

    dns.troubles.clear();
    host.clock.set(new Date(host.clock.now().getTime() + 24 * 60 * MINUTE_MS).toISOString());
    expect((await runCheck(host)).problems).toEqual([]);
    expect(ca.ordered).toHaveLength(2);
  });

  test('is not asked for by a wildcard that fell out of an order before', async () => {
    const { host, ca, dns } = hostWithDns(['a.test', 'b.a.test', 'c.a.test']);
    host.settings = { ...host.settings, wildcardReduction: true };
    dns.troubles.set('_acme-challenge', UNSEEN);
    const failure = {
      at: new Date(host.clock.now().getTime() - 2 * MINUTE_MS),
      code: 'DNS_NOT_PROPAGATED',
      message: 'no',
      source: 'local',
      lifeMs: null,
      fraction: 0.5,
    } as const;
    host.names.records.set('*.a.test', rememberFailure('*.a.test', undefined, failure));
    expect((await runCheck(host)).problems).toEqual([]);
    expect(ca.ordered).toEqual([['a.test', 'b.a.test', 'c.a.test']]);
  });
});
