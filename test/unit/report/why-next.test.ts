import { describe, expect, test } from '@jest/globals';
import type { LedgerRecord } from '../../../src/core/order/ledger-record.js';
import { renderWhy } from '../../../src/core/report/why/render-why.js';
import { runAtOrAfter } from '../../../src/core/report/why/run-schedule.js';
import { type WhyReport, whyReport } from '../../../src/core/report/why/why-report.js';
import { PKI_NOW } from '../../support/pki.js';
import {
  aProblem,
  failed,
  looked,
  NXDOMAIN,
  PASSED,
  SUSPENDED,
  type WhyCase,
  whyFacts,
} from '../../support/why-input.js';

/** PKI_NOW is 2026-06-01T00:00Z; the nightly run is at 02:14. */
const TONIGHT = '2026-06-01T02:14:00.000Z';
const TOMORROW = '2026-06-02T02:14:00.000Z';
const SOON = '2026-06-01T01:00:00.000Z';
const LATER = '2026-06-01T06:00:00.000Z';
const NO_CRON = { nextRunAt: null, isPolled: false } as const;
const NO_POLLER = { nextRunAt: new Date(TONIGHT), isPolled: false } as const;
const NOTHING = { certificate: null } as const;
const why = (wish: WhyCase): WhyReport => whyReport(whyFacts(wish), PKI_NOW);

const refused = (nextAttemptAt: string, times = 1) => ({
  schemaVersion: 1 as const,
  name: 'example.com',
  lastPassedAt: null,
  consecutiveFailures: times,
  caFailures: Array.from({ length: times }, (_, index) => ({
    at: `2026-05-31T23:${50 - index}:00.000Z`,
    provider: 'LetsEncrypt',
    code: 'dns',
  })),
  lastFailure: { at: '2026-05-31T23:50:00.000Z', code: 'dns', message: 'no A record', source: 'ca' as const },
  nextAttemptAt,
});
const stopped = (stoppedUntil: string) => ({
  schemaVersion: 1 as const,
  provider: 'LetsEncrypt',
  newOrders: [],
  stoppedUntil,
  stoppedBecause: 'rateLimited: slow down',
});
const due = (dueAt: string) => ({
  account: 'alice',
  vhost: 'example.com',
  dueAt,
  emergencyAt: null,
  logStartedAt: null,
});

