import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { METADATA_DEFAULTS, type MetadataKey } from '../../../src/core/domain/metadata-key.js';
import { NOTICE_LEVELS, noticeLevelOf, noticesOfLevel } from '../../../src/core/domain/notice-level.js';

const AUDIENCES = ['administrator', 'user'] as const;

// The table of behaviour section 7 is marked [memory] there: design 5.20 decides.
describe('what each level tells', () => {
  test.each([
    [1, 'everything', [1, 1, 1, 1, 1, 1]],
    [2, 'all but renewals that went well', [1, 1, 0, 1, 1, 1]],
    [3, 'expiry, and coverage that was reduced', [1, 0, 0, 0, 1, 0]],
    [4, 'nothing', [0, 0, 0, 0, 0, 0]],
  ] as const)('level %d: %s', (level, _, values) => {
    const keys = ['expiry', 'expiry_coverage', 'renewal', 'renewal_coverage', 'renewal_coverage_reduced'];
    const all = [...keys, 'renewal_uncovered_domains'].map((key) => `notify_autossl_${key}`);
    expect(noticesOfLevel(level, 'administrator')).toEqual(
      new Map(all.map((key, index) => [key, values[index] === 1])),
    );
    expect(noticesOfLevel(level, 'user')).toEqual(
      new Map(all.map((key, index) => [`${key}_user`, values[index] === 1])),
    );
  });
});

test('a fresh server is at level 1 for both', () => {
  expect(AUDIENCES.map((audience) => noticeLevelOf(METADATA_DEFAULTS, audience))).toEqual([1, 1]);
});

test('settings are at a level exactly when they are what it says, whatever the other audience is told', () => {
  const settings = fc.array(fc.boolean(), { minLength: 13, maxLength: 13 });
  fc.assert(
    fc.property(
      settings,
      fc.constantFrom(...AUDIENCES),
      fc.constantFrom(...NOTICE_LEVELS),
      (values, audience, level) => {
        const metadata = new Map<MetadataKey, boolean>(
          [...METADATA_DEFAULTS.keys()].map((key, index) => [key, values[index] ?? false]),
        );
        for (const [key, value] of noticesOfLevel(level, audience)) metadata.set(key, value);
        expect(noticeLevelOf(metadata, audience)).toBe(level);
      },
    ),
  );
});

test('any other mix is custom', () => {
  const metadata = new Map(METADATA_DEFAULTS);
  metadata.set('notify_autossl_expiry_user', false);
  expect(noticeLevelOf(metadata, 'user')).toBe('custom');
  expect(noticeLevelOf(metadata, 'administrator')).toBe(1);
});
