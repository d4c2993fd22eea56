import { printable, quoteForMessage } from '../domain/name/names.js';
import { parsedUrl } from '../domain/parsed-url.js';
import { type DcvFailureCode, type HttpHop, type HttpObservation, NOT_CONNECTED_TO } from './outcome.js';
import { isFollowedStatus, isRedirectLoop } from './redirect.js';

/**
 * What one fetch amounts to. `unanswered`: no connection came about, so that a CA goes on to IPv4 from IPv6;
 * `failed`: an answer, a refusal or a broken connection, which ends the validation.
 */
export type FetchFinding =
  | { readonly kind: 'passed' }
  | {
      readonly kind: 'unanswered' | 'failed';
      readonly code: DcvFailureCode;
      /** Printable; follows “NAME at ADDRESS”, beginning with a space or a comma. */
      readonly what: string;
      /** The host whose answer (or silence) it was, when a redirect led away from the name; printable. */
      readonly host: string | null;
    };

/** How much of a wrong body is shown, in characters. */
const SHOWN_BODY = 60;

/** Error codes of the socket, the resolver and node's HTTP parser, and what they mean for a validation. */
const ERRORS: Readonly<Record<string, readonly [DcvFailureCode, string]>> = {
  ECONNREFUSED: ['CONNECTION_REFUSED', 'refused the connection'],
  ETIMEDOUT: ['CONNECTION_TIMED_OUT', 'did not accept a connection in time'],
  ETIME: ['CONNECTION_TIMED_OUT', 'accepted the connection but did not answer in time'],
  EHOSTUNREACH: ['UNREACHABLE', 'cannot be reached (no route to the host)'],
  EHOSTDOWN: ['UNREACHABLE', 'cannot be reached (host is down)'],
  ENETUNREACH: ['UNREACHABLE', 'cannot be reached (no route to the network)'],
  ENETDOWN: ['UNREACHABLE', 'cannot be reached (network is down)'],
  EADDRNOTAVAIL: ['UNREACHABLE', 'cannot be reached (no local address of its kind)'],
  EAFNOSUPPORT: ['UNREACHABLE', 'cannot be reached (address family not supported here)'],
  EACCES: ['UNREACHABLE', 'cannot be reached (this server itself forbids the connection)'],
  EPERM: ['UNREACHABLE', 'cannot be reached (this server itself forbids the connection)'],
  HPE_HEADER_OVERFLOW: ['RESPONSE_TOO_LARGE', 'answered with too many headers'],
  // Of redirects only: a name that has no address itself is not fetched.
  ENOTFOUND: ['NXDOMAIN', 'which does not exist in DNS'],
  ENODATA: ['NO_ADDRESS', 'which has no address'],
  ESERVFAIL: ['DNS_SERVFAIL', 'whose DNS fails (SERVFAIL)'],
  ETIMEOUT: ['DNS_TIMED_OUT', 'whose DNS does not answer'],
  EREFUSED: ['DNS_REFUSED', 'whose DNS refuses to answer'],
  [NOT_CONNECTED_TO]: [
    'PRIVATE_ADDRESS',
    'was not tried: that is no address of the public internet, and no certificate authority connects there',
  ],
};

const STATUSES: Readonly<Record<number, readonly [DcvFailureCode, string]>> = {
  401: ['HTTP_UNAUTHORIZED', ' (a password is asked for)'],
  403: ['HTTP_FORBIDDEN', ' (forbidden)'],
  404: ['HTTP_NOT_FOUND', ' (not found)'],
};

