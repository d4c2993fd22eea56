import { describe, expect, test } from '@jest/globals';
import { judgeDcv } from '../../../src/core/dcv/judge.js';
import {
  type DcvObservation,
  type HttpObservation,
  NOT_CONNECTED_TO,
} from '../../../src/core/dcv/outcome.js';
import { parseIpIdentifier, parseWildcardName } from '../../../src/core/domain/name/names.js';
import { at, hop, NAME, observed, POLICY, seen } from '../../support/dcv-observations.js';

/*
 * What is seen of a name, where it is written what a CA makes of that, and what we make of it. LE: Let's Encrypt's pages on
 * challenge types and IPv6; BR: CA/Browser Forum Baseline Requirements.
 */

const V4 = '192.0.2.7';
const OTHER_V4 = '192.0.2.8';
const V6 = '2001:db8::7';
const OTHER_V6 = '2001:db8::8';
const RIGHT = 'token.thumbprint';
const OWN_URL = hop().url;

const answered = (status: number, body = '') => seen({ status, body });
const failed = (error: string) => seen({ error });
const timeout = () => failed('ETIMEDOUT');
const privateAddress = () => seen({ error: NOT_CONNECTED_TO, hops: [] });
/** An answer of the name, then what happened at the URL to which it redirected. */
const redirected = (url: string, last: Partial<HttpObservation> & { status?: number } = {}) => {
  const { status = 200, ...rest } = last;
  const isAnswered = rest.error === undefined;
  return seen({
    hops: [
      hop({ status: 301, location: url }),
      hop({ url, status: isAnswered ? status : null, address: isAnswered ? V4 : null }),
    ],
    ...rest,
  });
};
const lookup = (ipv4Error: string | null, ipv6Error: string | null, isAnsweredUnchecked?: boolean) =>
  observed([], {
    lookup: { ipv4Error, ipv6Error, ...(isAnsweredUnchecked === undefined ? {} : { isAnsweredUnchecked }) },
  });

type Row = readonly [sentence: string, citation: string, observation: DcvObservation, verdict: string];

const ANSWERS: readonly Row[] = [
  ['the file at the only address passes', 'RFC 8555 8.3', observed([at(V4)]), 'passed'],
  [
    'white space after the file is forgiven',
    'RFC 8555 8.3',
    observed([at(V4, answered(200, `${RIGHT}\r\n`))]),
    'passed',
  ],
  [
    'white space before the file is not forgiven',
    'RFC 8555 8.3',
    observed([at(V4, answered(200, ` ${RIGHT}`))]),
    'WRONG_BODY',
  ],
  ['any 2xx status is a success', 'BR 3.2.2.4.19', observed([at(V4, answered(206, RIGHT))]), 'passed'],
  [
    'another page in place of the file fails',
    'RFC 8555 8.3',
    observed([at(V4, answered(200, '<html>'))]),
    'WRONG_BODY',
  ],
  [
    'the file with another account’s thumbprint fails',
    'RFC 8555 8.1',
    observed([at(V4, answered(200, 'token.other'))]),
    'WRONG_BODY',
  ],
  ['an empty page fails', 'RFC 8555 8.3', observed([at(V4, answered(200, ''))]), 'WRONG_BODY'],
  ['a status without a page fails', 'RFC 8555 8.3', observed([at(V4, answered(204, ''))]), 'WRONG_BODY'],
  [
    'the file with an endless page after it fails',
    'RFC 8555 10.2',
    observed([at(V4, seen({ body: `${RIGHT}<p>`, isBodyTruncated: true }))]),
    'RESPONSE_TOO_LARGE',
  ],
  [
    'an endless page is cut, and fails as a wrong one',
    'RFC 8555 10.2',
    observed([at(V4, seen({ body: '<html>', isBodyTruncated: true }))]),
    'WRONG_BODY',
  ],
  [
    'headers without end fail',
    'RFC 8555 10.2',
    observed([at(V4, failed('HPE_HEADER_OVERFLOW'))]),
    'RESPONSE_TOO_LARGE',
  ],
  [
    'a password is asked for',
    'BR 3.2.2.4.19; behaviour 3',
    observed([at(V4, answered(401))]),
    'HTTP_UNAUTHORIZED',
  ],
  [
    'the folder is forbidden',
    'BR 3.2.2.4.19; behaviour 3',
    observed([at(V4, answered(403))]),
    'HTTP_FORBIDDEN',
  ],
  [
    'the file is not found',
    'BR 3.2.2.4.19; behaviour 3',
    observed([at(V4, answered(404))]),
    'HTTP_NOT_FOUND',
  ],
  [
    'the right file with status 404 is not found either',
    'BR 3.2.2.4.19',
    observed([at(V4, answered(404, RIGHT))]),
    'HTTP_NOT_FOUND',
  ],
  ['another 4xx says which', 'BR 3.2.2.4.19', observed([at(V4, answered(410))]), 'HTTP_STATUS'],
  ['the server fails', 'BR 3.2.2.4.19', observed([at(V4, answered(500))]), 'HTTP_SERVER_ERROR'],
  ['the server is overloaded', 'BR 3.2.2.4.19', observed([at(V4, answered(503))]), 'HTTP_SERVER_ERROR'],
  [
    'a proxy has no server behind it',
    'BR 3.2.2.4.19',
    observed([at(V4, answered(502))]),
    'HTTP_SERVER_ERROR',
  ],
  ['a status that nobody knows', 'BR 3.2.2.4.19', observed([at(V4, answered(999))]), 'HTTP_SERVER_ERROR'],
];