describe('the next attempt', () => {
  test.each<[string, WhyCase, string, string | null, string]>([
    [
      'is the renewal, of a good certificate',
      {},
      'renew',
      expect.any(String) as unknown as string,
      'RENEWAL',
    ],
    ['is the nightly run, where nothing lies', { ...NOTHING }, 'order', TONIGHT, 'NEXT_RUN'],
    ['is the nightly run, where something bad lies', { daysLeft: -1 }, 'replace', TONIGHT, 'NEXT_RUN'],
    [
      'is any run, where no nightly one is known of',
      { ...NOTHING, schedule: NO_CRON },
      'order',
      null,
      'NEXT_RUN',
    ],
    ['is the instant of the index', { ...NOTHING, facts: { due: due(SOON) } }, 'order', SOON, 'DUE'],
    [
      'is now, where that is past',
      { ...NOTHING, facts: { due: due('2026-05-31T23:00:00.000Z') } },
      'order',
      PKI_NOW.toISOString(),
      'DUE',
    ],
    [
      'is the nightly run, where nobody looks at the index',
      { ...NOTHING, schedule: NO_POLLER, facts: { due: due(SOON) } },
      'order',
      TONIGHT,
      'NEXT_RUN',
    ],
    [
      'comes after the backoff of the name',
      { ...NOTHING, facts: { memory: refused(LATER) } },
      'order',
      TOMORROW,
      'BACKOFF',
    ],
    [
      'comes when the backoff ends, if the index says so',
      { ...NOTHING, facts: { memory: refused(LATER), due: due(LATER) } },
      'order',
      LATER,
      'BACKOFF',
    ],
    [
      'does not come with the index before the backoff ends',
      { ...NOTHING, facts: { memory: refused(LATER), due: due(SOON) } },
      'order',
      TOMORROW,
      'BACKOFF',
    ],
    [
      'comes tonight, where the backoff ends before',
      { ...NOTHING, facts: { memory: refused(SOON) } },
      'order',
      TONIGHT,
      'BACKOFF',
    ],
    [
      'comes after the hour of three refusals',
      { ...NOTHING, facts: { memory: refused(SOON, 3) } },
      'order',
      TONIGHT,
      'HOURLY_LIMIT',
    ],
    [
      'comes after a stop of the provider',
      { ...NOTHING, facts: { ledger: stopped(LATER) } },
      'order',
      TOMORROW,
      'STOPPED_BY_CA',
    ],
    [
      'comes after what ends last',
      { ...NOTHING, facts: { ledger: stopped(SOON), memory: refused(LATER) } },
      'order',
      TOMORROW,
      'BACKOFF',
    ],
    [
      'is after a limit, where no nightly run is known of',
      { ...NOTHING, schedule: NO_CRON, facts: { ledger: stopped(LATER) } },
      'order',
      LATER,
      'STOPPED_BY_CA',
    ],
    [
      'is the poll of the order',
      { ...NOTHING, order: { phase: 'placed', pollAt: SOON } },
      'await-order',
      SOON,
      'ORDER_PENDING',
    ],
    [
      'is the poller’s next turn, where the order’s instant is past',
      { ...NOTHING, order: { phase: 'placed', pollAt: null } },
      'await-order',
      PKI_NOW.toISOString(),
      'ORDER_PENDING',
    ],
    [
      'of an order is the nightly run’s, where there is no poller',
      { ...NOTHING, schedule: NO_POLLER, order: { phase: 'placed', pollAt: SOON } },
      'await-order',
      TONIGHT,
      'ORDER_PENDING',
    ],
    [
      'of an order is any run’s, where there is no cron',
      { ...NOTHING, schedule: NO_CRON, order: { phase: 'placed', pollAt: SOON } },
      'await-order',
      null,
      'ORDER_PENDING',
    ],
    [
      'is the installation, of a certificate that is here',
      { ...NOTHING, order: { phase: 'downloaded', pollAt: SOON } },
      'install',
      SOON,
      'ORDER_PENDING',
    ],
    [
      'is the end of the deferral, if the index says so',
      { daysLeft: 3.05, sight: NXDOMAIN, facts: { due: due('2026-06-01T01:12:00.000Z') } },
      'renew',
      '2026-06-01T01:12:00.000Z',
      'DEFERRAL',
    ],
    [
      'is none without a provider',
      { ...NOTHING, provider: { state: 'disabled' } },
      'none',
      null,
      'NO_PROVIDER',
    ],
    ['is none for somebody else’s certificate', { isOurs: false }, 'none', null, 'NOTHING_TO_DO'],
    ['is none for an excluded name', { holding: 'excluded', ...NOTHING }, 'none', null, 'NOTHING_TO_DO'],
    ['is none for a suspended account', { holding: SUSPENDED }, 'none', null, 'NOTHING_TO_DO'],
  ])('%s', (_, wish, action, at, because) => {
    expect(why(wish).next).toMatchObject({ action, at, because });
  });
});

/** Nothing is left of our orders, nor of the certificates of the name's registered domain. */
const SPENT: LedgerRecord = {
  ...stopped('2026-05-01T00:00:00.000Z'),
  fullAt: { 'new-orders': '2026-06-01T03:00:00.000Z', 'domain example.com': '2026-06-08T00:00:00.000Z' },
};

describe('limits', () => {
  test.each<[string, WhyCase, string[]]>([
    ['hold nothing back that is good', { facts: { memory: refused(LATER), ledger: stopped(LATER) } }, []],
    ['hold back what is to be ordered', { ...NOTHING, facts: { memory: refused(LATER) } }, ['BACKOFF']],
    ['that are over do not', { ...NOTHING, facts: { memory: refused('2026-05-31T23:59:00.000Z') } }, []],
    [
      'of the provider come first',
      { ...NOTHING, facts: { memory: refused(LATER), ledger: stopped(LATER) } },
      ['STOPPED_BY_CA', 'BACKOFF'],
    ],
    [
      'of our own do not hold an emergency back, nor does the backoff; the provider’s do',
      { daysLeft: 0.5, facts: { memory: refused(LATER), ledger: stopped(LATER) } },
      ['STOPPED_BY_CA'],
    ],
    [
      'on new orders hold back what the provider counts',
      { ...NOTHING, facts: { ledger: SPENT } },
      ['BUDGET_SPENT', 'DOMAIN_LIMIT'],
    ],
    [
      'on new orders do not hold back what says which certificate it replaces',
      { ...NOTHING, facts: { ledger: SPENT, exemption: 'replaces' } },
      [],
    ],
    [
      'count names that only this server fails to see',
      {
        ...NOTHING,
        sight: looked(failed('CONNECTION_TIMED_OUT', 'x', 'y', { isConclusive: false })),
      },
      ['UNSURE_BUDGET'],
    ],
    [
      'do not, where all names are ordered anyway',
      {
        ...NOTHING,
        sight: looked(failed('CONNECTION_TIMED_OUT', 'x', 'y', { isConclusive: false })),
        facts: { preflight: 'advise' },
      },
      [],
    ],
    [
      'stop the same order so soon, though a name fell out of the last one',
      {
        ...NOTHING,
        facts: {
          issued: [
            {
              names: ['www.example.com'],
              because: ['CERTIFICATE_ABSENT'],
              notBefore: '2026-05-31T00:00:00.000Z',
              notAfter: '2026-08-29T00:00:00.000Z',
              issuedAt: '2026-05-31T00:00:00.000Z',
            },
          ],
          problems: [aProblem()],
        },
      },
      ['ISSUED_RECENTLY'],
    ],
  ])('%s', (_, wish, codes) => {
    expect(why(wish).limits.map(({ code }) => code)).toEqual(codes);
  });
});

