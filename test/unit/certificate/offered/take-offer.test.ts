import { describe, expect, test } from '@jest/globals';
import type { OfferedFiles } from '../../../../src/core/certificate/offered/offer.js';
import { takeOffer } from '../../../../src/core/certificate/offered/take-offer.js';
import { readCertificate } from '../../../../src/core/certificate/parse.js';
import { aCertificate, aKey, anIntermediate, aRoot, keyPemOf } from '../../../support/pki.js';

const good = aCertificate();
const leaf = readCertificate(good.der);
const intermediate = anIntermediate();
const other = aCertificate();
const rsaKey = aKey('rsa-2048');
const rsa = aCertificate({ key: rsaKey });
const encrypted = good.privateKey
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
  .toString();
const encryptedDer = good.privateKey.export({
  type: 'pkcs8',
  format: 'der',
  cipher: 'aes-256-cbc',
  passphrase: 'x',
});
const oldEncrypted = rsaKey
  .export({ type: 'pkcs1', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' })
  .toString();

type Given = string | Uint8Array | null;
const bytesOf = (given: Given): Uint8Array | null =>
  typeof given === 'string' ? Buffer.from(given, 'latin1') : given;
const filesOf = (certificate: Given, key: Given, bundle: Given): OfferedFiles => ({
  certificate: bytesOf(certificate) ?? Buffer.alloc(0),
  key: bytesOf(key),
  bundle: bytesOf(bundle),
});
const take = (certificate: Given, key: Given = null, bundle: Given = null) =>
  takeOffer(filesOf(certificate, key, bundle));
const utf16 = (text: string): Buffer => Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(text, 'utf16le')]);

describe('what is taken', () => {
  test.each<[string, Given, Given, Given]>([
    ['a certificate and its key', good.certPem, good.keyPem, null],
    ['both in one file', good.keyPem + good.certPem, null, null],
    ['the same combined file given twice', good.combined, good.combined, null],
    ['the same combined file given three times', good.combined, good.combined, good.combined],
    [
      'line ends of Windows',
      good.certPem.replaceAll('\n', '\r\n'),
      good.keyPem.replaceAll('\n', '\r\n'),
      null,
    ],
    [
      'line ends of an old Mac',
      good.certPem.replaceAll('\n', '\r'),
      good.keyPem.replaceAll('\n', '\r'),
      null,
    ],
    [
      'a byte order mark of UTF-8',
      `\u00ef\u00bb\u00bf${good.certPem}`,
      `\u00ef\u00bb\u00bf${good.keyPem}`,
      null,
    ],
    ['UTF-16', utf16(good.certPem), utf16(good.keyPem), null],
    ['text around the blocks', `Subject: x\n${good.certPem}bye`, `Bag Attributes\n${good.keyPem}`, null],
    ['DER', good.der, good.privateKey.export({ type: 'pkcs8', format: 'der' }), null],
    ['DER with a key of SEC 1', good.der, good.privateKey.export({ type: 'sec1', format: 'der' }), null],
    ['the issuer before the certificate', intermediate.certPem + good.certPem, good.keyPem, null],
    ['strangers around', other.certPem + good.certPem, keyPemOf(rsaKey) + good.keyPem, other.certPem],
  ])('%s', (_case, certificate, key, bundle) => {
    const taken = take(certificate, key, bundle);
    if ('refused' in taken) throw new Error(taken.refused.message);
    expect(taken.leaf.fingerprint).toBe(leaf.fingerprint);
    expect(taken.keyPem).toMatch(/^-----BEGIN (EC )?PRIVATE KEY-----\n/);
    expect(taken.given.map(({ fingerprint }) => fingerprint)).not.toContain(leaf.fingerprint);
  });

  test('an RSA key of PKCS #1 in DER', () => {
    const taken = take(rsa.der, rsaKey.export({ type: 'pkcs1', format: 'der' }));
    expect(taken).toMatchObject({ keyPem: expect.stringContaining('BEGIN RSA PRIVATE KEY') });
  });

  test('the other certificates, each once, in their order', () => {
    const taken = take(good.combined, null, aRoot().certPem + intermediate.certPem);
    const given = 'refused' in taken ? [] : taken.given.map(({ subject }) => subject);
    expect(given).toEqual([
      expect.stringContaining('CN=Test Intermediate'),
      expect.stringContaining('CN=Test Root'),
    ]);
  });

  test('no key where none was given: the leaf is the first that is no authority’s', () => {
    expect(take(intermediate.certPem + good.certPem)).toMatchObject({
      keyPem: null,
      leaf: { fingerprint: leaf.fingerprint },
    });
  });

  test('what is sound, where a certificate beside it is damaged; that is told', () => {
    const damaged = intermediate.certPem.replace(/\nMI/, '\nAA');
    expect(take(good.certPem + damaged, good.keyPem)).toMatchObject({
      given: [],
      warnings: [{ code: 'DAMAGED_CERTIFICATE_LEFT_OUT' }],
    });
  });
});

