import { isIP } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ipVersion } from '../../../src/core/domain/name/ip-version.js';

describe('ipVersion', () => {
  const nearlyIpv4 = fc
    .array(
      fc.oneof(
        fc.integer({ min: 0, max: 300 }).map(String),
        fc.constantFrom('', '00', '01', '1e1', ' 1', '-1'),
      ),
      {
        minLength: 3,
        maxLength: 5,
      },
    )
    .map((octets) => octets.join('.'));
  test('says of every text what node says', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain(), nearlyIpv4, fc.string()), (text) => {
        expect(ipVersion(text)).toBe(isIP(text));
      }),
      { numRuns: 2000 },
    );
  });
  test.each([
    '',
    '::',
    'fe80::1%eth0',
    '::ffff:192.0.2.1',
    '192.0.2.1%1',
    '1.2.3.4\n',
    '0.0.0.0',
    '1.2.3',
    '256.1.1.1',
  ])('and of %j', (text) => {
    expect(ipVersion(text)).toBe(isIP(text));
  });
});
