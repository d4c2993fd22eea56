import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  allTakenAt,
  putBack,
  type Rate,
  shareOf,
  standingOf,
  taken,
} from '../../../../src/core/order/limits/gcra.js';

const NOW = new Date('2026-11-22T03:00:00Z');
const HOUR_MS = 3_600_000;
const inHours = (hours: number): Date => new Date(NOW.getTime() + hours * HOUR_MS);
const RATE: Rate = { capacity: 3, periodMs: 3 * HOUR_MS };
const owing = (count: number): number | null => (count === 0 ? null : taken(RATE, null, NOW, count));

describe('a bucket', () => {
  test.each<[string, number, number, Date | null, Date | null]>([
    ['nobody took from is full', 0, 3, null, null],
    ['of which one is gone is full an hour later', 1, 2, null, inHours(1)],
    ['that is empty gives one an hour later, and is full after its period', 3, 0, inHours(1), inHours(3)],
    ['that owes two (emergencies) pays them first', 5, 0, inHours(3), inHours(5)],
  ])('%s', (_, count, left, opensAt, fullAt) => {
    expect(standingOf(RATE, owing(count), NOW)).toEqual({ left, opensAt, fullAt });
  });

  test('gives back no more than it lacks', () => {
    expect(putBack(RATE, owing(1), NOW)).toBeNull();
    expect(putBack(RATE, owing(1), NOW, 5)).toBeNull();
    expect(standingOf(RATE, putBack(RATE, owing(3), NOW), NOW).left).toBe(1);
  });

  test('tells when the last of many could be taken', () => {
    expect(allTakenAt(RATE, null, NOW, 3)).toBeNull();
    expect(allTakenAt(RATE, null, NOW, 10)).toEqual(inHours(7));
    expect(allTakenAt(RATE, owing(3), NOW, 1)).toEqual(inHours(1));
  });

  test('of a share is refilled at the same share of its pace', () => {
    expect(shareOf({ capacity: 50, periodMs: 7 }, 0.9)).toEqual({ capacity: 45, periodMs: 7 });
    expect(shareOf({ capacity: 1, periodMs: 7 }, 0.5)).toEqual({ capacity: 1, periodMs: 7 });
  });
});

const rates = fc.record({
  capacity: fc.integer({ min: 1, max: 400 }),
  periodMs: fc.integer({ min: 60_000, max: 7 * 24 * HOUR_MS }),
});
const waits = fc.array(fc.integer({ min: 0, max: 40 * 60_000 }), { maxLength: 200 });

/** Takes one after each wait where one is left; gives the instants. */
function takes(rate: Rate, steps: readonly number[]): number[] {
  let fullAt: number | null = null;
  let now = NOW.getTime();
  const sent: number[] = [];
  for (const step of steps) {
    now += step;
    if (standingOf(rate, fullAt, new Date(now)).left < 1) continue;
    fullAt = taken(rate, fullAt, new Date(now));
    sent.push(now);
  }
  return sent;
}

describe('whatever the rate and the pace', () => {
  test('a span gives no more than the capacity and what is refilled in it', () => {
    fc.assert(
      fc.property(rates, waits, (rate, steps) => {
        const sent = takes(rate, steps);
        for (const [i, start] of sent.entries())
          for (const [j, end] of sent.slice(i).entries())
            expect(j + 1).toBeLessThanOrEqual(
              rate.capacity + Math.floor((end - start) / (rate.periodMs / rate.capacity)) + 1e-6,
            );
      }),
    );
  });

  test('half of a bucket never overdraws the whole, whoever else takes the other half', () => {
    fc.assert(
      fc.property(rates, waits, (rate, steps) => {
        const whole = { ...rate, capacity: rate.capacity * 2 };
        let ofCa: number | null = null;
        for (const at of takes(rate, steps)) {
          expect(standingOf(whole, ofCa, new Date(at)).left).toBeGreaterThanOrEqual(1);
          ofCa = taken(whole, ofCa, new Date(at));
        }
      }),
    );
  });

  test('what is said to open opens then, and not a minute’s share before', () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 900 }), (rate, count) => {
        const fullAt = taken(rate, null, NOW, count);
        const { opensAt } = standingOf(rate, fullAt, NOW);
        if (opensAt === null) return;
        expect(standingOf(rate, fullAt, opensAt).left).toBeGreaterThanOrEqual(1);
        const before = new Date(opensAt.getTime() - 2 - rate.periodMs / rate.capacity / 100);
        expect(standingOf(rate, fullAt, before).left).toBe(0);
      }),
    );
  });

  test('taking and putting back leaves what was there', () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 0, max: 400 }), (rate, count) => {
        const before = count === 0 ? null : taken(rate, null, NOW, count);
        const there = putBack(rate, taken(rate, before, NOW), NOW);
        expect(standingOf(rate, there, NOW).left).toBe(standingOf(rate, before, NOW).left);
      }),
    );
  });
});
