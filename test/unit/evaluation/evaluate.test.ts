import { describe, expect, test } from '@jest/globals';
import { TrustAnchors } from '../../../src/core/certificate/chain/trust-anchors.js';
import type { CertificateEvidence } from '../../../src/core/certificate/facts.js';
import { keyHashOf } from '../../../src/core/certificate/key-hash.js';
import { readCertificate } from '../../../src/core/certificate/parse.js';
import { takeCombinedApart } from '../../../src/core/certificate/pem/combined.js';
import type { RevocationReason } from '../../../src/core/certificate/revocation/revocation-list.js';
import type { WantedName } from '../../../src/core/domain/name/names.js';
import { evaluate } from '../../../src/core/evaluation/evaluate.js';
import type { DefectCode, Evaluation } from '../../../src/core/evaluation/evaluation.js';
import { websiteChecks } from '../../../src/core/evaluation/lists.js';
import type { EvaluationPolicy } from '../../../src/core/evaluation/policy.js';
import { bits, integer, oid, pem, sequence } from '../../support/der-writer.js';
import {
  aCertificate,
  aKey,
  anIntermediate,
  aRoot,
  type CertificateOptions,
  keyPemOf,
  PKI_NOW,
} from '../../support/pki.js';

const PATH = '/combined';
const names = (...list: string[]) => list as WantedName[];

const policyOf = (policy: Partial<EvaluationPolicy> = {}): EvaluationPolicy => ({
  wantedNames: names('example.com', 'www.example.com'),
  keyType: 'ecdsa-prime256v1',
  anchors: new TrustAnchors([aRoot().certPem]),
  isRecordedAsOurs: () => false,
  issuerOrganizations: [],
  kind: 'website',
  daysToReplace: 29,
  ari: null,
  ...policy,
});
const judge = (text: string, policy: Partial<EvaluationPolicy> = {}): Evaluation =>
  evaluate(takeCombinedApart(text, PATH), websiteChecks, policyOf(policy), PKI_NOW);
const judgeLeaf = (options: CertificateOptions, policy: Partial<EvaluationPolicy> = {}) =>
  judge(aCertificate(options).combined, policy);
const told = ({ tlsStatus, defects }: Evaluation) => [
  tlsStatus,
  ...defects.map(({ code, severity }) => (severity === 'defective' ? code : `${code} ${severity}`)),
];

const ours = { issuerOrganizations: ['Test Authority'] };
const recorded = { isRecordedAsOurs: () => true };

