import { describe, expect, test } from '@jest/globals';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import {
  advisedLimit,
  advisedLimitLines,
  type DovecotRoom,
  fitOffers,
  isRoomScarce,
  limitOf,
  parseSize,
  type RoomFit,
  roomAdvice,
} from '../../../src/core/sni/dovecot-room.js';
import type { NameOffer } from '../../../src/core/sni/offer.js';

const MIB = 1024 * 1024;
const UNSET = '18446744073709551615 B';
/** Key, leaf and chain of an RSA-2048 certificate. */
const USUAL_BYTES = 4_300;

const offer = (name: string, pair: string): NameOffer => ({
  name: parseHostName(name),
  source: parseHostName(name),
  pair,
});
/** So many certificates for two names each. */
const offersOf = (count: number): readonly NameOffer[] =>
  Array.from({ length: count }, (_, index) => String(index).padStart(5, '0')).flatMap((id) => [
    offer(`c${id}.test`, id),
    offer(`mail.c${id}.test`, id),
  ]);
const roomOf = (limitMib: number | null, others: Partial<DovecotRoom> = {}): DovecotRoom => ({
  limitBytes: limitMib === null ? null : limitMib * MIB,
  runningLimitBytes: null,
  otherBlocks: 0,
  hasNewNames: false,
  ...others,
});
const fitIn = (
  offers: readonly NameOffer[],
  room: DovecotRoom,
  { bytes = USUAL_BYTES, before = [] }: { bytes?: number; before?: readonly string[] } = {},
): RoomFit =>
  fitOffers(offers, room, {
    bytesOf: new Map(offers.map(({ pair }) => [pair, bytes])),
    before: new Set(before),
  });
const pairsIn = (offers: readonly NameOffer[]): number => new Set(offers.map(({ pair }) => pair)).size;

test.each([
  ['256 M', 256 * MIB],
  ['2G', 2048 * MIB],
  ['2 GB', 2048 * MIB],
  ['512 k', 512 * 1024],
  ['1000', 1000],
  ['1000 B\n', 1000],
  ['0', null],
  ['0 B', null],
  ['unlimited', null],
  [UNSET, undefined],
  ['', undefined],
  ['much', undefined],
])('a size that doveconf prints as “%s” is %p bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each([
  ['its own', '1 G', '256 M', 1024 * MIB],
  ['none of its own', UNSET, '512 M', 512 * MIB],
  ['no limit of its own', '0', '256 M', null],
  ['none at all', UNSET, '0', null],
  ['nothing that can be read', '', '', 256 * MIB],
])('the limit of a config process with %s', (_, own, byDefault, expected) => {
  expect(limitOf(own, byDefault)).toBe(expected);
});

describe('what Dovecot has room for', () => {
  // Measured with Dovecot 2.3 and 256 MB: 500 such certificates are carried across a reload, 700 are not.
  test('is 500 certificates by default, and never 700', () => {
    expect(fitIn(offersOf(500), roomOf(256)).held).toEqual([]);
    const { offers, held } = fitIn(offersOf(700), roomOf(256));
    expect(pairsIn(offers)).toBeGreaterThanOrEqual(500);
    expect(pairsIn(offers)).toBeLessThan(610);
    expect(offers.length + held.length).toBe(1400);
  });

  test('is everything where there is no limit', () => {
    const all = fitIn(offersOf(5_000), roomOf(null));
    expect(all.held).toEqual([]);
    expect([isRoomScarce(all), roomAdvice(all)]).toEqual([false, []]);
  });

  test.each([
    ['longer chains', { bytes: 60_000 }, {}],
    ['other blocks in the configuration', {}, { otherBlocks: 300 }],
    ['one name a block', {}, { hasNewNames: true }],
  ])('is less with %s', (_, facts, others) => {
    expect(pairsIn(fitIn(offersOf(700), roomOf(256, others), facts).offers)).toBeLessThan(400);
  });

  test('goes first to names that are answered for already, whatever certificate they have now', () => {
    const all = offersOf(700);
    const before = all.slice(-200).map(({ name }) => name);
    const { offers } = fitIn(all, roomOf(48), { before });
    expect(offers.every(({ name }) => before.includes(name))).toBe(true);
  });

  test('is taken by nobody alone: a pair without measure is left out, those behind it are not', () => {
    const offers = [offer('a.test', 'huge'), offer('b.test', 'usual')];
    const bytesOf = new Map([
      ['huge', 100 * MIB],
      ['usual', USUAL_BYTES],
    ]);
    const fitted = fitOffers(offers, roomOf(256), { bytesOf, before: new Set() });
    expect(fitted.offers.map(({ name }) => name)).toEqual(['b.test']);
  });

  test('is advised with the exact lines from half of it on, so that the advice ends when they are there', () => {
    expect(roomAdvice(fitIn(offersOf(100), roomOf(256)))).toEqual([]);
    const scarce = fitIn(offersOf(400), roomOf(256));
    expect(scarce.held).toEqual([]);
    expect(roomAdvice(scarce)).toMatchObject([
      { because: expect.stringContaining('Soon'), lines: advisedLimitLines(scarce) },
    ]);
    const over = fitIn(offersOf(1_000), roomOf(256));
    expect(roomAdvice(over)[0]?.because).toContain(`${over.held.length} names are held back`);
    expect(advisedLimitLines(over)).toEqual(['service config {', '  vsz_limit = 1280M', '}']);
    const raised = fitIn(offersOf(1_000), roomOf(advisedLimit(over)));
    expect([raised.held, roomAdvice(raised)]).toEqual([[], []]);
  });
});