describe('what is refused', () => {
  test.each<[string, string, RegExp, Given, Given, Given]>([
    ['an empty certificate file', 'CERTIFICATE_EMPTY', /it is empty/, ' \n', good.keyPem, null],
    [
      'two binary bytes for a certificate',
      'CERTIFICATE_UNREADABLE',
      /no certificate in it/,
      Buffer.of(0xff, 0xfe),
      good.keyPem,
      null,
    ],
    [
      'garbage for a certificate',
      'CERTIFICATE_UNREADABLE',
      /no certificate in it/,
      'hello',
      good.keyPem,
      null,
    ],
    [
      'a cut off certificate',
      'CERTIFICATE_UNREADABLE',
      /damaged/,
      good.certPem.slice(0, 300),
      good.keyPem,
      null,
    ],
    [
      'a cut off certificate in DER',
      'CERTIFICATE_UNREADABLE',
      /damaged/,
      good.der.subarray(0, 90),
      good.keyPem,
      null,
    ],
    [
      'certificate and key swapped',
      'CERTIFICATE_AND_KEY_SWAPPED',
      /swapped/,
      good.keyPem,
      good.certPem,
      null,
    ],
    ['the key given twice', 'CERTIFICATE_UNREADABLE', /only a key/, good.keyPem, good.keyPem, null],
    ['the key alone', 'CERTIFICATE_UNREADABLE', /only a key/, good.keyPem, null, null],
    [
      'the certificate given twice',
      'KEY_MISSING',
      /there is a certificate/,
      good.certPem,
      good.certPem,
      null,
    ],
    ['another certificate’s key', 'KEY_MISMATCH', /does not belong/, good.certPem, other.keyPem, null],
    [
      'bundle and certificate swapped',
      'KEY_MISMATCH',
      /certificate of the bundle/,
      intermediate.certPem,
      good.keyPem,
      good.certPem,
    ],
    ['a key with a passphrase', 'KEY_ENCRYPTED', /passphrase/, good.certPem, encrypted, null],
    ['one in DER', 'KEY_ENCRYPTED', /passphrase/, good.certPem, encryptedDer, null],
    ['one of the old kind', 'KEY_ENCRYPTED', /passphrase/, rsa.certPem, oldEncrypted, null],
    ['one beside the certificate', 'KEY_ENCRYPTED', /passphrase/, good.certPem + encrypted, null, null],
    ['a key file that is empty', 'KEY_MISSING', /it is empty/, good.certPem, '', null],
    ['a key file with something else', 'KEY_MISSING', /something else/, good.certPem, 'hello', null],
    ['a cut off key', 'KEY_UNREADABLE', /end line/, good.certPem, good.keyPem.slice(0, 100), null],
    ['an OpenSSH key', 'KEY_UNREADABLE', /OpenSSH/, good.certPem, pem('OPENSSH PRIVATE KEY'), null],
    [
      'a signing request',
      'CERTIFICATE_UNREADABLE',
      /signing request/,
      pem('CERTIFICATE REQUEST'),
      good.keyPem,
      null,
    ],
    ['a PKCS #7 bundle', 'CERTIFICATE_UNREADABLE', /PKCS #7/, pem('PKCS7'), good.keyPem, null],
    [
      'a PKCS #12 file',
      'CERTIFICATE_UNREADABLE',
      /PKCS #12/,
      Buffer.from('30050201033000', 'hex'),
      good.keyPem,
      null,
    ],
    ['a bundle of garbage', 'BUNDLE_UNREADABLE', /no certificate in it/, good.certPem, good.keyPem, 'x'],
    ['a key for a bundle', 'BUNDLE_UNREADABLE', /only a key/, good.certPem, good.keyPem, good.keyPem],
    ['an empty bundle', 'BUNDLE_UNREADABLE', /it is empty/, good.certPem, good.keyPem, ''],
  ])('%s', (_case, code, message, certificate, key, bundle) => {
    const taken = take(certificate, key, bundle);
    expect(taken).toEqual({
      refused: { code, message: expect.stringMatching(message), advice: expect.any(String) },
    });
  });

  test('a key whose secret half is another’s than its public half says', () => {
    const sec1 = good.privateKey.export({ type: 'sec1', format: 'der' });
    const forged = Buffer.from(sec1);
    // RFC 5915: the secret number begins after SEQUENCE, version and the OCTET STRING's own header.
    forged[20] = (forged[20] ?? 0) ^ 1;
    expect(take(good.certPem, forged)).toMatchObject({
      refused: { code: 'KEY_MISMATCH', message: expect.stringContaining('damaged') },
    });
  });

  test('names nothing of the key', () => {
    const secret = good.keyPem.split('\n')[1] ?? 'none';
    const said = JSON.stringify([
      take(good.certPem, good.keyPem.slice(0, 100)),
      take(other.certPem, good.keyPem),
    ]);
    expect(said).toContain('refused');
    expect(said).not.toContain(secret.slice(0, 20));
  });
});

function pem(label: string): string {
  return `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;
}