describe('a name that the provider has paused', () => {
  const url = `https://portal.ca.example/unpause?jwt=${'x'.repeat(500)}`;
  const stop = {
    scope: 'name' as const,
    key: 'example.com',
    until: LATER,
    because: 'rateLimited: paused',
    unpauseUrl: url,
    holdsRenewals: true,
  };
  const ledger: LedgerRecord = { ...stopped('2026-05-01T00:00:00.000Z'), stops: [stop] };

  test.each<[string, WhyCase]>([
    ['where nothing is recorded of it', {}],
    ['where the last run told of it', { facts: { problems: [aProblem({ code: 'NAME_PAUSED' })] } }],
    [
      'though it passes by now',
      { sight: looked(PASSED), facts: { problems: [aProblem({ code: 'NAME_PAUSED' })] } },
    ],
  ])('is told with the whole page on which a person ends that, %s', (_, wish) => {
    const report = why({ ...NOTHING, ...wish, facts: { ...wish.facts, ledger } });
    expect(report).toMatchObject({
      verdict: { code: 'LIMITED', isObstructed: false },
      limits: [{ code: 'LIMITED_BY_CA', unpauseUrl: url }],
      advice: { owner: null, root: expect.stringContaining('end its pause') },
    });
    expect(renderWhy(report, 80)).toContain(`  unpause   ${url}\n`);
  });

  test('is told as failing first where it fails', () => {
    const report = why({ ...NOTHING, sight: NXDOMAIN, facts: { ledger } });
    expect(report).toMatchObject({ verdict: { code: 'FAILS_NOW' }, limits: [{ unpauseUrl: url }] });
  });
});

describe('a deferral', () => {
  const dueIn = { daysLeft: 20 } as const;
  test.each<[string, WhyCase, boolean]>([
    ['is told inside of the window, of a name that fails', { ...dueIn, sight: NXDOMAIN }, true],
    [
      'is told of another secured name that failed',
      { ...dueIn, facts: { problems: [aProblem({ domain: 'www.example.com' })] } },
      true,
    ],
    [
      'is over once the name works',
      { ...dueIn, sight: looked(PASSED), facts: { problems: [aProblem()] } },
      false,
    ],
    ['is not before the window', { sight: NXDOMAIN }, false],
    ['is not after its end', { daysLeft: 2, sight: NXDOMAIN }, false],
    ['is not of an expired certificate', { daysLeft: -1, sight: NXDOMAIN }, false],
    [
      'is not for a name that is not wanted any more',
      { ...dueIn, facts: { problems: [aProblem({ domain: 'old.example.com' })] } },
      false,
    ],
  ])('%s', (_, wish, isThere) => {
    expect(why(wish).deferral !== null).toBe(isThere);
  });

  test('names the names and the instant', () => {
    expect(why({ ...dueIn, sight: NXDOMAIN }).deferral).toEqual({
      endsAt: '2026-06-18T00:00:00.000Z',
      names: ['example.com'],
    });
  });
});

describe('the first nightly run at or after an instant', () => {
  const schedule = { nextRunAt: new Date(TONIGHT), isPolled: true };
  test.each([
    ['2026-05-31T00:00:00.000Z', TONIGHT],
    [TONIGHT, TONIGHT],
    ['2026-06-01T02:14:00.001Z', TOMORROW],
    ['2026-06-09T12:00:00.000Z', '2026-06-10T02:14:00.000Z'],
  ])('%s: %s', (at, run) => {
    expect(runAtOrAfter(schedule, new Date(at))?.toISOString()).toBe(run);
  });
});