const CONNECTIONS: readonly Row[] = [
  [
    'nothing listens on port 80',
    'LE challenge types',
    observed([at(V4, failed('ECONNREFUSED'))]),
    'CONNECTION_REFUSED',
  ],
  [
    'a firewall swallows what is sent to port 80',
    'LE challenge types',
    observed([at(V4, timeout())]),
    'CONNECTION_TIMED_OUT',
  ],
  [
    'the server accepts and stays silent',
    'LE challenge types',
    observed([at(V4, failed('ETIME'))]),
    'CONNECTION_TIMED_OUT',
  ],
  [
    'the connection is cut',
    'LE challenge types',
    observed([at(V4, failed('ECONNRESET'))]),
    'CONNECTION_RESET',
  ],
  [
    'something else than HTTP is spoken there',
    'RFC 8555 8.3',
    observed([at(V4, failed('HPE_INVALID_CONSTANT'))]),
    'CONNECTION_RESET',
  ],
  ['nobody has the address', 'LE challenge types', observed([at(V4, failed('EHOSTUNREACH'))]), 'UNREACHABLE'],
  ['our own firewall forbids it', 'design 5.6', observed([at(V4, failed('EPERM'))]), 'UNREACHABLE'],
  ['an error never heard of', 'design 4', observed([at(V4, failed('EWHATEVER'))]), 'CONNECTION_RESET'],
  ['an address that nobody tried', 'design 4', observed([], { lookup: { ipv4: [V4] } }), 'UNREACHABLE'],
  [
    'a private address is not looked at',
    'RFC 6890; issue 5',
    observed([at('10.0.0.5', privateAddress())]),
    'PRIVATE_ADDRESS',
  ],
  [
    'private addresses of both families',
    'RFC 6890; RFC 4193',
    observed([at('fd00::5', privateAddress()), at('10.0.0.5', privateAddress())]),
    'PRIVATE_ADDRESS',
  ],
  [
    'a private address beside one that works is passed over',
    'RFC 6890',
    observed([at(V4), at('10.0.0.5', privateAddress())]),
    'passed with warning',
  ],
  [
    'a private AAAA beside an A record that works is passed over',
    'RFC 4193; LE IPv6',
    observed([at('fd00::5', privateAddress()), at(V4)]),
    'passed with warning',
  ],
  [
    'a private AAAA excuses nothing of the A record',
    'RFC 4193; LE IPv6',
    observed([at('fd00::5', privateAddress()), at(V4, answered(404))]),
    'HTTP_NOT_FOUND',
  ],
];

