import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  countNewOrder,
  judgeBudget,
  NEW_ORDERS_SPAN_MS,
  stopAfterRateLimit,
} from '../../../src/core/order/budget.js';
import type { LedgerRecord } from '../../../src/core/order/ledger-record.js';
import { problemOf } from '../../../src/core/order/problem-type.js';

const NOW = new Date('2026-11-22T03:00:00Z');
const at = (minutes: number): string => new Date(NOW.getTime() + minutes * 60_000).toISOString();
const ledgerOf = (newOrders: string[], stoppedUntil: string | null = null): LedgerRecord => ({
  schemaVersion: 1,
  provider: 'X',
  newOrders,
  stoppedUntil,
  stoppedBecause: null,
});

describe('the order budget of an account', () => {
  test.each<[string, LedgerRecord, ReturnType<typeof judgeBudget>]>([
    ['nothing spent', ledgerOf([]), { mayOrder: true, left: 3 }],
    ['spent long ago', ledgerOf([at(-181), at(-200), at(-300)]), { mayOrder: true, left: 3 }],
    ['one left', ledgerOf([at(-10), at(-20)]), { mayOrder: true, left: 1 }],
    [
      'spent: open again when the oldest is 3 h old',
      ledgerOf([at(-170), at(-20), at(-10)]),
      { mayOrder: false, because: 'BUDGET_SPENT', until: new Date(at(10)) },
    ],
    [
      'overspent by emergencies: until enough have aged',
      ledgerOf([at(-170), at(-160), at(-20), at(-10)]),
      { mayOrder: false, because: 'BUDGET_SPENT', until: new Date(at(20)) },
    ],
    [
      'stopped by the CA',
      ledgerOf([], at(60)),
      { mayOrder: false, because: 'STOPPED_BY_CA', until: new Date(at(60)) },
    ],
    ['a stop that is over', ledgerOf([], at(-1)), { mayOrder: true, left: 3 }],
    [
      'instants in our future (the clock stepped back) count',
      ledgerOf([at(600), at(600), at(600)]),
      { mayOrder: false, because: 'BUDGET_SPENT', until: new Date(at(180)) },
    ],
  ])('%s', (_case, ledger, expected) => {
    expect(judgeBudget(ledger, NOW, 3)).toEqual(expected);
  });

  test('an emergency overrides our share but never the CA’s stop', () => {
    const spent = [at(-1), at(-1), at(-1)];
    expect(judgeBudget(ledgerOf(spent), NOW, 3, true)).toEqual({ mayOrder: true, left: 0 });
    expect(judgeBudget(ledgerOf(spent, at(5)), NOW, 3, true)).toMatchObject({ because: 'STOPPED_BY_CA' });
  });

  test('never lets more than the cap through in any three hours', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 40 * 60_000 }), { maxLength: 120 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 6 }), (waits, cap) => {
        let ledger = ledgerOf([]);
        let now = NOW.getTime();
        const sent: number[] = [];
        for (const wait of waits) {
          now += wait;
          if (!judgeBudget(ledger, new Date(now), cap).mayOrder) continue;
          ledger = countNewOrder(ledger, new Date(now));
          sent.push(now);
        }
        for (const end of sent)
          expect(
            sent.filter((one) => one <= end && one > end - NEW_ORDERS_SPAN_MS).length,
          ).toBeLessThanOrEqual(cap);
        expect(ledger.newOrders.length).toBeLessThanOrEqual(cap);
      }),
    );
  });
});

describe('a rate limit', () => {
  test('stops the account until its instant and says why', () => {
    const problem = problemOf('rateLimited', 'too many new orders', { retryAt: new Date(at(30)) });
    expect(stopAfterRateLimit(ledgerOf([]), problem, NOW)).toMatchObject({
      stoppedUntil: at(30),
      stoppedBecause: 'rateLimited: too many new orders',
    });
  });
  test('without an instant stops it for an hour', () => {
    expect(stopAfterRateLimit(ledgerOf([]), problemOf('rateLimited', ''), NOW).stoppedUntil).toBe(at(60));
  });
  test('never shortens an earlier stop', () => {
    const stopped = ledgerOf([], at(90));
    expect(stopAfterRateLimit(stopped, problemOf('rateLimited', '', { retryAt: new Date(at(5)) }), NOW)).toBe(
      stopped,
    );
  });
});
