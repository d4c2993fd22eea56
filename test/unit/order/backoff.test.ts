import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { longestRetryMs, retryDelayMs } from '../../../src/core/order/backoff.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('waits after failures', () => {
  test.each([
    ['first', 1, 90 * DAY, MINUTE],
    ['second', 2, 90 * DAY, 10 * MINUTE],
    ['third', 3, 90 * DAY, 100 * MINUTE],
    ['fourth', 4, 90 * DAY, DAY],
    ['hundredth', 100, 90 * DAY, DAY],
    ['fourth for a 160-hour certificate', 4, 160 * HOUR, 16 * HOUR],
    ['third for a 12-hour certificate', 3, 12 * HOUR, 72 * MINUTE],
    ['fourth of unknown life', 4, null, DAY],
  ])('the %s: in the middle of its jitter', (_which, failures, lifeMs, expected) => {
    expect(retryDelayMs(failures, lifeMs, 0.5)).toBe(expected);
    expect(retryDelayMs(failures, lifeMs, 0)).toBe(expected * 0.75);
  });

  test('stay within a quarter of the ceiling and never shrink with more failures', () => {
    const life = fc.option(fc.integer({ min: 0, max: 400 * DAY }));
    fc.assert(
      fc.property(
        fc.nat(50),
        life,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (failures, lifeMs, fraction) => {
          const wait = retryDelayMs(failures, lifeMs, fraction);
          expect(wait).toBeGreaterThanOrEqual(0.75 * MINUTE);
          expect(wait).toBeLessThanOrEqual(1.25 * longestRetryMs(lifeMs));
          expect(retryDelayMs(failures + 1, lifeMs, fraction)).toBeGreaterThanOrEqual(wait);
        },
      ),
    );
  });
});
