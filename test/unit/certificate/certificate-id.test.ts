import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { detailsOf } from '../../../src/core/certificate/certificate-details.js';
import { certificateIdOf, keyIdOf, requestIdOf } from '../../../src/core/certificate/certificate-id.js';
import { readCertificate } from '../../../src/core/certificate/parse.js';
import { aCertificate, type CertificateOptions } from '../../support/pki.js';

const read = (options: CertificateOptions) => readCertificate(aCertificate(options).der);
const NOT_AFTER = '2026-12-22T16:10:03Z';

describe('ids in the documented form (behaviour 13)', () => {
  test('of an RSA certificate: name, both ends of the modulus, end, digest', () => {
    const leaf = read({
      names: ['Example.com', 'www.example.com'],
      keyType: 'rsa-2048',
      notAfter: NOT_AFTER,
    });
    const modulus = detailsOf(leaf).modulus ?? '';
    const [first, last] = [modulus.slice(0, 5), modulus.slice(-5)];
    expect(modulus).toHaveLength(512);
    expect(certificateIdOf(leaf)).toBe(
      `example_com_${first}_${last}_${Date.parse(NOT_AFTER) / 1000}_${leaf.fingerprint.slice(0, 32)}`,
    );
    expect(keyIdOf(leaf.key)).toMatch(new RegExp(`^${first}_${last}_[0-9a-f]{32}$`));
    expect(requestIdOf('a-b.test', leaf.key, Buffer.from('x'))).toBe(
      `a_b_test_${first}_${last}_${createHash('sha256').update('x').digest('hex').slice(0, 32)}`,
    );
  });

  test('of an EC certificate: the compressed point takes the modulus’ place [memory]', () => {
    const leaf = read({ names: ['*.example.com'], keyType: 'ecdsa-prime256v1' });
    const point = detailsOf(leaf).ecdsaPublic ?? '';
    expect(point).toMatch(/^0[23][0-9a-f]{64}$/);
    expect(certificateIdOf(leaf)).toMatch(
      new RegExp(`^__example_com_${point.slice(0, 5)}_${point.slice(-5)}_\\d+_[0-9a-f]{32}$`),
    );
  });

  test.each<[string, CertificateOptions]>([
    ['without names', { names: [], subject: { '2.5.4.3': '../../etc/passwd' } }],
    ['of an Edwards curve', { keyType: 'ed25519' }],
    [
      'for a name of the greatest length',
      { names: [`${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.test`] },
    ],
  ])('of a certificate %s: letters, digits and underscores, short enough for a file', (_what, options) => {
    expect(certificateIdOf(read(options))).toMatch(/^\w{40,240}$/);
  });

  test('two keys never share one, and one key always has the same', () => {
    const [one, other] = [read({}), read({})];
    expect(keyIdOf(one.key)).not.toBe(keyIdOf(other.key));
    expect(keyIdOf(one.key)).toBe(keyIdOf(one.key));
  });
});

test('details tell exponent and subject', () => {
  expect(detailsOf(read({ names: ['a.test'], keyType: 'rsa-2048' }))).toMatchObject({
    publicExponent: '10001',
    subjectCommonName: 'a.test',
  });
  expect(detailsOf(read({})).publicExponent).toBeNull();
});
