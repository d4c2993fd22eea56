import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { aCertificate, anIntermediate, aRoot, PKI_NOW } from '../../support/pki.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pki-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the test PKI', () => {
  test('makes chains that OpenSSL verifies', () => {
    const leaf = aCertificate({ names: ['example.com', '*.example.com', '192.0.2.1', '2001:db8::1'] });
    writeFileSync(join(folder, 'root'), aRoot().certPem);
    writeFileSync(join(folder, 'chain'), leaf.chainPem);
    writeFileSync(join(folder, 'leaf'), leaf.certPem);
    const out = execFileSync('openssl', [
      'verify',
      '-attime',
      String(PKI_NOW.getTime() / 1000),
      '-x509_strict',
      '-purpose',
      'sslserver',
      '-verify_hostname',
      'x.example.com',
      '-CAfile',
      join(folder, 'root'),
      '-untrusted',
      join(folder, 'chain'),
      join(folder, 'leaf'),
    ]).toString();
    expect(out).toMatch(/: OK$/m);
  });

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
