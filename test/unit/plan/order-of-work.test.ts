import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PlannedAction, ReasonCode } from '../../../src/core/plan/action.js';
import { inOrderOfWork } from '../../../src/core/plan/order-of-work.js';

const DAY_MS = 86_400_000;
const EPOCH = Date.parse('2026-06-01T00:00:00.000Z');

interface Piece {
  readonly vhost: string;
  readonly account?: string;
  readonly isNew?: boolean;
  readonly days?: number | null;
  readonly because?: readonly ReasonCode[];
}
const work = ({ vhost, account = 'alice', isNew = false, days = 20, because = ['RENEWAL_DUE'] }: Piece) => ({
  action: {
    account,
    vhost,
    kind: 'replace',
    because: because.map((code) => ({ code, message: '' })),
    names: [],
    leftOut: [],
    dueAt: null,
    isNew,
    notAfter: days === null ? null : new Date(EPOCH + days * DAY_MS).toISOString(),
    keyType: 'rsa-2048',
  } satisfies PlannedAction,
});
const ordered = (...pieces: Piece[]): string[] =>
  inOrderOfWork(pieces.map(work)).map(({ action }) => action.vhost);

describe('the order of work (design 5.6)', () => {
  test.each<[string, Piece, Piece]>([
    [
      'new before a renewal, whoever’s it is',
      { vhost: 'z', account: 'zoe', isNew: true, days: null },
      { vhost: 'a', days: 1 },
    ],
    [
      'what is called back before a migration',
      { vhost: 'z', days: 80, because: ['CALLED_BACK'] },
      { vhost: 'a', isNew: true, days: null },
    ],
    [
      'what is about to expire before a migration',
      { vhost: 'z', days: 4, because: ['EMERGENCY'] },
      { vhost: 'a', isNew: true, days: null },
    ],
    [
      'what is revoked before what is new',
      { vhost: 'z', isNew: true, days: 80, because: ['REVOKED'] },
      { vhost: 'a', isNew: true, days: -3 },
    ],
    ['a broken certificate counts as new', { vhost: 'z', isNew: true, days: 300 }, { vhost: 'a', days: 1 }],
    [
      'nothing at all before something expired',
      { vhost: 'z', isNew: true, days: null },
      { vhost: 'a', isNew: true, days: -3 },
    ],
    ['what expires sooner before what expires later', { vhost: 'z', days: 2 }, { vhost: 'a', days: 3 }],
    [
      'a renewal before a mere wrong key type',
      { vhost: 'z', days: 29 },
      { vhost: 'a', days: 10, because: ['KEY_TYPE_DIFFERS'] },
    ],
    [
      'a wrong key type beside another reason is as urgent as that',
      { vhost: 'z', days: 5, because: ['RENEWAL_DUE', 'KEY_TYPE_DIFFERS'] },
      { vhost: 'a', days: 6 },
    ],
    ['else by account', { vhost: 'z', account: 'alice' }, { vhost: 'a', account: 'bob' }],
    ['else by website', { vhost: 'a' }, { vhost: 'b' }],
  ])('%s', (_, first, second) => {
    expect(ordered(first, second)).toEqual([first.vhost, second.vhost]);
    expect(ordered(second, first)).toEqual([first.vhost, second.vhost]);
  });

  const piece: fc.Arbitrary<Piece> = fc.record({
    vhost: fc.constantFrom('a.test', 'b.test', 'ä.test', 'c.test', 'B.test'),
    account: fc.constantFrom('alice', 'bob'),
    isNew: fc.boolean(),
    days: fc.oneof(fc.constant(null), fc.integer({ min: -10, max: 90 })),
    because: fc.constantFrom<readonly ReasonCode[]>(['RENEWAL_DUE'], ['KEY_TYPE_DIFFERS'], ['NAMES_MISSING']),
  });

  test('is the same whatever order the websites come in', () => {
    const unique = fc.uniqueArray(piece, { selector: (one) => `${one.account} ${one.vhost}` });
    const shuffled = unique.chain((pieces) =>
      fc.tuple(
        fc.constant(pieces),
        fc.shuffledSubarray(pieces, { minLength: pieces.length, maxLength: pieces.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        expect(inOrderOfWork(other.map(work))).toEqual(inOrderOfWork(one.map(work)));
      }),
    );
  });

  test('loses nothing and leaves its input alone', () => {
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const given = pieces.map(work);
        const before = [...given];
        const result = inOrderOfWork(given);
        expect(given).toEqual(before);
        expect(new Set(result)).toEqual(new Set(given));
        expect(result).toHaveLength(given.length);
      }),
    );
  });
});
