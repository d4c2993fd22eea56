import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { registeredDomainOf } from '../../../../src/core/domain/name/registered-domain.js';
import type { StopScope } from '../../../../src/core/order/ledger-record.js';
import { coverOf, limitedNames } from '../../../../src/core/order/limits/rate-limit-scope.js';
import { problemOf } from '../../../../src/core/order/problem-type.js';

const NOW = new Date('2026-11-22T03:00:00Z');
const NAMES = ['example.co.uk', 'www.example.co.uk', 'shop.example.net', '*.wild.example.org'];
const ask = (detail: string, over = {}) =>
  coverOf(
    problemOf('rateLimited', detail, { status: 429, ...over }),
    { names: NAMES, isReplacing: false, registeredDomainOf },
    NOW,
  );

describe('what a rate limit covers, as Boulder words them', () => {
  test.each<[string, string, StopScope, readonly string[]]>([
    [
      'certificates for one registered domain',
      'too many certificates (50) already issued for "example.co.uk" in the last 168h0m0s, retry after 2026-11-23 01:02:03 UTC: see https://letsencrypt.org/docs/rate-limits/#new-certificates-per-registered-domain',
      'registered-domain',
      ['example.co.uk'],
    ],
    [
      'the exact set, in its present words',
      'too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, retry after 2026-11-23 01:02:03 UTC',
      'exact-set',
      ['*.wild.example.org,example.co.uk,shop.example.net,www.example.co.uk'],
    ],
    [
      'the exact set, in its former words',
      'too many certificates (5) already issued for this exact set of domains in the last 168h0m0s, retry after 2026-11-23 01:02:03 UTC',
      'exact-set',
      ['*.wild.example.org,example.co.uk,shop.example.net,www.example.co.uk'],
    ],
    [
      'failed authorizations of a name, and not of the domain above it',
      'too many failed authorizations (5) for "www.example.co.uk" in the last 1h0m0s, retry after 2026-11-23 01:02:03 UTC',
      'name',
      ['www.example.co.uk'],
    ],
  ])('%s', (_, detail, scope, keys) => {
    const cover = ask(detail);
    expect(cover).toMatchObject({
      covers: 'parts',
      stops: keys.map((key) => ({
        scope,
        key,
        until: '2026-11-23T01:02:03.000Z',
        unpauseUrl: null,
        holdsRenewals: false,
      })),
    });
  });

  test('a pause: its names, for a day, with the page on which a person ends it', () => {
    const detail =
      'Your account is temporarily prevented from requesting certificates for shop.example.net, wild.example.org and possibly others. Please visit: https://portal.letsencrypt.org/sfe/v1/unpause?jwt=abc.def-ghi_j';
    expect(ask(detail)).toMatchObject({
      covers: 'parts',
      stops: ['shop.example.net', '*.wild.example.org'].map((key) => ({
        scope: 'name',
        key,
        until: '2026-11-23T03:00:00.000Z',
        unpauseUrl: 'https://portal.letsencrypt.org/sfe/v1/unpause?jwt=abc.def-ghi_j',
        holdsRenewals: true,
      })),
    });
  });

  test.each([
    [
      'new orders',
      'too many new orders (300) from this account in the last 3h0m0s, retry after 2026-11-23 01:02:03 UTC',
    ],
    ['new accounts', 'too many new registrations (10) from this IP address in the last 3h0m0s'],
    [
      'a domain that was not asked for',
      'too many certificates (50) already issued for "other.example" in the last 168h0m0s',
    ],
    [
      'a name that was not asked for',
      'too many failed authorizations (5) for "ample.co.uk" in the last 1h0m0s',
    ],
    [
      'a pause of somebody else',
      'Your account is temporarily prevented from requesting certificates for x.test and possibly others.',
    ],
    ['nothing that is understood', 'slow down'],
    ['nothing at all', ''],
  ])('the account: %s', (_, detail) => {
    expect(ask(detail)).toEqual({ covers: 'account' });
  });

  test('a name that sounds like one of its words is only a name', () => {
    const detail = 'too many certificates (50) already issued for "paused.example" in the last 168h0m0s';
    const request = { names: ['www.paused.example'], isReplacing: false, registeredDomainOf };
    expect(coverOf(problemOf('rateLimited', detail), request, NOW)).toMatchObject({
      stops: [{ scope: 'registered-domain', key: 'paused.example' }],
    });
  });

  test('the header is believed before the text', () => {
    const retryAt = new Date('2026-11-22T04:00:00Z');
    const detail =
      'too many failed authorizations (5) for "example.co.uk", retry after 2026-11-23 01:02:03 UTC';
    expect(ask(detail, { retryAt })).toMatchObject({ stops: [{ until: retryAt.toISOString() }] });
  });

  test('names that the order can do without', () => {
    const detail = 'too many certificates (50) already issued for "example.co.uk" in the last 168h0m0s';
    const cover = ask(detail);
    expect(limitedNames(cover, NAMES, registeredDomainOf, problemOf('rateLimited', detail))).toEqual(
      ['example.co.uk', 'www.example.co.uk'].map((name) => ({ name, code: 'LIMITED_BY_CA', detail })),
    );
    expect(limitedNames(ask('slow down'), NAMES, registeredDomainOf, problemOf('rateLimited', ''))).toEqual(
      [],
    );
  });

  test('whatever a CA writes, a stop is of what was asked for, bounded and an instant', () => {
    const words = fc.constantFrom(
      'paused',
      'exact set',
      'certificates issued for',
      'failed authorizations',
      ...NAMES,
      '"',
      'retry after 9999-99-99 99:99:99 UTC',
      'https://x/',
    );
    const texts = fc.array(fc.oneof(words, fc.string({ maxLength: 60 })), { maxLength: 40 });
    fc.assert(
      fc.property(texts, (parts) => {
        const cover = ask(parts.join(' '));
        if (cover.covers === 'account') return;
        for (const { scope, key, until, because } of cover.stops) {
          if (scope !== 'exact-set') expect([...NAMES, ...NAMES.map(registeredDomainOf)]).toContain(key);
          expect(Number.isNaN(Date.parse(until))).toBe(false);
          expect(because.length).toBeLessThan(400);
        }
      }),
    );
  });
});

describe('the registered domain that CAs count by', () => {
  test.each([
    ['a.b.example.com', 'example.com'],
    ['*.example.com', 'example.com'],
    ['www.example.co.uk', 'example.co.uk'],
    ['shop.customer.github.io', 'customer.github.io'],
    ['co.uk', 'co.uk'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['a.b.hosting.test', 'hosting.test'],
  ])('of %s is %s', (name, domain) => {
    expect(registeredDomainOf(name)).toBe(domain);
  });
});
