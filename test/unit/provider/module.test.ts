import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { problemCode } from '../../../src/core/order/problem-type.js';
import {
  parseDcvErrors,
  parseIssueAnswer,
  parseOrderAnswer,
  parseRegistrationAnswer,
  parseValidateAnswer,
} from '../../../src/core/provider/module-answer.js';
import { parseModuleDescription } from '../../../src/core/provider/module-description.js';

const NOW = new Date('2026-11-22T12:00:00Z');
const THUMBPRINT = 'a'.repeat(43);

describe('describe() of a third party’s provider', () => {
  test('one that says only its name gets the documented defaults', () => {
    expect(parseModuleDescription('Mine', { displayName: 'My CA' })).toMatchObject({
      name: 'Mine',
      displayName: 'My CA',
      kind: 'module',
      directoryUrl: null,
      takesDirectory: false,
      supportsWildcard: false,
      maxNamesPerCertificate: null,
      daysToReplace: 29,
      isKnownByIssuer: false,
      properties: {},
      termsOfServiceUrl: null,
    });
  });

  test('one that says everything', () => {
    const said = {
      displayName: 'My CA',
      note: 'Ask Bob.',
      checkFrequency: 'daily',
      dcvMethods: ['dns-01', 'http-01'],
      deliveryMethod: 'queue',
      maxNamesPerCertificate: 10,
      httpMaxRedirects: 0,
      daysToReplace: 15,
      validityDays: 45,
      averageDeliverySeconds: 90,
      certificatesPerRegisteredDomainPerWeek: 5,
      supportsWildcard: true,
      supportsAncestorDcv: true,
      caaIdentities: ['CA.example'],
      issuerOrganizations: ['My CA Ltd'],
      properties: { api_key: null, terms_of_service: 'https://ca.example/terms' },
    };
    expect(parseModuleDescription('Mine', said)).toMatchObject({
      dcvMethods: ['http-01', 'dns-01'],
      deliveryMethod: 'queue',
      validityPeriodMs: 45 * 86_400_000,
      averageDeliveryTimeMs: 90_000,
      caaIdentities: ['ca.example'],
      issuerOrganizations: ['My CA Ltd'],
      isKnownByIssuer: true,
      properties: { api_key: null },
      termsOfServiceUrl: 'https://ca.example/terms',
    });
  });

  test.each([
    ['a text', 'x', 'gives no object'],
    ['nothing', null, 'gives no object'],
    ['a list', [], 'gives no object'],
    ['no name', {}, 'has no displayName'],
    ['a name that steers terminals', { displayName: 'a\u001b[2J' }, 'displayName of its describe() is not'],
    ['a field of ours', { displayName: 'x', kind: 'local' }, 'a field “kind”, which means nothing'],
    ['a field of every object', JSON.parse('{"__proto__": 1, "displayName": "x"}'), 'a field “__proto__”'],
    [
      'an unknown method',
      { displayName: 'x', dcvMethods: ['tls-alpn-01'] },
      'dcvMethods of its describe() is not',
    ],
    ['no method', { displayName: 'x', dcvMethods: [] }, 'dcvMethods of its describe() is not'],
    [
      'half a name',
      { displayName: 'x', maxNamesPerCertificate: 0.5 },
      'is not a whole number from 1 to 10000',
    ],
    ['renewal after expiry', { displayName: 'x', daysToReplace: 0 }, 'is not a whole number from 1 to 365'],
    ['a flag as a text', { displayName: 'x', supportsWildcard: 'no' }, 'is not true or false'],
    ['checks by the hour', { displayName: 'x', checkFrequency: 'hourly' }, 'is not “daily”'],
    [
      'a property with a blank',
      { displayName: 'x', properties: { 'a b': null } },
      'properties of its describe()',
    ],
  ])('%s: one clause', (_, said, why) => {
    expect(parseModuleDescription('Mine', said)).toEqual({ fault: expect.stringContaining(why) });
  });

  test('whatever it says, it is a description or a clause of one line', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (said) => {
        const read = parseModuleDescription('Mine', said);
        expect('fault' in read ? /^[^\n]+$/.test(read.fault) : read.kind === 'module').toBe(true);
      }),
    );
  });
});

