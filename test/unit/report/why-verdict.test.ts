import { describe, expect, test } from '@jest/globals';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import { LETS_ENCRYPT_LIMITS } from '../../../src/core/order/limits/published-limits.js';
import { type WhyReport, whyReport } from '../../../src/core/report/why/why-report.js';
import { PKI_NOW } from '../../support/pki.js';
import {
  aProblem,
  failed,
  looked,
  NXDOMAIN,
  PASSED,
  SUSPENDED,
  type WhyCase,
  whyFacts,
} from '../../support/why-input.js';

const why = (wish: WhyCase): WhyReport => whyReport(whyFacts(wish), PKI_NOW);
const NO_CERTIFICATE = { certificate: null } as const;
const DUE = { daysLeft: 20 } as const;
const LATER = '2026-06-01T06:00:00.000Z';
const refused = {
  schemaVersion: 1,
  name: 'example.com',
  lastPassedAt: null,
  consecutiveFailures: 2,
  caFailures: [{ at: '2026-05-31T23:50:00.000Z', provider: 'LetsEncrypt', code: 'unauthorized' }],
  lastFailure: {
    at: '2026-05-31T23:50:00.000Z',
    code: 'unauthorized',
    message: 'a page of 404',
    source: 'ca',
  },
  nextAttemptAt: LATER,
} as const;
const stopped = {
  schemaVersion: 1,
  provider: 'LetsEncrypt',
  newOrders: [],
  stoppedUntil: LATER,
  stoppedBecause: 'rateLimited: too many orders',
} as const;
const issuedLately = {
  names: ['example.com', 'www.example.com'],
  because: ['CERTIFICATE_ABSENT'],
  notBefore: '2026-05-31T00:00:00.000Z',
  notAfter: '2026-08-29T00:00:00.000Z',
  issuedAt: '2026-05-31T00:00:00.000Z',
};
const wrongPage = failed(
  'HTTP_NOT_FOUND',
  'example.com at 192.0.2.1 answered with status 404 (not found)',
  'Mend it.',
);
const ofWebsite = (code: string, message: string, over: object = {}) =>
  aProblem({ about: 'website', code, message: `“example.com”: ${message}`, advice: null, ...over });

