import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chooseFormer, parseFingerprintPrefix } from '../../../src/core/plan/former-choice.js';

const kept = ['aaaa11', 'aaaa22', 'bbbb33', 'aaaa22'].map((fingerprint, at) => ({ fingerprint, at }));

describe('which former certificate is meant', () => {
  test.each<[string, string | null, object]>([
    ['the newest, when nothing is said', null, { former: { fingerprint: 'aaaa11', at: 0 } }],
    ['the one that begins so', 'bbbb', { former: { fingerprint: 'bbbb33', at: 2 } }],
    ['the newer one of two that are the same', 'aaaa2', { former: { fingerprint: 'aaaa22', at: 1 } }],
    ['none, when several begin so', 'aaaa', { why: 'AMBIGUOUS' }],
    ['none, when none begins so', 'cccc', { why: 'NO_MATCH' }],
  ])('%s', (_, prefix, expected) => {
    expect(chooseFormer(kept, prefix)).toEqual(expected);
  });

  test.each([null, 'aaaa'])('nothing where nothing is kept (%s)', (prefix) => {
    expect(chooseFormer([], prefix)).toEqual({ why: 'NOTHING_KEPT' });
  });
});

describe('the beginning of a fingerprint', () => {
  test.each([
    ['as we show it', '0a1b2c3d', '0a1b2c3d'],
    ['as OpenSSL shows it', '0A:1B:2C', '0a1b2c'],
    ['whole', 'ab'.repeat(32), 'ab'.repeat(32)],
  ])('%s', (_, text, expected) => {
    expect(parseFingerprintPrefix(text)).toBe(expected);
  });

  test.each(['', 'abc', 'a:b:c', 'ab'.repeat(33), 'xyzw', '0x1234', 'abcd\n', '*'])('%j is none', (text) => {
    expect(() => parseFingerprintPrefix(text)).toThrow('hexadecimal');
  });

  test('whatever the text: it is refused, or a beginning that fingerprints can have', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(parseFingerprintPrefix(text)).toMatch(/^[0-9a-f]{4,64}$/);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_ARGUMENT' });
        }
      }),
    );
  });
});
