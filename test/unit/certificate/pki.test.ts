import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { aCertificate, anIntermediate } from '../../support/pki.js';

describe('the test PKI', () => {
  test.each([
    'rsa-2048',
    'rsa-1024',
    'rsa-2048-e3',
    'ecdsa-secp384r1',
    'ecdsa-secp224r1',
    'ed25519',
  ] as const)('makes a %s certificate with its key', (keyType) => {
    const leaf = aCertificate({ keyType, issuer: anIntermediate({ keyType: 'rsa-2048' }), hash: 'sha1' });
    expect(new X509Certificate(leaf.certPem).checkPrivateKey(leaf.privateKey)).toBe(true);
  });
});
