import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import { UsageError } from '../../../src/core/domain/autossl-error.js';

describe('parseAccountName', () => {
  test.each(['alice', 'a', '_svc', '0day', 'a.b-c_d', 'Alice', 'a'.repeat(32), '__proto__'])(
    'takes %p',
    (text) => {
      expect(parseAccountName(text)).toBe(text);
    },
  );
  test.each([
    ['nothing', ''],
    ['a dot first', '.alice'],
    ['a hyphen first, which commands take for an option', '-rf'],
    ['the folder above', '..'],
    ['a separator', 'a/b'],
    ['33 characters', 'a'.repeat(33)],
    ['a newline at the end', 'alice\n'],
    ['a NUL', 'alice\0'],
    ['a space', 'al ice'],
    ['other letters', 'ålice'],
    ['a semicolon', 'a;b'],
  ])('refuses %s', (_, text) => {
    expect(() => parseAccountName(text)).toThrow(UsageError);
  });
  test('whatever it is given, its result is one path component', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        try {
          expect(parseAccountName(text)).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$/);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
    );
  });
});
