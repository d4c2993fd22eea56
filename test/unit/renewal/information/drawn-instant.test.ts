import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DRAWING_BYTES, drawInstant } from '../../../../src/core/renewal/information/drawn-instant.js';

const DAY_MS = 86_400_000;
const BEGIN = Date.parse('2026-06-01T00:00:00Z');
const day = (days: number): Date => new Date(BEGIN + days * DAY_MS);
const VALIDITY = { notBefore: day(0), notAfter: day(90) };
const window = (from: number, to: number) => ({ startAt: day(from), endAt: day(to), explanationUrl: null });
const bytes = fc.uint8Array({ minLength: DRAWING_BYTES, maxLength: DRAWING_BYTES });
const NO_OFFSET = VALIDITY.notBefore;

describe('the instant drawn from a window', () => {
  test('lies in the window, or up to a tenth of the life before it, whatever is drawn and whoever it is', () => {
    fc.assert(
      fc.property(bytes, fc.domain(), (random, website) => {
        const { selectedAt } = drawInstant(window(60, 62), VALIDITY, website, NO_OFFSET, random);
        expect(selectedAt >= day(60 - 9) && selectedAt < day(62)).toBe(true);
      }),
    );
  });

  test('is uniform: a tenth of the draws falls into each tenth of the window', () => {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let first = 0; first < 256; first += 1) {
      const random = Uint8Array.of(first, 0, 0, 0, 0, 0);
      // Seen when it is over: no offset is taken.
      const { selectedAt } = drawInstant(window(60, 70), VALIDITY, 'a.test', day(75), random);
      const tenth = Math.floor((selectedAt.getTime() - day(60).getTime()) / DAY_MS);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    for (const count of tenths) expect(Math.abs(count - 25.6)).toBeLessThan(2);
  });

  test('of a website lies earlier by the same time each year, so that what was issued at once drifts apart', () => {
    const random = new Uint8Array(DRAWING_BYTES);
    const offsets = Array.from({ length: 200 }, (_, nth) => {
      const { selectedAt } = drawInstant(window(60, 62), VALIDITY, `s${nth}.test`, NO_OFFSET, random);
      const again = drawInstant(window(60, 62), VALIDITY, `s${nth}.test`, NO_OFFSET, random);
      expect(again.selectedAt).toEqual(selectedAt);
      return Math.floor((day(60).getTime() - selectedAt.getTime()) / DAY_MS);
    });
    expect(new Set(offsets).size).toBeGreaterThanOrEqual(9);
    expect(Math.max(...offsets)).toBeLessThanOrEqual(9);
  });

  test('is never brought before the instant at which the window was seen: no rush begins because we begin to ask', () => {
    fc.assert(
      fc.property(bytes, fc.domain(), (random, website) => {
        const { selectedAt } = drawInstant(window(60, 62), VALIDITY, website, day(59), random);
        expect(selectedAt > day(59)).toBe(true);
      }),
    );
  });

  test('of a window that reaches beyond the expiry lies before that', () => {
    const { selectedAt } = drawInstant(
      window(80, 4000),
      VALIDITY,
      'a.test',
      day(79.9),
      new Uint8Array(6).fill(255),
    );
    expect(selectedAt < VALIDITY.notAfter).toBe(true);
  });
});
