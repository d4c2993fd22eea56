import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { coversName } from '../../../src/core/domain/name/coverage.js';
import type { WantedName } from '../../../src/core/domain/name/names.js';

const covers = (presented: readonly string[], name: string) =>
  coversName({ dnsNames: presented, ipAddresses: presented }, name as WantedName);

describe('what a certificate covers', () => {
  test.each([
    ['example.com', 'example.com'],
    ['*.example.com', 'www.example.com'],
    ['*.example.com', '*.example.com'],
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
  ])('%s covers %s', (presented, name) => {
    expect(covers(['other.example', presented], name)).toBe(true);
  });

  test.each([
    ['example.com', 'www.example.com'],
    ['*.example.com', 'example.com'],
    ['*.example.com', 'a.b.example.com'],
    ['*.example.com', '*.a.example.com'],
    ['www.example.com', '*.example.com'],
    ['*.com', 'example.com'],
    ['*', 'example.com'],
    ['w*.example.com', 'www.example.com'],
    ['*.*.example.com', 'a.b.example.com'],
    ['www.*.com', 'www.example.com'],
    ['*.0.2.1', '192.0.2.1'],
  ])('%s does not cover %s', (presented, name) => {
    expect(covers([presented], name)).toBe(false);
  });

  test('a dNSName never covers an address, an iPAddress never a name', () => {
    expect(coversName({ dnsNames: ['192.0.2.1'], ipAddresses: [] }, '192.0.2.1' as WantedName)).toBe(false);
  });

  test('more presented names never cover less', () => {
    const label = fc.constantFrom('a', 'b', '*', 'www');
    const name = fc
      .array(label, { minLength: 1, maxLength: 3 })
      .map((labels) => `${labels.join('.')}.example.com`);
    fc.assert(
      fc.property(fc.array(name), fc.array(name), name, (some, more, wanted) => {
        return !covers(some, wanted) || covers([...some, ...more], wanted);
      }),
    );
  });
});
