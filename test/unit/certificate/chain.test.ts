import { describe, expect, test } from '@jest/globals';
import { type ChainVerdict, judgeChain } from '../../../src/core/certificate/chain/chain.js';
import { TrustAnchors } from '../../../src/core/certificate/chain/trust-anchors.js';
import type { CertificateFacts } from '../../../src/core/certificate/facts.js';
import { readCertificate } from '../../../src/core/certificate/parse.js';
import { der, oid, printableString, sequence, set, utf8 } from '../../support/der-writer.js';
import {
  aCertificate,
  aKey,
  anIntermediate,
  aRoot,
  PKI_NOW,
  type TestAuthority,
  type TestCertificate,
} from '../../support/pki.js';

const anchors = new TrustAnchors([aRoot().certPem]);

function judge(
  leaf: TestCertificate,
  chain: readonly (TestAuthority | TestCertificate)[],
  trusted: TrustAnchors = anchors,
  options = {},
): ChainVerdict {
  const presented = chain.map((member) => readCertificate(member.der));
  return judgeChain(readCertificate(leaf.der), presented, trusted, PKI_NOW, options);
}

/** `trusted`, or the status and the tail. */
const told = (verdict: ChainVerdict) =>
  verdict.status === 'trusted' ? 'trusted' : `${verdict.status} ${verdict.opensslTail}`;
const pathOf = (verdict: ChainVerdict) =>
  verdict.status === 'trusted' ? verdict.path.map((c: CertificateFacts) => c.subject.split(',')[0]) : [];

const intermediate = anIntermediate();
const leaf = aCertificate();
const otherRoot = aRoot({ name: 'Other Root' });
const upper = anIntermediate({ name: 'Upper' });
const lower = anIntermediate({ name: 'Lower', issuer: upper });
const deepLeaf = aCertificate({ issuer: lower });
const expired = anIntermediate({ name: 'Expired', notAfter: '2026-01-01T00:00:00Z' });
const future = anIntermediate({ name: 'Future', notBefore: '2027-01-01T00:00:00Z' });
const noCa = anIntermediate({ name: 'No CA', isCa: false });
const short = anIntermediate({ name: 'Short', pathLength: 0 });
const belowShort = anIntermediate({ name: 'Below Short', issuer: short });
const privateIntermediate = anIntermediate({ name: 'Private', issuer: otherRoot });

