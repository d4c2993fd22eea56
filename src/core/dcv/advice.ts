import type { DcvFailureCode } from './outcome.js';

/** What the sentence of advice names. All printable already. */
export interface AdviceFacts {
  /** The host whose DNS or web server is at fault: the name itself, or a redirect's target. */
  readonly host: string;
  /** The address that failed; null when the name never got that far. */
  readonly address: string | null;
  /** True when none of the name's addresses is on this server. */
  readonly isElsewhere: boolean;
  /** The other host to which the name's own answer redirected, where that decided it. */
  readonly redirectedTo?: string;
}

type Sentence = (facts: AdviceFacts) => string;

/** One sentence for the owner for each code; checked by a golden table. */
const SENTENCES: Readonly<Record<DcvFailureCode, Sentence>> = {
  NXDOMAIN: ({ host }) =>
    `Create an A (or AAAA) record for ${host}, renew the domain if it expired, or exclude the name if it is no longer used.`,
  NO_ADDRESS: ({ host }) =>
    `Add an A (or AAAA) record for ${host}: the name exists in DNS but has no address.`,
  DNS_SERVFAIL: ({ host }) =>
    `Have the name servers of ${host} repaired: they fail, refuse to serve its zone or cannot be reached.`,
  DNSSEC_BOGUS: ({ host }) =>
    `Correct the DNSSEC of ${host}: publish the DS record of the key that signs it now and renew its signatures, or have the DS record at the registrar removed.`,
  PRIVATE_ADDRESS: ({ host, address }) =>
    `Give ${host} an address of the public internet: nobody outside can reach ${at(address)}.`,
  DNS_TIMED_OUT: ({ host }) =>
    `Check that the name servers of ${host} answer from the whole internet, over UDP and TCP on port 53.`,
  DNS_REFUSED: ({ host }) =>
    `Check that the name servers to which ${host} is delegated serve its zone, and that this server may use its resolvers.`,
  CONNECTION_REFUSED: ({ address }) => `Start the web server at ${at(address)} and let it listen on port 80.`,
  CONNECTION_TIMED_OUT: ({ address }) =>
    `Open port 80 of ${at(address)} in every firewall on the way; validation comes from several countries.`,
  CONNECTION_RESET: ({ address }) =>
    `Find out what cuts connections to port 80 of ${at(address)} (firewall, protection service, a server that does not speak HTTP there).`,
  UNREACHABLE: ({ address }) => `Check the route to ${at(address)} and whether the address is still in use.`,
  HTTP_UNAUTHORIZED: ({ host }) => `Let /.well-known/acme-challenge/ of ${host} be read without a password.`,
  HTTP_FORBIDDEN: orElsewhere(
    ({ host }) =>
      `Allow everyone to read /.well-known/acme-challenge/ of ${host}: an access rule, a firewall module or a file mode forbids it.`,
  ),
  HTTP_NOT_FOUND: orElsewhere(
    ({ host }) =>
      `Check that ${host} is served from this website's document root and that no rewrite rule swallows /.well-known/acme-challenge/.`,
  ),
  HTTP_SERVER_ERROR: orElsewhere(
    ({ host }) =>
      `Look into the error log of the web server for ${host}: it fails on /.well-known/acme-challenge/.`,
  ),
  HTTP_STATUS: orElsewhere(
    ({ host }) =>
      `Let the web server of ${host} answer /.well-known/acme-challenge/ with the plain file and status 200.`,
  ),
  REDIRECTED_AWAY: ({ host, redirectedTo }) =>
    `Leave /.well-known/acme-challenge/ of ${host} out of the redirect to ${redirectedTo ?? 'the other host'}, or let that host deliver the file.`,
  REDIRECT_LOOP: ({ host }) =>
    `Correct the redirects of ${host}: they lead back to where they began; leave /.well-known/acme-challenge/ out of them.`,
  TOO_MANY_REDIRECTS: ({ host }) =>
    `Shorten the chain of redirects of ${host}, or leave /.well-known/acme-challenge/ out of it.`,
  REDIRECT_REFUSED: ({ host }) =>
    `Let ${host} redirect only to http or https URLs of public host names on ports 80 and 443, or leave /.well-known/acme-challenge/ out of the redirect.`,
  WRONG_BODY: orElsewhere(
    ({ host }) =>
      `Let ${host} deliver files below /.well-known/acme-challenge/ unchanged: a rewrite rule, an application or a cache answers instead.`,
  ),
  RESPONSE_TOO_LARGE: ({ host }) =>
    `Let ${host} deliver files below /.well-known/acme-challenge/ unchanged: something adds to them.`,
  CHALLENGE_NOT_PLACED: () =>
    `Make the website's document root a folder of the account that the account may write to, with free quota, and no link or other file in place of .well-known/acme-challenge.`,
  WILDCARD_NEEDS_DNS: ({ host }) =>
    `Let the DNS of ${host} be edited from this server, or ask for the single names: a wildcard is validated by DNS only.`,
  IPV6_BROKEN: ({ host, address }) =>
    `Correct or remove the AAAA record of ${host} that names ${at(address)}: certificate authorities ask the IPv6 address first.`,
};

/** One sentence that tells the owner what to change. */
export function adviceFor(code: DcvFailureCode, facts: AdviceFacts): string {
  return SENTENCES[code](facts);
}

/** One sentence that tells root what to change where the owner cannot. */
export function adviceForRoot(code: DcvFailureCode): string {
  return code === 'CHALLENGE_NOT_PLACED'
    ? 'Correct the account’s user and group ids, its home folder or the website’s document root, or see that their file system has room and can be written: only root can.'
    : 'Check `resolvers` in /etc/autossl.yaml or /etc/resolv.conf.';
}

/** An answer from another server is cured in DNS or at that server, not here. */
function orElsewhere(here: Sentence): Sentence {
  return (facts) =>
    facts.isElsewhere
      ? `Point ${facts.host} to this server, or let the server it points to pass /.well-known/acme-challenge/ on to this one.`
      : here(facts);
}

function at(address: string | null): string {
  return address ?? 'the address';
}
