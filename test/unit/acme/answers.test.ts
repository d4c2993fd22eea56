import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { urlRuleOf } from '../../../src/adapters/acme/ca-url.js';
import { parseDirectory } from '../../../src/adapters/acme/directory.js';
import { problemOfAnswer } from '../../../src/adapters/acme/problem.js';
import { jsonOfAnswer, parseAuthorization, parseOrder } from '../../../src/adapters/acme/resources.js';
import type { HttpAnswer } from '../../../src/adapters/acme/transport.js';
import { AcmeProtocolError } from '../../../src/core/domain/autossl-error.js';

const NOW = new Date('2026-11-22T03:00:00Z');
const RULE = urlRuleOf('https://ca.test/dir');
function answerOf(status: number, body: unknown, headers: HttpAnswer['headers'] = {}): HttpAnswer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers, body: Buffer.from(text), receivedAt: NOW };
}
/** The one clear line of what a CA should not have sent. */
function faultOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof AcmeProtocolError && error.code === 'BAD_ANSWER') return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}
const ORDER = {
  status: 'pending',
  expires: '2026-11-29T03:00:00Z',
  identifiers: [{ type: 'dns', value: 'a.test' }],
  authorizations: ['https://ca.test/authz/1'],
  finalize: 'https://ca.test/finalize/1',
};
const AUTHORIZATION = {
  status: 'pending',
  identifier: { type: 'dns', value: 'a.test' },
  challenges: [
    { type: 'http-01', url: 'https://ca.test/c/1', status: 'pending', token: 'abc_-1' },
    { type: 'dns-persist-01', url: 'https://ca.test/c/2', status: 'pending' },
    { type: 'device-attest-99', whatever: true },
  ],
};

describe('an order as a CA sends it', () => {
  const parse = (value: unknown) =>
    parseOrder(value, 'https://ca.test/order/1', answerOf(200, '', { 'retry-after': '3' }), RULE);

  test('is read whole', () => {
    expect(
      parse({ ...ORDER, error: { type: 'urn:ietf:params:acme:error:caa', detail: 'no' } }),
    ).toMatchObject({
      url: 'https://ca.test/order/1',
      expiresAt: new Date('2026-11-29T03:00:00Z'),
      certificate: null,
      error: { type: 'urn:ietf:params:acme:error:caa' },
      retryAt: new Date(NOW.getTime() + 3000),
    });
  });

  test.each<[string, unknown, string]>([
    ['a list', [], 'the order sent by ca.test is not a JSON object'],
    ['an unknown status', { ...ORDER, status: 'cooking' }, '“status” is not one of pending, ready'],
    ['no status', { ...ORDER, status: undefined }, '“status” is not a text'],
    ['an instant that is none', { ...ORDER, expires: 'tomorrow' }, '“expires” is not an instant (RFC 3339)'],
    ['no identifiers', { ...ORDER, identifiers: null }, '“identifiers” is not a list'],
    [
      'an identifier of another kind',
      { ...ORDER, identifiers: [{ type: 'email', value: 'x' }] },
      '“type” is not one of dns, ip',
    ],
    [
      'authorizations that are no texts',
      { ...ORDER, authorizations: [1] },
      '“authorizations” is not a list of URLs',
    ],
    [
      'two thousand authorizations',
      { ...ORDER, authorizations: Array(2000).fill('https://ca.test/1') },
      'a list of at most 1000',
    ],
    [
      'a finalize URL without TLS',
      { ...ORDER, finalize: 'http://ca.test/f' },
      '“http://ca.test/f” as finalize',
    ],
    [
      'a certificate in a file',
      { ...ORDER, certificate: 'file:///etc/passwd' },
      'which is not a URL we may follow',
    ],
    ['a URL with a line break', { ...ORDER, finalize: 'https://ca.test/\nx' }, 'not a URL we may follow'],
    ['a URL with a password', { ...ORDER, finalize: 'https://u:p@ca.test/' }, 'not a URL we may follow'],
  ])('with %s is one clear line', (_what, value, expected) => {
    const message = faultOf(() => parse(value));
    expect(message).toContain(expected);
    expect(message).toContain('ca.test');
    expect(message).not.toContain('\n');
  });

  test('any JSON is an order or one clear line', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom(...Object.keys(ORDER), 'error', 'certificate'),
        (value, member) => {
          for (const candidate of [value, { ...ORDER, [member]: value }]) {
            try {
              expect(parse(candidate).finalize).toMatch(/^https:/);
            } catch (error) {
              expect(error).toMatchObject({ code: 'BAD_ANSWER' });
            }
          }
        },
      ),
    );
  });
});

describe('an authorization as a CA sends it', () => {
  const parse = (value: unknown) =>
    parseAuthorization(value, 'https://ca.test/authz/1', answerOf(200, ''), RULE);

  test('is read without the challenges that we do not know', () => {
    expect(parse(AUTHORIZATION)).toMatchObject({
      isWildcard: false,
      challenges: [{ type: 'http-01', token: 'abc_-1', error: null }],
    });
  });

  test.each([
    ['a path', '../../etc/passwd'],
    ['empty', ''],
    ['too long', 'a'.repeat(129)],
    ['a NUL', 'a\0'],
  ])('with a token that is %s is one clear line: it becomes a file name', (_what, token) => {
    const challenges = [{ ...AUTHORIZATION.challenges[0], token }];
    expect(faultOf(() => parse({ ...AUTHORIZATION, challenges }))).toContain('“token” is not base64url text');
  });
});

