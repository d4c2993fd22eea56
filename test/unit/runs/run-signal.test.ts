import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { StateError } from '../../../src/core/domain/autossl-error.js';
import { runEnded } from '../../../src/core/report/events/work-events.js';
import { stopClause, throwIfCutShort } from '../../../src/runs/check/run-stop.js';
import { runSignal } from '../../../src/runs/run-signal.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** A run that may last two hours, on a machine whose wall clock is so far from where it was. */
function aRun(aheadMs = 0) {
  const wall: { aheadMs: number; loss?: () => void } = { aheadMs };
  const stop = new AbortController();
  const lock = new AbortController();
  const clock = { now: () => new Date(), sleep: async () => undefined, aheadMs: () => wall.aheadMs };
  const held = { signal: lock.signal, assertHeld: async () => wall.loss?.() };
  const signal = runSignal(stop.signal, held, { clock, settings: { deadlineMs: 2 * HOUR_MS } });
  return { wall, stop, lock, signal };
}

describe('a run takes no more work', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('once its deadline is reached, and not before; it ends with its report', () => {
    const { signal } = aRun();
    jest.advanceTimersByTime(2 * HOUR_MS - 1);
    expect(signal.aborted).toBe(false);
    jest.advanceTimersByTime(1);
    expect([signal.aborted, stopClause(signal)]).toEqual([true, 'the run’s deadline is reached']);
    expect(() => throwIfCutShort(signal)).not.toThrow();
  });

  test('once its lock is gone, and ends by that', () => {
    const { signal, lock } = aRun();
    lock.abort(new StateError('LOCK_LOST', 'it was taken'));
    expect(() => throwIfCutShort(signal)).toThrow('it was taken');
  });

  test('within a second of another one having its lock', async () => {
    const { signal, wall } = aRun();
    await jest.advanceTimersByTimeAsync(1000);
    expect(signal.aborted).toBe(false);
    wall.loss = () => {
      throw new StateError('LOCK_LOST', 'it was taken');
    };
    await jest.advanceTimersByTimeAsync(1000);
    expect(() => throwIfCutShort(signal)).toThrow('it was taken');
  });

  test('once it is told to stop; it ends with its report', () => {
    const { signal, stop } = aRun();
    stop.abort(new Error('SIGTERM'));
    expect(signal.aborted).toBe(true);
    expect(() => throwIfCutShort(signal)).not.toThrow();
  });

  test.each([
    ['forward', 61 * MINUTE_MS, 'the clock was set 61 minutes forward while this ran'],
    ['back', -2 * HOUR_MS, 'the clock was set 120 minutes back while this ran'],
  ])(
    'within a second of the clock being set more than an hour %s, which is said by its own code',
    (_, byMs, words) => {
      const { signal, wall } = aRun(10 * MINUTE_MS);
      wall.aheadMs += byMs;
      jest.advanceTimersByTime(1000);
      expect(() => throwIfCutShort(signal)).toThrow(words);
      expect(signal.reason).toMatchObject({ name: 'StateError', code: 'CLOCK_JUMPED' });
      expect(runEnded(signal.reason)).toMatchObject({ code: 'CLOCK_JUMPED', fault: 'ours' });
    },
  );

  test('not for an hour more or less, and not for what the clock was off before', () => {
    const { signal, wall } = aRun(-10 * HOUR_MS);
    for (const byMs of [HOUR_MS, -2 * HOUR_MS]) {
      wall.aheadMs += byMs;
      jest.advanceTimersByTime(5000);
    }
    expect(signal.aborted).toBe(false);
  });
});
