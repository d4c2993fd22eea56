import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isRecipient } from '../../../src/core/notice/delivery/recipient.js';

describe('a recipient', () => {
  test.each([
    'root',
    'web-1',
    'alice@example.com',
    "o'neil+tag@example.com",
    'bob@bücher.example',
    'x@localhost',
  ])('may be %s', (text) => expect(isRecipient(text)).toBe(true));

  test.each([
    [''],
    ['-oQ/tmp/x'],
    ['-oQ@example.com'],
    ['--@example.com'],
    ['a@example.com,b@example.com'],
    ['a@example.com b@example.com'],
    ['a@example.com\nBcc: b@example.com'],
    ['a@example.com\r'],
    ['"a b"@example.com'],
    ['Bob <bob@example.com>'],
    ['|/bin/sh@example.com'],
    ['/etc/passwd'],
    ['user%elsewhere.example@example.com'],
    ['elsewhere.example!user@example.com'],
    ['a@b@c'],
    ['a@'],
    ['@example.com'],
    ['a@-example.com'],
    ['a@example..com'],
    ['a@[127.0.0.1]'],
    ['a\u0000@example.com'],
    ['a\u202e@example.com'],
    ['=?utf-8?Q?a?=@example.com\n'],
    [`${'a'.repeat(300)}@example.com`],
  ])('is not %j', (text) => expect(isRecipient(text)).toBe(false));

  test('never holds what would end a header, an argument or an address', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        if (isRecipient(text)) expect(text).not.toMatch(/^-|[\s,;:<>()"\\|/%!`\p{Cc}\p{Cf}]/u);
      }),
    );
  });
});
