import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isSameKey } from '../../../src/core/certificate/key/public-key.js';
import { takeCombinedApart, takeDerApart } from '../../../src/core/certificate/pem/combined.js';
import { splitPem } from '../../../src/core/certificate/pem/pem.js';
import { bits, integer, octets, oid, pem, sequence } from '../../support/der-writer.js';
import { aCertificate, aKey, anIntermediate, keyPemOf, spkiOf } from '../../support/pki.js';

const PATH = '/var/cpanel/ssl/apache_tls/example.com/combined';
const take = (text: string) => takeCombinedApart(text, PATH);
const leaf = aCertificate();
const other = aCertificate({ names: ['other.example'] });

/** What the tests look at: the leaf's first name, the chain's subjects, whether the key fits, the fault. */
function shape(text: string) {
  const evidence = take(text);
  if (evidence.kind !== 'present') return evidence;
  const { keySpki } = evidence;
  return {
    leaf: evidence.leaf.dnsNames[0],
    chain: evidence.chain.map(({ subject }) => subject.split(',')[0]),
    fits: keySpki && isSameKey(keySpki, evidence.leaf.key.spki),
    fault: evidence.keyFault,
  };
}
const WHOLE = { leaf: 'example.com', chain: ['CN=Test Intermediate'], fits: true, fault: null };

describe('a combined file taken apart', () => {
  test.each([
    ['key, leaf, chain as we write it', leaf.combined],
    ['Windows line ends', leaf.combined.replaceAll('\n', '\r\n')],
    ['old Mac line ends', leaf.combined.replaceAll('\n', '\r')],
    ['a byte order mark and text before it', `\ufeffIssued for you\n${leaf.combined}`],
    ['Bag Attributes as openssl pkcs12 writes them', bagged(leaf.combined)],
    ['the key at the end', leaf.chainPem + leaf.keyPem],
    ['the chain before the leaf', anIntermediate().certPem + leaf.certPem + leaf.keyPem],
    ['indented lines', leaf.combined.replaceAll(/^/gm, '    ')],
    ['no line end at the end', leaf.combined.trimEnd()],
    ['all base64 on one line', leaf.combined.replaceAll(/([^-])\n(?!-)/g, '$1')],
    ['curve parameters before a SEC1 key', `${curveParameters()}${sec1(leaf.privateKey)}${leaf.chainPem}`],
    ['other blocks among them', `${pem('DH PARAMETERS', sequence(integer(7)))}${leaf.combined}`],
    ['another key before the right one', other.keyPem + leaf.combined],
    ['OpenSSL’s old label', leaf.combined.replaceAll(' CERTIFICATE-', ' X509 CERTIFICATE-')],
    [
      'OpenSSL’s trusted certificate, with its trust after it',
      leaf.keyPem +
        pem('TRUSTED CERTIFICATE', Buffer.concat([leaf.der, sequence()])) +
        anIntermediate().certPem,
    ],
    ['a damaged certificate after the chain', `${leaf.combined}${pem('CERTIFICATE', octets(Buffer.of(1)))}`],
  ])('%s', (_, text) => {
    expect(shape(text)).toEqual(WHOLE);
  });

  test('without a key the first certificate is the leaf', () => {
    expect(shape(leaf.chainPem)).toEqual({ ...WHOLE, fits: null, fault: 'there is no private key in it' });
  });

  test('the key of another certificate is told', () => {
    expect(shape(other.keyPem + leaf.chainPem)).toEqual({ ...WHOLE, fits: false });
  });

  test.each([
    ['absolutely nothing', '', { kind: 'empty', path: PATH }],
    ['white space only', ' \r\n\t\n', { kind: 'empty', path: PATH }],
    ['only a key', leaf.keyPem, { kind: 'unreadable', path: PATH, why: 'there is no certificate in it' }],
    ['prose', 'hello', { kind: 'unreadable', path: PATH, why: 'there is no certificate in it' }],
    [
      'a leaf cut in the middle',
      leaf.certPem.slice(0, 300),
      { kind: 'unreadable', path: PATH, why: 'the certificate is damaged: its end line is missing' },
    ],
    [
      'a leaf with a line missing',
      leaf.certPem.split('\n').toSpliced(3, 1).join('\n'),
      {
        kind: 'unreadable',
        path: PATH,
        why: expect.stringMatching(/^the certificate is damaged: .*cut off$/),
      },
    ],
    [
      'a leaf with foreign characters in it',
      leaf.certPem.replace('MII', 'M*I'),
      { kind: 'unreadable', path: PATH, why: 'the certificate is damaged: it is not base64' },
    ],
    [
      'a leaf block with nothing in it',
      '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n',
      { kind: 'unreadable', path: PATH, why: 'the certificate is damaged: it is empty' },
    ],
  ])('%s', (_, text, expected) => {
    expect(take(text)).toEqual(expected);
  });

  test('any text is taken apart or refused, never thrown at', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ...leaf.combined.split(/(?=-----)/),
        '-----',
        '-----BEGIN ',
        'CERTIFICATE-----\n',
        ':',
        '\n\n',
      ),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) =>
        ['empty', 'unreadable', 'present'].includes(take(pieces.join('')).kind),
      ),
      { numRuns: 500 },
    );
  });

  test('a million begin lines cost no more than reading them', () => {
    expect(splitPem('-----BEGIN CERTIFICATE-----\n'.repeat(1_000_000))).toHaveLength(1_000_000);
  });
});

