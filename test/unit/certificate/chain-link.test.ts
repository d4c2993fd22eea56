import { expect, test } from '@jest/globals';
import { linkOf } from '../../../src/core/certificate/chain/chain-link.js';
import { readCertificate } from '../../../src/core/certificate/parse.js';
import { aCertificate, anIntermediate } from '../../support/pki.js';

test('an issuer is remembered; a leaf is not, lest a run over 10,000 websites keeps all of them in memory', () => {
  const issuer = readCertificate(anIntermediate().der);
  const leaf = readCertificate(aCertificate().der);
  expect(linkOf(issuer)).toBe(linkOf(issuer));
  expect(linkOf(leaf)).not.toBe(linkOf(leaf));
  expect(linkOf(leaf)).toEqual(linkOf(leaf));
});
