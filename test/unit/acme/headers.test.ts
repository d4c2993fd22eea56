import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { linksOf } from '../../../src/adapters/acme/link-header.js';
import { NoncePool } from '../../../src/adapters/acme/nonces.js';
import { retryAfterOf } from '../../../src/adapters/acme/retry-after.js';

const NOW = new Date('2026-11-22T03:00:00Z');
const answered = (retryAfter: string | undefined, date?: string): Date | null => {
  const headers = {
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    ...(date === undefined ? {} : { date }),
  };
  return retryAfterOf({ headers, receivedAt: NOW });
};
const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);

describe('Retry-After', () => {
  test.each<[string, string | undefined, Date | null]>([
    ['seconds', '120', later(120)],
    ['zero seconds', '0', NOW],
    ['an HTTP date', 'Sun, 22 Nov 2026 03:30:00 GMT', later(1800)],
    ['an RFC 850 date', 'Sunday, 22-Nov-26 03:30:00 GMT', later(1800)],
    ['the date of C’s asctime, which names no zone and means UTC', 'Sun Nov 22 03:30:00 2026', later(1800)],
    ['eleven digits: no number of seconds', '99999999999', null],
    ['a date of no calendar', 'Sun, 99 Nov 2026 03:30:00 GMT', null],
    ['a date in the past: now', 'Sun, 22 Nov 2026 02:00:00 GMT', NOW],
    ['a hundred years: a year at most', '3153600000', later(366 * 86_400)],
    ['absent', undefined, null],
    ['empty', '', null],
    ['negative', '-5', null],
    ['a fraction', '1.5', null],
    ['an ISO date, which it may not be', '2026-11-22T03:30:00Z', null],
    ['words', 'soon', null],
  ])('%s', (_form, header, expected) => {
    expect(answered(header)).toEqual(expected);
  });

  test.each<[string, string, Date]>([
    ['ahead of ours', 'Sun, 22 Nov 2026 03:40:00 GMT', later(600)],
    ['behind ours', 'Sun, 22 Nov 2026 02:30:00 GMT', later(4800)],
    ['past it: now', 'Sun, 22 Nov 2026 05:00:00 GMT', NOW],
    ['not to be read: ours counts', 'yesterday', later(3000)],
  ])('a date is reckoned from the CA’s own clock, which is %s', (_how, date, expected) => {
    expect(answered('Sun, 22 Nov 2026 03:50:00 GMT', date)).toEqual(expected);
  });

  test('any text gives null or an instant within the year', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const at = answered(text, text);
        if (at === null) return;
        expect(at.getTime()).toBeGreaterThanOrEqual(NOW.getTime());
        expect(at.getTime()).toBeLessThanOrEqual(later(366 * 86_400).getTime());
      }),
    );
  });
});

describe('Link', () => {
  test.each<[string, string[], string[]]>([
    ['one target', ['<https://ca/alt/1>;rel="alternate"'], ['https://ca/alt/1']],
    ['without quotes, with spaces', ['<https://ca/alt/1> ; rel = alternate'], ['https://ca/alt/1']],
    [
      'several in one header',
      [
        '<https://ca/dir>;rel="index", <https://ca/alt/1>;rel="alternate", <https://ca/alt/2>;rel="alternate"',
      ],
      ['https://ca/alt/1', 'https://ca/alt/2'],
    ],
    ['several headers', ['<a>;rel="alternate"', '<b>;rel="alternate"'], ['a', 'b']],
    ['several relations of one target', ['<a>;rel="up alternate"'], ['a']],
    ['a comma inside a quoted title', ['<a>;title="x, y";rel="alternate"'], ['a']],
    ['another relation', ['<a>;rel="alternates"'], []],
    ['no relation', ['<a>'], []],
    ['garbage', ['rel=alternate', '<<>>;', ''], []],
  ])('%s', (_form, headers, expected) => {
    expect(linksOf(headers, 'alternate')).toEqual(expected);
  });

  test('is read in reasonable time however long', () => {
    expect(linksOf(['<'.repeat(100_000), `<a>${';x="'.repeat(20_000)}`], 'alternate')).toEqual([]);
  });
});

describe('the nonce pool', () => {
  test('gives the newest first and keeps only so many', () => {
    const pool = new NoncePool();
    for (let index = 0; index < 40; index += 1) pool.keep(`n${index}`);
    expect(pool.take()).toBe('n39');
    let kept = 1;
    while (pool.take() !== undefined) kept += 1;
    expect(kept).toBe(16);
  });
  test.each([
    ['absent', undefined],
    ['not base64url', 'a b'],
    ['two headers', ['a', 'b']],
    ['huge', 'a'.repeat(600)],
  ])('ignores a nonce that is %s', (_how, nonce) => {
    const pool = new NoncePool();
    pool.keep(nonce);
    expect(pool.take()).toBeUndefined();
  });
  test('forgets all when told', () => {
    const pool = new NoncePool();
    pool.keep('a');
    pool.clear();
    expect(pool.take()).toBeUndefined();
  });
});
