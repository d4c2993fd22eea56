import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { generateKey } from '../../../src/adapters/system/files/private-key.js';
import { judgeChain } from '../../../src/core/certificate/chain/chain.js';
import { TrustAnchors } from '../../../src/core/certificate/chain/trust-anchors.js';
import { createCsr, readCsr } from '../../../src/core/certificate/csr.js';
import { DerError } from '../../../src/core/certificate/der.js';
import { keyMatchesCertificate } from '../../../src/core/certificate/key/private-key.js';
import { readCertificate } from '../../../src/core/certificate/parse.js';
import { encodePem } from '../../../src/core/certificate/pem/pem.js';
import { createSelfSigned, signCertificate } from '../../../src/core/certificate/signing.js';
import type { WantedName } from '../../../src/core/domain/name/names.js';
import { aCertificate, aKey, anIntermediate, keyPemOf, PKI_NOW, spkiOf } from '../../support/pki.js';

const names = ['example.com', '*.example.com', '192.0.2.1', '2001:db8::1'] as WantedName[];
const serial = Buffer.from('f0112233445566778899aabbccddeeff', 'hex');
const validity = { notBefore: new Date('2026-05-01T00:00:00Z'), notAfter: new Date('2026-07-30T00:00:00Z') };

describe('a certificate request', () => {
  test.each(['rsa-2048', 'ecdsa-prime256v1', 'ecdsa-secp384r1'] as const)(
    'with a %s key has all names in the subjectAltName and nothing else',
    async (keyType) => {
      const key = aKey(keyType);
      const csr = await createCsr({ names, keyPem: keyPemOf(key) });
      expect(readCsr(csr)).toEqual({
        dnsNames: ['example.com', '*.example.com'],
        ipAddresses: ['192.0.2.1', '2001:db8::1'],
        commonNames: [],
        spki: spkiOf(key),
        isSignatureValid: true,
      });
    },
  );

  test('that somebody changed on the way is not believed', async () => {
    const csr = Buffer.from(await createCsr({ names, keyPem: keyPemOf(aKey()) }));
    csr.write('exempla', csr.indexOf('example'));
    expect(readCsr(csr)).toMatchObject({
      dnsNames: ['exempla.com', '*.example.com'],
      isSignatureValid: false,
    });
  });

  test('that is no request is refused', () => {
    expect(() => readCsr(Buffer.from('3003020100', 'hex'))).toThrow(DerError);
  });
});

describe('a certificate that we sign', () => {
  test('self-signed authority and leaf make a chain that our own judge trusts', async () => {
    const rootKey = await generateKey('ecdsa-secp384r1');
    const rootDer = await createSelfSigned({
      ...validity,
      keyPem: rootKey,
      names: [],
      commonName: 'Local Root',
      organization: 'Example Hosting',
      serial,
      isCa: true,
      pathLength: 0,
    });
    const leafDer = await signCertificate({
      ...validity,
      names,
      serial,
      policyOids: ['2.23.140.1.2.1'],
      spki: spkiOf(aKey('rsa-2048')),
      issuerDer: rootDer,
      issuerKeyPem: rootKey,
    });
    const leaf = readCertificate(leafDer);
    expect(leaf).toMatchObject({
      ...validity,
      subject: '',
      issuer: readCertificate(rootDer).subject,
      serial: `00${serial.toString('hex')}`,
      dnsNames: ['example.com', '*.example.com'],
      ipAddresses: ['192.0.2.1', '2001:db8::1'],
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'],
      validationLevel: 'DV',
      isCa: false,
      authorityKeyIdentifier: readCertificate(rootDer).subjectKeyIdentifier,
    });
    const anchors = new TrustAnchors([encodePem('CERTIFICATE', rootDer)]);
    expect(judgeChain(leaf, [], anchors, PKI_NOW).status).toBe('trusted');
    expect(new X509Certificate(leafDer).checkIssued(new X509Certificate(rootDer))).toBe(true);
  });

  test('under an authority that other software made', async () => {
    const issuer = anIntermediate();
    const leafDer = await signCertificate({
      ...validity,
      names: names.slice(0, 1),
      commonName: 'example.com',
      serial,
      spki: spkiOf(aKey()),
      issuerDer: issuer.der,
      issuerKeyPem: issuer.keyPem,
    });
    const node = new X509Certificate(leafDer);
    expect(node.checkIssued(new X509Certificate(issuer.der))).toBe(true);
    expect(node.verify(createPublicKey(issuer.privateKey))).toBe(true);
  });

  test('a placeholder for a website', async () => {
    const keyPem = keyPemOf(aKey('rsa-2048'));
    const der = await createSelfSigned({ ...validity, keyPem, names: names.slice(0, 1), serial });
    expect(readCertificate(der)).toMatchObject({
      isSelfSigned: true,
      isCa: false,
      dnsNames: ['example.com'],
    });
    expect(keyMatchesCertificate(keyPem, der)).toBe(true);
  });
});

describe('whether a key belongs to a certificate', () => {
  const rsa = aCertificate({ keyType: 'rsa-2048' });
  const ec = aCertificate();

  test.each([
    ['RSA', rsa],
    ['EC', ec],
    ['Ed25519', aCertificate({ keyType: 'ed25519' })],
  ])('%s: its own does', (_, certificate) => {
    expect(keyMatchesCertificate(certificate.keyPem, certificate.der)).toBe(true);
  });

  test.each([
    ['another of its kind', keyPemOf(aKey()), ec.der],
    ['one of another kind', rsa.keyPem, ec.der],
    ['text', 'hello', ec.der],
    ['none for no certificate', ec.keyPem, Buffer.from('hello')],
  ])('%s does not', (_, keyPem, der) => {
    expect(keyMatchesCertificate(keyPem, der)).toBe(false);
  });

  test('a key with the right public and a wrong private part does not', () => {
    const right = createPrivateKey(ec.keyPem).export({ format: 'jwk' });
    const wrong = aKey().export({ format: 'jwk' });
    const der = createPrivateKey(ec.keyPem).export({ type: 'pkcs8', format: 'der' });
    const secret = Buffer.from(right.d ?? '', 'base64url');
    const mixed = Buffer.from(der);
    Buffer.from(wrong.d ?? '', 'base64url').copy(mixed, der.indexOf(secret));
    expect(keyMatchesCertificate(encodePem('PRIVATE KEY', mixed), ec.der)).toBe(false);
  });
});

describe('key generation', () => {
  test.each(['rsa-2048', 'ecdsa-prime256v1', 'ecdsa-secp384r1'] as const)('%s', async (keyType) => {
    const key = createPrivateKey(await generateKey(keyType));
    const [family, detail] = keyType.split('-');
    expect(key.asymmetricKeyDetails).toMatchObject(
      family === 'rsa' ? { modulusLength: 2048, publicExponent: 65537n } : { namedCurve: detail },
    );
  });
});
