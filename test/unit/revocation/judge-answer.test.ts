import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readCertificate } from '../../../src/core/certificate/parse.js';
import { openResponderAnswer } from '../../../src/core/certificate/revocation/responder-answer-signature.js';
import { judgeAnswer } from '../../../src/core/revocation/judge-answer.js';
import type { AnswerVerdict } from '../../../src/core/revocation/verdict.js';
import { nothing } from '../../support/der-writer.js';
import {
  aCertificate,
  aKey,
  anIntermediate,
  aRoot,
  type CertificateOptions,
  extension,
  nameOf,
  PKI_NOW,
  type TestAuthority,
  type TestKeyType,
} from '../../support/pki.js';
import {
  type AnswerOptions,
  anAnswer,
  aRefusal,
  extendedRevoke,
  type Signer,
  type StatementOptions,
} from '../../support/responder-answers.js';

const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';
const CN = '2.5.4.3';
const issuer = anIntermediate();
const leaf = readCertificate(aCertificate().der);
const minutes = (count: number): Date => new Date(PKI_NOW.getTime() + count * 60_000);
const hours = (count: number): Date => minutes(60 * count);

async function judge(der: Uint8Array, by: TestAuthority = issuer): Promise<AnswerVerdict> {
  const facts = readCertificate(by.der);
  const opened = await openResponderAnswer(der, facts, PKI_NOW);
  return judgeAnswer(opened, { issuer: facts, serial: leaf.serial, now: PKI_NOW });
}

/** `good`, `revoked REASON`, or the fault. */
async function told(der: Uint8Array, by: TestAuthority = issuer): Promise<string> {
  const verdict = await judge(der, by);
  if (verdict.status === 'unknown') return verdict.fault.code;
  return verdict.revocation === null ? 'good' : `revoked ${verdict.revocation.reason}`;
}
const saying = (over: Partial<StatementOptions>, options: Partial<AnswerOptions> = {}): Buffer =>
  anAnswer({ issuer, statements: [{ serial: leaf.serial, ...over }], ...options });

/** A certificate for answering, and who signs with it. */
function aDelegate(over: CertificateOptions = {}): {
  readonly signer: Signer;
  readonly certificates: readonly Buffer[];
} {
  const made = aCertificate({
    names: ['Responder'],
    noSan: true,
    eku: [OCSP_SIGNING],
    key: aKey('ecdsa-prime256v1', 'responder'),
    ...over,
  });
  const signer = { subject: nameOf({ [CN]: 'Responder' }), privateKey: made.privateKey };
  return { signer, certificates: [made.der] };
}

describe('what an answer says of a certificate', () => {
  test.each<[string, string, Partial<StatementOptions>]>([
    ['it is good', 'good', {}],
    ['it is revoked', 'revoked unspecified', { revoked: null }],
    ['it was superseded', 'revoked superseded', { revoked: 4 }],
    ['the key is compromised', 'revoked keyCompromise', { revoked: 1 }],
    ['it is on hold', 'revoked certificateHold', { revoked: 6 }],
    ['a reason that nobody defined', 'revoked unspecified', { revoked: 99 }],
    ['the issuer is named by SHA-256', 'revoked superseded', { revoked: 4, digest: 'sha256' }],
    ['the issuer is named by a digest of no use', 'OTHER_CERTIFICATE', { digest: 'md5' }],
    ['it is not known', 'NOT_KNOWN_THERE', { isUnknown: true }],
    ['another serial number', 'OTHER_CERTIFICATE', { revoked: 1, serial: `${leaf.serial}00` }],
    ['the same serial number of another issuer', 'OTHER_CERTIFICATE', { revoked: 1, issuer: aRoot() }],
    ['it held until a moment ago', 'EXPIRED', { revoked: 1, thisUpdate: hours(-10), nextUpdate: minutes(0) }],
    ['it holds for another minute', 'good', { thisUpdate: hours(-10), nextUpdate: minutes(1) }],
    ['no end is said, of two days ago', 'good', { thisUpdate: hours(-48), nextUpdate: null }],
    ['no end is said, of more than three days ago', 'EXPIRED', { thisUpdate: hours(-73), nextUpdate: null }],
    ['a clock that is a little ahead', 'good', { thisUpdate: minutes(4) }],
    ['a time that has not come', 'NOT_YET_VALID', { thisUpdate: minutes(6) }],
    [
      'a critical extension that is not known',
      'UNKNOWN_EXTENSION',
      { revoked: 1, extensions: [extension('1.2.3.4', true, nothing())] },
    ],
    ['an extension beside it', 'good', { extensions: [extension('1.2.3.4', false, nothing())] }],
  ])('%s: %s', async (_, expected, statement) => {
    expect(await told(saying(statement))).toBe(expected);
  });

  test('what it says of others does not count', async () => {
    const other = { serial: '4a4a', revoked: 1 };
    const statements = [other, { serial: leaf.serial }, { ...other, serial: '00ff' }];
    expect(await told(anAnswer({ issuer, statements }))).toBe('good');
  });

  test('two statements of the same certificate are none', async () => {
    const statements = [{ serial: leaf.serial }, { serial: leaf.serial, revoked: 1 }];
    expect(await told(anAnswer({ issuer, statements }))).toBe('MALFORMED');
  });

  test('revoked since 1970 where that means: never issued', async () => {
    const never = { revoked: 6, revokedAt: new Date(0) };
    expect(await told(saying(never, { extensions: [extendedRevoke] }))).toBe('NOT_KNOWN_THERE');
    expect(await told(saying(never))).toBe('revoked certificateHold');
  });

  test('it tells when it was revoked, and until when it holds', async () => {
    expect(await judge(saying({ revoked: 1, thisUpdate: hours(-2), nextUpdate: null }))).toEqual({
      status: 'known',
      revocation: { revokedAt: new Date('2026-05-30T12:00:00Z'), reason: 'keyCompromise' },
      thisUpdate: hours(-2),
      holdsUntil: hours(70),
    });
  });
});