describe('answers of a third party’s provider', () => {
  test.each([
    ['a chain', { chainPem: 'x' }, { state: 'issued', chainPem: 'x' }],
    [
      'not yet',
      { pending: { reference: 'r', retryAfterSeconds: 60 } },
      { state: 'pending', reference: 'r', retryAt: new Date('2026-11-22T12:01:00Z') },
    ],
    ['not yet, and no word when', { pending: {} }, { state: 'pending', reference: null, retryAt: null }],
  ])('issue(): %s', (_, said, read) => {
    expect(parseIssueAnswer(said, NOW)).toEqual(read);
  });

  test.each([
    ['without a type', { why: 'no' }, 'malformed', 0],
    ['of a name', { why: 'no', names: ['a.test'] }, 'rejectedIdentifier', 1],
    ['for a while', { why: 'slow', type: 'rateLimited', retryAfterSeconds: 60 }, 'rateLimited', 0],
  ])('a refusal %s', (_, refused, type, blamed) => {
    const read = parseIssueAnswer({ refused }, NOW);
    expect(read.state).toBe('refused');
    if (read.state !== 'refused') return;
    expect(problemCode(read.problem)).toBe(type);
    expect(read.problem.subproblems).toHaveLength(blamed);
  });

  test.each([
    ['a text', 'ok'],
    ['nothing', null],
    ['nothing in it', {}],
    ['a chain that is none', { chainPem: 7 }],
    ['a stray member', { chainPem: 'x', ok: true }],
    ['a refusal without a reason', { refused: {} }],
    ['a refusal of an unknown type', { refused: { why: 'x', type: 'because' } }],
    ['a refusal of no name', { refused: { why: 'x', names: ['../etc'] } }],
    ['a wait of a year', { pending: { retryAfterSeconds: 31_536_000 } }],
  ])('issue(): %s is garbage', (_, said) => {
    expect(parseIssueAnswer(said, NOW).state).toBe('garbage');
  });

  test('order() may ask for the names of the order alone, each once, with tokens that are files', () => {
    const ask = (challenges: unknown) =>
      parseOrderAnswer({ reference: 'r', challenges }, ['a.test'], NOW).state;
    expect(ask([{ name: 'a.test', token: 'abc' }])).toBe('open');
    expect(ask([])).toBe('open');
    expect(ask([{ name: 'b.test', token: 'abc' }])).toBe('garbage');
    expect(ask([{ name: 'a.test', token: '../x' }])).toBe('garbage');
    expect(
      ask([
        { name: 'a.test', token: 'a' },
        { name: 'a.test', token: 'b' },
      ]),
    ).toBe('garbage');
    expect(ask([null])).toBe('garbage');
  });

  test('validate() says true, or why not', () => {
    expect(parseValidateAnswer(true, NOW).state).toBe('valid');
    expect(parseValidateAnswer({ refused: { why: '404' } }, NOW).state).toBe('refused');
    expect(parseValidateAnswer(false, NOW).state).toBe('garbage');
  });

  test('a registration is an account, nothing, or a refusal', () => {
    const account = { accountUrl: 'https://ca.example/acct/1', keyThumbprint: THUMBPRINT };
    expect(parseRegistrationAnswer(account, NOW)).toEqual({
      state: 'registered',
      url: account.accountUrl,
      keyThumbprint: THUMBPRINT,
    });
    expect(parseRegistrationAnswer(null, NOW).state).toBe('none');
    expect(parseRegistrationAnswer({ ...account, keyThumbprint: 'x' }, NOW).state).toBe('garbage');
    expect(parseRegistrationAnswer({ refused: { why: 'no' } }, NOW).state).toBe('refused');
  });

  test('errors of names are one list each', () => {
    expect(parseDcvErrors([[], ['bad\u0007']], 2)).toEqual([[], [expect.not.stringContaining('\u0007')]]);
    expect(parseDcvErrors([[]], 2)).toBeUndefined();
    expect(parseDcvErrors([['x', 1]], 1)).toBeUndefined();
  });

  test('whatever is answered, nothing throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (said) => {
        for (const parse of [parseIssueAnswer, parseValidateAnswer, parseRegistrationAnswer]) {
          expect(typeof parse(said, NOW).state).toBe('string');
        }
        expect(typeof parseOrderAnswer(said, ['a.test'], NOW).state).toBe('string');
      }),
    );
  });
});