describe('what is wrong with a website’s certificate', () => {
  const sha1Issuer = anIntermediate({ name: 'SHA-1', issuer: aRoot(), hash: 'sha1' });
  const alone = aCertificate();
  const md5Root = aRoot({ name: 'MD5', keyType: 'rsa-2048', hash: 'md5' });

  test.each<[string, string, readonly string[]]>([
    ['a healthy one', aCertificate().combined, ['ok']],
    ['an empty file', '', ['defective', 'CERTIFICATE_EMPTY']],
    ['no certificate in it', 'hello', ['defective', 'CERTIFICATE_UNREADABLE']],
    ['no key in it', aCertificate().chainPem, ['defective', 'KEY_UNREADABLE']],
    ['another key', keyPemOf(aKey()) + aCertificate().chainPem, ['defective', 'KEY_MISMATCH']],
    ['expired', leafText({ notAfter: '2026-05-20T00:00:00Z' }), ['defective', 'CERTIFICATE_EXPIRED']],
    [
      'not yet valid',
      leafText({ notBefore: '2026-06-02T00:00:00Z' }),
      ['defective', 'CERTIFICATE_NOT_YET_VALID'],
    ],
    ['self-signed', leafText({ issuer: 'self' }), ['defective', 'SELF_SIGNED']],
    ['the chain forgotten', alone.keyPem + alone.certPem, ['defective', 'CHAIN_INCOMPLETE']],
    [
      'an issuer that nobody knows',
      leafText({ issuer: aRoot({ name: 'Private' }) }),
      ['defective', 'CHAIN_INCOMPLETE'],
    ],
    ['a spoilt signature', leafText({ badSignature: true }), ['defective', 'CHAIN_UNTRUSTED']],
    [
      'RSA of 1024 bits',
      leafText({ keyType: 'rsa-1024' }),
      ['defective', 'RSA_KEY_TOO_SMALL', 'KEY_TYPE_DIFFERS preference'],
    ],
    [
      'an RSA exponent of 3',
      leafText({ keyType: 'rsa-2048-e3' }),
      ['defective', 'RSA_EXPONENT_WEAK', 'KEY_TYPE_DIFFERS preference'],
    ],
    [
      'a curve below P-256',
      leafText({ keyType: 'ecdsa-secp224r1' }),
      ['defective', 'CURVE_TOO_SMALL', 'KEY_TYPE_DIFFERS preference'],
    ],
    [
      'a curve that browsers do not know',
      leafText({ keyType: 'ecdsa-secp256k1' }),
      ['defective', 'KEY_TYPE_UNSUPPORTED', 'KEY_TYPE_DIFFERS preference'],
    ],
    [
      'Ed25519, which browsers do not take',
      leafText({ keyType: 'ed25519' }),
      ['defective', 'KEY_TYPE_UNSUPPORTED', 'KEY_TYPE_DIFFERS preference'],
    ],
    [
      'P-384 where P-256 is wanted',
      leafText({ keyType: 'ecdsa-secp384r1' }),
      ['ok', 'KEY_TYPE_DIFFERS preference'],
    ],
    ['a SHA-1 signature', leafText({ sha1: true }), ['defective', 'WEAK_SIGNATURE']],
    [
      'an MD5 signature of a root nobody knows',
      leafText({ issuer: md5Root, hash: 'md5' }),
      ['defective', 'CHAIN_INCOMPLETE', 'WEAK_SIGNATURE'],
    ],
    ['an intermediate signed with SHA-1', leafText({ issuer: sha1Issuer }), ['defective', 'WEAK_SIGNATURE']],
    [
      'no subject alternative names',
      leafText({ noSan: true }),
      ['defective', 'NO_SUBJECT_ALT_NAME', 'NAMES_MISSING incomplete'],
    ],
    ['no extended key usage', leafText({ eku: null }), ['defective', 'NO_SERVER_AUTH']],
    [
      'an extended key usage for clients',
      leafText({ eku: ['1.3.6.1.5.5.7.3.2'] }),
      ['defective', 'NO_SERVER_AUTH'],
    ],
    ['a name missing', leafText({ names: ['example.com'] }), ['incomplete', 'NAMES_MISSING incomplete']],
    ['covered by a wildcard', leafText({ names: ['example.com', '*.example.com'] }), ['ok']],
    [
      'everything at once',
      leafText({ issuer: 'self', keyType: 'rsa-1024', hash: 'md5', noSan: true, eku: null, hours: 24 }),
      [
        'defective',
        'CERTIFICATE_EXPIRED',
        'SELF_SIGNED',
        'WEAK_SIGNATURE',
        'RSA_KEY_TOO_SMALL',
        'NO_SUBJECT_ALT_NAME',
        'NO_SERVER_AUTH',
        'NAMES_MISSING incomplete',
        'KEY_TYPE_DIFFERS preference',
      ],
    ],
  ])('%s', (_, text, expected) => {
    expect(told(judge(text))).toEqual(expected);
  });

  test('nothing there', () => {
    const evaluation = evaluate({ kind: 'absent', path: PATH }, websiteChecks, policyOf(), PKI_NOW);
    expect(evaluation).toEqual({
      tlsStatus: 'defective',
      defects: [
        {
          code: 'CERTIFICATE_ABSENT',
          severity: 'defective',
          citation: 'RFC 8446 4.4.2',
          message: 'There is no certificate.',
        },
      ],
      ownership: 'none',
      renewal: null,
      securedNames: [],
      missingNames: ['example.com', 'www.example.com'],
      notAfter: null,
      fingerprint: null,
      ariCertificateId: null,
      issuer: null,
    });
  });

  test('a file that could not be read says why, on one line', () => {
    const evidence: CertificateEvidence = { kind: 'unreadable', path: PATH, why: 'EIO\u001b[0m' };
    const [defect] = evaluate(evidence, websiteChecks, policyOf(), PKI_NOW).defects;
    expect(defect?.message).toBe('The certificate file cannot be used: EIO\\u{1b}[0m.');
  });

  test('an SHA-1 root and an extra SHA-1 certificate that nobody follows do no harm', () => {
    const root = aRoot({ name: 'SHA-1 Root', hash: 'sha1' });
    const issuer = anIntermediate({ name: 'Under SHA-1 Root', issuer: root });
    const text = aCertificate({ issuer }).combined + sha1Issuer.certPem + root.certPem;
    expect(told(judge(text, { anchors: new TrustAnchors([root.certPem]) }))).toEqual(['ok']);
  });

  test('a DSA key that would abort node is a defect like any other', () => {
    const spkiDer = sequence(sequence(oid('1.2.840.10040.4.1')), bits(integer(5)));
    const dsaKey = pem(
      'PRIVATE KEY',
      sequence(integer(0), sequence(oid('1.2.840.10040.4.1')), bits(integer(1))),
    );
    const { chainPem } = aCertificate({ spkiDer });
    expect(told(judge(dsaKey + chainPem))).toEqual([
      'defective',
      'KEY_UNREADABLE',
      'KEY_TYPE_UNSUPPORTED',
      'KEY_TYPE_DIFFERS preference',
    ]);
  });

  test('messages are sentences, with OpenSSL’s tail where there is one', () => {
    const messages = (options: CertificateOptions) =>
      judgeLeaf(options).defects.map(({ message }) => message);
    expect([
      ...messages({ notAfter: '2026-05-20T00:00:00Z' }),
      ...messages({ issuer: 'self' }),
      ...messages({ badSignature: true }),
      ...messages({ issuer: anIntermediate({ name: 'Old', notAfter: '2026-05-02T00:00:00Z' }) }),
      ...messages({ names: ['example.com'], keyType: 'rsa-2048' }),
    ]).toEqual([
      'The certificate expired at 2026-05-20T00:00:00Z (0:10:CERT_HAS_EXPIRED).',
      'The certificate is self-signed (0:18:DEPTH_ZERO_SELF_SIGNED_CERT).',
      'The signature on the certificate is not its issuer’s (0:7:CERT_SIGNATURE_FAILURE).',
      'The chain needs “CN=Old,O=Test Authority”, which is not valid today (1:10:CERT_HAS_EXPIRED).',
      'The certificate does not cover www.example.com.',
      'The key is rsa-2048; ecdsa-prime256v1 is wanted from the next renewal on.',
    ]);
  });

  test('many missing names are named in part in the sentence and in full as data', () => {
    const wantedNames = names(...Array.from({ length: 8 }, (_, i) => `n${i}.example.com`));
    const [defect] = judgeLeaf({}, { wantedNames }).defects;
    expect(defect?.names).toEqual(wantedNames);
    expect(defect?.message).toBe(
      'The certificate does not cover n0.example.com, n1.example.com, n2.example.com, n3.example.com, n4.example.com and 3 more names.',
    );
  });

  test('every check has its own code, a citation, and applies to something', () => {
    const codes: DefectCode[] = websiteChecks.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(websiteChecks.every(({ citation }) => /^(RFC|CA\/B|setting) /.test(citation))).toBe(true);
  });
});

