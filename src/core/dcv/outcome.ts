import type { ChallengeMethod } from '../domain/challenge-method.js';
import type { FaultSide } from '../domain/fault-side.js';
import type { WantedName } from '../domain/name/names.js';

/** Why a name cannot be validated over HTTP, as far as this server can see. */
export type DcvFailureCode =
  | 'NO_ADDRESS'
  | 'PRIVATE_ADDRESS'
  | 'NXDOMAIN'
  | 'DNS_SERVFAIL'
  | 'DNSSEC_BOGUS'
  | 'DNS_TIMED_OUT'
  | 'DNS_REFUSED'
  | 'CONNECTION_REFUSED'
  | 'CONNECTION_TIMED_OUT'
  | 'CONNECTION_RESET'
  | 'UNREACHABLE'
  | 'HTTP_UNAUTHORIZED'
  | 'HTTP_FORBIDDEN'
  | 'HTTP_NOT_FOUND'
  | 'HTTP_SERVER_ERROR'
  | 'HTTP_STATUS'
  | 'REDIRECTED_AWAY'
  | 'REDIRECT_LOOP'
  | 'TOO_MANY_REDIRECTS'
  | 'REDIRECT_REFUSED'
  | 'WRONG_BODY'
  | 'RESPONSE_TOO_LARGE'
  | 'CHALLENGE_NOT_PLACED'
  | 'WILDCARD_NEEDS_DNS'
  | 'IPV6_BROKEN';

/** Why a name cannot be validated by DNS. */
export type DnsFailureCode =
  | 'NO_LOCAL_AUTHORITY'
  | 'WILDCARD_NEEDS_DNS'
  | 'DOMAIN_OF_ANOTHER_ACCOUNT'
  | 'DELEGATION_BROKEN'
  | 'DNS_UPDATE_REFUSED'
  | 'DNS_NOT_PROPAGATED'
  | 'DNS_SERVFAIL'
  | 'DNS_TIMED_OUT';

/** One hop of an HTTP validation, as seen. */
export interface HttpHop {
  readonly url: string;
  readonly address: string | null;
  readonly status: number | null;
  readonly location: string | null;
}

/** What was seen when a challenge file was fetched for one name at one address; no conclusion drawn. */
export interface HttpObservation {
  readonly hops: readonly HttpHop[];
  /** The final body's first bytes, or null when no final answer came. */
  readonly body: string | null;
  readonly isBodyTruncated: boolean;
  /** The socket-level error of the last hop: ECONNREFUSED, ETIMEDOUT … or null. */
  readonly error: string | null;
  readonly isRedirectLimitReached: boolean;
  /** Set when a hop was not followed because of where it pointed. */
  readonly refusedRedirect: string | null;
  /** The last hop was not waited for: several of the kind ended so at its address just before. */
  readonly isPresumed?: true;
}

/** What the resolver said of one name. */
export interface AddressObservation {
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
  /** ENOTFOUND, ENODATA, ESERVFAIL, ETIMEOUT, ECONNREFUSED …; null when that lookup gave addresses. */
  readonly ipv4Error: string | null;
  readonly ipv6Error: string | null;
  /**
   * After SERVFAIL: whether the same question was answered once the name server had been told not to check signatures
   * (RFC 4035 3.2.2, the CD bit). Absent when that was not asked.
   */
  readonly isAnsweredUnchecked?: boolean;
}

/** `error` of an observation at an address to which nothing was sent, since validation may not connect there. */
export const NOT_CONNECTED_TO = 'ENOTPUBLIC';

/** The fetch at one address of a name. */
export interface AddressFetch {
  /** The public address, as DNS gives it. */
  readonly address: string;
  readonly observation: HttpObservation;
  /** Set when the public address did not answer from inside and this server's local address was asked instead. */
  readonly localAddress?: string;
}

/** Why a challenge could not be placed, and who can mend that. */
export interface PlacementFault {
  readonly why: string;
  readonly fault: FaultSide;
}

/** All that was seen of one name. */
export interface DcvObservation {
  readonly name: WantedName;
  readonly method: 'http-01';
  readonly addresses: AddressObservation;
  /** One per address tried, IPv6 first. */
  readonly fetches: readonly AddressFetch[];
  /** What the body had to be. */
  readonly expectedBody: string;
  /** Set when the challenge could not even be placed. */
  readonly placementFault: PlacementFault | null;
}

export type DcvOutcome =
  | {
      readonly name: WantedName;
      readonly passed: true;
      /** Absent = http-01. */
      readonly method?: ChallengeMethod;
      readonly warnings: readonly string[];
    }
  | {
      readonly name: WantedName;
      readonly passed: false;
      /** Whose view the code tells; absent = http-01. */
      readonly method?: ChallengeMethod;
      readonly code: DcvFailureCode | DnsFailureCode;
      /** One printable sentence of what was seen. */
      readonly message: string;
      /** One printable sentence: what the owner should change. */
      readonly advice: string;
      /** False when this view may be ours alone (address of this server that cannot be reached from inside …). */
      readonly isConclusive: boolean;
      /** Whether the owner can mend it at all. */
      readonly fault: FaultSide;
      /** None of its addresses is on this server, which may be why. */
      readonly pointsElsewhere?: true;
    };
