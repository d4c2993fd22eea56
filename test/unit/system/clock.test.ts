import { afterEach, expect, jest, test } from '@jest/globals';
import { systemClock } from '../../../src/adapters/system/clock.js';

const YEAR_MS = 31_536_000_000;
/** More than any machine pauses between two lines. */
const MOMENT_MS = 60_000;

afterEach(() => {
  jest.restoreAllMocks();
});

test.each([10 * YEAR_MS, -10 * YEAR_MS])(
  'the wall clock set by %d ms moves no time of this program, and is noticed',
  (jumpMs) => {
    const before = systemClock.now().getTime();
    expect(Math.abs(systemClock.aheadMs?.() ?? Number.NaN)).toBeLessThan(MOMENT_MS);
    const realNow = Date.now;
    jest.spyOn(Date, 'now').mockImplementation(() => realNow() + jumpMs);
    expect(systemClock.now().getTime() - before).toBeLessThan(MOMENT_MS);
    expect(systemClock.now().getTime()).toBeGreaterThanOrEqual(before);
    expect(Math.abs((systemClock.aheadMs?.() ?? Number.NaN) - jumpMs)).toBeLessThan(MOMENT_MS);
  },
);