describe('how far a chain goes', () => {
  test.each<[string, TestCertificate, readonly TestAuthority[], string]>([
    ['leaf and intermediate', leaf, [intermediate], 'trusted'],
    ['the root sent along', leaf, [intermediate, aRoot()], 'trusted'],
    ['two intermediates', deepLeaf, [lower, upper], 'trusted'],
    ['four certificates in the wrong order', deepLeaf, [aRoot(), upper, lower], 'trusted'],
    ['certificates that do not belong there', leaf, [otherRoot, upper, intermediate, lower], 'trusted'],
    ['the same intermediate twice', leaf, [intermediate, intermediate], 'trusted'],
    ['a leaf under a root itself', aCertificate({ issuer: aRoot() }), [], 'trusted'],
    ['no intermediate', leaf, [], 'incomplete (0:20:UNABLE_TO_GET_ISSUER_CERT_LOCALLY)'],
    ['only the upper of two', deepLeaf, [upper], 'incomplete (0:20:UNABLE_TO_GET_ISSUER_CERT_LOCALLY)'],
    ['only the lower of two', deepLeaf, [lower], 'incomplete (1:20:UNABLE_TO_GET_ISSUER_CERT_LOCALLY)'],
    ['self-signed', aCertificate({ issuer: 'self' }), [], 'self-signed (0:18:DEPTH_ZERO_SELF_SIGNED_CERT)'],
    [
      'an unknown root',
      aCertificate({ issuer: privateIntermediate }),
      [privateIntermediate, otherRoot],
      'untrusted (2:19:SELF_SIGNED_CERT_IN_CHAIN)',
    ],
    [
      'an expired issuer',
      aCertificate({ issuer: expired }),
      [expired],
      'expired-issuer (1:10:CERT_HAS_EXPIRED)',
    ],
    [
      'an issuer of the future',
      aCertificate({ issuer: future }),
      [future],
      'expired-issuer (1:9:CERT_NOT_YET_VALID)',
    ],
    ['an issuer that is no CA', aCertificate({ issuer: noCa }), [noCa], 'untrusted (1:79:INVALID_CA)'],
    [
      'more intermediates than allowed',
      aCertificate({ issuer: belowShort }),
      [belowShort, short],
      'untrusted (2:25:PATH_LENGTH_EXCEEDED)',
    ],
    [
      'a spoilt signature',
      aCertificate({ badSignature: true }),
      [intermediate],
      'bad-signature (0:7:CERT_SIGNATURE_FAILURE)',
    ],
  ])('%s', (_, certificate, chain, expected) => {
    expect(told(judge(certificate, chain))).toBe(expected);
  });

  test('the path names what a visitor follows and no more', () => {
    expect(pathOf(judge(deepLeaf, [aRoot(), upper, intermediate, lower]))).toEqual(['CN=Lower', 'CN=Upper']);
  });

  test('an intermediate that somebody made up does not pass for the real one', () => {
    const forged = anIntermediate({ name: 'Test Intermediate', issuer: otherRoot, noKeyIdentifiers: true });
    const stolen = aCertificate({ issuer: { ...forged, keyIdentifier: intermediate.keyIdentifier } });
    expect(told(judge(stolen, [intermediate]))).toBe('bad-signature (0:7:CERT_SIGNATURE_FAILURE)');
  });

  test('a cross-signed root leads to the root that is trusted, although the old one expired', () => {
    const key = aKey('ecdsa-secp384r1');
    const newRoot = aRoot({ name: 'New Root', key });
    const oldRoot = aRoot({ name: 'Old Root', notAfter: '2025-01-01T00:00:00Z' });
    const cross = anIntermediate({ name: 'New Root', key, issuer: oldRoot });
    const issuer = anIntermediate({ name: 'Issuer', issuer: newRoot });
    const crossed = aCertificate({ issuer });
    const trusted = new TrustAnchors([newRoot.certPem, oldRoot.certPem]);
    expect(pathOf(judge(crossed, [issuer, cross], trusted))).toEqual(['CN=Issuer']);
    expect(told(judge(crossed, [issuer, cross], new TrustAnchors([oldRoot.certPem])))).toBe(
      'expired-issuer (3:10:CERT_HAS_EXPIRED)',
    );
  });

  test('two keys under one name: the one that signed is found', () => {
    const first = anIntermediate({ name: 'Renewed', noKeyIdentifiers: true });
    const second = anIntermediate({ name: 'Renewed', noKeyIdentifiers: true });
    expect(told(judge(aCertificate({ issuer: second }), [first, second]))).toBe('trusted');
  });

  test('names that differ only in string type, case and spaces are the same name', () => {
    const key = aKey();
    const name = (value: Buffer) => sequence(set(sequence(oid('2.5.4.10'), value)));
    const root = aRoot({ key, subjectDer: name(printableString('Example  CA')) });
    const certificate = aCertificate({ issuer: { ...root, subject: name(utf8('example ca')) } });
    expect(told(judge(certificate, [], new TrustAnchors([root.certPem])))).toBe('trusted');
  });

  test('an anchor of version 1, which cannot say that it is a CA, still is one', () => {
    const root = aRoot({ name: 'Version 1', isCa: false });
    expect(told(judge(aCertificate({ issuer: root }), [], new TrustAnchors([root.certPem])))).toBe(
      'untrusted (1:79:INVALID_CA)',
    );
    const old = { ...root, der: withoutExtensions(root) };
    const pem = `-----BEGIN CERTIFICATE-----\n${old.der.toString('base64')}\n-----END CERTIFICATE-----\n`;
    expect(told(judge(aCertificate({ issuer: root }), [], new TrustAnchors([pem])))).toBe('trusted');
  });

  test('a self-signed certificate that is itself an anchor is trusted', () => {
    const own = aCertificate({ issuer: 'self' });
    expect(told(judge(own, [], new TrustAnchors([own.certPem])))).toBe('trusted');
  });

  test('a leaf that is known is not verified again, its issuers are', () => {
    const spoilt = aCertificate({ badSignature: true });
    expect(told(judge(spoilt, [intermediate], anchors, { isLeafKnown: true }))).toBe('trusted');
    expect(told(judge(spoilt, [], anchors, { isLeafKnown: true }))).toMatch(/^incomplete/);
  });

  test('a ring of certificates that sign each other ends', () => {
    const [keyA, keyB] = [aKey(), aKey()];
    const rootA = aRoot({ name: 'A', key: keyA });
    const rootB = aRoot({ name: 'B', key: keyB });
    const a = anIntermediate({ name: 'A', key: keyA, issuer: rootB });
    const b = anIntermediate({ name: 'B', key: keyB, issuer: rootA });
    expect(told(judge(aCertificate({ issuer: a }), [a, b]))).toBe(
      'incomplete (2:20:UNABLE_TO_GET_ISSUER_CERT_LOCALLY)',
    );
  });

  test('hundreds of issuers of one name cost a bounded number of tries', () => {
    const key = aKey();
    const crowd = Array.from({ length: 300 }, () =>
      anIntermediate({ name: 'Crowd', key, issuer: rootNamed('Crowd', key) }),
    );
    expect(judge(aCertificate({ issuer: crowd[0]! }), crowd).status).not.toBe('trusted');
  });
});

describe('trust anchors', () => {
  test('bundles add up; broken blocks and doubles do no harm', () => {
    const broken = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
    const bundle = new TrustAnchors([broken + otherRoot.certPem]).with([aRoot().certPem, aRoot().certPem]);
    expect(bundle.size).toBe(2);
    expect(told(judge(leaf, [intermediate], bundle))).toBe('trusted');
  });

  test('nothing is trusted by nothing', () => {
    expect(judge(leaf, [intermediate], new TrustAnchors([])).status).toBe('incomplete');
  });
});

function rootNamed(name: string, key: ReturnType<typeof aKey>): TestAuthority {
  return aRoot({ name, key });
}

/** The certificate without its extensions; its signature is never asked for, because it is an anchor. */
function withoutExtensions({ der: bytes }: TestAuthority): Buffer {
  const tbsStart = 4;
  const tbsLength = bytes.readUInt16BE(tbsStart + 2);
  const tbs = bytes.subarray(tbsStart + 4, tbsStart + 4 + tbsLength);
  const rest = bytes.subarray(tbsStart + 4 + tbsLength);
  const extensions = tbs.lastIndexOf(Buffer.from([0xa3]));
  const cut =
    [...tbs.keys()].find((at) => tbs[at] === 0xa3 && at + 2 + tbs[at + 1]! === tbs.length) ?? extensions;
  return sequence(der(0x30, tbs.subarray(0, cut)), rest);
}
