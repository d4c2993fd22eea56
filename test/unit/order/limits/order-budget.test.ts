import { describe, expect, test } from '@jest/globals';
import type { LedgerRecord, LimitStop } from '../../../../src/core/order/ledger-record.js';
import { holdsOrdersBack, stopAccount } from '../../../../src/core/order/limits/account-stop.js';
import {
  type AccountLimits,
  giveBack,
  spentDomains,
  standingIn,
} from '../../../../src/core/order/limits/buckets.js';
import { addStops } from '../../../../src/core/order/limits/limit-stop.js';
import {
  type BudgetVerdict,
  countOrder,
  exemptionOf,
  judgeAccount,
  judgeName,
  judgeOrder,
  type PlannedOrder,
} from '../../../../src/core/order/limits/order-budget.js';
import { costOf } from '../../../../src/core/order/limits/planned-cost.js';
import {
  LETS_ENCRYPT_LIMITS,
  NO_PUBLISHED_LIMITS,
} from '../../../../src/core/order/limits/published-limits.js';
import { problemOf } from '../../../../src/core/order/problem-type.js';

const NOW = new Date('2026-11-22T03:00:00Z');
const at = (minutes: number): string => new Date(NOW.getTime() + minutes * 60_000).toISOString();
const EMPTY: LedgerRecord = {
  schemaVersion: 1,
  provider: 'LetsEncrypt',
  newOrders: [],
  stoppedUntil: null,
  stoppedBecause: null,
};
const limitsOf = (newOrders: number): AccountLimits => ({ newOrders, published: LETS_ENCRYPT_LIMITS });
const order = (over: Partial<PlannedOrder> = {}): PlannedOrder => ({
  names: ['www.a.test'],
  domains: ['a.test'],
  exemption: null,
  hasFailedBefore: false,
  isEmergency: false,
  ...over,
});
const stop = (over: Partial<LimitStop>): LimitStop => ({
  scope: 'name',
  key: 'www.a.test',
  until: at(60),
  because: 'rateLimited: no',
  unpauseUrl: null,
  holdsRenewals: false,
  ...over,
});
/** The ledger after so many of these were counted now. */
function spent(
  count: number,
  limits: AccountLimits,
  over: Partial<PlannedOrder> = {},
  from = EMPTY,
): LedgerRecord {
  let ledger = from;
  for (let nth = 0; nth < count; nth += 1) ledger = countOrder(ledger, order(over), NOW, limits).ledger;
  return ledger;
}