const REDIRECTS: readonly Row[] = [
  ...[301, 302, 307, 308].map(
    (status): Row => [
      `a ${status} that leads to the file passes`,
      'BR 3.2.2.4.19',
      observed([
        at(V4, seen({ hops: [hop({ status, location: '/x' }), hop({ url: 'http://other.test/x' })] })),
      ]),
      'passed',
    ],
  ),
  ...[300, 303, 304, 305].map(
    (status): Row => [
      `a ${status} is not followed`,
      'BR 3.2.2.4.19',
      observed([at(V4, seen({ status, location: '/x', body: null }))]),
      'HTTP_STATUS',
    ],
  ),
  [
    'a redirect that does not say where to',
    'RFC 9110 10.2.2',
    observed([at(V4, answered(302))]),
    'HTTP_STATUS',
  ],
  [
    'to https of the same host, which has the file',
    'LE challenge types',
    observed([at(V4, redirected(OWN_URL.replace('http:', 'https:')))]),
    'passed',
  ],
  [
    'to another path of the same host, which is not found: the status decides',
    'BR 3.2.2.4.19',
    observed([at(V4, redirected(`http://${NAME}/index.php`, { status: 404 }))]),
    'HTTP_NOT_FOUND',
  ],
  [
    'to a login page of the same host: the page decides',
    'RFC 8555 8.3',
    observed([at(V4, redirected(`https://${NAME}/login`, { body: '<html>' }))]),
    'WRONG_BODY',
  ],
  [
    'to another host, where it is not found',
    'BR 3.2.2.4.19; behaviour 3',
    observed([at(V4, redirected('https://other.test/x', { status: 404 }))]),
    'REDIRECTED_AWAY',
  ],
  [
    'to the front page of another host',
    'behaviour 3',
    observed([at(V4, redirected('https://other.test/', { body: '<html>' }))]),
    'REDIRECTED_AWAY',
  ],
  [
    'to another host, which refuses',
    'behaviour 3',
    observed([at(V4, redirected('https://other.test/', { error: 'ECONNREFUSED' }))]),
    'REDIRECTED_AWAY',
  ],
  [
    'to another host, which is not in DNS',
    'behaviour 3',
    observed([at(V4, redirected('http://gone.test/', { error: 'ENOTFOUND' }))]),
    'REDIRECTED_AWAY',
  ],
  [
    'to another host, whose DNS fails',
    'behaviour 3',
    observed([at(V4, redirected('http://broken.test/', { error: 'ESERVFAIL' }))]),
    'REDIRECTED_AWAY',
  ],
  [
    'to itself',
    'LE challenge types',
    observed([at(V4, seen({ status: 301, location: OWN_URL, body: null }))]),
    'REDIRECT_LOOP',
  ],
  [
    'back to where it began, by way of another host',
    'LE challenge types',
    observed([
      at(
        V4,
        seen({
          body: null,
          hops: [
            hop({ status: 301, location: 'http://other.test/' }),
            hop({ url: 'http://other.test/', status: 301, location: OWN_URL }),
          ],
        }),
      ),
    ]),
    'REDIRECT_LOOP',
  ],
  [
    'once more than the provider follows',
    'LE challenge types; behaviour 3',
    observed([at(V4, seen({ status: 301, location: '/x', body: null, isRedirectLimitReached: true }))]),
    'TOO_MANY_REDIRECTS',
  ],
  [
    'to another scheme',
    'BR 3.2.2.4.19',
    observed([
      at(V4, seen({ status: 301, location: 'ftp://x/', body: null, refusedRedirect: 'scheme ftp' })),
    ]),
    'REDIRECT_REFUSED',
  ],
  [
    'to another port',
    'BR 3.2.2.4.19',
    observed([
      at(
        V4,
        seen({ status: 301, location: 'http://x.test:8080/', body: null, refusedRedirect: 'port 8080' }),
      ),
    ]),
    'REDIRECT_REFUSED',
  ],
  [
    'into the network that we are in',
    'issue 5; RFC 6890',
    observed([
      at(
        V4,
        seen({
          status: 301,
          location: 'http://in.test/',
          body: null,
          refusedRedirect: 'it leads to 10.0.0.1',
        }),
      ),
    ]),
    'REDIRECT_REFUSED',
  ],
];

