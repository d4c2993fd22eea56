import { describe, expect, test } from '@jest/globals';
import {
  classifyProblem,
  KNOWN_PROBLEM_CODES,
  type ProblemClass,
} from '../../../src/core/order/classification.js';
import { problemOf } from '../../../src/core/order/problem-type.js';
import { type AccountVerdict, judgeAccountRefusal } from '../../../src/core/order/refusal-subject.js';

/** The error types of RFC 8555 section 6.7, plus those of later RFCs and of CAs that we meet. */
const STANDARD = (
  'accountDoesNotExist alreadyRevoked badCSR badNonce badPublicKey badRevocationReason badSignatureAlgorithm caa ' +
  'connection dns externalAccountRequired incorrectResponse invalidContact malformed orderNotReady rateLimited ' +
  'rejectedIdentifier serverInternal tls unauthorized unsupportedContact unsupportedIdentifier userActionRequired'
).split(' ');

describe('the class of a problem', () => {
  test('the table knows every type of RFC 8555 but compound, which is judged by its parts', () => {
    expect(STANDARD.filter((code) => !KNOWN_PROBLEM_CODES.includes(code))).toEqual([]);
  });

  test.each<[string, ProblemClass, string]>([
    ['caa', 'fix-your-input', 'the owner’s DNS forbids the CA'],
    ['connection', 'fix-your-input', 'the website cannot be reached'],
    ['dns', 'fix-your-input', 'the name does not resolve'],
    ['rejectedIdentifier', 'fix-your-input', 'the CA will never certify it'],
    ['rateLimited', 'rate-limited', 'not before Retry-After'],
    ['serverInternal', 'transient', 'the CA is broken for now'],
    ['userActionRequired', 'terms-changed', 'terms wait for a yes'],
    ['externalAccountRequired', 'person-must-act', 'somebody must get a key from the CA'],
    ['unauthorized', 'person-must-act', 'the account is not allowed'],
    ['badNonce', 'order-again', 'a fresh nonce is enough'],
    ['alreadyReplaced', 'order-again', 'without replaces'],
    ['orderNotReady', 'order-again', 'poll, then finalize'],
  ])('%s is %s: %s', (code, expected) => {
    expect(classifyProblem(problemOf(code, ''))).toBe(expected);
  });

  test('unauthorized from a challenge is the website’s fault, not the account’s', () => {
    expect(classifyProblem(problemOf('unauthorized', ''), 'validation')).toBe('fix-your-input');
  });

  test.each(['unauthorized', 'badPublicKey', 'badSignatureAlgorithm', 'badCSR'])(
    '%s of an order under way is about that order',
    (code) => {
      expect(classifyProblem(problemOf(code, ''), 'order')).toBe('fix-your-input');
    },
  );

  test.each<[string, boolean, AccountVerdict]>([
    ['accountDoesNotExist', false, 'refused'],
    ['externalAccountRequired', false, 'refused'],
    ['userActionRequired', true, 'refused'],
    ['unauthorized', false, 'unsure'],
    ['unauthorized', true, 'fine'],
    ['badPublicKey', false, 'fine'],
    ['badSignatureAlgorithm', false, 'fine'],
    ['badCSR', false, 'fine'],
    ['malformed', false, 'fine'],
  ])('%s (names to blame: %s): our account is %s', (code, hasNames, expected) => {
    expect(judgeAccountRefusal(problemOf(code, ''), hasNames)).toBe(expected);
  });

  test.each<[string, ProblemClass, number | null]>([
    ['429', 'rate-limited', 429],
    ['409', 'order-again', 409],
    ['503', 'transient', 503],
    ['500', 'transient', 500],
    ['404', 'fix-your-input', 404],
    ['no status', 'transient', null],
  ])('an unknown type with %s is %s', (_how, expected, status) => {
    expect(classifyProblem({ ...problemOf('', ''), type: 'about:blank', status })).toBe(expected);
    expect(classifyProblem(problemOf('fromTheFuture', '', { status }))).toBe(expected);
  });

  test('an overloaded CA is transient whatever type it gives, unless it names a rate limit', () => {
    expect(classifyProblem(problemOf('malformed', '', { status: 503 }))).toBe('transient');
    expect(classifyProblem(problemOf('rateLimited', '', { status: 503 }))).toBe('rate-limited');
  });

  test.each<[string[], ProblemClass]>([
    [['caa', 'dns'], 'fix-your-input'],
    [['rateLimited', 'rateLimited'], 'rate-limited'],
    [['rateLimited', 'caa'], 'fix-your-input'],
    [[], 'fix-your-input'],
  ])('compound of %j is %s', (codes, expected) => {
    const subproblems = codes.map((code) => problemOf(code, ''));
    expect(classifyProblem(problemOf('compound', '', { subproblems }))).toBe(expected);
  });
});
