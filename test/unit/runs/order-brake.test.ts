import { describe, expect, test } from '@jest/globals';
import { LETS_ENCRYPT_LIMITS, NO_PUBLISHED_LIMITS } from '../../../src/core/order/limits/published-limits.js';
import { problemOf } from '../../../src/core/order/problem-type.js';
import type { RunEvent } from '../../../src/core/report/events/event.js';
import { createOrderBrake, type LimitedOrder } from '../../../src/runs/order/order-brake.js';
import { fixedClock } from '../../support/fixed-clock.js';
import { MemoryLedger } from '../../support/memory-stores.js';

const clock = fixedClock('2026-11-22T04:00:00Z');
const order = (over: Partial<LimitedOrder> = {}): LimitedOrder => ({
  names: ['www.a.test'],
  isReplacing: false,
  wasCertified: false,
  hasFailedBefore: false,
  isEmergency: false,
  ...over,
});
const aBrake = (newOrders: number, published = LETS_ENCRYPT_LIMITS) => {
  const ledger = new MemoryLedger();
  return { ledger, brake: createOrderBrake(ledger, 'LetsEncrypt', clock, { newOrders, published }) };
};

test('each order at a CA with a limit is counted before it is sent', async () => {
  const { ledger, brake } = aBrake(2);
  const verdicts = [await brake.admit(order()), await brake.admit(order()), await brake.admit(order())];
  expect(verdicts.map(({ mayOrder }) => mayOrder)).toEqual([true, true, false]);
  expect(Object.keys(ledger.records.get('LetsEncrypt')?.fullAt ?? {}).sort()).toEqual([
    'domain a.test',
    'new-orders',
    'new-orders-of-ca',
  ]);
});

test('orders beside each other are counted one after the other', async () => {
  const { brake } = aBrake(3);
  const verdicts = await Promise.all(Array.from({ length: 9 }, () => brake.admit(order())));
  expect(verdicts.filter(({ mayOrder }) => mayOrder)).toHaveLength(3);
});

test('orders that the CA does not count are not counted here', async () => {
  const { ledger, brake } = aBrake(1);
  for (let count = 0; count < 5; count += 1) {
    expect(await brake.admit(order({ isReplacing: true }))).toMatchObject({ mayOrder: true, taken: [] });
    expect(await brake.admit(order({ wasCertified: true }))).toMatchObject({ mayOrder: true });
  }
  expect(ledger.records.size).toBe(0);
  expect(await brake.admit(order())).toMatchObject({ mayOrder: true });
});

test('what an order without a certificate took of its domain is given back, its newOrder is not', async () => {
  const { ledger, brake } = aBrake(10);
  const admitted = await brake.admit(order());
  if (!admitted.mayOrder) throw new Error('not admitted');
  await brake.release(admitted.taken);
  expect(Object.keys(ledger.records.get('LetsEncrypt')?.fullAt ?? {})).not.toContain('domain a.test');
  expect(Object.keys(ledger.records.get('LetsEncrypt')?.fullAt ?? {})).toContain('new-orders');
});

test('orders at a CA without a limit are not counted, but it can stop us all the same', async () => {
  const { ledger, brake } = aBrake(Number.POSITIVE_INFINITY, NO_PUBLISHED_LIMITS);
  expect(await brake.admit(order())).toMatchObject({ mayOrder: true });
  expect(ledger.records.size).toBe(0);
  await brake.stop(problemOf('rateLimited', 'later', { retryAt: new Date('2026-11-22T05:00:00Z') }));
  expect(await brake.admit(order({ isEmergency: true }))).toMatchObject({
    mayOrder: false,
    because: 'STOPPED_BY_CA',
  });
});

test('a limit on one registered domain stops that alone, and not what replaces a certificate', async () => {
  const { brake } = aBrake(10);
  const problem = problemOf(
    'rateLimited',
    'too many certificates (50) already issued for "a.test" in the last 168h0m0s, retry after 2026-11-22 09:00:00 UTC',
  );
  await brake.stop(problem, { names: ['www.a.test', 'b.test'], isReplacing: false });
  expect(await brake.admit(order())).toMatchObject({
    mayOrder: false,
    because: 'LIMITED_BY_CA',
    subject: 'a.test',
    until: new Date('2026-11-22T09:00:00Z'),
  });
  expect(await brake.admit(order({ isReplacing: true }))).toMatchObject({ mayOrder: true });
  expect(await brake.admit(order({ names: ['b.test'] }))).toMatchObject({ mayOrder: true });
});

