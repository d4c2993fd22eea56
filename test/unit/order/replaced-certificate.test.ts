import { describe, expect, test } from '@jest/globals';
import { problemOf } from '../../../src/core/order/problem-type.js';
import {
  mayBeForReplaces,
  type ReplaceableCertificate,
  replacedCertificate,
} from '../../../src/core/order/replaced-certificate.js';

const DIRECTORY = 'https://ca.test/dir';
const ACCOUNT = 'https://ca.test/account/1';
const certificate = (id: string, over: Partial<ReplaceableCertificate> = {}): ReplaceableCertificate => ({
  fingerprint: id,
  directoryUrl: DIRECTORY,
  acmeAccountUrl: ACCOUNT,
  names: ['a.test', 'www.a.test'],
  ariCertificateId: `${id}.1`,
  ...over,
});
const order = {
  names: ['a.test'],
  directoryUrl: DIRECTORY,
  acmeAccountUrl: ACCOUNT,
  inPlace: 'old' as string | null,
};

describe('what an order says that it replaces', () => {
  test.each<[string, readonly ReplaceableCertificate[], Partial<typeof order>, string | null]>([
    ['nothing where nothing was issued', [], {}, null],
    ['the certificate in place', [certificate('new'), certificate('old')], {}, 'old.1'],
    [
      'the newest, where something else lies there',
      [certificate('new'), certificate('old')],
      { inPlace: 'x' },
      'new.1',
    ],
    ['one that shares a single name', [certificate('old')], { names: ['www.a.test', 'b.test'] }, 'old.1'],
    ['none without a common name', [certificate('old')], { names: ['b.test'] }, null],
    ['none of another ACME account', [certificate('old', { acmeAccountUrl: `${ACCOUNT}2` })], {}, null],
    ['none that was adopted', [certificate('old', { acmeAccountUrl: null })], {}, null],
    ['none of another CA', [certificate('old', { directoryUrl: 'https://other.test/dir' })], {}, null],
    ['none without an id', [certificate('old', { ariCertificateId: null })], {}, null],
    [
      'not one that another replaced already, but that other',
      [certificate('new', { replaces: 'old.1' }), certificate('old')],
      {},
      'new.1',
    ],
  ])('%s', (_, issued, over, expected) => {
    expect(replacedCertificate(issued, { ...order, ...over })).toBe(expected);
  });
});

describe('a refusal of an order that replaces', () => {
  test.each<[string, Parameters<typeof problemOf>, boolean]>([
    ['alreadyReplaced', ['alreadyReplaced', 'x', { status: 409 }], true],
    ['conflict, as some name it', ['conflict', 'x'], true],
    ['any 409', ['serverInternal', 'x', { status: 409 }], true],
    ['a certificate that the CA does not know', ['malformed', 'x', { status: 404 }], true],
    ['one of another account', ['unauthorized', 'x', { status: 403 }], true],
    ['a rate limit', ['rateLimited', 'x', { status: 429 }], false],
    ['a CA in trouble', ['serverInternal', 'x', { status: 500 }], false],
    ['a name that is refused', ['rejectedIdentifier', 'x', { status: 400 }], false],
    [
      'names that are malformed',
      ['malformed', 'x', { status: 400, subproblems: [problemOf('malformed', 'y')] }],
      false,
    ],
  ])('%s', (_, problem, expected) => {
    expect(mayBeForReplaces(problemOf(...problem))).toBe(expected);
  });
});