describe('the order budget of an account', () => {
  const former = (minutes: readonly number[]): LedgerRecord => ({ ...EMPTY, newOrders: minutes.map(at) });
  test.each<[string, LedgerRecord, BudgetVerdict]>([
    ['nothing spent', EMPTY, { mayOrder: true, left: 3 }],
    ['one spent now', spent(1, limitsOf(3)), { mayOrder: true, left: 2 }],
    [
      'spent: one more after a third of the three hours',
      spent(3, limitsOf(3)),
      { mayOrder: false, because: 'BUDGET_SPENT', until: new Date(at(60)) },
    ],
    [
      'overspent by emergencies: they are paid first',
      spent(4, limitsOf(3)),
      { mayOrder: false, because: 'BUDGET_SPENT', until: new Date(at(120)) },
    ],
    [
      'stopped by the CA',
      { ...EMPTY, stoppedUntil: at(60) },
      { mayOrder: false, because: 'STOPPED_BY_CA', until: new Date(at(60)) },
    ],
    ['a stop that is over', { ...EMPTY, stoppedUntil: at(-1) }, { mayOrder: true, left: 3 }],
    ['instants of a former version, long ago', former([-181, -200]), { mayOrder: true, left: 3 }],
    ['instants of a former version', former([-10, -20]), { mayOrder: true, left: 1 }],
    [
      'instants of a former version in our future (the clock stepped back)',
      former([600, 600, 600]),
      { mayOrder: false, because: 'BUDGET_SPENT', until: new Date(at(60)) },
    ],
    [
      'a bucket of a clock that was a year ahead',
      { ...EMPTY, fullAt: { 'new-orders': at(525_600) } },
      { mayOrder: false, because: 'BUDGET_SPENT', until: new Date(at(60)) },
    ],
  ])('%s', (_case, ledger, expected) => {
    expect(judgeAccount(ledger, NOW, limitsOf(3))).toEqual(expected);
  });

  test('what a former version counted is kept in buckets from the next order on', () => {
    const { ledger } = countOrder(former([-10, -20]), order(), NOW, limitsOf(3));
    expect(ledger.newOrders).toEqual([]);
    expect(judgeAccount(ledger, NOW, limitsOf(3))).toMatchObject({ because: 'BUDGET_SPENT' });
  });

  test('an emergency overrides our share, but neither what the CA publishes nor its stop', () => {
    const isEmergency = { isEmergency: true };
    expect(judgeAccount(spent(150, limitsOf(150)), NOW, limitsOf(150), isEmergency)).toMatchObject({
      mayOrder: true,
    });
    expect(judgeAccount(spent(300, limitsOf(150)), NOW, limitsOf(150), isEmergency)).toEqual({
      mayOrder: false,
      because: 'BUDGET_SPENT',
      until: new Date(NOW.getTime() + 36_000),
    });
    expect(judgeAccount({ ...EMPTY, stoppedUntil: at(5) }, NOW, limitsOf(150), isEmergency)).toMatchObject({
      because: 'STOPPED_BY_CA',
    });
  });

  test('orders that the CA does not count are free of it', () => {
    const ledger = spent(150, limitsOf(150));
    expect(judgeAccount(ledger, NOW, limitsOf(150), { isExempt: true })).toMatchObject({ mayOrder: true });
    expect(judgeOrder(ledger, order({ exemption: 'replaces' }), NOW, limitsOf(150))).toMatchObject({
      mayOrder: true,
    });
    expect(countOrder(ledger, order({ exemption: 'same-names' }), NOW, limitsOf(150))).toEqual({
      ledger,
      taken: [],
    });
  });

  test('whoever allows himself more than is published was granted more', () => {
    expect(judgeAccount(EMPTY, NOW, limitsOf(1000))).toEqual({ mayOrder: true, left: 1000 });
  });
});

describe('what a CA that exempts nothing calls back', () => {
  const limits: AccountLimits = { newOrders: 150, published: NO_PUBLISHED_LIMITS };
  const back = order({ isCalledBack: true });

  test('takes from our share while something is left', () => {
    const { ledger } = countOrder(spent(149, limits), back, NOW, limits);
    expect(judgeOrder(ledger, order(), NOW, limits)).toMatchObject({ because: 'BUDGET_SPENT' });
    expect(standingIn(ledger, 'called-back', limits, NOW)).toMatchObject({ left: 30 });
  });

  test('has a reserve of a fifth when others have spent it, and is held when that is spent, too', () => {
    const full = spent(150, limits);
    expect(judgeOrder(full, back, NOW, limits)).toMatchObject({ mayOrder: true });
    const empty = spent(30, limits, { isCalledBack: true }, full);
    expect(judgeOrder(empty, back, NOW, limits)).toMatchObject({ because: 'BUDGET_SPENT' });
    // It costs the others nothing.
    expect(standingIn(empty, 'new-orders', limits, NOW)).toEqual(standingIn(full, 'new-orders', limits, NOW));
  });

  test('is held by what a CA publishes all the same', () => {
    const all = spent(300, limitsOf(300));
    expect(judgeOrder(all, back, NOW, limitsOf(150))).toMatchObject({ because: 'BUDGET_SPENT' });
  });
});