describe('the verdict', () => {
  test.each<[string, WhyCase, string, number, RegExp]>([
    // Good for now
    ['a good certificate', {}, 'SECURED', 0, /^example\.com is secured until 2026-07-31T00:00:00Z\.$/],
    ['a good certificate, and the name works', { sight: looked(PASSED) }, 'SECURED', 0, /is secured until/],
    [
      'a good certificate of somebody else',
      { isOurs: false },
      'SECURED',
      0,
      /did not issue and leaves alone/,
    ],
    [
      'a good certificate, though other names of the website fail',
      { facts: { problems: [ofWebsite('NO_UNSECURED_DOMAIN_PASSED_DCV', 'nothing gained')] } },
      'SECURED',
      0,
      /is secured until/,
    ],
    [
      'a good certificate, and an old problem that is mended',
      { sight: looked(PASSED), facts: { problems: [aProblem()] } },
      'SECURED',
      0,
      /is secured until/,
    ],
    [
      'a renewal that is under way',
      { ...DUE, order: { phase: 'placed', pollAt: null }, sight: NXDOMAIN },
      'SECURED',
      0,
      /is secured until/,
    ],
    // Good for now, and something is in the way
    [
      'a good certificate that was not served',
      { served: { state: 'not-served', message: '127.0.0.1:443 refused', advice: 'Reload.' } },
      'NOT_SERVED',
      1,
      /visitors did not get it: 127\.0\.0\.1:443 refused\.$/,
    ],
    [
      'a name that fails before its renewal',
      { sight: NXDOMAIN },
      'RENEWAL_AT_RISK',
      1,
      /would not be renewed/,
    ],
    [
      'a name that failed, and nobody looked',
      { facts: { problems: [aProblem()] } },
      'RENEWAL_AT_RISK',
      1,
      /would not be renewed as it is now: when it was looked at, at 2026-05-31T02:14:00Z, it failed/,
    ],
    [
      'a name that fails at its renewal',
      { ...DUE, sight: NXDOMAIN },
      'RENEWAL_HELD',
      1,
      /renewal is held up/,
    ],
    [
      'a renewal that waits for another name',
      {
        ...DUE,
        facts: {
          problems: [
            ofWebsite(
              'SECURED_DOMAIN_DCV_FAILURE',
              'Impediment: SECURED_DOMAIN_DCV_FAILURE: A name fails; the renewal waits.',
            ),
          ],
        },
      },
      'RENEWAL_HELD',
      1,
      /renewal is held up: a name fails; the renewal waits\.$/,
    ],
    [
      'a good certificate and no provider',
      { provider: { state: 'disabled' } },
      'RENEWAL_AT_RISK',
      1,
      /will not be renewed: no provider is active/,
    ],
    // Goes on by itself
    [
      'nothing, and nothing is known',
      { ...NO_CERTIFICATE },
      'NEXT_RUN',
      0,
      /nothing is known to be in the way/,
    ],
    [
      'nothing, and the name works',
      { ...NO_CERTIFICATE, sight: looked(PASSED) },
      'NEXT_RUN',
      0,
      /next run orders/,
    ],
    [
      'nothing, and what failed works now',
      { ...NO_CERTIFICATE, sight: looked(PASSED), facts: { problems: [aProblem()] } },
      'MENDED',
      0,
      /what was in the way is mended/,
    ],
    [
      'nothing, and CAA was in the way, which nobody can judge now',
      {
        ...NO_CERTIFICATE,
        sight: looked(PASSED),
        facts: { problems: [aProblem({ code: 'CAA_FORBIDS' })] },
      },
      'FAILED_LAST',
      1,
      /when it was looked at/,
    ],
    [
      'nothing, and the first name works of a website of which none did',
      {
        ...NO_CERTIFICATE,
        sight: looked(PASSED),
        facts: { problems: [aProblem(), ofWebsite('TOTAL_DCV_FAILURE', 'Impediment')] },
      },
      'MENDED',
      0,
      /is mended/,
    ],
    [
      'an order under way',
      { ...NO_CERTIFICATE, order: { phase: 'placed', pollAt: null } },
      'ORDER_PENDING',
      0,
      /an order for it is under way at CustomACME, since 2026-05-31T22:00:00Z\.$/,
    ],
    [
      'a certificate that waits to be put in place',
      { ...NO_CERTIFICATE, order: { phase: 'downloaded', pollAt: null } },
      'ORDER_PENDING',
      0,
      /could not be put in place yet/,
    ],
    [
      'a provider that stopped us',
      { ...NO_CERTIFICATE, facts: { ledger: stopped } },
      'LIMITED',
      0,
      /the provider stopped our account: “too many orders” \(rateLimited\), until 2026-06-01T06:00:00Z\.$/,
    ],
    [
      'orders of the last hours',
      {
        ...NO_CERTIFICATE,
        facts: {
          limits: { newOrders: 1, published: LETS_ENCRYPT_LIMITS },
          ledger: { ...stopped, stoppedUntil: null, newOrders: ['2026-05-31T23:00:00.000Z'] },
        },
      },
      'LIMITED',
      0,
      /1 orders were made in 3 hours.*until 2026-06-01T02:00:00Z/,
    ],
    [
      'failed orders of its website',
      {
        ...NO_CERTIFICATE,
        facts: {
          ledger: {
            ...stopped,
            stoppedUntil: null,
            failedOrders: ['20:00', '21:00', '22:00', '23:00'].map((time) => ({
              vhost: 'example.com',
              at: `2026-05-31T${time}:00.000Z`,
            })),
          },
        },
      },
      'LIMITED',
      0,
      /4 orders of the website failed within 24 hours.*until 2026-06-01T20:00:00Z/,
    ],
    [
      'a certificate that was there lately',
      { ...NO_CERTIFICATE, facts: { issued: [issuedLately] } },
      'LIMITED',
      0,
      /issued lately, and the same fault is back, until 2026-06-09/,
    ],
    // Something is in the way
    [
      'a name that does not exist',
      { ...NO_CERTIFICATE, sight: NXDOMAIN },
      'FAILS_NOW',
      1,
      /^example\.com is not secured: it does not exist in DNS \(NXDOMAIN\)\.$/,
    ],
    [
      'a server that answers wrongly',
      { ...NO_CERTIFICATE, sight: looked(wrongPage) },
      'FAILS_NOW',
      1,
      /^example\.com is not secured: 192\.0\.2\.1 answered with status 404/,
    ],
    [
      'what is seen now, rather than what was',
      { ...NO_CERTIFICATE, sight: looked(wrongPage), facts: { problems: [aProblem()], memory: refused } },
      'FAILS_NOW',
      1,
      /404/,
    ],
    [
      'CAA records, though the name works',
      {
        ...NO_CERTIFICATE,
        sight: looked(PASSED),
        caa: {
          isPermitted: false,
          message: 'The CAA records of example.com permit only ca.test',
          advice: 'Add.',
          fault: 'owner',
          path: [],
        },
      },
      'CAA_FORBIDS',
      1,
      /is not secured: the CAA records/,
    ],
    [
      'a name that the provider refused',
      { ...NO_CERTIFICATE, sight: looked(PASSED), facts: { memory: refused } },
      'PUT_ASIDE',
      1,
      /could not validate it, at 2026-05-31T23:50:00Z: a page of 404 \(unauthorized\)\.$/,
    ],
    [
      'a name that failed, and nobody looked',
      { ...NO_CERTIFICATE, facts: { problems: [aProblem()] } },
      'FAILED_LAST',
      1,
      /when it was looked at, at 2026-05-31T02:14:00Z, it failed the local validation/,
    ],
    [
      'name servers of ours that are silent',
      { ...NO_CERTIFICATE, sight: { state: 'not-looked', why: 'no name server answers', isOurFault: true } },
      'RESOLVER_DOWN',
      1,
      /is not secured: no name server answers\.$/,
    ],
    [
      'an address that cannot be reached from inside',
      { ...NO_CERTIFICATE, sight: looked({ ...wrongPage, isConclusive: false } as typeof wrongPage) },
      'INCONCLUSIVE',
      1,
      /is not secured: 192/,
    ],
    [
      'a website whose certificate cannot be put in place',
      {
        ...NO_CERTIFICATE,
        facts: { problems: [ofWebsite('PUBLISH_FAILED', 'No room.', { fault: 'ours' })] },
      },
      'WEBSITE_FAILED',
      1,
      /is not secured: no room\.$/,
    ],
    [
      'a certificate of somebody else that has expired',
      { isOurs: false, daysLeft: -1 },
      'FOREIGN_CERTIFICATE',
      1,
      /AutoSSL did not issue/,
    ],
    [
      'a certificate of somebody else without the name',
      { isOurs: false, certificate: { names: ['www.example.com'] } },
      'FOREIGN_CERTIFICATE',
      1,
      /clobber/,
    ],
    [
      'no provider',
      { ...NO_CERTIFICATE, provider: { state: 'never-set' } },
      'NO_PROVIDER',
      1,
      /no provider is active/,
    ],
    [
      'a wildcard that cannot be had',
      { ...NO_CERTIFICATE, names: ['example.com', '*.example.com'], name: '*.example.com' },
      'WILDCARD_UNSUPPORTED',
      1,
      /^\*\.example\.com is not secured/,
    ],
    // Not ordered for at all
    [
      'an exclusion',
      { holding: 'excluded' },
      'EXCLUDED',
      0,
      /is excluded by \/var\/cpanel\/ssl\/autossl\/excludes\/alice\.json, since 2026-05-01T10:00:00Z at the latest/,
    ],
    [
      'an exclusion whose origin is known',
      { holding: 'excluded', exclusion: { by: 'root', at: '2026-04-01T10:00:00.000Z' } },
      'EXCLUDED',
      0,
      /is excluded by root, since 2026-04-01T10:00:00Z: no certificate/,
    ],
    [
      'a suspended account',
      { holding: SUSPENDED },
      'SUSPENDED',
      0,
      /belongs to dave, whose account is suspended/,
    ],
    [
      'an account without the feature',
      { holding: { ...SUSPENDED, reason: 'no-autossl-feature' } },
      'NO_FEATURE',
      0,
      /has no AutoSSL/,
    ],
    [
      'an account that cannot be read',
      { holding: { kind: 'broken', account: 'eve', message: '/users/eve: it is not text' } },
      'ACCOUNT_BROKEN',
      1,
      /whose data cannot be used: \/users\/eve: it is not text\.$/,
    ],
    ['the server’s own name', { holding: { kind: 'hostname' } }, 'HOSTNAME', 0, /checkallsslcerts/],
    ['a name of another', { holding: 'not-wanted' }, 'NOT_WANTED', 1, /better right/],
    [
      'nobody’s name',
      { holding: { kind: 'nobody', nearest: null, unreadAccounts: 0 } },
      'NOBODY',
      2,
      /no account of this server has it\.$/,
    ],
    [
      'nobody’s name, as far as can be read',
      { holding: { kind: 'nobody', nearest: null, unreadAccounts: 1 } },
      'NOBODY',
      2,
      /as far as they can be read\.$/,
    ],
    [
      'a wildcard above it',
      { name: 'shop.example.com', holding: 'covered', certificate: { names: ['*.example.com'] } },
      'SECURED_BY_WILDCARD',
      0,
      /secured until 2026-07-31T00:00:00Z by the wildcard \*\.example\.com\.$/,
    ],
    [
      'a wildcard above it that has nothing',
      { name: 'shop.example.com', holding: 'covered', ...NO_CERTIFICATE },
      'WEBSITE_FAILED',
      1,
      /left to the wildcard/,
    ],
  ])('of %s', (_, wish, code, exitCode, sentence) => {
    const { verdict, exitCode: given } = why(wish);
    expect([verdict.code, given]).toEqual([code, exitCode]);
    expect(verdict.sentence).toMatch(sentence);
    expect(verdict.sentence).toMatch(/[^.]\.$/);
  });

  test('a record that cannot be read makes the exit code 1, though the name is secured', () => {
    const fault = { code: 'CORRUPT_RECORD', message: 'the record cannot be used', advice: null };
    expect(why({ faults: [fault] })).toMatchObject({ verdict: { code: 'SECURED' }, exitCode: 1 });
  });
});

