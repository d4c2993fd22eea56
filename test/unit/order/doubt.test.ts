import { describe, expect, test } from '@jest/globals';
import {
  type DoubtMatter,
  doubtAgain,
  isBelieved,
  type OrderDoubt,
  rereadAt,
} from '../../../src/core/order/doubt.js';

const MINUTE_MS = 60_000;
const START = Date.parse('2026-06-01T00:00:00Z');
const at = (minutes: number): Date => new Date(START + minutes * MINUTE_MS);

/** Minutes at which it is read, the last being the one that is believed. */
function readsOf(about: DoubtMatter, every = 0): number[] {
  const reads: number[] = [];
  let doubt: OrderDoubt | null = null;
  for (let minute = 0; ; ) {
    doubt = doubtAgain(doubt, { about, words: 'x' }, at(minute));
    reads.push(minute);
    if (isBelieved(doubt, at(minute))) return reads;
    minute = Math.max(minute + every, (rereadAt(doubt, at(minute)).getTime() - START) / MINUTE_MS);
  }
}

describe('what ends an order when it is still so later', () => {
  test.each<[string, DoubtMatter, number, number[]]>([
    [
      'an order that is gone is read again within the hour, then believed',
      'ORDER_GONE',
      0,
      [0, 5, 10, 20, 40, 80],
    ],
    ['by runs a day apart it is read three times more', 'ORDER_GONE', 1440, [0, 1440, 2880, 4320]],
    [
      'an unfit certificate is fetched again over six hours',
      'CERTIFICATE_UNFIT',
      0,
      [0, 5, 10, 20, 40, 80, 160, 280, 400],
    ],
    [
      'by runs a day apart it is fetched four times more',
      'CERTIFICATE_UNFIT',
      1440,
      [0, 1440, 2880, 4320, 5760],
    ],
  ])('%s', (_sentence, about, every, expected) => {
    expect(readsOf(about, every)).toEqual(expected);
  });

  test('is not believed for being read often in one minute', () => {
    const doubt = { about: 'ORDER_GONE' as const, since: at(0).toISOString(), reads: 100, words: 'x' };
    expect(isBelieved(doubt, at(59))).toBe(false);
    expect(isBelieved(doubt, at(60))).toBe(true);
  });

  test('begins anew when it is about something else', () => {
    const gone = doubtAgain(null, { about: 'ORDER_GONE', words: 'x' }, at(0));
    expect(doubtAgain(gone, { about: 'CERTIFICATE_UNFIT', words: 'y' }, at(50))).toEqual({
      about: 'CERTIFICATE_UNFIT',
      since: at(50).toISOString(),
      reads: 1,
      words: 'y',
    });
  });

  test('is read again in five minutes by a clock that was set back', () => {
    const doubt = doubtAgain(null, { about: 'ORDER_GONE', words: 'x' }, at(3000));
    expect(rereadAt(doubt, at(0))).toEqual(at(5));
  });
});
