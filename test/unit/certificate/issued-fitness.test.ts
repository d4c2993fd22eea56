import { describe, expect, test } from '@jest/globals';
import { judgeIssued } from '../../../src/core/certificate/issued/issued-fitness.js';
import { aCertificate, aKey, anIntermediate, aRoot, keyPemOf, PKI_NOW } from '../../support/pki.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const NAMES = ['a.test', 'www.a.test'];
const key = aKey();
const later = (ms: number): Date => new Date(PKI_NOW.getTime() + ms);
const leaf = (over: Parameters<typeof aCertificate>[0] = {}) =>
  aCertificate({ key, names: NAMES, notBefore: PKI_NOW, ...over });
const judge = (chainPem: string, names: readonly string[] = NAMES, now = PKI_NOW) =>
  judgeIssued({ chainPem, keyPem: keyPemOf(key), names, orderedAt: PKI_NOW }, now);
const stranger = anIntermediate({ name: 'Another Intermediate' });
const fresh = leaf();

describe('a certificate that is fit to be put in place', () => {
  test.each<[string, string, readonly string[], Date]>([
    ['is for our key, all names, valid now, with its intermediate', fresh.chainPem, NAMES, PKI_NOW],
    ['may come without its issuers', fresh.certPem, NAMES, PKI_NOW],
    ['may come with the root, too', fresh.chainPem + aRoot().certPem, NAMES, PKI_NOW],
    ['may begin five minutes from now', leaf({ notBefore: later(5 * MINUTE_MS) }).chainPem, NAMES, PKI_NOW],
    ['may be backdated by an hour', leaf({ notBefore: later(-60 * MINUTE_MS) }).chainPem, NAMES, PKI_NOW],
    [
      'may be fetched late, with more than a third of 90 days left',
      fresh.chainPem,
      NAMES,
      later(59 * DAY_MS),
    ],
    ['may be the order’s own, fetched so late that it is due', fresh.chainPem, NAMES, later(80 * DAY_MS)],
    ['may live for minutes', leaf({ hours: 0.1 }).chainPem, NAMES, PKI_NOW],
    [
      'may be for addresses',
      leaf({ names: ['192.0.2.7', '2001:db8::7'] }).chainPem,
      ['192.0.2.7', '2001:db8::7'],
      PKI_NOW,
    ],
    [
      'may cover a name by a wildcard',
      leaf({ names: ['*.a.test', 'a.test'] }).chainPem,
      ['*.a.test', 'b.a.test'],
      PKI_NOW,
    ],
  ])('%s', (_sentence, chainPem, names, now) => {
    expect(judge(chainPem, names, now)).toMatchObject({ isFit: true });
  });

  test('may have further names, which are told', () => {
    const { chainPem } = leaf({ names: [...NAMES, 'free.a.test'] });
    expect(judge(chainPem)).toEqual({ isFit: true, further: ['free.a.test'] });
  });
});

describe('a certificate that is never put in place', () => {
  test.each<[string, string, string, Date, RegExp]>([
    [
      'is for another key',
      aCertificate({ names: NAMES, notBefore: PKI_NOW }).chainPem,
      'WRONG_KEY',
      PKI_NOW,
      /another key/,
    ],
    [
      'names somebody else',
      leaf({ names: ['evil.example'] }).chainPem,
      'NAMES_LACKING',
      PKI_NOW,
      /lacks a.test, www.a.test \(it names evil.example\)/,
    ],
    [
      'lacks one of the names',
      leaf({ names: ['a.test'] }).chainPem,
      'NAMES_LACKING',
      PKI_NOW,
      /lacks www.a.test/,
    ],
    ['names nobody', leaf({ noSan: true }).chainPem, 'NAMES_LACKING', PKI_NOW, /it names nothing/],
    [
      'begins in two days',
      leaf({ notBefore: later(2 * DAY_MS) }).chainPem,
      'NOT_YET_VALID',
      PKI_NOW,
      /2026-06-03/,
    ],
    [
      'begins in five minutes and a second',
      leaf({ notBefore: later(5 * MINUTE_MS + 1000) }).chainPem,
      'NOT_YET_VALID',
      PKI_NOW,
      /not valid before/,
    ],
    [
      'is over',
      leaf({ notBefore: later(-10 * DAY_MS), hours: 120 }).chainPem,
      'EXPIRED',
      PKI_NOW,
      /expired at 2026-05-27/,
    ],
    [
      'has a third of 90 days left when it is ordered',
      leaf({ notBefore: later(-60 * DAY_MS) }).chainPem,
      'DUE_AT_ONCE',
      PKI_NOW,
      /replaced at once/,
    ],
    [
      'has half of 6 days left when it is ordered',
      leaf({ notBefore: later(-3 * DAY_MS), hours: 144 }).chainPem,
      'DUE_AT_ONCE',
      PKI_NOW,
      /replaced at once/,
    ],
    [
      'comes with an intermediate that did not sign it',
      fresh.certPem + stranger.chainPem,
      'CHAIN_BROKEN',
      PKI_NOW,
      /did not sign/,
    ],
    [
      'comes with an intermediate of the right name and another key',
      fresh.certPem +
        anIntermediate({ name: 'Test Intermediate', keyType: 'ecdsa-prime256v1', key: aKey() }).chainPem,
      'CHAIN_BROKEN',
      PKI_NOW,
      /did not sign/,
    ],
    [
      'comes upside down behind the leaf',
      fresh.certPem + aRoot().certPem + anIntermediate().certPem,
      'CHAIN_BROKEN',
      PKI_NOW,
      /did not sign/,
    ],
    ['comes with its leaf twice', fresh.certPem + fresh.chainPem, 'CHAIN_BROKEN', PKI_NOW, /did not sign/],
    [
      'has a signature that is none',
      leaf({ badSignature: true }).chainPem,
      'CHAIN_BROKEN',
      PKI_NOW,
      /did not sign/,
    ],
    ['is no certificate', 'hello', 'UNREADABLE', PKI_NOW, /cannot be read/],
    ['is cut off', fresh.chainPem.slice(0, 200), 'UNREADABLE', PKI_NOW, /cannot be read/],
  ])('%s', (_sentence, chainPem, code, now, words) => {
    expect(judge(chainPem, NAMES, now)).toMatchObject({
      isFit: false,
      unfit: { code, words: expect.stringMatching(words) },
    });
  });

  test.each<[string, string, number, boolean]>([
    ['one of the order’s own that expired meanwhile is too late', fresh.chainPem, 100, true],
    [
      'one that was over before it was ordered is something else',
      leaf({ notBefore: later(-10 * DAY_MS), hours: 120 }).chainPem,
      0,
      false,
    ],
    [
      'one that begins in two days is something else',
      leaf({ notBefore: later(2 * DAY_MS) }).chainPem,
      0,
      false,
    ],
    ['one for other names is something else', leaf({ names: ['evil.example'] }).chainPem, 100, false],
  ])('%s', (_sentence, chainPem, days, isTooLate) => {
    expect(judge(chainPem, NAMES, later(days * DAY_MS))).toMatchObject({ unfit: { isTooLate } });
  });

  test('tells of what it names in printable words', () => {
    const { chainPem } = leaf({ names: ['evil\u001b[2Jname'] });
    expect(JSON.stringify(judge(chainPem))).not.toMatch(/\\u001b/);
  });
});
