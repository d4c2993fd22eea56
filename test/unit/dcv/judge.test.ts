import { describe, expect, test } from '@jest/globals';
import { judgeDcv } from '../../../src/core/dcv/judge.js';
import type { DcvObservation } from '../../../src/core/dcv/outcome.js';
import { parseWildcardName } from '../../../src/core/domain/names.js';
import { at, hop, observed, POLICY, seen } from '../../support/dcv-observations.js';

const V4 = '192.0.2.7';
const OTHER_V4 = '192.0.2.8';
const V6 = '2001:db8::7';
const verdictOf = (observation: DcvObservation): string => {
  const outcome = judgeDcv(observation, POLICY);
  if (!outcome.passed) return outcome.code;
  return outcome.warnings.length === 0 ? 'passed' : 'passed with warning';
};
const timeout = () => seen({ error: 'ETIMEDOUT' });
const answered = (status: number, body = '') => seen({ status, body });

describe('a name is judged by what was seen', () => {
  test.each<[string, DcvObservation, string]>([
    ['the file at its only address passes', observed([at(V4)]), 'passed'],
    [
      'white space after the file is forgiven',
      observed([at(V4, seen({ body: 'token.thumbprint\r\n' }))]),
      'passed',
    ],
    [
      'white space before the file is not',
      observed([at(V4, seen({ body: ' token.thumbprint' }))]),
      'WRONG_BODY',
    ],
    ['another page', observed([at(V4, seen({ body: '<html>' }))]), 'WRONG_BODY'],
    ['an empty page', observed([at(V4, seen({ body: '' }))]), 'WRONG_BODY'],
    [
      'the file with a page after it',
      observed([at(V4, seen({ body: 'token.thumbprint<p>', isBodyTruncated: true }))]),
      'RESPONSE_TOO_LARGE',
    ],
    ['a page without end', observed([at(V4, seen({ body: '<html>', isBodyTruncated: true }))]), 'WRONG_BODY'],
    ['401', observed([at(V4, answered(401))]), 'HTTP_UNAUTHORIZED'],
    ['403', observed([at(V4, answered(403))]), 'HTTP_FORBIDDEN'],
    ['404', observed([at(V4, answered(404))]), 'HTTP_NOT_FOUND'],
    ['404 with the right body', observed([at(V4, answered(404, 'token.thumbprint'))]), 'HTTP_NOT_FOUND'],
    ['410', observed([at(V4, answered(410))]), 'HTTP_STATUS'],
    ['503', observed([at(V4, answered(503))]), 'HTTP_SERVER_ERROR'],
    [
      '303, which no CA follows',
      observed([at(V4, seen({ status: 303, location: '/x', body: null }))]),
      'HTTP_STATUS',
    ],
    ['302 without Location', observed([at(V4, answered(302))]), 'HTTP_STATUS'],
    ['refused', observed([at(V4, seen({ error: 'ECONNREFUSED' }))]), 'CONNECTION_REFUSED'],
    ['reset', observed([at(V4, seen({ error: 'ECONNRESET' }))]), 'CONNECTION_RESET'],
    ['not HTTP', observed([at(V4, seen({ error: 'HPE_INVALID_CONSTANT' }))]), 'CONNECTION_RESET'],
    ['endless headers', observed([at(V4, seen({ error: 'HPE_HEADER_OVERFLOW' }))]), 'RESPONSE_TOO_LARGE'],
    ['no connection in time', observed([at(V4, timeout())]), 'CONNECTION_TIMED_OUT'],
    ['no answer in time', observed([at(V4, seen({ error: 'ETIME' }))]), 'CONNECTION_TIMED_OUT'],
    ['no route', observed([at(V4, seen({ error: 'EHOSTUNREACH' }))]), 'UNREACHABLE'],
    ['an error never heard of', observed([at(V4, seen({ error: 'EWHATEVER' }))]), 'CONNECTION_RESET'],
    [
      'a redirect too many',
      observed([at(V4, seen({ status: 301, location: '/x', body: null, isRedirectLimitReached: true }))]),
      'TOO_MANY_REDIRECTS',
    ],
    [
      'a redirect to where nobody follows',
      observed([
        at(V4, seen({ status: 301, location: 'ftp://x/', body: null, refusedRedirect: 'scheme ftp' })),
      ]),
      'REDIRECT_REFUSED',
    ],
    [
      'a redirect back to itself',
      observed([at(V4, seen({ status: 301, location: hop().url, body: null }))]),
      'REDIRECT_LOOP',
    ],
    [
      'a redirect to a name that is not in DNS',
      observed([
        at(
          V4,
          seen({
            error: 'ENOTFOUND',
            hops: [
              hop({ status: 301, location: 'http://gone.test/' }),
              hop({ url: 'http://gone.test/', address: null, status: null }),
            ],
          }),
        ),
      ]),
      'NXDOMAIN',
    ],
    [
      'a timeout behind a redirect at IPv6 is no excuse',
      observed([
        at(V6, seen({ error: 'ETIMEDOUT', hops: [hop({ status: 301 }), hop({ status: null })] })),
        at(V4),
      ]),
      'IPV6_BROKEN',
    ],

    ['both addresses right', observed([at(V6), at(V4)]), 'passed'],
    ['IPv6 answers 404 although IPv4 works', observed([at(V6, answered(404)), at(V4)]), 'IPV6_BROKEN'],
    [
      'IPv6 gives another page although IPv4 works',
      observed([at(V6, seen({ body: 'x' })), at(V4)]),
      'IPV6_BROKEN',
    ],
    [
      'IPv6 refuses although IPv4 works',
      observed([at(V6, seen({ error: 'ECONNREFUSED' })), at(V4)]),
      'IPV6_BROKEN',
    ],
    [
      'IPv6 connects but is silent although IPv4 works',
      observed([at(V6, seen({ error: 'ETIME' })), at(V4)]),
      'IPV6_BROKEN',
    ],
    [
      'IPv6 does not connect, IPv4 works: CAs go on to IPv4',
      observed([at(V6, timeout()), at(V4)]),
      'passed with warning',
    ],
    [
      'we have no IPv6, IPv4 works',
      observed([at(V6, seen({ error: 'ENETUNREACH' })), at(V4)]),
      'passed with warning',
    ],
    [
      'IPv6 does not connect, IPv4 404',
      observed([at(V6, timeout()), at(V4, answered(404))]),
      'HTTP_NOT_FOUND',
    ],
    [
      'both answer wrongly: the IPv6 reason',
      observed([at(V6, answered(403)), at(V4, answered(404))]),
      'HTTP_FORBIDDEN',
    ],
    ['nothing connects', observed([at(V6, timeout()), at(V4, timeout())]), 'CONNECTION_TIMED_OUT'],
    ['only IPv6, right', observed([at(V6)]), 'passed'],
    ['only IPv6, no connection', observed([at(V6, timeout())]), 'CONNECTION_TIMED_OUT'],
    ['only IPv6, 404', observed([at(V6, answered(404))]), 'HTTP_NOT_FOUND'],
    [
      'IPv6 right, IPv4 wrong: CAs ask IPv6',
      observed([at(V6), at(V4, answered(404))]),
      'passed with warning',
    ],
    ['one of two IPv4 addresses wrong', observed([at(V4), at(OTHER_V4, answered(404))]), 'HTTP_NOT_FOUND'],
    ['one of two IPv4 addresses dead', observed([at(V4), at(OTHER_V4, timeout())]), 'CONNECTION_TIMED_OUT'],

    [
      'the name does not exist',
      observed([], { lookup: { ipv4Error: 'ENOTFOUND', ipv6Error: 'ENOTFOUND' } }),
      'NXDOMAIN',
    ],
    ['the name has no address', observed([]), 'NO_ADDRESS'],
    [
      'SERVFAIL',
      observed([], { lookup: { ipv4Error: 'ESERVFAIL', ipv6Error: 'ESERVFAIL' } }),
      'DNS_SERVFAIL',
    ],
    ['SERVFAIL for AAAA, no A record', observed([], { lookup: { ipv6Error: 'ESERVFAIL' } }), 'DNS_SERVFAIL'],
    [
      'DNS is silent',
      observed([], { lookup: { ipv4Error: 'ETIMEOUT', ipv6Error: 'ETIMEOUT' } }),
      'DNS_TIMED_OUT',
    ],
    [
      'DNS refuses',
      observed([], { lookup: { ipv4Error: 'EREFUSED', ipv6Error: 'EREFUSED' } }),
      'DNS_REFUSED',
    ],
    [
      'an unknown DNS error',
      observed([], { lookup: { ipv4Error: 'EBADRESP', ipv6Error: 'EBADRESP' } }),
      'DNS_SERVFAIL',
    ],
    [
      'AAAA cannot be looked up, A works',
      observed([at(V4)], { lookup: { ipv6Error: 'ESERVFAIL' } }),
      'passed with warning',
    ],
    [
      'the file could not be placed',
      observed([], { lookup: { ipv4: [V4] }, placementFault: { why: 'no space', fault: 'owner' } }),
      'CHALLENGE_NOT_PLACED',
    ],
    ['a wildcard', observed([], { name: parseWildcardName('*.shop.test') }), 'WILDCARD_NEEDS_DNS'],
    ['addresses that nobody tried', observed([], { lookup: { ipv4: [V4] } }), 'UNREACHABLE'],
  ])('%s', (_case, observation, verdict) => {
    expect(verdictOf(observation)).toBe(verdict);
  });
});