test('a CA is down since the first failure, until it answers', async () => {
  const { ledger, brake } = aBrake(10);
  await brake.noteUp();
  expect(ledger.records.size).toBe(0);
  await brake.noteDown('no answer');
  expect(ledger.records.get('LetsEncrypt')?.downSince).toBe('2026-11-22T04:00:00.000Z');
  await brake.noteUp();
  expect(ledger.records.get('LetsEncrypt')).toMatchObject({ downSince: null, downBecause: null });
});

describe('a ledger that a clock far ahead wrote', () => {
  const ahead = '2026-12-22T04:00:00.000Z';
  const left = {
    schemaVersion: 1,
    provider: 'LetsEncrypt',
    newOrders: [],
    fullAt: { 'new-orders': ahead },
    stoppedUntil: null,
    stoppedBecause: null,
  } as const;

  test('is put right once, which is said, and opens although it is looked at again and again', async () => {
    const ledger = new MemoryLedger();
    await ledger.write(left);
    const events: RunEvent[] = [];
    const moving = fixedClock('2026-11-22T04:00:00Z');
    const limits = { newOrders: 3, published: NO_PUBLISHED_LIMITS };
    const brakeNow = () =>
      createOrderBrake(ledger, 'LetsEncrypt', moving, limits, undefined, {
        onEvent: (event) => {
          events.push(event);
        },
      });
    expect(await brakeNow().admit(order())).toMatchObject({ because: 'BUDGET_SPENT' });
    moving.set('2026-11-22T04:30:00Z');
    expect((await brakeNow().settled()).fullAt).toEqual({ 'new-orders': '2026-11-22T07:00:00.000Z' });
    moving.set('2026-11-22T05:00:00Z');
    expect(await brakeNow().admit(order())).toMatchObject({ mayOrder: true });
    expect(events.map(({ code }) => code)).toEqual(['LEDGER_AHEAD']);
  });
});

describe('a ledger that cannot be read', () => {
  test('is made anew of what else is known, and kept', async () => {
    const ledger = new MemoryLedger();
    ledger.damaged.add('LetsEncrypt');
    const events: RunEvent[] = [];
    const at = new Date('2026-11-22T03:59:00Z');
    const long = new Date('2026-11-12T03:59:00Z');
    const brake = createOrderBrake(
      ledger,
      'LetsEncrypt',
      clock,
      { newOrders: 3, published: LETS_ENCRYPT_LIMITS },
      undefined,
      {
        onEvent: (event) => {
          events.push(event);
        },
        knownOrders: async () => [
          { names: ['www.a.test', 'a.test'], at },
          { names: ['b.test'], at },
          { names: ['c.test'], at: long },
        ],
      },
    );
    const made = await brake.settled();
    expect(Object.keys(made.fullAt ?? {}).sort()).toEqual([
      'domain a.test',
      'domain b.test',
      'new-orders',
      'new-orders-of-ca',
    ]);
    expect(await brake.admit(order())).toMatchObject({ mayOrder: true });
    expect(await brake.admit(order())).toMatchObject({ because: 'BUDGET_SPENT' });
    expect(events.map(({ code }) => code)).toEqual(['LEDGER_DAMAGED']);
  });
});

test('an answer that would silence us for years is obeyed for a day, and said', async () => {
  const ledger = new MemoryLedger();
  const events: RunEvent[] = [];
  const brake = createOrderBrake(
    ledger,
    'LetsEncrypt',
    clock,
    { newOrders: 3, published: LETS_ENCRYPT_LIMITS },
    undefined,
    {
      onEvent: (event) => {
        events.push(event);
      },
    },
  );
  const told = { status: 503, retryAt: new Date('2030-01-01T00:00:00Z') };
  await brake.stop(problemOf('serverInternal', 'overloaded', told));
  expect(ledger.records.get('LetsEncrypt')?.stoppedUntil).toBe('2026-11-23T04:00:00.000Z');
  expect(events.map(({ code }) => code)).toEqual(['RETRY_AFTER_CUT']);
});
