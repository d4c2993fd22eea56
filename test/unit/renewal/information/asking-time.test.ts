import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type AskingEnd,
  isAskingDue,
  nextAsking,
} from '../../../../src/core/renewal/information/asking-time.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOW = new Date('2026-06-01T00:00:00Z');
const told = (kind: AskingEnd['kind'], ms: number | null): AskingEnd => ({
  kind,
  retryAt: ms === null ? null : new Date(NOW.getTime() + ms),
});
const waitOf = (end: AskingEnd, failures: number, phase = 0): number =>
  nextAsking(end, failures, phase, NOW).askAt.getTime() - NOW.getTime();

describe('when a CA is asked again', () => {
  test.each<[string, AskingEnd, number, number]>([
    ['at its Retry-After', told('said', 6 * HOUR_MS), 0, 6 * HOUR_MS],
    ['after 6 hours where it names none', told('said', null), 0, 6 * HOUR_MS],
    ['not before a minute, though it says 0', told('said', 0), 0, MINUTE_MS],
    ['after a day, though it says a year', told('said', 365 * 24 * HOUR_MS), 0, 24 * HOUR_MS],
    ['a minute after it did not answer', told('temporary', null), 0, MINUTE_MS],
    ['2 minutes after the second time', told('temporary', null), 1, 2 * MINUTE_MS],
    ['16 minutes after the fifth', told('temporary', null), 4, 16 * MINUTE_MS],
    ['6 hours after the sixth: that lasts', told('temporary', null), 5, 6 * HOUR_MS],
    ['when a 503 says, if that is later', told('temporary', HOUR_MS), 0, HOUR_MS],
    ['6 hours after an error that lasts', told('lasting', null), 0, 6 * HOUR_MS],
    ['a day after it, if it says so', told('lasting', 24 * HOUR_MS), 0, 24 * HOUR_MS],
    ['a day after it did not know the certificate', { kind: 'unknown-certificate' }, 3, 24 * HOUR_MS],
    ['6 hours after it, though it says a minute', told('lasting', MINUTE_MS), 0, 6 * HOUR_MS],
  ])('%s', (_, end, failures, waitMs) => {
    const later = waitOf(end, failures) - waitMs;
    // The raster of its file.
    expect(later).toBeGreaterThanOrEqual(0);
    expect(later).toBeLessThanOrEqual(Math.min(HOUR_MS / 2, waitMs / 10));
  });

  test.each<[string, number, boolean]>([
    ['not before its instant', MINUTE_MS, false],
    ['at its instant', 0, true],
    ['not before the latest that a CA can have asked for', 24.5 * HOUR_MS, false],
    ['now, where only a clock that was ahead can have written its instant', 24.5 * HOUR_MS + 1, true],
    ['now, where that clock was years ahead', 400 * 24 * HOUR_MS, true],
  ])('is due %s', (_, aheadMs, isDue) => {
    expect(isAskingDue(new Date(NOW.getTime() + aheadMs), NOW)).toBe(isDue);
  });

  test('whatever a CA says, no instant is written that counts as a wrong clock’s', () => {
    const kinds = fc.constantFrom<AskingEnd['kind']>('said', 'temporary', 'lasting', 'unknown-certificate');
    const phases = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const retries = fc.option(fc.integer({ min: -1e12, max: 1e13 }));
    fc.assert(
      fc.property(kinds, retries, fc.nat(10), phases, (kind, ms, failures, phase) => {
        const { askAt } = nextAsking(told(kind, ms), failures, phase, NOW);
        expect(askAt > NOW && !isAskingDue(askAt, NOW)).toBe(true);
      }),
    );
  });

  test('counts temporary errors in a row, and begins anew after a lasting one and after an answer', () => {
    const counts = [0, 1, 2, 3, 4, 5].map(
      (failures) => nextAsking(told('temporary', null), failures, 0, NOW).failures,
    );
    expect(counts).toEqual([1, 2, 3, 4, 5, 0]);
    expect(nextAsking(told('said', null), 3, 0, NOW).failures).toBe(0);
    expect(nextAsking(told('lasting', null), 3, 0, NOW).failures).toBe(0);
  });

  test('never sooner than it said, and later by half an hour at most', () => {
    const hours = fc.integer({ min: MINUTE_MS, max: 24 * HOUR_MS });
    fc.assert(
      fc.property(hours, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (ms, phase) => {
        const later = waitOf(told('said', ms), 0, phase) - ms;
        expect(later >= 0 && later <= Math.min(HOUR_MS / 2, ms / 10)).toBe(true);
      }),
    );
  });

  test('certificates that were asked about at once are asked about in turns of half an hour, file by file', () => {
    const slots = new Map<number, number>();
    for (let file = 0; file < 256; file += 1) {
      const askAt = NOW.getTime() + waitOf(told('said', 6 * HOUR_MS), 0, file / 256);
      const slot = Math.floor(askAt / (5 * MINUTE_MS));
      slots.set(slot, (slots.get(slot) ?? 0) + 1);
    }
    // Six turns of the poller, none with more than its share.
    expect(slots.size).toBeGreaterThanOrEqual(6);
    for (const count of slots.values()) expect(count).toBeLessThanOrEqual(Math.ceil(256 / 6));
  });
});