describe('the message', () => {
  const messageOf = (observation: DcvObservation, ownAddresses: string[] = []): string => {
    const outcome = judgeDcv(observation, { ...POLICY, ownAddresses });
    return outcome.passed ? outcome.warnings.join('\n') : outcome.message;
  };

  test('names the IPv6 address at fault', () => {
    expect(messageOf(observed([at(V6, answered(404)), at(V4)]))).toBe(
      'www.shop.test at 2001:db8::7 answered with status 404 (not found); IPv4 works, but certificate authorities ask IPv6 first',
    );
  });
  test('says where a redirect led', () => {
    const hops = [hop({ status: 301 }), hop({ url: 'https://shop.test/x', status: 403 })];
    expect(messageOf(observed([at(V4, seen({ hops, body: null }))]))).toBe(
      'www.shop.test at 192.0.2.7, redirected to “https://shop.test/x”, answered with status 403 (forbidden)',
    );
  });
  test('hints that the name points elsewhere, after a failure only', () => {
    expect(messageOf(observed([at(V4, answered(404))]), ['198.51.100.1'])).toMatch(
      /; none of its addresses \(192\.0\.2\.7\) is on this server$/,
    );
    expect(messageOf(observed([at(V4)]), ['198.51.100.1'])).toBe('');
    expect(messageOf(observed([at(V4, answered(404))]), [V4])).not.toMatch(/none of its addresses/);
  });
  test('carries nothing that could steer a terminal', () => {
    const body = '\u001b[2J\u202eevil\n'.repeat(50);
    const location = 'http://x/\u001b]0;title\u0007';
    for (const observation of [
      observed([at(V4, seen({ body }))]),
      observed([at(V4, seen({ status: 301, location, body: null, refusedRedirect: '\u001b[1m' }))]),
      observed([at(V4, seen({ error: 'E\u001b[1m' }))]),
      observed([], { lookup: { ipv4Error: '\u001b', ipv6Error: null } }),
      observed([], {
        lookup: { ipv4: [V4] },
        placementFault: { why: 'x\u001b\n'.repeat(500), fault: 'owner' },
      }),
    ]) {
      const message = messageOf(observation);
      expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(message.length).toBeLessThan(1500);
    }
  });
});

