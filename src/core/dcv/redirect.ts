import { parsedUrl } from '../domain/parsed-url.js';
import type { HttpObservation } from './outcome.js';

/** BR 3.2.2.4.19: the only statuses that a CA follows. */
const FOLLOWED_STATUSES: readonly number[] = [301, 302, 307, 308];

/** Whether a CA would follow an answer of this status. */
export function isFollowedStatus(status: number): boolean {
  return FOLLOWED_STATUSES.includes(status);
}

/** Whether the fetch ended because a redirect led back to a URL already asked. */
export function isRedirectLoop(observation: HttpObservation): boolean {
  const last = observation.hops.at(-1);
  if (last?.status == null || last.location === null || !isFollowedStatus(last.status)) return false;
  const next = redirectTarget(last.location, last.url);
  return next !== undefined && observation.hops.some((hop) => hop.url === next.href);
}

/** Where a Location header leads, without fragment (RFC 9110 10.2.2); undefined when it is no URL. */
export function redirectTarget(location: string, base: string): URL | undefined {
  const url = parsedUrl(location, base);
  if (url === null) return undefined;
  url.hash = '';
  return url;
}
