import { describe, expect, test } from '@jest/globals';
import { type CheckReport, renderPlan, renderReport } from '../../../src/core/report/check/check-report.js';
import { runFinished, summaryLine } from '../../../src/core/report/events/summary-events.js';
import { renderLogLine } from '../../../src/core/report/text/text.js';
import { forecastCheck } from '../../../src/runs/check/check-websites.js';
import { hostWithCa, runCheck } from '../../support/check-run.js';
import { refusal, refusalOf } from '../../support/fake-ca.js';
import { wantedNames } from '../../support/fake-certificate.js';
import { aWebsite, FAKE_NOW, type FakeHost } from '../../support/fake-host.js';
import { expectGolden } from '../../support/golden.js';

/** A server on which everything happens that a report speaks of. */
function busyHost(): FakeHost {
  const { host, ca } = hostWithCa();
  host.settings = { ...host.settings, concurrentOrders: 1 };
  host.root = '/srv/tree';
  const fault = { code: 'ACCOUNT_FILE_INVALID', path: '/var/cpanel/users/aaron', vhost: null } as const;
  host.inventories.push({
    state: 'broken',
    account: 'aaron',
    fault: { ...fault, message: '/var/cpanel/users/aaron: it is not text' },
  });
  host.account('alice', [
    ['new.test', 'www.new.test', 'gone.test'],
    ['fine.test'],
    ['lacks.test', 'mail.lacks.test'],
  ]);
  host.account('bob', [['due.test', 'www.due.test'], ['foreign.test'], ['recent.test']]);
  host.account('carol', [
    ['taken.test', 'bad.taken.test'],
    ['limited.test', 'www.limited.test'],
  ]);
  host.account('zoe', [['waits.test', 'www.waits.test']]);
  host.inventories.push({
    state: 'skipped',
    account: aWebsite(['x.test'], 'dave').account,
    reason: 'suspended',
  });
  host
    .certificate('fine.test', ['fine.test'])
    .certificate('lacks.test', ['lacks.test'])
    .certificate('due.test', ['due.test', 'www.due.test'], { daysLeft: 20 })
    .certificate('foreign.test', ['foreign.test'], { daysLeft: 5, isOurs: false, fingerprint: 'else' })
    .certificate('limited.test', ['limited.test'], { daysLeft: 70 })
    .certificate('waits.test', ['waits.test'], { daysLeft: 80 })
    .certificate('recent.test', ['recent.test'], { daysLeft: 89 });
  host.present.delete('recent.test');
  const alice = host.inventories[1];
  if (alice?.state === 'ready') {
    const [first, ...others] = alice.websites;
    if (first !== undefined) {
      host.inventories[1] = {
        ...alice,
        websites: [{ ...first, excluded: wantedNames('mail.new.test') }, ...others],
      };
    }
  }
  host.unknownNames.add('gone.test').add('www.due.test');
  host.fetchErrors.set('mail.lacks.test', 'ECONNREFUSED').set('www.new.test', 'ETIMEDOUT');
  ca.onNewOrder = (names) => {
    if (names.includes('bad.taken.test')) return refusalOf('rejectedIdentifier', ['bad.taken.test']);
    const retryAt = new Date('2026-06-01T03:00:00.000Z');
    return names.includes('limited.test') ? refusal('rateLimited', { status: 429, retryAt }) : undefined;
  };
  return host;
}

describe('one busy run, as people read it (golden)', () => {
  test('the plan', async () => {
    const forecast = await forecastCheck({ user: null, isReissueAsked: false }, busyHost(), () => undefined);
    expectGolden('report/plan.txt', renderPlan(forecast));
  });

  test('the log', async () => {
    const host = busyHost();
    await runCheck(host);
    expectGolden(
      'report/log.txt',
      host.logged.map((event) => renderLogLine(event, new Date(FAKE_NOW))).join(''),
    );
  });

  test('the report', async () => {
    expectGolden('report/report.txt', renderReport(await runCheck(busyHost())));
  });

  test('the report as JSON', async () => {
    expectGolden('report/report-json.txt', `${JSON.stringify(await runCheck(busyHost()), null, 2)}\n`);
  });
});