describe('a refusal', () => {
  const read = (answer: HttpAnswer) => problemOfAnswer(answer, 'ca.test', '/new-order');

  test('is read with its subproblems, Retry-After and the page to look at', () => {
    const body = {
      type: 'urn:ietf:params:acme:error:rateLimited',
      detail: 'too many',
      status: 429,
      subproblems: [
        {
          type: 'urn:ietf:params:acme:error:caa',
          detail: 'no',
          identifier: { type: 'dns', value: 'a.test' },
        },
        'junk',
      ],
    };
    const headers = { 'retry-after': '60', link: '<https://ca.test/help>;rel="help"' };
    expect(read(answerOf(429, body, headers))).toEqual({
      type: 'urn:ietf:params:acme:error:rateLimited',
      detail: 'too many',
      status: 429,
      identifier: null,
      subproblems: [expect.objectContaining({ detail: 'no', identifier: { type: 'dns', value: 'a.test' } })],
      retryAt: new Date(NOW.getTime() + 60_000),
      helpUrl: 'https://ca.test/help',
    });
  });

  test.each([
    ['429', 429, 'rateLimited'],
    ['502', 502, 'serverInternal'],
    ['503', 503, 'serverInternal'],
  ])('a bare page with status %s is understood as what it means', (_status, status, code) => {
    expect(read(answerOf(status, '<html>busy</html>', { 'retry-after': '30' }))).toMatchObject({
      type: `urn:ietf:params:acme:error:${code}`,
      status,
      retryAt: new Date(NOW.getTime() + 30_000),
    });
  });

  test('a page with status 404 is no CA, shown safely', () => {
    const message = faultOf(() => read(answerOf(404, '<h1>\u001b[2J\u202eNot Found</h1>\nx')));
    expect(message).toContain('answered /new-order with status 404');
    expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test.each([404, 410])(
    'a bare page with status %d says of what the CA itself named that it is gone',
    (status) => {
      for (const body of ['', '<html>gone</html>', '{"status":200,"detail":"x"}'])
        expect(problemOfAnswer(answerOf(status, body), 'ca.test', '/order/1', true)).toMatchObject({
          status,
        });
    },
  );

  test('any other page instead of an order is no CA', () => {
    const page = answerOf(403, '<html>blocked</html>');
    expect(faultOf(() => problemOfAnswer(page, 'ca.test', '/order/1', true))).toContain('status 403');
  });

  test('a help page that is no web address is left out', () => {
    const body = { type: 'urn:ietf:params:acme:error:userActionRequired', instance: 'javascript:alert(1)' };
    expect(read(answerOf(403, body)).helpUrl).toBeNull();
  });

  test('any JSON object with a type is understood', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('detail', 'status', 'identifier', 'subproblems', 'instance'),
          fc.jsonValue(),
        ),
        (members) => {
          const problem = read(answerOf(400, { ...members, type: 'x' }));
          expect(typeof problem.detail).toBe('string');
          expect(Array.isArray(problem.subproblems)).toBe(true);
        },
      ),
    );
  });
});

describe('a directory', () => {
  const DIRECTORY = {
    newNonce: 'https://ca.test/n',
    newAccount: 'https://ca.test/a',
    newOrder: 'https://ca.test/o',
  };

  test('tells what the CA offers and how far its clock is from ours', () => {
    const meta = {
      termsOfService: 'https://ca.test/t',
      caaIdentities: ['ca.test', 7],
      externalAccountRequired: true,
      profiles: { classic: 'x', shortlived: 'y' },
    };
    const answer = answerOf(200, '', { date: 'Sun, 22 Nov 2026 03:00:05 GMT' });
    expect(
      parseDirectory({ ...DIRECTORY, renewalInfo: 'https://ca.test/ri', meta }, answer, RULE).facts,
    ).toEqual({
      termsOfService: 'https://ca.test/t',
      website: null,
      caaIdentities: ['ca.test'],
      requiresEab: true,
      hasRenewalInfo: true,
      profiles: ['classic', 'shortlived'],
      clockOffsetMs: 5000,
    });
  });

  test('without meta is a directory', () => {
    expect(parseDirectory(DIRECTORY, answerOf(200, ''), RULE).facts).toMatchObject({
      termsOfService: null,
      clockOffsetMs: null,
    });
  });

  test('without newOrder is one clear line', () => {
    expect(faultOf(() => parseDirectory({ ...DIRECTORY, newOrder: 1 }, answerOf(200, ''), RULE))).toBe(
      'the directory sent by ca.test is not usable: “newOrder” is not a text',
    );
  });

  test('that is no JSON is one clear line with the start of what came', () => {
    expect(
      faultOf(() => jsonOfAnswer(answerOf(200, '<!DOCTYPE html>\n<html>'), 'ca.test', '/dir')),
    ).toContain('“<!DOCTYPE html>\\u{a}<html>”');
  });
});

describe('where a directory may be', () => {
  test.each([
    'https://ca.test/dir',
    'https://[2001:db8::1]:14000/dir',
    'http://localhost:14000/dir',
    'http://127.0.0.1/dir',
    'http://[::1]/dir',
  ])('%s', (url) => {
    expect(urlRuleOf(url).host).not.toBe('');
  });
  test.each([
    'http://ca.test/dir',
    'http://127.0.0.1.ca.test/',
    'ftp://ca.test/',
    'ca.test',
    '',
    'https://u:p@ca.test/',
  ])('not %s', (url) => {
    expect(() => urlRuleOf(url)).toThrow(expect.objectContaining({ code: 'BAD_SETTING' }));
  });
  test('a directory on loopback may name plain URLs of loopback, and of nowhere else', () => {
    const rule = urlRuleOf('http://127.0.0.1:1/dir');
    expect(rule.accept('http://127.0.0.1:2/x', 'x')).toBe('http://127.0.0.1:2/x');
    expect(() => rule.accept('http://ca.test/x', 'x')).toThrow(AcmeProtocolError);
  });
});
