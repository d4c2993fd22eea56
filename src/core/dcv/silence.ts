import type { AddressObservation } from './outcome.js';

/** What a lookup ends with when no name server said anything; SERVFAIL, REFUSED and NXDOMAIN are answers. */
const NO_ANSWER: ReadonlySet<string | null> = new Set(['ECONNREFUSED', 'ETIMEOUT']);

/**
 * Whether nobody answered about the name: either the name's own servers are silent, or those that this server asks are.
 * Which of both is told by a question whose answer does not depend on the name.
 */
export function isSilence({ ipv4Error, ipv6Error }: AddressObservation): boolean {
  return NO_ANSWER.has(ipv4Error) && NO_ANSWER.has(ipv6Error);
}