const FAMILIES: readonly Row[] = [
  ['both families are right', 'LE IPv6', observed([at(V6), at(V4)]), 'passed'],
  ['there is IPv6 only, and it works', 'issue 5; behaviour 3', observed([at(V6)]), 'passed with warning'],
  [
    'there is IPv6 only, and nobody answers',
    'LE IPv6',
    observed([at(V6, timeout())]),
    'CONNECTION_TIMED_OUT',
  ],
  ['there is IPv6 only, and it is not found', 'LE IPv6', observed([at(V6, answered(404))]), 'HTTP_NOT_FOUND'],
  [
    'IPv6 is not found although IPv4 works',
    'LE IPv6',
    observed([at(V6, answered(404)), at(V4)]),
    'IPV6_BROKEN',
  ],
  [
    'IPv6 is forbidden although IPv4 works',
    'LE IPv6',
    observed([at(V6, answered(403)), at(V4)]),
    'IPV6_BROKEN',
  ],
  [
    'IPv6 has another page although IPv4 works',
    'LE IPv6',
    observed([at(V6, seen({ body: 'x' })), at(V4)]),
    'IPV6_BROKEN',
  ],
  [
    'IPv6 refuses although IPv4 works',
    'LE IPv6',
    observed([at(V6, failed('ECONNREFUSED')), at(V4)]),
    'IPV6_BROKEN',
  ],
  [
    'IPv6 accepts and is silent although IPv4 works',
    'LE IPv6',
    observed([at(V6, failed('ETIME')), at(V4)]),
    'IPV6_BROKEN',
  ],
  [
    'a timeout behind a redirect of IPv6 is no excuse',
    'LE IPv6',
    observed([at(V6, redirected('http://other.test/', { error: 'ETIMEDOUT' })), at(V4)]),
    'IPV6_BROKEN',
  ],
  [
    'IPv6 does not connect and IPv4 works: CAs go on to IPv4',
    'LE IPv6',
    observed([at(V6, timeout()), at(V4)]),
    'passed with warning',
  ],
  [
    'we have no IPv6 ourselves and IPv4 works',
    'design 5.6',
    observed([at(V6, failed('ENETUNREACH')), at(V4)]),
    'passed with warning',
  ],
  [
    'IPv6 does not connect and IPv4 is not found',
    'LE IPv6',
    observed([at(V6, timeout()), at(V4, answered(404))]),
    'HTTP_NOT_FOUND',
  ],
  [
    'both are wrong: the reason of IPv6, which is asked first',
    'LE IPv6',
    observed([at(V6, answered(403)), at(V4, answered(404))]),
    'HTTP_FORBIDDEN',
  ],
  ['neither connects', 'LE IPv6', observed([at(V6, timeout()), at(V4, timeout())]), 'CONNECTION_TIMED_OUT'],
  [
    'IPv6 is right and IPv4 wrong: CAs ask IPv6',
    'LE IPv6',
    observed([at(V6), at(V4, answered(404))]),
    'passed with warning',
  ],
  [
    'one of two AAAA records leads astray',
    'LE IPv6',
    observed([at(V6), at(OTHER_V6, answered(404)), at(V4)]),
    'IPV6_BROKEN',
  ],
  [
    'one of two A records leads astray: a CA may take either',
    'LE challenge types',
    observed([at(V4), at(OTHER_V4, answered(404))]),
    'HTTP_NOT_FOUND',
  ],
  [
    'one of two A records is dead',
    'LE challenge types',
    observed([at(V4), at(OTHER_V4, timeout())]),
    'CONNECTION_TIMED_OUT',
  ],
];