describe('who may answer', () => {
  const delegate = aDelegate();
  const revoked = (options: Partial<AnswerOptions>): Buffer => saying({ revoked: 1 }, options);

  test.each<[string, string, Partial<AnswerOptions>]>([
    ['the issuer, named by its key', 'revoked keyCompromise', { namedBy: 'key' }],
    ['the issuer, with a spoilt signature', 'BAD_SIGNATURE', { badSignature: true }],
    ['another authority', 'OF_ANOTHER', { signer: aRoot() }],
    [
      'another authority, with its certificate',
      'RESPONDER_MAY_NOT_SIGN',
      { signer: aRoot(), certificates: [aRoot().der] },
    ],
    [
      'somebody who calls himself the issuer',
      'BAD_SIGNATURE',
      { signer: { subject: issuer.subject, privateKey: aKey('ecdsa-prime256v1', 'forger') } },
    ],
    ['whom the issuer lets answer', 'revoked keyCompromise', delegate],
    [
      'whom the issuer lets answer, named by his key',
      'revoked keyCompromise',
      { ...delegate, namedBy: 'key' },
    ],
    [
      'whom the issuer lets answer, among other certificates',
      'revoked keyCompromise',
      { ...delegate, certificates: [aRoot().der, ...delegate.certificates] },
    ],
    ['the same with a spoilt signature', 'BAD_SIGNATURE', { ...delegate, badSignature: true }],
    ['the same without his certificate', 'OF_ANOTHER', { ...delegate, certificates: [] }],
    ['a website of the same issuer', 'RESPONDER_MAY_NOT_SIGN', aDelegate({ eku: ['1.3.6.1.5.5.7.3.1'] })],
    ['a certificate without purposes', 'RESPONDER_MAY_NOT_SIGN', aDelegate({ eku: null })],
    ['one that has expired', 'RESPONDER_MAY_NOT_SIGN', aDelegate({ notAfter: minutes(-1) })],
    [
      'one that is not valid yet',
      'RESPONDER_MAY_NOT_SIGN',
      aDelegate({ notBefore: minutes(1), notAfter: hours(9) }),
    ],
    ['one that another authority issued', 'RESPONDER_MAY_NOT_SIGN', aDelegate({ issuer: aRoot() })],
    ['one whose own signature is spoilt', 'RESPONDER_MAY_NOT_SIGN', aDelegate({ badSignature: true })],
  ])('%s: %s', async (_, expected, options) => {
    expect(await told(revoked(options))).toBe(expected);
  });

  test.each<TestKeyType>(['rsa-2048', 'ecdsa-secp384r1'])('an issuer with a key %s', async (keyType) => {
    const by = anIntermediate({ name: `Of ${keyType}`, keyType });
    expect(await told(saying({ revoked: 4 }, { issuer: by }), by)).toBe('revoked superseded');
  });
});

describe('what is no answer', () => {
  test.each<[string, Uint8Array, string]>([
    ['tryLater', aRefusal(3), 'is “tryLater”'],
    ['unauthorized', aRefusal(6), 'is “unauthorized”'],
    ['a status that nobody defined', aRefusal(4), 'is “undefined”'],
    [
      'a success without an answer',
      aRefusal(0),
      'cannot be read: the answer’s contents is missing or cut off',
    ],
    [
      'a page',
      Buffer.from(`<!DOCTYPE html>${' '.repeat(100)}`),
      'cannot be read: the answer has an unexpected type',
    ],
    ['nothing', Buffer.alloc(0), 'cannot be read: the answer is missing or cut off'],
  ])('%s', async (_, der, why) => {
    expect(await judge(der)).toMatchObject({ status: 'unknown', fault: { why } });
  });

  test('whatever comes, it is judged', async () => {
    const genuine = saying({ revoked: 1 }, aDelegate());
    await fc.assert(
      fc.asyncProperty(
        fc.nat(genuine.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, flip, isCut) => {
          const spoilt = Buffer.from(genuine);
          spoilt.writeUInt8((spoilt[at] ?? 0) ^ flip, at);
          const verdict = await judge(isCut ? spoilt.subarray(0, at) : spoilt);
          const isSame = verdict.status === 'known' && verdict.revocation?.reason === 'keyCompromise';
          expect(verdict.status === 'unknown' || isSame).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });
});
