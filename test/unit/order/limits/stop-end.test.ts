import { describe, expect, test } from '@jest/globals';
import { stopAccount } from '../../../../src/core/order/limits/account-stop.js';
import { disobeyedInstant, limitedPollAt } from '../../../../src/core/order/limits/stop-end.js';
import { problemOf } from '../../../../src/core/order/problem-type.js';

const NOW = new Date('2026-11-22T03:00:00Z');
const HOUR_MS = 60 * 60_000;
const later = (hours: number): Date => new Date(NOW.getTime() + hours * HOUR_MS);
const EMPTY = {
  schemaVersion: 1,
  provider: 'LetsEncrypt',
  newOrders: [],
  stoppedUntil: null,
  stoppedBecause: null,
} as const;

describe('how long one answer of a CA holds orders back', () => {
  test.each([
    ['an overload, five hours', 'serverInternal', 503, 5, 5],
    ['an overload, three years: a day', 'serverInternal', 503, 27_777, 24],
    ['a rate limit, six days', 'rateLimited', 429, 144, 144],
    ['a rate limit, three years: as long as the longest limit takes', 'rateLimited', 429, 27_777, 169],
    ['a rate limit without an instant: an hour', 'rateLimited', 429, null, 1],
  ])('%s', (_, code, status, told, expected) => {
    const problem = problemOf(code, 'no', { status, retryAt: told === null ? null : later(told) });
    expect(stopAccount(EMPTY, problem, NOW)).toMatchObject({
      stoppedUntil: later(expected).toISOString(),
      stoppedAt: NOW.toISOString(),
    });
    expect(disobeyedInstant(problem, NOW)).toEqual(told === null || told === expected ? null : later(told));
  });
});

test.each<[string, number | null, number | undefined, number]>([
  ['as told', 5, undefined, 5],
  ['within a day', 9999, undefined, 24],
  ['in an hour, where nothing is told', null, undefined, 1],
  ['within a tenth of the life that is left of the present certificate', 24, 100, 10],
  ['hourly when that is nearly over', 24, 3, 1],
  ['hourly when it is over', 24, -3, 1],
])('an order that met a rate limit is asked for again: %s', (_, told, neededIn, expected) => {
  const neededBy = neededIn === undefined ? undefined : later(neededIn).toISOString();
  expect(limitedPollAt(told === null ? null : later(told), neededBy, NOW)).toEqual(later(expected));
});