const LOOKUPS: readonly Row[] = [
  ['there is no such name', 'RFC 8020; behaviour 3', lookup('ENOTFOUND', 'ENOTFOUND'), 'NXDOMAIN'],
  ['the name has no address', 'behaviour 3', lookup('ENODATA', 'ENODATA'), 'NO_ADDRESS'],
  [
    'a server that denies the name for want of an AAAA record is not believed',
    'RFC 4074 4.2',
    lookup('ENODATA', 'ENOTFOUND'),
    'NO_ADDRESS',
  ],
  ['its name servers fail', 'BR 3.2.2.8.1', lookup('ESERVFAIL', 'ESERVFAIL', false), 'DNS_SERVFAIL'],
  [
    'they fail, and nobody asked without signatures',
    'BR 3.2.2.8.1',
    lookup('ESERVFAIL', 'ESERVFAIL'),
    'DNS_SERVFAIL',
  ],
  [
    'they fail only while signatures are checked',
    'RFC 4035 3.2.2; BR 3.2.2.4',
    lookup('ESERVFAIL', 'ESERVFAIL', true),
    'DNSSEC_BOGUS',
  ],
  [
    'only the denial of A records is bogus',
    'RFC 4035 5.4',
    lookup('ESERVFAIL', 'ENODATA', true),
    'DNSSEC_BOGUS',
  ],
  [
    'they fail for AAAA, and there is no A record',
    'BR 3.2.2.8.1',
    lookup('ENODATA', 'ESERVFAIL'),
    'DNS_SERVFAIL',
  ],
  ['they are silent', 'LE challenge types', lookup('ETIMEOUT', 'ETIMEOUT'), 'DNS_TIMED_OUT'],
  ['they refuse', 'RFC 1035 4.1.1', lookup('EREFUSED', 'EREFUSED'), 'DNS_REFUSED'],
  [
    'our own name server refuses the connection',
    'design 5.6',
    lookup('ECONNREFUSED', 'ECONNREFUSED'),
    'DNS_REFUSED',
  ],
  ['they send what cannot be read', 'RFC 1035 4.1', lookup('EBADRESP', 'EBADRESP'), 'DNS_SERVFAIL'],
  [
    'AAAA cannot be looked up while A works',
    'LE IPv6',
    observed([at(V4)], { lookup: { ipv6Error: 'ESERVFAIL' } }),
    'passed with warning',
  ],
  [
    'A cannot be looked up while AAAA works',
    'LE IPv6',
    observed([at(V6)], { lookup: { ipv4Error: 'ETIMEOUT' } }),
    'passed with warning',
  ],
];

const OTHERS: readonly Row[] = [
  [
    'the file could not be placed',
    'design 5.10',
    observed([], { lookup: { ipv4: [V4] }, placementFault: { why: 'no space', fault: 'owner' } }),
    'CHALLENGE_NOT_PLACED',
  ],
  [
    'a wildcard is validated by DNS only',
    'BR 3.2.2.4.19; behaviour 3',
    observed([], { name: parseWildcardName('*.shop.test') }),
    'WILDCARD_NEEDS_DNS',
  ],
  [
    'an IPv6 address as a name has no A record to miss',
    'RFC 8738',
    observed([at(V6)], { name: parseIpIdentifier(V6), lookup: { ipv4Error: null } }),
    'passed',
  ],
];

const GROUPS: readonly (readonly [string, readonly Row[]])[] = [
  ['an answer', ANSWERS],
  ['a connection', CONNECTIONS],
  ['a redirect', REDIRECTS],
  ['addresses of two families', FAMILIES],
  ['a lookup', LOOKUPS],
  ['what is neither', OTHERS],
];

describe.each(GROUPS)('%s', (_group, rows) => {
  test.each(rows)('%s [%s]', (_sentence, _citation, observation, verdict) => {
    const outcome = judgeDcv(observation, POLICY);
    const passed = outcome.passed && (outcome.warnings.length === 0 ? 'passed' : 'passed with warning');
    expect(outcome.passed ? passed : outcome.code).toBe(verdict);
    if (!outcome.passed) expect(outcome.advice).toMatch(/^[A-Z].*\.$/);
  });
});

test('what an address did for other names is told as such', () => {
  const presumed = judgeDcv(observed([at(V4, seen({ error: 'ETIME', isPresumed: true }))]), POLICY);
  expect(presumed).toMatchObject({
    code: 'CONNECTION_TIMED_OUT',
    message: expect.stringContaining('did not answer in time, as for other names at this address'),
  });
});
