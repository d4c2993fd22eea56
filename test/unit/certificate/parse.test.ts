import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DerError } from '../../../src/core/certificate/der.js';
import { ariCertificateId, readCertificate } from '../../../src/core/certificate/parse.js';
import { bits, der, integer, nothing, octets, oid, sequence } from '../../support/der-writer.js';
import { aCertificate, aKey, anIntermediate, type CertificateOptions, extension } from '../../support/pki.js';

const read = (options: CertificateOptions) => readCertificate(aCertificate(options).der);

describe('what a certificate says of itself', () => {
  test('names, dates, issuer and identifiers of an ordinary leaf', () => {
    const issuer = anIntermediate();
    const leaf = aCertificate({ names: ['example.com', '*.Example.com', '192.0.2.7', '2001:db8::1'] });
    const facts = readCertificate(leaf.der);
    const node = new X509Certificate(leaf.der);
    expect(facts).toMatchObject({
      subject: 'CN=example.com',
      issuer: 'CN=Test Intermediate,O=Test Authority',
      issuerOrganizations: ['Test Authority'],
      serial: node.serialNumber.toLowerCase(),
      notBefore: new Date('2026-05-01T00:00:00Z'),
      notAfter: new Date('2026-07-30T00:00:00Z'),
      dnsNames: ['example.com', '*.example.com'],
      ipAddresses: ['192.0.2.7', '2001:db8::1'],
      hasSubjectAltName: true,
      signatureAlgorithm: 'ecdsa-with-SHA256',
      isSelfSigned: false,
      isCa: false,
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'],
      policyOids: ['2.23.140.1.2.1'],
      validationLevel: 'DV',
      authorityKeyIdentifier: issuer.keyIdentifier.toString('hex'),
      fingerprint: node.fingerprint256.replaceAll(':', '').toLowerCase(),
    });
    expect(facts.key).toMatchObject({ type: 'ec', curve: 'prime256v1', bits: 256 });
  });

  test.each([
    ['rsa-2048', { type: 'rsa', bits: 2048, exponent: 65537n }],
    ['rsa-1024', { type: 'rsa', bits: 1024, exponent: 65537n }],
    ['rsa-2048-e3', { type: 'rsa', bits: 2048, exponent: 3n }],
    ['ecdsa-secp384r1', { type: 'ec', curve: 'secp384r1', bits: 384 }],
    ['ecdsa-secp224r1', { type: 'ec', curve: 'secp224r1', bits: 224 }],
    ['ecdsa-secp521r1', { type: 'ec', curve: 'secp521r1', bits: 521 }],
    ['ecdsa-secp256k1', { type: 'ec', curve: 'secp256k1', bits: 256 }],
    ['ed25519', { type: 'ed25519', bits: 256, oid: '1.3.101.112' }],
  ] as const)('the key of a %s certificate', (keyType, key) => {
    expect(read({ keyType }).key).toMatchObject(key);
  });

  test.each([
    ['DV by its policy', { policies: ['2.23.140.1.2.1'], subject: { '2.5.4.10': 'Example Ltd' } }, 'DV'],
    ['OV by its policy', { policies: ['1.3.6.1.4.1.99', '2.23.140.1.2.2'] }, 'OV'],
    ['an individual by its policy', { policies: ['2.23.140.1.2.3'] }, 'OV'],
    ['EV by its policy', { policies: ['2.23.140.1.1'] }, 'EV'],
    [
      'old EV by its jurisdiction',
      { policies: ['1.3.6.1.4.1.99'], subject: { '1.3.6.1.4.1.311.60.2.1.3': 'DE', '2.5.4.10': 'E' } },
      'EV',
    ],
    ['an unknown CA with an organization', { policies: [], subject: { '2.5.4.10': 'Example Ltd' } }, 'OV'],
    ['an unknown CA without one', { policies: [] }, 'DV'],
    ['self-signed', { issuer: 'self' }, 'unknown'],
    ['an authority', { isCa: true }, 'unknown'],
  ] as const)('%s has its validation level', (_, options, level) => {
    expect(read(options).validationLevel).toBe(level);
  });

  test('an empty subject, no extensions at all', () => {
    const facts = read({ subject: {}, noSan: true, eku: null, policies: [] });
    expect(facts).toMatchObject({
      subject: '',
      hasSubjectAltName: false,
      extendedKeyUsage: null,
      policyOids: [],
    });
  });

  test('a serial number keeps its leading zero octet', () => {
    expect(read({ serial: Buffer.from('8765432100', 'hex') }).serial).toBe('008765432100');
  });

  test('the example of RFC 9773 section 4.1', () => {
    const keyIdentifier = Buffer.from('69885b6b87464041e1b37b847ba0ae2cde01c8d4', 'hex');
    expect(ariCertificateId(keyIdentifier, Buffer.from('0087654321', 'hex'))).toBe(
      'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE',
    );
  });

  test('a subject cannot steer a terminal or pretend to be two attributes', () => {
    const facts = read({ subject: { '2.5.4.3': 'a,O=Bank\u001b[2J\u202e', '2.5.4.10': ' x' } });
    expect(facts.subject).toBe('O=\\ x,CN=a\\,O=Bank\\u{1b}[2J\\u{202e}');
  });

  test('same subject and issuer does not make self-signed: the signature does', () => {
    expect(read({ issuer: 'self' }).isSelfSigned).toBe(true);
    expect(read({ issuer: 'self', badSignature: true }).isSelfSigned).toBe(false);
    expect(read({ issuer: 'self', keyType: 'rsa-2048', hash: 'md5' }).isSelfSigned).toBe(true);
  });

  test('basicConstraints decide about CA, also where OpenSSL shrugs', () => {
    expect(read({ isCa: true }).isCa).toBe(true);
    expect(read({}).isCa).toBe(false);
  });

  test('times before and after 2050', () => {
    const facts = read({ notBefore: '1950-01-01T00:00:00Z', notAfter: '9999-12-31T23:59:59Z' });
    expect([facts.notBefore, facts.notAfter].map((at) => at.toISOString())).toEqual([
      '1950-01-01T00:00:00.000Z',
      '9999-12-31T23:59:59.000Z',
    ]);
  });

  test('RSA-PSS tells by its hash', () => {
    const pss = (hash?: string) =>
      sequence(
        oid('1.2.840.113549.1.1.10'),
        sequence(...(hash ? [der(0xa0, sequence(oid(hash), nothing()))] : [])),
      );
    const spoil = (algorithm: Buffer) => {
      const facts = aCertificate().der;
      const ecdsa = sequence(oid('1.2.840.10045.4.3.2'));
      const [body, key] = [sequence(facts), ecdsa];
      return replaceAll(body.subarray(body.length - facts.length), key, algorithm);
    };
    expect(readCertificate(spoil(pss('2.16.840.1.101.3.4.2.1'))).signatureAlgorithm).toBe('rsassaPss');
    expect(readCertificate(spoil(pss())).signatureAlgorithm).toBe('rsassaPss with SHA-1');
  });

  test('every root that node brings reads as OpenSSL reads it', () => {
    for (const pem of rootCertificates) {
      const node = new X509Certificate(pem);
      const facts = readCertificate(node.raw);
      expect({
        serial: BigInt(`0x${facts.serial}`),
        notBefore: facts.notBefore,
        notAfter: facts.notAfter,
        fingerprint: facts.fingerprint,
        isSelfSigned: facts.isSelfSigned,
        isCa: facts.isCa,
        spki: Buffer.from(facts.key.spki).toString('hex'),
      }).toEqual({
        serial: BigInt(`0x${node.serialNumber}`),
        notBefore: new Date(node.validFrom),
        notAfter: new Date(node.validTo),
        fingerprint: node.fingerprint256.replaceAll(':', '').toLowerCase(),
        isSelfSigned: true,
        isCa: true,
        spki: node.publicKey.export({ type: 'spki', format: 'der' }).toString('hex'),
      });
    }
  });
});