test('the plan that a dry run shows is the one that the run logs first', async () => {
  const { plan } = await forecastCheck({ user: null, isReissueAsked: false }, busyHost(), () => undefined);
  const host = busyHost();
  await runCheck(host);
  const logged = host.logged.filter(({ code }) => code === 'PLANNED').map(({ data }) => data);
  expect(logged).toEqual(plan.actions);
  const { actions: _, ...facts } = plan;
  expect(host.logged.find(({ code }) => code === 'PLAN')?.data).toEqual(facts);
});

describe('the summary', () => {
  const report = (over: Partial<CheckReport['counts']>, rest: Partial<CheckReport> = {}): CheckReport => ({
    schemaVersion: 1,
    exitCode: 0,
    provider: 'LocalCA',
    user: '*',
    log: '2026-06-01T00:00:00Z',
    counts: { accounts: 2, websites: 3, kept: 3, foreign: 0, installed: 0, pending: 0, waiting: 0, ...over },
    installed: [],
    faults: [],
    problems: [],
    pending: [],
    waiting: [],
    ...rest,
  });
  const problem = (fault: 'ours' | 'owner') => ({
    account: 'alice',
    domain: 'a.test',
    vhost: 'a.test',
    code: 'X',
    message: 'it fails',
    advice: null,
    fault,
  });

  test.each<[string, CheckReport, string]>([
    ['nothing is to be done', report({}), '3 websites of 2 users checked: nothing to do.'],
    [
      'one of each is said as one',
      report({ accounts: 1, websites: 1, installed: 1 }),
      '1 website of 1 user checked: 1 certificate installed.',
    ],
    [
      'what was done, pends and waits',
      report({ installed: 2, pending: 1, waiting: 3 }),
      '3 websites of 2 users checked: 2 certificates installed, 1 order pending, 3 websites waiting.',
    ],
    [
      'owners must act and nothing else is to be done',
      report({}, { problems: [problem('owner')] }),
      '3 websites of 2 users checked: nothing to do, 1 finding for the owners.',
    ],
    [
      'faults of websites and of the run count together',
      report({}, { problems: [problem('ours'), problem('owner')], faults: [{ code: 'X', message: 'x' }] }),
      '3 websites of 2 users checked: 2 faults on this side, 1 finding for the owners.',
    ],
  ])('%s', (_, given, line) => {
    expect(summaryLine(given)).toBe(line);
    expect(renderReport(given).trimEnd().split('\n').at(-1)).toBe(line);
    expect(runFinished(given, null, new Date(FAKE_NOW)).at(-1)?.contents).toBe(line);
  });

  test('five websites whose orders pend are named, with their trouble; the others are counted', () => {
    const pending = Array.from({ length: 7 }, (_, index) => ({
      account: 'alice',
      vhost: `s${index}.test`,
      pollAt: index === 0 ? '2026-06-01T00:05:00.000Z' : null,
      trouble: index === 1 ? 'the CA at ca.test cannot be reached' : null,
    }));
    expect(
      renderReport(report({ pending: 7 }, { pending }))
        .split('\n')
        .slice(0, 6),
    ).toEqual([
      'pends  alice  s0.test, looked at again from 2026-06-01T00:05:00.000Z on',
      'pends  alice  s1.test: the CA at ca.test cannot be reached',
      'pends  alice  s2.test',
      'pends  alice  s3.test',
      'pends  alice  s4.test',
      'pends  2 more websites',
    ]);
  });

  test('a message that would steer the terminal cannot', () => {
    const given = report(
      {},
      { faults: [{ code: 'X', message: 'a\u001b[31mb\nc' }], problems: [problem('ours')] },
    );
    expect(renderReport(given).split('\n')).toHaveLength(4);
    expect(renderReport(given)).not.toContain('\u001b');
  });
});
