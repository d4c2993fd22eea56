import type { AddressObservation } from './outcome.js';
import { type DcvPolicy, isOwnAddress } from './private-view.js';

/** Where public DNS leads to for a name. Only information: a CDN or a balancer may stand before this server. */
export interface PublicDns {
  /** Null when nobody was asked, or nobody answered. */
  readonly publicAddresses: readonly string[] | null;
  /** Whether all of them are this server's; null when they are not known. */
  readonly pointsHere: boolean | null;
}

export const UNKNOWN_PUBLIC_DNS: PublicDns = { publicAddresses: null, pointsHere: null };

/** Errors that are an answer: there is no address of that family. */
const NO_SUCH_ADDRESS: ReadonlySet<string | null> = new Set([null, 'ENOTFOUND', 'ENODATA']);

/** What lookups of both families tell. A name without any address does not lead here. */
export function judgePublicDns(
  { ipv4, ipv6, ipv4Error, ipv6Error }: AddressObservation,
  own: Pick<DcvPolicy, 'ownAddresses' | 'addressMap'>,
): PublicDns {
  const publicAddresses = [...ipv4, ...ipv6];
  const isAnswered = NO_SUCH_ADDRESS.has(ipv4Error) && NO_SUCH_ADDRESS.has(ipv6Error);
  if (publicAddresses.length === 0 && !isAnswered) return UNKNOWN_PUBLIC_DNS;
  const pointsHere =
    publicAddresses.length > 0 && publicAddresses.every((address) => isOwnAddress(address, own));
  return { publicAddresses, pointsHere };
}