/** Replaces equal TLVs anywhere and mends the lengths around them (two levels, as in a certificate). */
function replaceAll(certificate: Buffer, from: Buffer, to: Buffer): Buffer {
  const [tbs, algorithm, signature] = children(certificate);
  const inner = children(tbs!).map((part) => (part.equals(from) ? to : part));
  return sequence(sequence(...inner), algorithm!.equals(from) ? to : algorithm!, signature!);
}

function children(value: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let at = headerLength(value);
  while (at < value.length) {
    const rest = value.subarray(at);
    const end = headerLength(rest) + contentLength(rest);
    parts.push(rest.subarray(0, end));
    at += end;
  }
  return parts;
}
const headerLength = (v: Buffer) => (v[1]! < 0x80 ? 2 : 2 + (v[1]! & 0x7f));
const contentLength = (v: Buffer) => (v[1]! < 0x80 ? v[1]! : v.readUIntBE(2, v[1]! & 0x7f));

describe('bytes that are no good', () => {
  test.each([
    ['nothing', Buffer.alloc(0), 'the certificate is missing or cut off'],
    ['a length beyond the end', Buffer.from('3082ffff00', 'hex'), 'the certificate is cut off'],
    [
      'an indefinite length',
      Buffer.from('308000000000', 'hex'),
      'the certificate has a length that is not DER',
    ],
    [
      'five octets of length',
      Buffer.from('30850000000001', 'hex'),
      'the certificate has a length that is not DER',
    ],
    ['something else', octets(Buffer.from('hello')), 'the certificate has an unexpected type'],
    ['a tag of several octets', Buffer.from('3f8101', 'hex'), 'the certificate has a tag of several octets'],
  ])('%s is refused in plain words', (_, bytes, message) => {
    expect(() => readCertificate(bytes)).toThrow(new DerError(message));
  });

  test('two subject alternative names extensions are refused', () => {
    const extra = extension('2.5.29.17', false, sequence(der(0x82, Buffer.from('evil.example'))));
    expect(() => read({ extraExtensions: [extra] })).toThrow('stands there twice');
  });

  test('a date that no calendar has is refused', () => {
    const bytes = aCertificate().der;
    const at = bytes.indexOf('260501000000Z');
    bytes.write('260231', at);
    expect(() => readCertificate(bytes)).toThrow('notBefore is not a valid time');
  });

  test('a DSA key without parameters, on which node aborts, is only read', () => {
    const spki = sequence(sequence(oid('1.2.840.10040.4.1')), bits(integer(5)));
    const facts = read({ issuer: 'self', spkiDer: spki });
    expect(facts.key).toMatchObject({ type: 'dsa', bits: null });
  });

  test('a curve with explicit parameters never reaches OpenSSL', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1', paramEncoding: 'explicit' });
    const facts = read({ key: privateKey, issuer: 'self' });
    expect(facts.key).toMatchObject({ type: 'ec', curve: 'explicit', bits: 256 });
  });

  test('an object identifier as long as a UUID is read whole', () => {
    // f81d4fae-7dec-11d0-a765-00a0c91e6bf6, the example of ITU-T X.667.
    const uuid = 329800735698586629295641978511506172918n;
    const arc: number[] = [];
    for (let left = uuid; left > 0n; left /= 128n) {
      arc.unshift(Number(left % 128n) | (arc.length > 0 ? 0x80 : 0));
    }
    const id = der(0x06, Buffer.of(2 * 40 + 25), Buffer.from(arc));
    const policies = extension('2.5.29.32', false, sequence(sequence(id)));
    expect(read({ policies: [], extraExtensions: [policies] }).policyOids).toEqual([`2.25.${uuid}`]);
  });

  test('an object identifier of a megabyte is refused at once', () => {
    const id = der(0x06, Buffer.alloc(1_000_000, 0xff), Buffer.of(1));
    const policies = extension('2.5.29.32', false, sequence(sequence(id)));
    expect(() => read({ policies: [], extraExtensions: [policies] })).toThrow(
      'an object identifier is too long',
    );
  });

  test('any bytes either read or are refused with a DerError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => readsOrRefuses(bytes)),
      { numRuns: 500 },
    );
  });

  test('a certificate with any octet changed, cut or put in either reads or is refused', () => {
    const good = aCertificate({ keyType: 'rsa-2048', issuer: 'self' }).der;
    const place = fc.nat(good.length - 1);
    fc.assert(
      fc.property(place, fc.uint8Array({ maxLength: 6 }), fc.nat(6), (at, inserted, removed) =>
        readsOrRefuses(Buffer.concat([good.subarray(0, at), inserted, good.subarray(at + removed)])),
      ),
      { numRuns: 1500 },
    );
  });

  test('names of any attributes are shown on one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const subject = read({ key: aKey('ecdsa-prime256v1'), subject: { '2.5.4.3': value } }).subject;
        return !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(subject);
      }),
      { numRuns: 200 },
    );
  });
});

function readsOrRefuses(bytes: Uint8Array): boolean {
  try {
    readCertificate(bytes);
    return true;
  } catch (error) {
    return error instanceof DerError;
  }
}
