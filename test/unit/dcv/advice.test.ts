import { expect, test } from '@jest/globals';
import { adviceFor } from '../../../src/core/dcv/advice.js';
import type { DcvFailureCode } from '../../../src/core/dcv/outcome.js';

const here = { host: 'shop.test', address: '192.0.2.7', isElsewhere: false };
const PATH = '/.well-known/acme-challenge/';

/** The golden table: a changed sentence is a changed line here, to be read by a person. */
const GOLDEN: Record<DcvFailureCode, string> = {
  NXDOMAIN:
    'Create an A (or AAAA) record for shop.test, renew the domain if it expired, or exclude the name if it is no longer used.',
  NO_ADDRESS: 'Add an A (or AAAA) record for shop.test: the name exists in DNS but has no address.',
  DNS_SERVFAIL:
    'Have the name servers of shop.test repaired: they fail, refuse to serve its zone or cannot be reached.',
  DNSSEC_BOGUS:
    'Correct the DNSSEC of shop.test: publish the DS record of the key that signs it now and renew its signatures, or have the DS record at the registrar removed.',
  PRIVATE_ADDRESS: 'Give shop.test an address of the public internet: nobody outside can reach 192.0.2.7.',
  DNS_TIMED_OUT:
    'Check that the name servers of shop.test answer from the whole internet, over UDP and TCP on port 53.',
  DNS_REFUSED:
    'Check that the name servers to which shop.test is delegated serve its zone, and that this server may use its resolvers.',
  CONNECTION_REFUSED: 'Start the web server at 192.0.2.7 and let it listen on port 80.',
  CONNECTION_TIMED_OUT:
    'Open port 80 of 192.0.2.7 in every firewall on the way; validation comes from several countries.',
  CONNECTION_RESET:
    'Find out what cuts connections to port 80 of 192.0.2.7 (firewall, protection service, a server that does not speak HTTP there).',
  UNREACHABLE: 'Check the route to 192.0.2.7 and whether the address is still in use.',
  HTTP_UNAUTHORIZED: `Let ${PATH} of shop.test be read without a password.`,
  HTTP_FORBIDDEN: `Allow everyone to read ${PATH} of shop.test: an access rule, a firewall module or a file mode forbids it.`,
  HTTP_NOT_FOUND: `Check that shop.test is served from this website's document root and that no rewrite rule swallows ${PATH}.`,
  HTTP_SERVER_ERROR: `Look into the error log of the web server for shop.test: it fails on ${PATH}.`,
  HTTP_STATUS: `Let the web server of shop.test answer ${PATH} with the plain file and status 200.`,
  REDIRECTED_AWAY: `Leave ${PATH} of shop.test out of the redirect to the other host, or let that host deliver the file.`,
  REDIRECT_LOOP: `Correct the redirects of shop.test: they lead back to where they began; leave ${PATH} out of them.`,
  TOO_MANY_REDIRECTS: `Shorten the chain of redirects of shop.test, or leave ${PATH} out of it.`,
  REDIRECT_REFUSED: `Let shop.test redirect only to http or https URLs of public host names on ports 80 and 443, or leave ${PATH} out of the redirect.`,
  WRONG_BODY: `Let shop.test deliver files below ${PATH} unchanged: a rewrite rule, an application or a cache answers instead.`,
  RESPONSE_TOO_LARGE: `Let shop.test deliver files below ${PATH} unchanged: something adds to them.`,
  CHALLENGE_NOT_PLACED:
    "Make the website's document root a folder of the account that the account may write to, with free quota, and no link or other file in place of .well-known/acme-challenge.",
  WILDCARD_NEEDS_DNS:
    'Let the DNS of shop.test be edited from this server, or ask for the single names: a wildcard is validated by DNS only.',
  IPV6_BROKEN:
    'Correct or remove the AAAA record of shop.test that names 192.0.2.7: certificate authorities ask the IPv6 address first.',
};

test.each(Object.entries(GOLDEN) as [DcvFailureCode, string][])('%s is advised upon', (code, sentence) => {
  expect(adviceFor(code, here)).toBe(sentence);
});

test.each(['HTTP_FORBIDDEN', 'HTTP_NOT_FOUND', 'HTTP_SERVER_ERROR', 'HTTP_STATUS', 'WRONG_BODY'] as const)(
  '%s from another server is cured there or in DNS',
  (code) => {
    expect(adviceFor(code, { ...here, isElsewhere: true })).toBe(
      `Point shop.test to this server, or let the server it points to pass ${PATH} on to this one.`,
    );
  },
);

test('a redirect is named with the host that it leads to', () => {
  expect(adviceFor('REDIRECTED_AWAY', { ...here, redirectedTo: 'www.other.test' })).toBe(
    `Leave ${PATH} of shop.test out of the redirect to www.other.test, or let that host deliver the file.`,
  );
});

test('every advice is one sentence', () => {
  for (const sentence of Object.values(GOLDEN)) expect(sentence).toMatch(/^[A-Z].*[^.]\.$/);
});