describe('orders for one registered domain', () => {
  const full = spent(45, limitsOf(150));
  test('stop short of what the CA allows, and go on when it is refilled', () => {
    expect(judgeOrder(full, order(), NOW, limitsOf(150))).toEqual({
      mayOrder: false,
      because: 'DOMAIN_LIMIT',
      until: new Date(NOW.getTime() + 13_440_000),
      subject: 'a.test',
      words: null,
      unpauseUrl: null,
    });
    expect(spentDomains(full, limitsOf(150), NOW)).toMatchObject([
      { domain: 'a.test', standing: { left: 0 }, cap: 45 },
    ]);
  });
  test('hold back nothing else', () => {
    expect(
      judgeOrder(full, order({ names: ['b.test'], domains: ['b.test'] }), NOW, limitsOf(150)),
    ).toMatchObject({ mayOrder: true });
    expect(
      judgeName(
        full,
        { name: 'b.test', domain: 'b.test', hasFailedBefore: false },
        order(),
        NOW,
        limitsOf(150),
      ),
    ).toBeNull();
  });
  test('are held back in an emergency, too: the limit is the CA’s', () => {
    expect(judgeOrder(full, order({ isEmergency: true }), NOW, limitsOf(150))).toMatchObject({
      because: 'DOMAIN_LIMIT',
    });
  });
  test('count once for each, and are given back when no certificate came of them', () => {
    const { ledger, taken } = countOrder(
      EMPTY,
      order({ names: ['a.test', 'b.test'], domains: ['a.test', 'b.test'] }),
      NOW,
      limitsOf(150),
    );
    expect(taken).toEqual(['domain a.test', 'domain b.test']);
    expect(spentDomains(ledger, limitsOf(150), NOW)).toHaveLength(2);
    expect(spentDomains(giveBack(ledger, taken, limitsOf(150), NOW), limitsOf(150), NOW)).toEqual([]);
  });
  test('are not counted where the CA publishes no such limit', () => {
    const { ledger, taken } = countOrder(EMPTY, order(), NOW, {
      newOrders: 150,
      published: NO_PUBLISHED_LIMITS,
    });
    expect([taken, Object.keys(ledger.fullAt ?? {})]).toEqual([[], ['new-orders']]);
  });
  test('leave nothing behind once they are refilled: the file holds what is under way alone', () => {
    let ledger = EMPTY;
    for (let day = 0; day < 60; day += 1) {
      const now = new Date(NOW.getTime() + day * 86_400_000);
      ledger = countOrder(ledger, order({ domains: [`d${day}.test`] }), now, limitsOf(150)).ledger;
    }
    expect(Object.keys(ledger.fullAt ?? {}).sort()).toEqual([
      'domain d59.test',
      'new-orders',
      'new-orders-of-ca',
    ]);
  });
});

describe('names that failed before', () => {
  const zombies = spent(30, limitsOf(150), { hasFailedBefore: true, domains: ['z.test'] });
  test('have a fifth of the share, so that the others have the rest', () => {
    expect(judgeOrder(zombies, order({ hasFailedBefore: true }), NOW, limitsOf(150))).toMatchObject({
      because: 'FAILED_BEFORE_LIMIT',
      until: new Date(at(6)),
    });
    expect(judgeOrder(zombies, order(), NOW, limitsOf(150))).toEqual({ mayOrder: true, left: 120 });
  });
  test('are ordered all the same in an emergency', () => {
    expect(
      judgeOrder(zombies, order({ hasFailedBefore: true, isEmergency: true }), NOW, limitsOf(150)),
    ).toMatchObject({ mayOrder: true });
  });
  test('have one order at least, however small the share', () => {
    expect(standingIn(EMPTY, 'failed-before', limitsOf(1), NOW)?.left).toBe(1);
  });
});

