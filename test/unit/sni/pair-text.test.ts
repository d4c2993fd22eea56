import { describe, expect, test } from '@jest/globals';
import { pairId, pairTextOf } from '../../../src/core/sni/pair-text.js';
import { aCertificate, aKey, keyPemOf } from '../../support/pki.js';

const good = aCertificate({ names: ['a.test'] });

describe('what lies under a name', () => {
  test('is given to daemons as key, leaf and chain, known by the digest of that', () => {
    const pair = pairTextOf(good.combined);
    expect(pair?.text).toBe(good.combined);
    expect(pair?.id).toBe(pairId(good.combined));
    expect(pair?.id).toMatch(/^[0-9a-f]{32}$/);
    expect(pair?.leaf.dnsNames).toEqual(['a.test']);
  });

  test('is given in one form, whatever stands between and in whatever order', () => {
    const shuffled = `some words\n${good.chainPem.replaceAll('\n', '\r\n')}\nBag Attributes\n${good.keyPem}`;
    expect(pairTextOf(shuffled)?.text).toBe(good.combined);
  });

  test.each([
    ['nothing', ''],
    ['words', 'ssl_cert = </etc/shadow'],
    ['no key', good.chainPem],
    ['no certificate', good.keyPem],
    ['another key', keyPemOf(aKey('ecdsa-prime256v1', 'other')) + good.chainPem],
    ['a placeholder', aCertificate({ names: ['a.test'], issuer: 'self' }).combined],
    ['a CA’s certificate', aCertificate({ names: ['a.test'], isCa: true }).combined],
    ['an RSA key of 1024 bits', aCertificate({ names: ['a.test'], keyType: 'rsa-1024' }).combined],
    ['a curve of 224 bits', aCertificate({ names: ['a.test'], keyType: 'ecdsa-secp224r1' }).combined],
    ['a signature by SHA-1', aCertificate({ names: ['a.test'], hash: 'sha1' }).combined],
  ])('is given to nobody when it is %s', (_, combined) => {
    expect(pairTextOf(combined)).toBeNull();
  });
});
