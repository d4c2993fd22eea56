import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  isSuspectHere,
  judgeNameAttempt,
  rememberFailure,
  rememberSuccess,
} from '../../../src/core/order/name-attempt.js';
import type { NameRecord } from '../../../src/core/order/name-record.js';

const MINUTE = 60_000;
const NOW = new Date('2026-11-22T03:00:00Z');
const later = (minutes: number): Date => new Date(NOW.getTime() + minutes * MINUTE);
const byCa = (at: Date) =>
  ({
    at,
    code: 'connection',
    message: 'refused',
    source: 'ca',
    provider: 'X',
    lifeMs: 90 * 1440 * MINUTE,
    fraction: 0.5,
  }) as const;

describe('the retry memory of a name', () => {
  test('a name without failures may be tried', () => {
    expect(judgeNameAttempt(undefined, NOW)).toEqual({ mayTry: true });
  });

  test('a CA’s failures put it off by 1, 10 and 100 minutes, then by a day', () => {
    let record: NameRecord | undefined;
    const waits: number[] = [];
    let now = NOW;
    for (let turn = 0; turn < 5; turn += 1) {
      record = rememberFailure('a.test', record, byCa(now));
      const next = new Date(record.nextAttemptAt ?? '');
      waits.push((next.getTime() - now.getTime()) / MINUTE);
      now = next;
    }
    expect(waits).toEqual([1, 10, 100, 1440, 1440]);
    expect(record).toMatchObject({
      consecutiveFailures: 5,
      lastFailure: { code: 'connection', source: 'ca' },
    });
  });

  test('what fell out of orders before the CA looked is put off by a minute, then by a day, and counted by no CA', () => {
    const failure = (at: Date) =>
      ({
        at,
        code: 'DNS_NOT_PROPAGATED',
        message: 'no',
        source: 'local',
        lifeMs: null,
        fraction: 0.5,
      }) as const;
    let record = rememberFailure('a.test', undefined, failure(NOW));
    expect(judgeNameAttempt(record, NOW)).toEqual({ mayTry: false, because: 'BACKOFF', until: later(1) });
    for (const minute of [1, 2, 3]) {
      record = rememberFailure('a.test', record, failure(later(minute)));
      expect(record.nextAttemptAt).toBe(later(minute + 1440).toISOString());
    }
    expect(record).toMatchObject({ consecutiveFailures: 4, caFailures: [] });
    expect(judgeNameAttempt(record, later(4), true)).toEqual({ mayTry: true });
    expect(isSuspectHere(record)).toBe(true);
    expect(isSuspectHere(rememberSuccess('a.test', record, later(5)))).toBe(false);
    expect(isSuspectHere(rememberFailure('a.test', record, byCa(later(5))))).toBe(false);
  });

  test('a success ends the backoff and starts the ladder anew, but the hour’s failures still count', () => {
    let record = rememberFailure('a.test', undefined, byCa(NOW));
    record = rememberFailure('a.test', record, byCa(later(1)));
    record = rememberSuccess('a.test', record, later(2));
    expect(record).toMatchObject({ consecutiveFailures: 0, lastFailure: null, nextAttemptAt: null });
    record = rememberFailure('a.test', record, byCa(later(3)));
    expect(record.nextAttemptAt).toBe(later(4).toISOString());
    expect(judgeNameAttempt(record, later(5))).toEqual({
      mayTry: false,
      because: 'HOURLY_LIMIT',
      until: later(60),
    });
  });

  test('an emergency overrides the backoff, never three failures within the hour', () => {
    let record = rememberFailure('a.test', undefined, byCa(NOW));
    expect(judgeNameAttempt(record, NOW)).toEqual({ mayTry: false, because: 'BACKOFF', until: later(1) });
    expect(judgeNameAttempt(record, NOW, true)).toEqual({ mayTry: true });
    for (const minute of [10, 20]) record = rememberFailure('a.test', record, byCa(later(minute)));
    expect(judgeNameAttempt(record, later(30), true)).toEqual({
      mayTry: false,
      because: 'HOURLY_LIMIT',
      until: later(60),
    });
    expect(judgeNameAttempt(record, later(60), true)).toEqual({ mayTry: true });
  });

  test.each<[string, number, boolean]>([
    ['as long as the longest wait', 30 * 60, false],
    ['longer than any wait: a clock was ahead', 30 * 60 + 1, true],
    ['a year', 365 * 1440, true],
  ])('is put off by no more than its own rule can have put it off: %s', (_, minutes, mayTry) => {
    const record = {
      ...rememberFailure('a.test', undefined, byCa(later(-120))),
      nextAttemptAt: later(minutes).toISOString(),
    };
    expect(judgeNameAttempt(record, NOW).mayTry).toBe(mayTry);
  });

  test('however often it is asked, no CA sees more than three failures of a name within an hour', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 80 }), (waits) => {
        let record: NameRecord | undefined;
        let now = NOW.getTime();
        const failures: number[] = [];
        for (const wait of waits) {
          now += wait * MINUTE;
          if (!judgeNameAttempt(record, new Date(now), true).mayTry) continue;
          record = rememberFailure('a.test', record, byCa(new Date(now)));
          failures.push(now);
        }
        for (const end of failures)
          expect(failures.filter((one) => one <= end && one > end - 60 * MINUTE).length).toBeLessThanOrEqual(
            3,
          );
        expect(record?.caFailures.length ?? 0).toBeLessThanOrEqual(20);
      }),
    );
  });
});
