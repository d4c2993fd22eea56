import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { longestRetryMs, retryDelayMs, retryInstant } from '../../../src/core/order/backoff.js';
import { problemOf } from '../../../src/core/order/problem-type.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = new Date('2026-11-22T03:00:00Z');

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

describe('when the same request may be made again', () => {
  const memory = { failures: 1, lifeMs: 90 * DAY, fraction: 0.5 };
  const in_ = (ms: number): Date => new Date(NOW.getTime() + ms);
  test.each<[string, ReturnType<typeof problemOf>, Date | null]>([
    ['daily when the input must change', problemOf('caa', ''), in_(DAY)],
    ['in a minute when the CA stumbled', problemOf('serverInternal', ''), in_(MINUTE)],
    ['later when the CA asks for later', problemOf('serverInternal', '', { retryAt: in_(HOUR) }), in_(HOUR)],
    ['not sooner than our own wait', problemOf('serverInternal', '', { retryAt: in_(1000) }), in_(MINUTE)],
    ['exactly at a rate limit’s end', problemOf('rateLimited', '', { retryAt: in_(5 * DAY) }), in_(5 * DAY)],
    ['in an hour when a rate limit names no end', problemOf('rateLimited', ''), in_(HOUR)],
    ['at once with a fresh nonce', problemOf('badNonce', ''), NOW],
    ['never by itself when a person must act', problemOf('externalAccountRequired', ''), null],
    ['never by itself before the terms are accepted', problemOf('userActionRequired', ''), null],
  ])('%s', (_when, problem, expected) => {
    expect(retryInstant(problem, NOW, memory)).toEqual(expected);
  });
});
