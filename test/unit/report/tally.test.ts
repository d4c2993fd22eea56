import { describe, expect, test } from '@jest/globals';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import { exitCodeFor, isNotable, problemsOf, runFaultsOf } from '../../../src/core/report/check/tally.js';
import type { RunEvent } from '../../../src/core/report/events/event.js';
import { orderGivenUp } from '../../../src/core/report/events/order-end-events.js';
import {
  certificateInstalled,
  orderAbandoned,
  orderPending,
  runFailed,
  websiteFailed,
  websiteWaits,
} from '../../../src/core/report/events/work-events.js';
import { waitingOf } from '../../../src/core/report/status/waiting.js';

const SITE = { account: parseAccountName('alice'), vhost: parseHostName('a.test') };
const LATER = new Date('2026-06-02T00:00:00.000Z');
const nameFails = (name: string, code = 'NXDOMAIN', advice = 'Create it.'): RunEvent => ({
  type: 'warn',
  code,
  indent: 1,
  ...SITE,
  name,
  fault: 'owner',
  contents: `${name} fails`,
  data: { advice },
});
const impeded: RunEvent = {
  type: 'warn',
  code: 'TOTAL',
  indent: 1,
  ...SITE,
  fault: 'owner',
  contents: 'none passes',
};
const installed = (...names: string[]): RunEvent =>
  certificateInstalled(SITE, { fingerprint: 'f', notAfter: LATER, names, served: null, orderId: '1' });
const told = (events: RunEvent[]): string[] =>
  problemsOf(events).map(({ domain, code }) => `${domain} ${code}`);

const GONE = { createdAt: '2026-06-01T00:00:00.000Z', expiresAt: null };
const AGAIN = { by: 'autossl_check', notBefore: null };

describe('the exit code of a run', () => {
  test.each<[string, RunEvent[], number]>([
    ['nothing happened', [], 0],
    ['an owner must act', [nameFails('a.test'), impeded], 0],
    [
      'an order pends, another website waits',
      [orderPending(SITE, LATER), websiteWaits(SITE, 'BUDGET_SPENT', 'x', LATER)],
      0,
    ],
    [
      'one website failed on our side',
      [installed('a.test'), websiteFailed(SITE, 'PUBLISH_FAILED', 'x', null)],
      1,
    ],
    ['the run failed as a whole', [runFailed('RELOAD_FAILED', 'x', null)], 1],
    ['an order ended that cost nothing', [orderAbandoned(SITE, 'ORDER_EXPIRED', null)], 0],
    ['an order ended that should not have', [orderGivenUp(SITE, GONE, 'ORDER_GONE', AGAIN)], 1],
    ['an order was held back by our brake', [orderAbandoned(SITE, 'BUDGET_SPENT', LATER)], 0],
  ])('%s', (_, events, exitCode) => {
    expect(exitCodeFor(events)).toBe(exitCode);
  });
});

describe('the problems of a run', () => {
  test.each<[string, RunEvent[], string[]]>([
    [
      'the latest of each name',
      [nameFails('a.test'), nameFails('a.test', 'DNS_SERVFAIL')],
      ['a.test DNS_SERVFAIL'],
    ],
    ['a name and its website are two', [nameFails('a.test'), impeded], ['a.test NXDOMAIN', 'a.test TOTAL']],
    [
      'a name that then got its certificate has none, its website keeps its own',
      [nameFails('a.test'), nameFails('b.test'), impeded, installed('a.test')],
      ['b.test NXDOMAIN', 'a.test TOTAL'],
    ],
    [
      'what fails after the certificate counts',
      [installed('a.test'), nameFails('a.test')],
      ['a.test NXDOMAIN'],
    ],
    [
      'a certificate of another website clears nothing',
      [nameFails('a.test'), { ...installed('a.test'), vhost: 'b.test' }],
      ['a.test NXDOMAIN'],
    ],
    ['no fault, no problem', [orderPending(SITE, null), websiteWaits(SITE, 'BUDGET_SPENT', 'x', null)], []],
    ['a fault of the whole run is nobody’s', [runFailed('RELOAD_FAILED', 'x', null)], []],
  ])('%s', (_, events, expected) => {
    expect(told(events)).toEqual(expected);
  });

  test('carry the advice beside the message', () => {
    expect(problemsOf([nameFails('b.test')])).toEqual([
      {
        account: 'alice',
        domain: 'b.test',
        vhost: 'a.test',
        code: 'NXDOMAIN',
        message: 'b.test fails',
        advice: 'Create it.',
        fault: 'owner',
      },
    ]);
  });
});

test('faults of the run are those of ours without an account, with their advice as a sentence', () => {
  const events = [
    runFailed('UNREACHABLE', 'the CA is down', 'It is tried again.'),
    websiteFailed(SITE, 'PUBLISH_FAILED', 'no space', 'Make room.'),
  ];
  expect(runFaultsOf(events)).toEqual([
    { code: 'UNREACHABLE', message: 'the CA is down. It is tried again.' },
  ]);
  expect(events[1]?.contents).toBe('“a.test”: no space. Make room.');
});

describe('what waits', () => {
  test('is counted by its reason, with the latest instant', () => {
    const waits = (vhost: string, until: Date | null, why = 'the budget is spent.') =>
      websiteWaits({ ...SITE, vhost: parseHostName(vhost) }, 'BUDGET_SPENT', why, until);
    const events = [
      waits('a.test', new Date('2026-06-01T00:00:00Z')),
      waits('b.test', LATER),
      waits('c.test', null, 'another reason.'),
      waits('d.test', null),
    ];
    expect(waitingOf(events)).toEqual([
      { code: 'BUDGET_SPENT', message: 'the budget is spent.', until: LATER.toISOString(), websites: 3 },
      { code: 'BUDGET_SPENT', message: 'another reason.', until: null, websites: 1 },
    ]);
  });

  test('is kept of a run’s events although nobody is at fault; ordinary lines are not', () => {
    expect(isNotable(websiteWaits(SITE, 'WEBSITE_LOCKED', 'x', null))).toBe(true);
    expect(isNotable({ type: 'success', code: 'WEBSITE_OK', indent: 2, contents: '' })).toBe(false);
  });
});
