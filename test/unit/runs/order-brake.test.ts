import { expect, test } from '@jest/globals';
import { problemOf } from '../../../src/core/order/problem-type.js';
import { createOrderBrake } from '../../../src/runs/order/order-brake.js';
import { fixedClock } from '../../support/fixed-clock.js';
import { MemoryLedger } from '../../support/memory-stores.js';

const clock = fixedClock('2026-11-22T04:00:00Z');

test('each order at a CA with a limit is counted before it is sent', async () => {
  const ledger = new MemoryLedger();
  const brake = createOrderBrake(ledger, 'LetsEncrypt', clock, 2);
  const verdicts = [await brake.admit(false), await brake.admit(false), await brake.admit(false)];
  expect(verdicts.map(({ mayOrder }) => mayOrder)).toEqual([true, true, false]);
  expect(ledger.records.get('LetsEncrypt')?.newOrders).toHaveLength(2);
});

test('orders at a CA without a limit are not counted, but it can stop us all the same', async () => {
  const ledger = new MemoryLedger();
  const brake = createOrderBrake(ledger, 'LocalCA', clock, Number.POSITIVE_INFINITY);
  expect(await brake.admit(false)).toMatchObject({ mayOrder: true });
  expect(ledger.records.size).toBe(0);
  await brake.stop(problemOf('rateLimited', 'later', { retryAt: new Date('2026-11-22T05:00:00Z') }));
  expect(await brake.admit(true)).toMatchObject({ mayOrder: false, because: 'STOPPED_BY_CA' });
});
