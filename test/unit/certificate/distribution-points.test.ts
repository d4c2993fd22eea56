import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readCertificate } from '../../../src/core/certificate/parse.js';
import { implicit, sequence, tagged } from '../../support/der-writer.js';
import { aCertificate, extension } from '../../support/pki.js';
import { distributionPoints, ocspResponder, pointName } from '../../support/revocation-lists.js';

const factsWith = (...extraExtensions: readonly Buffer[]) =>
  readCertificate(aCertificate({ extraExtensions }).der);
const points = (...contents: readonly Buffer[]) => extension('2.5.29.31', false, sequence(...contents));
const ONE = 'http://c.test/1.crl';

describe('where a certificate says that its list lies', () => {
  test.each<[string, readonly Buffer[], readonly string[]]>([
    ['nowhere', [], []],
    ['at one address', [distributionPoints(ONE)], [ONE]],
    ['at two', [distributionPoints(ONE, 'https://d.test/')], [ONE, 'https://d.test/']],
    ['as it is written', [distributionPoints('HTTP://C.test/%41')], ['HTTP://C.test/%41']],
    ['not in a directory', [distributionPoints('ldap://c.test/cn=x', ONE)], [ONE]],
    ['not in a file', [distributionPoints('file:///etc/shadow')], []],
    ['not at what is no address', [distributionPoints('http://[', 'http://a b/', 'http://a\n/')], []],
    [
      'not where only some reasons are told',
      [points(sequence(pointName(ONE), implicit(1, Buffer.of(1, 2))))],
      [],
    ],
    ['not in another issuer’s list', [points(sequence(pointName(ONE), tagged(2, sequence())))], []],
    ['not relative to a name', [points(sequence(tagged(0, tagged(1))))], []],
    ['not where it cannot be read', [extension('2.5.29.31', false, Buffer.from('3003', 'hex'))], []],
  ])('%s', (_, extensions, expected) => {
    expect(factsWith(...extensions).crlUrls).toEqual(expected);
  });

  test('whatever the bytes are, the certificate can be read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.boolean(), (bytes, isList) => {
        const oid = isList ? '2.5.29.31' : '1.3.6.1.5.5.7.1.1';
        const { crlUrls, ocspUrls } = factsWith(extension(oid, false, Buffer.from(bytes)));
        for (const url of [...crlUrls, ...ocspUrls]) expect(url).toMatch(/^https?:/i);
      }),
    );
  });
});

test('which OCSP responder a certificate names', () => {
  expect(factsWith(ocspResponder('http://ocsp.test')).ocspUrls).toEqual(['http://ocsp.test']);
  expect(factsWith().ocspUrls).toEqual([]);
});