/** Judges the fetch of a challenge file (RFC 8555 8.3, BR 3.2.2.4.19). */
export function judgeFetch(
  observation: HttpObservation,
  expectedBody: string,
  maxRedirects: number,
): FetchFinding {
  const last = observation.hops.at(-1);
  const hasRedirected = last !== undefined && last.url !== observation.hops[0]?.url;
  const via = hasRedirected ? `, redirected to ${quoteForMessage(last.url)},` : '';
  const host = hostOf(observation.hops);
  const fail: Fail = (code, what) => ({ kind: 'failed', code, what: `${via} ${what}`, host });
  // Whatever another host does amiss, it is the redirect that brought the validation there.
  const failThere: Fail = (code, what) => fail(host === null ? code : 'REDIRECTED_AWAY', what);
  if (observation.refusedRedirect !== null) {
    return fail(
      'REDIRECT_REFUSED',
      `redirects to ${quoteForMessage(last?.location ?? '')}, where validation must not follow: ${printable(observation.refusedRedirect)}`,
    );
  }
  if (observation.isRedirectLimitReached) {
    return fail('TOO_MANY_REDIRECTS', `redirects once more than the ${maxRedirects} times that are followed`);
  }
  if (observation.error !== null) return judgeError(observation, observation.error, failThere);
  if (isRedirectLoop(observation)) {
    return fail('REDIRECT_LOOP', `redirects back to ${quoteForMessage(last?.location ?? '')}`);
  }
  const status = last?.status ?? null;
  if (status === null) return failThere('CONNECTION_RESET', 'gave no answer');
  if (status < 200 || status > 299) return judgeStatus(status, failThere);
  return judgeBody(observation, expectedBody, failThere, hasRedirected);
}

type Fail = (code: DcvFailureCode, what: string) => FetchFinding;

function judgeError(observation: HttpObservation, error: string, fail: Fail): FetchFinding {
  const known = ERRORS[error];
  if (known === undefined) {
    const isHttp = error.startsWith('HPE_');
    return fail(
      'CONNECTION_RESET',
      isHttp
        ? `answered something else than HTTP (${printable(error)})`
        : `broke the connection off (${printable(error)})`,
    );
  }
  const [code, what] = known;
  const finding = fail(
    code,
    observation.isPresumed === true ? `${what}, as for other names at this address` : what,
  );
  const isFirstHop = observation.hops.length <= 1;
  const isUnanswered = error === 'ETIMEDOUT' || code === 'UNREACHABLE' || code === 'PRIVATE_ADDRESS';
  return isFirstHop && isUnanswered && finding.kind === 'failed'
    ? { ...finding, kind: 'unanswered' }
    : finding;
}

function judgeStatus(status: number, fail: Fail): FetchFinding {
  const known = STATUSES[status];
  const answered = `answered with status ${status}`;
  if (known !== undefined) return fail(known[0], answered + known[1]);
  if (status >= 500) return fail('HTTP_SERVER_ERROR', `${answered} (server error)`);
  if (isFollowedStatus(status)) return fail('HTTP_STATUS', `${answered} but does not say where to`);
  if (status >= 300 && status < 400) {
    return fail('HTTP_STATUS', `${answered}, a redirect that is not followed in a validation`);
  }
  return fail('HTTP_STATUS', answered);
}

/**
 * Trailing white space is forgiven, as RFC 8555 8.3 asks of the CA. What a redirect led to is not shown: the customer
 * chose the path, and may not be meant to read there.
 */
function judgeBody(
  observation: HttpObservation,
  expectedBody: string,
  fail: Fail,
  hasRedirected: boolean,
): FetchFinding {
  const body = observation.body ?? '';
  if (observation.isBodyTruncated) {
    if (body.startsWith(expectedBody)) {
      return fail('RESPONSE_TOO_LARGE', 'delivers the right file with something after it');
    }
    const beginning = hasRedirected ? '' : `, beginning ${shown(body)}`;
    return fail('WRONG_BODY', `answered with a page instead of the file${beginning}`);
  }
  if (body.trimEnd() === expectedBody) return { kind: 'passed' };
  if (body.trim() === '') return fail('WRONG_BODY', 'answered with nothing instead of the file');
  const what = hasRedirected ? '' : `: ${shown(body)}`;
  return fail('WRONG_BODY', `answered with something else than the file${what}`);
}

function shown(body: string): string {
  return quoteForMessage(body.length > SHOWN_BODY ? `${body.slice(0, SHOWN_BODY)}…` : body);
}

/** The host of the last hop when it is another than the first one's. */
function hostOf(hops: readonly HttpHop[]): string | null {
  const [first, last] = [hops[0], hops.at(-1)].map((hop) => (hop === undefined ? null : hostname(hop.url)));
  return last === first ? null : (last ?? null);
}

function hostname(url: string): string | null {
  const parsed = parsedUrl(url);
  return parsed === null ? null : printable(parsed.hostname);
}