describe('the public half of a private key', () => {
  const keys: Readonly<Record<string, KeyObject>> = {
    'RSA 2048': aKey('rsa-2048'),
    'RSA 1024': aKey('rsa-1024'),
    'P-256': aKey('ecdsa-prime256v1'),
    'P-384': aKey('ecdsa-secp384r1'),
    secp256k1: aKey('ecdsa-secp256k1'),
    Ed25519: aKey('ed25519'),
  };
  const rsaAndEc = Object.entries(keys).filter(([name]) => name !== 'Ed25519');

  test.each(Object.entries(keys))('%s in PKCS #8', (_, key) => {
    expect(spkiIn(keyPemOf(key))).toEqual(spkiOf(key));
  });

  test.each(rsaAndEc)('%s in its old form', (_, key) => {
    const type = key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1';
    expect(spkiIn(key.export({ type, format: 'pem' }).toString())).toEqual(spkiOf(key));
  });

  test('an EC key that does not carry its public part', () => {
    const key = keys['P-256']!;
    const scalar = Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url');
    const bare = sequence(
      integer(0),
      sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')),
      octets(sequence(integer(1), octets(scalar))),
    );
    expect(spkiIn(pem('PRIVATE KEY', bare))).toEqual(spkiOf(key));
  });

  test.each([
    ['encrypted in PKCS #8', encrypted('pkcs8'), 'it is encrypted with a passphrase'],
    ['encrypted in the old way', encrypted('pkcs1'), 'it is encrypted with a passphrase'],
    [
      'an OpenSSH key',
      pem('OPENSSH PRIVATE KEY', Buffer.from('openssh-key-v1')),
      'it is in OpenSSH’s own format',
    ],
    ['a DSA key', pem('DSA PRIVATE KEY', sequence(integer(0))), 'it is a DSA key'],
    [
      'a DSA key in PKCS #8, malformed so that node would abort',
      pem('PRIVATE KEY', sequence(integer(0), sequence(oid('1.2.840.10040.4.1')), octets(integer(5)))),
      'it is a DSA key',
    ],
    ['half a key', keyPemOf(aKey('rsa-2048')).slice(0, 500), 'its end line is missing'],
    [
      'a key with a line missing',
      keyPemOf(aKey('rsa-2048')).split('\n').toSpliced(9, 1).join('\n'),
      expect.stringMatching(/cut off/),
    ],
    ['a kind nobody knows', pem('QUANTUM PRIVATE KEY', octets(Buffer.of(1))), 'it is of an unknown kind'],
    ['garbage in PKCS #8', pem('PRIVATE KEY', sequence(bits(Buffer.of(1)))), expect.any(String)],
  ])('%s is a fault, not a crash', (_, keyPem, reason) => {
    const evidence = take(keyPem + leaf.chainPem);
    expect(evidence).toMatchObject({ kind: 'present', keySpki: null, keyFault: expect.any(String) });
    const fault = (evidence as { keyFault: string }).keyFault.replace('the private key cannot be used: ', '');
    expect(fault).toEqual(reason);
  });

  test('the same point compressed is the same key', () => {
    const key = aKey('ecdsa-prime256v1');
    const spki = spkiOf(key);
    const [x, y] = [spki.subarray(-64, -32), spki.subarray(-32)];
    const compressed = sequence(
      sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')),
      bits(Buffer.concat([Buffer.of(2 + (y[31]! & 1)), x])),
    );
    expect(isSameKey(spki, compressed)).toBe(true);
    expect(isSameKey(spkiOf(aKey('ecdsa-prime256v1')), compressed)).toBe(false);
  });
});

describe('a file that is bare DER', () => {
  test('a certificate', () => {
    expect(takeDerApart(leaf.der, PATH)).toMatchObject({ kind: 'present', chain: [], keySpki: null });
  });
  test.each([
    ['a key', leaf.privateKey.export({ type: 'pkcs8', format: 'der' }), /private key or a PKCS #12/],
    ['a PKCS #7 bundle', sequence(oid('1.2.840.113549.1.7.2')), /PKCS #7/],
    ['garbage', Buffer.from('3003040102', 'hex'), /^it is not a certificate: /],
  ])('%s is told apart', (_, bytes, why) => {
    expect(takeDerApart(bytes, PATH)).toMatchObject({ kind: 'unreadable', why: expect.stringMatching(why) });
  });
});

function spkiIn(keyPem: string): Buffer {
  const evidence = take(keyPem + leaf.certPem);
  return evidence.kind === 'present' && evidence.keySpki ? Buffer.from(evidence.keySpki) : Buffer.alloc(0);
}

function sec1(key: KeyObject): string {
  return key.export({ type: 'sec1', format: 'pem' }).toString();
}

function curveParameters(): string {
  return pem('EC PARAMETERS', oid('1.2.840.10045.3.1.7'));
}

function encrypted(type: 'pkcs8' | 'pkcs1'): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  return privateKey.export({ type, format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' }).toString();
}

function bagged(text: string): string {
  const bag = 'Bag Attributes\n    localKeyID: 01 02\nsubject=CN = example.com\n\nissuer=CN = x\n\n';
  return text.replaceAll('-----BEGIN', `${bag}-----BEGIN`);
}