describe('what a CA stopped', () => {
  test.each<[string, Partial<LimitStop>, Partial<PlannedOrder>, boolean]>([
    ['a name stops orders with it', {}, {}, false],
    ['a name stops no others', {}, { names: ['b.test'], domains: ['b.test'] }, true],
    ['a domain stops its names', { scope: 'registered-domain', key: 'a.test' }, {}, false],
    [
      'a domain stops no renewal that says what it replaces',
      { scope: 'registered-domain', key: 'a.test' },
      { exemption: 'replaces' },
      true,
    ],
    [
      'a domain stops those as well when such an order met it',
      { scope: 'registered-domain', key: 'a.test', holdsRenewals: true },
      { exemption: 'replaces' },
      false,
    ],
    ['a set stops just that', { scope: 'exact-set', key: 'www.a.test' }, {}, false],
    [
      'a set stops no larger one',
      { scope: 'exact-set', key: 'www.a.test' },
      { names: ['a.test', 'www.a.test'] },
      true,
    ],
    ['an emergency overrides none of it', {}, { isEmergency: true }, false],
    ['it is over at its instant', { until: at(0) }, {}, true],
  ])('%s', (_, over, asked, mayOrder) => {
    const ledger = { ...EMPTY, stops: [stop(over)] };
    expect(judgeOrder(ledger, order(asked), NOW, limitsOf(150)).mayOrder).toBe(mayOrder);
  });

  test('ends no earlier for being told again, is dropped when it is over, and is bounded', () => {
    const ledger = addStops(
      { ...EMPTY, stops: [stop({ until: at(90) }), stop({ key: 'old.test', until: at(-1) })] },
      [stop({ until: at(5) })],
      NOW,
    );
    expect(ledger.stops).toEqual([stop({ until: at(90) })]);
    const many = Array.from({ length: 3000 }, (_, nth) => stop({ key: `n${nth}.test` }));
    expect(addStops(EMPTY, many, NOW).stops).toHaveLength(1000);
  });
});

test.each<[string, Parameters<typeof exemptionOf>[0], string | null]>([
  ['an order that says what it replaces', { isReplacing: true, wasCertified: true }, 'replaces'],
  ['one for exactly the same names', { isReplacing: false, wasCertified: true }, 'same-names'],
  ['a new one', { isReplacing: false, wasCertified: false }, null],
])('Let’s Encrypt exempts %s: %#', (_, asked, expected) => {
  expect(exemptionOf(asked, LETS_ENCRYPT_LIMITS)).toBe(expected);
  expect(exemptionOf(asked, NO_PUBLISHED_LIMITS)).toBeNull();
});

test('what planned orders cost: how many count, and when the last could be sent', () => {
  const plain = { domains: ['a.test'], isExempt: false, hasFailedBefore: false };
  const orders = [
    ...Array.from({ length: 200 }, (_, nth) => ({ ...plain, domains: [`d${nth}.test`] })),
    ...Array.from({ length: 50 }, () => plain),
    ...Array.from({ length: 10 }, () => ({ ...plain, domains: [], isExempt: true })),
  ];
  expect(costOf(orders, EMPTY, limitsOf(150), NOW)).toEqual({
    orders: 260,
    exempt: 10,
    failedBefore: 0,
    // Five more than the 45 of the domain, each 13440 s.
    doneAt: new Date(NOW.getTime() + 5 * 13_440_000).toISOString(),
    domains: [
      { domain: 'a.test', orders: 50, doneAt: new Date(NOW.getTime() + 5 * 13_440_000).toISOString() },
    ],
  });
  expect(costOf(orders.slice(0, 200), EMPTY, limitsOf(150), NOW).doneAt).toBe(at(60));
});

describe('a rate limit of the account', () => {
  test('stops it until its instant and says why', () => {
    const problem = problemOf('rateLimited', 'too many new orders', { retryAt: new Date(at(30)) });
    expect(stopAccount(EMPTY, problem, NOW)).toMatchObject({
      stoppedUntil: at(30),
      stoppedBecause: 'rateLimited: too many new orders',
    });
  });
  test('without an instant stops it for an hour', () => {
    expect(stopAccount(EMPTY, problemOf('rateLimited', ''), NOW).stoppedUntil).toBe(at(60));
  });
  test('never shortens an earlier stop', () => {
    const stopped = { ...EMPTY, stoppedUntil: at(90) };
    const problem = problemOf('rateLimited', '', { retryAt: new Date(at(5)) });
    expect(stopAccount(stopped, problem, NOW)).toBe(stopped);
  });
  test.each<[string, Parameters<typeof problemOf>, boolean]>([
    ['a 503 that names its end', ['serverInternal', '', { status: 503, retryAt: NOW }], true],
    ['a 503 that does not', ['serverInternal', '', { status: 503 }], false],
    ['a refusal', ['malformed', '', { status: 400 }], false],
  ])('%s: %#', (_, problem, expected) => {
    expect(holdsOrdersBack(problemOf(...problem))).toBe(expected);
  });
});
