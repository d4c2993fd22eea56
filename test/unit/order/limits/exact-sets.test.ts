import { describe, expect, test } from '@jest/globals';
import { type CertifiedSet, spentSets } from '../../../../src/core/order/limits/exact-sets.js';
import {
  LETS_ENCRYPT_LIMITS,
  NO_PUBLISHED_LIMITS,
} from '../../../../src/core/order/limits/published-limits.js';

const NOW = new Date('2026-06-10T00:00:00Z');
const DAY_MS = 86_400_000;
const limitsOf = (provider: string) =>
  provider === 'LetsEncrypt' ? LETS_ENCRYPT_LIMITS : NO_PUBLISHED_LIMITS;
const issued = (daysAgo: number, over: Partial<CertifiedSet> = {}): CertifiedSet => ({
  provider: 'LetsEncrypt',
  names: ['a.test', 'b.test'],
  issuedAt: new Date(NOW.getTime() - daysAgo * DAY_MS).toISOString(),
  ...over,
});
const told = (...all: readonly CertifiedSet[]) =>
  spentSets(all, limitsOf, NOW).map(({ names, standing }) => `${names.join()} ${standing.left}`);

describe('what is left of a set of names', () => {
  test.each<[string, readonly CertifiedSet[], readonly string[]]>([
    ['nothing was issued', [], []],
    ['one today', [issued(0)], ['a.test,b.test 4']],
    [
      'the same names in another order',
      [issued(0), issued(0, { names: ['b.test', 'a.test'] })],
      ['a.test,b.test 3'],
    ],
    ['what is refilled by now', [issued(1.5)], []],
    ['longer than a week ago', [issued(8)], []],
    ['one in the future, of a clock that stepped back', [issued(-3)], ['a.test,b.test 4']],
    ['a renewal that says what it replaces', [issued(0, { replaces: 'x.y' })], []],
    ['of a CA that publishes nothing', [issued(0, { provider: 'Other' })], []],
    [
      'several sets, least left first',
      [issued(0, { names: ['c.test'] }), issued(0), issued(0)],
      ['a.test,b.test 3', 'c.test 4'],
    ],
  ])('%s', (_, all, expected) => {
    expect(told(...all)).toEqual(expected);
  });

  test('nothing is, and then it says when there is one again', () => {
    const [set] = spentSets(
      Array.from({ length: 5 }, () => issued(0)),
      limitsOf,
      NOW,
    );
    expect(set?.standing).toEqual({
      left: 0,
      opensAt: new Date(NOW.getTime() + (7 / 5) * DAY_MS),
      fullAt: new Date(NOW.getTime() + 7 * DAY_MS),
    });
  });
});