describe('a view from inside is not conclusive', () => {
  const policy = { ...POLICY, ownAddresses: [V4], addressMap: new Map([[OTHER_V4, '10.0.0.8']]) };
  const isConclusive = (observation: DcvObservation): boolean | 'passed' => {
    const outcome = judgeDcv(observation, policy);
    return outcome.passed ? 'passed' : outcome.isConclusive;
  };
  test.each<[string, DcvObservation, boolean | 'passed']>([
    ['our own address that is silent from inside', observed([at(V4, timeout())]), false],
    [
      'our own address that refuses: everybody sees that',
      observed([at(V4, seen({ error: 'ECONNREFUSED' }))]),
      true,
    ],
    ['our own address that answers 404', observed([at(V4, answered(404))]), true],
    ['a foreign address that is silent', observed([at('203.0.113.1', timeout())]), true],
    [
      'a mapped address that refuses: perhaps the router',
      observed([at(OTHER_V4, seen({ error: 'ECONNREFUSED' }))]),
      false,
    ],
    ['no IPv6 here at all', observed([at(V6, seen({ error: 'ENETUNREACH' }))]), false],
    [
      'our resolver is down',
      observed([], { lookup: { ipv4Error: 'ECONNREFUSED', ipv6Error: 'ECONNREFUSED' } }),
      false,
    ],
    [
      'a mapped address that passed at the local one',
      observed([{ ...at(OTHER_V4), localAddress: '10.0.0.8' }]),
      'passed',
    ],
    [
      'a mapped address that is 404 at the local one',
      observed([{ ...at(OTHER_V4, answered(404)), localAddress: '10.0.0.8' }]),
      true,
    ],
  ])('%s', (_case, observation, expected) => {
    expect(isConclusive(observation)).toBe(expected);
  });
  test('a pass at the local address is said to be one', () => {
    const outcome = judgeDcv(observed([{ ...at(OTHER_V4), localAddress: '10.0.0.8' }]), policy);
    expect(outcome).toMatchObject({
      passed: true,
      warnings: ['www.shop.test could be tried only from inside, at 10.0.0.8 for 192.0.2.8'],
    });
  });
});

describe('whose fault it is', () => {
  const refused = { ipv4: [], ipv6: [], ipv4Error: 'ECONNREFUSED', ipv6Error: 'ECONNREFUSED' };
  test.each([
    ['a resolver of ours that refuses', observed([], { lookup: refused }), 'ours', /\/etc\/autossl\.yaml/],
    [
      'a placement that root alone can mend',
      observed([], { lookup: { ipv4: ['192.0.2.7'] }, placementFault: { why: 'uid 0', fault: 'ours' } }),
      'ours',
      /only root can/,
    ],
    ['a name without address', observed([]), 'owner', /./],
  ] as const)('%s', (_case, observation, fault, advice) => {
    expect(judgeDcv(observation, POLICY)).toMatchObject({ fault, advice: expect.stringMatching(advice) });
  });
});