describe('names', () => {
  test('secured and missing are the wanted ones, in their order', () => {
    const wantedNames = names('mail.example.com', 'example.com', '*.example.com', '192.0.2.1');
    const { securedNames, missingNames } = judgeLeaf(
      { names: ['example.com', '192.0.2.1', 'extra.example'] },
      { wantedNames },
    );
    expect(securedNames).toEqual(['example.com', '192.0.2.1']);
    expect(missingNames).toEqual(['mail.example.com', '*.example.com']);
  });
});

describe('whose certificate it is', () => {
  const cpanel = aRoot({ name: 'cPanel CA', organization: 'cPanel, Inc.' });
  const ov = { policies: ['2.23.140.1.2.2'] };

  test.each<[string, CertificateOptions, Partial<EvaluationPolicy>, Evaluation['ownership']]>([
    ['recorded as issued', {}, recorded, 'ours'],
    ['DV of a provider’s CA', {}, ours, 'ours'],
    ['DV of cPanel’s CA, whatever providers there are', { issuer: cpanel }, {}, 'ours'],
    ['DV of another CA', {}, { issuerOrganizations: ['Other'] }, 'foreign'],
    ['OV of a provider’s CA', ov, ours, 'foreign'],
    ['EV of a provider’s CA', { policies: ['2.23.140.1.1'] }, ours, 'foreign'],
    ['OV that is recorded (adopted)', ov, recorded, 'ours'],
    [
      'self-signed with a provider’s name',
      { issuer: 'self', subject: { '2.5.4.10': 'Test Authority' } },
      ours,
      'foreign',
    ],
  ])('%s', (_, options, policy, ownership) => {
    expect(judgeLeaf(options, policy).ownership).toBe(ownership);
  });

  test('the record is asked for by the fingerprint of the leaf', () => {
    const leaf = aCertificate();
    const { fingerprint } = readCertificate(leaf.der);
    expect(judge(leaf.combined, { isRecordedAsOurs: (print) => print === fingerprint }).ownership).toBe(
      'ours',
    );
  });
});

describe('a chain that our own provider delivered', () => {
  const expiredIssuer = anIntermediate({ name: 'Expired', notAfter: '2026-05-02T00:00:00Z' });
  const weakIssuer = anIntermediate({ name: 'Weak', hash: 'sha1' });
  const leafOnly = aCertificate();

  test.each<[string, string, readonly string[]]>([
    ['is missing', leafOnly.keyPem + leafOnly.certPem, ['ok', 'CHAIN_INCOMPLETE warning']],
    [
      'has an expired issuer',
      aCertificate({ issuer: expiredIssuer }).combined,
      ['ok', 'CHAIN_UNTRUSTED warning'],
    ],
    [
      'has an issuer signed with SHA-1',
      aCertificate({ issuer: weakIssuer }).combined,
      ['ok', 'WEAK_SIGNATURE warning'],
    ],
    [
      'belongs to a leaf signed with SHA-1',
      aCertificate({ sha1: true }).combined,
      ['defective', 'WEAK_SIGNATURE'],
    ],
  ])('%s: at worst a warning, but for the leaf itself', (_, text, expected) => {
    expect(told(judge(text, ours))).toEqual(expected);
  });
});