describe('the advice', () => {
  test.each<[string, WhyCase, WhyReport['advice']]>([
    [
      'the owner’s to mend',
      { ...NO_CERTIFICATE, sight: NXDOMAIN },
      { owner: 'Create an A record for example.com.', root: null },
    ],
    [
      'root’s to mend',
      { ...NO_CERTIFICATE, sight: looked({ ...wrongPage, fault: 'ours' } as typeof wrongPage) },
      { owner: null, root: 'Mend it.' },
    ],
    [
      'what was recorded, where nobody looked',
      { ...NO_CERTIFICATE, facts: { problems: [aProblem({ advice: 'Do that.' })] } },
      { owner: 'Do that.', root: null },
    ],
    [
      'what a refusal of the provider means',
      { ...NO_CERTIFICATE, facts: { memory: refused } },
      { owner: expect.stringContaining('from outside this network') as unknown as string, root: null },
    ],
    [
      'the account that was probably meant',
      {
        holding: {
          kind: 'nobody',
          nearest: { account: 'bob', website: 'shop.test', name: 'shop.test' },
          unreadAccounts: 0,
        },
      },
      {
        owner: null,
        root: 'Did you mean shop.test (bob)? If not: autossl website add USER example.com --docroot DIR',
      },
    ],
    [
      'about the name servers of this server',
      { ...NO_CERTIFICATE, sight: { state: 'not-looked', why: 'x', isOurFault: true } },
      { owner: null, root: 'Check `resolvers` in /etc/autossl.yaml or /etc/resolv.conf.' },
    ],
    [
      'that nothing comes by itself',
      { schedule: { nextRunAt: null, isPolled: false } },
      { owner: null, root: 'No nightly run is known of; to have one: autossl setup --cron' },
    ],
    ['nothing, where all is well', {}, { owner: null, root: null }],
    [
      'what the web server needs',
      { served: { state: 'not-served', message: 'x', advice: 'Reload.' } },
      { owner: null, root: 'Reload.' },
    ],
    [
      'a wildcard’s own question',
      { name: 'a.example.com', holding: 'covered', ...NO_CERTIFICATE },
      { owner: null, root: "See: autossl why '*.example.com'" },
    ],
  ])('is %s', (_, wish, advice) => {
    expect(why(wish).advice).toEqual(advice);
  });

  test('names the provider list where there is none', () => {
    expect(why({ ...NO_CERTIFICATE, provider: { state: 'disabled' } }).advice.root).toContain(
      'autossl provider list',
    );
    expect(why({ provider: { state: 'disabled' } }).advice.root).toContain('autossl provider list');
  });
});

test('the account of a name is told, whoever’s it is', () => {
  expect(why({ holding: { ...SUSPENDED, account: parseAccountName('eve') } })).toMatchObject({
    account: 'eve',
    website: null,
  });
});
