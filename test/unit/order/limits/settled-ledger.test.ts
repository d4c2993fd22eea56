import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LedgerRecord } from '../../../../src/core/order/ledger-record.js';
import type { AccountLimits } from '../../../../src/core/order/limits/buckets.js';
import { countOrder, judgeAccount, judgeOrder } from '../../../../src/core/order/limits/order-budget.js';
import {
  LETS_ENCRYPT_LIMITS,
  NO_PUBLISHED_LIMITS,
} from '../../../../src/core/order/limits/published-limits.js';
import { settleLedger } from '../../../../src/core/order/limits/settled-ledger.js';

const NOW = new Date('2026-11-22T03:00:00Z');
const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const FILLING_MS = 3 * HOUR_MS;
const later = (ms: number): string => new Date(NOW.getTime() + ms).toISOString();
const EMPTY: LedgerRecord = {
  schemaVersion: 1,
  provider: 'LetsEncrypt',
  newOrders: [],
  stoppedUntil: null,
  stoppedBecause: null,
};
const LIMITS: AccountLimits = { newOrders: 150, published: LETS_ENCRYPT_LIMITS };
const AN_ORDER = {
  names: ['www.a.test'],
  domains: ['a.test'],
  exemption: null,
  hasFailedBefore: false,
  isEmergency: false,
};

describe('what a clock that was ahead left in the ledger', () => {
  const stop = (until: string, notedAt?: string) => ({
    scope: 'name' as const,
    key: 'www.a.test',
    until,
    because: 'rateLimited: no',
    unpauseUrl: null,
    holdsRenewals: false,
    ...(notedAt === undefined ? {} : { notedAt }),
  });
  test.each<[string, Partial<LedgerRecord>, Partial<LedgerRecord>]>([
    [
      'a bucket a month ahead is empty, and fills from now on',
      { fullAt: { 'new-orders': later(30 * DAY_MS) } },
      { fullAt: { 'new-orders': later(FILLING_MS) } },
    ],
    [
      'that of a registered domain likewise',
      { fullAt: { 'domain a.test': later(30 * DAY_MS) } },
      { fullAt: { 'domain a.test': later(7 * DAY_MS) } },
    ],
    [
      'a stop lasts as long as it was meant to',
      { stoppedUntil: later(30 * DAY_MS + HOUR_MS), stoppedAt: later(30 * DAY_MS) },
      { stoppedUntil: later(HOUR_MS), stoppedAt: later(0) },
    ],
    [
      'a stop of which nobody knows when it was noted is over',
      { stoppedUntil: later(366 * DAY_MS) },
      { stoppedUntil: later(0), stoppedAt: later(0) },
    ],
    [
      'a stop of one name lasts as long as it was meant to',
      { stops: [stop(later(9 * DAY_MS), later(2 * DAY_MS))] },
      { stops: [stop(later(7 * DAY_MS), later(0))] },
    ],
    [
      'a failed order happened now',
      { failedOrders: [{ vhost: 'a.test', at: later(30 * DAY_MS) }] },
      { failedOrders: [{ vhost: 'a.test', at: later(0) }] },
    ],
    ['an order of a former version happened now', { newOrders: [later(DAY_MS)] }, { newOrders: [later(0)] }],
  ])('%s', (_case, found, expected) => {
    const { ledger, corrections } = settleLedger({ ...EMPTY, ...found }, LIMITS, NOW);
    expect(ledger).toMatchObject(expected);
    expect(corrections).toHaveLength(1);
    expect(settleLedger(ledger, LIMITS, NOW)).toEqual({ ledger, corrections: [] });
  });

  test('what a right clock writes stays as it is: the longest stop, and a bucket that emergencies overdrew', () => {
    let ledger: LedgerRecord = { ...EMPTY, stoppedUntil: later(7 * DAY_MS), stoppedAt: later(0) };
    for (let count = 0; count < 400; count += 1)
      ledger = countOrder(ledger, { ...AN_ORDER, isEmergency: true }, NOW, {
        ...LIMITS,
        published: NO_PUBLISHED_LIMITS,
      }).ledger;
    expect(settleLedger(ledger, LIMITS, NOW).ledger).toBe(ledger);
  });
});

/** A server that orders whenever it may, each time it looks. */
class Server {
  ledger = EMPTY;
  orders: number[] = [];
  readonly #limits: AccountLimits;

  constructor(limits: AccountLimits) {
    this.#limits = limits;
  }

  look(at: Date, isEmergency: boolean, wanted: number): void {
    this.ledger = settleLedger(this.ledger, this.#limits, at).ledger;
    for (let count = 0; count < wanted; count += 1) {
      const order = { ...AN_ORDER, isEmergency };
      if (!judgeOrder(this.ledger, order, at, this.#limits).mayOrder) return;
      this.ledger = countOrder(this.ledger, order, at, this.#limits).ledger;
      this.orders.push(at.getTime());
    }
  }
}

const looks = fc.array(
  fc.record({
    /** How much time passes before, and how far off the clock is at this look. */
    passesMs: fc.integer({ min: 0, max: 2 * DAY_MS }),
    offMs: fc.oneof(fc.constant(0), fc.integer({ min: -400 * DAY_MS, max: 400 * DAY_MS })),
    isEmergency: fc.boolean(),
    wanted: fc.integer({ min: 0, max: 12 }),
  }),
  { maxLength: 25 },
);
const caps = fc.integer({ min: 1, max: 6 });
const NO_DOMAINS = NO_PUBLISHED_LIMITS;

test('whatever the clock did, an order is allowed one filling after it is right again, at the latest', () => {
  fc.assert(
    fc.property(looks, caps, (history, newOrders) => {
      const limits = { newOrders, published: NO_DOMAINS };
      const server = new Server(limits);
      let right = NOW.getTime();
      for (const { passesMs, offMs, isEmergency, wanted } of history) {
        right += passesMs;
        server.look(new Date(right + offMs), isEmergency, wanted);
      }
      // The first look of the clock that is right stores what holds from there on.
      server.look(new Date(right), false, 0);
      const refilled = new Date(right + FILLING_MS + 60_000);
      const { ledger } = settleLedger(server.ledger, limits, refilled);
      expect(judgeAccount(ledger, refilled, limits)).toMatchObject({ mayOrder: true });
    }),
  );
});

test('while the clock is right, no window of three hours sees more than the burst and what is refilled in it', () => {
  fc.assert(
    fc.property(looks, caps, (history, newOrders) => {
      const server = new Server({ newOrders, published: NO_DOMAINS });
      let now = NOW.getTime();
      for (const { passesMs, wanted } of history) {
        now += passesMs % HOUR_MS;
        server.look(new Date(now), false, wanted);
      }
      for (const start of server.orders) {
        const within = server.orders.filter((at) => at >= start && at < start + FILLING_MS);
        expect(within.length).toBeLessThanOrEqual(2 * newOrders);
      }
      const atOnce = server.orders.map((start) => server.orders.filter((at) => at === start).length);
      expect(Math.max(0, ...atOnce)).toBeLessThanOrEqual(newOrders);
    }),
  );
});