test('a chain that visitors do not trust counts where another provider was chosen since', () => {
  const untrusted = aCertificate({ issuer: aRoot({ name: 'Staging' }) }).combined;
  expect(told(judge(untrusted, { ...ours, isOfProviderInUse: () => false }))).toEqual([
    'defective',
    'CHAIN_INCOMPLETE',
  ]);
  expect(told(judge(untrusted, { ...ours, isOfProviderInUse: () => true }))).toEqual([
    'ok',
    'CHAIN_INCOMPLETE warning',
  ]);
});

describe('a certificate that its issuer took back', () => {
  const leaf = aCertificate();
  const { fingerprint } = readCertificate(leaf.der);
  const judgeRevoked = (reason: RevocationReason, of = fingerprint) =>
    judge(leaf.combined, {
      revocationOf: (print) =>
        print === of ? { revokedAt: new Date('2026-05-30T12:00:00Z'), reason } : null,
    });

  test.each<[RevocationReason, readonly string[]]>([
    ['unspecified', ['defective', 'REVOKED']],
    ['superseded', ['defective', 'REVOKED']],
    ['keyCompromise', ['defective', 'REVOKED', 'KEY_COMPROMISED']],
  ])('%s', (reason, expected) => {
    expect(told(judgeRevoked(reason))).toEqual(expected);
  });

  test('says when and why', () => {
    expect(judgeRevoked('superseded').defects[0]?.message).toBe(
      'The issuer revoked the certificate at 2026-05-30T12:00:00Z (reason superseded) (0:23:CERT_REVOKED).',
    );
    expect(judgeRevoked('unspecified').defects[0]?.message).toBe(
      'The issuer revoked the certificate at 2026-05-30T12:00:00Z (0:23:CERT_REVOKED).',
    );
  });

  test('has a key that somebody else has, as was said of another', () => {
    const lost = keyHashOf(readCertificate(leaf.der).key.spki);
    const judgeLost = (isKeyLost: (keyHash: string) => boolean) => told(judge(leaf.combined, { isKeyLost }));
    expect(judgeLost((keyHash) => keyHash === lost)).toEqual(['defective', 'KEY_COMPROMISED']);
    expect(judgeLost((keyHash) => keyHash !== lost)).toEqual(['ok']);
  });

  test('is another one', () => {
    expect(told(judgeRevoked('keyCompromise', 'f'.repeat(64)))).toEqual(['ok']);
  });
});

describe('who signed it', () => {
  const issuerOf = (text: string) => judge(text).issuer?.subject ?? null;

  test.each<[string, string, string | null]>([
    ['an intermediate', aCertificate().combined, 'CN=Test Intermediate,O=Test Authority'],
    ['a root itself', aCertificate({ issuer: aRoot() }).combined, 'CN=Test Root,O=Test Authority'],
    ['nobody whom we trust', aCertificate({ issuer: aRoot({ name: 'Private' }) }).combined, null],
    ['a chain that was forgotten', aCertificate().keyPem + aCertificate().certPem, null],
    ['itself', aCertificate({ issuer: 'self' }).combined, null],
  ])('%s', (_, text, expected) => {
    expect(issuerOf(text)).toBe(expected);
  });
});

describe('renewal', () => {
  test('goes by the margin of others for a foreign certificate, by the provider’s for ours', () => {
    expect(judgeLeaf({}).renewal).toMatchObject({
      basis: 'foreign-margin',
      dueAt: new Date('2026-07-27T00:00:00Z'),
    });
    expect(judgeLeaf({}, ours).renewal).toMatchObject({
      basis: 'provider-days',
      dueAt: new Date('2026-07-01T00:00:00Z'),
      isDue: false,
    });
  });

  test('obeys the stored ARI instant of our certificate', () => {
    const at = new Date('2026-06-01T00:00:00Z');
    const ari = {
      selectedAt: at,
      windowStartAt: at,
      windowEndAt: at,
      firstSeenAt: new Date(0),
      explanationUrl: null,
    };
    expect(judgeLeaf({}, { ...ours, ari }).renewal).toMatchObject({ basis: 'ari', dueAt: at, isDue: true });
  });
});

function leafText(options: CertificateOptions): string {
  return aCertificate(options).combined;
}
