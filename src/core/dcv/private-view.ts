import type { AddressFetch } from './outcome.js';

/** What this server knows of itself when it judges a name. */
export interface DcvPolicy {
  /** Addresses of this server, in the form node prints (interfaces, main address). */
  readonly ownAddresses: readonly string[];
  /** Public address → local address, where address translation stands between (settings, cpnat). */
  readonly addressMap: ReadonlyMap<string, string>;
  /** How many redirects the provider follows. */
  readonly maxRedirects: number;
}

/** Whether a fetch says more about where we stand than about the name, and where else it may be tried. */
export interface PrivateView {
  /** False: what was seen may be ours alone; a CA outside may see something else. */
  readonly isConclusive: boolean;
  /** This server's local address behind that public one, to be asked with the same Host header; else null. */
  readonly retryAt: string | null;
}

/** This server has no address of that family, or no route at all: tells nothing about the name. */
const OUR_OWN_NETWORK: readonly string[] = ['ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'];
/** How address translation that does not loop back shows itself. */
const NOT_LOOPED_BACK: readonly string[] = ['ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN'];
/** Behind translation the router itself may answer in our stead. */
const ANSWERED_BY_ROUTER: readonly string[] = ['ECONNREFUSED', 'ECONNRESET'];

/**
 * Judges whether a failed fetch is a private view (design 5.6): an address of this server, own or by the map, that
 * cannot be reached from inside. A refusal at an unmapped own address is what everybody sees.
 */
export function judgePrivateView(
  fetch: AddressFetch,
  policy: Pick<DcvPolicy, 'ownAddresses' | 'addressMap'>,
): PrivateView {
  const { error } = fetch.observation;
  if (error === null || fetch.observation.hops.length > 1) return { isConclusive: true, retryAt: null };
  const mapped = policy.addressMap.get(fetch.address);
  if (mapped !== undefined) {
    const isPrivate = [...OUR_OWN_NETWORK, ...NOT_LOOPED_BACK, ...ANSWERED_BY_ROUTER].includes(error);
    const retryAt = fetch.localAddress === undefined && mapped !== fetch.address ? mapped : null;
    return isPrivate ? { isConclusive: false, retryAt } : { isConclusive: true, retryAt: null };
  }
  if (OUR_OWN_NETWORK.includes(error)) return { isConclusive: false, retryAt: null };
  const isOwn = policy.ownAddresses.includes(fetch.address);
  return { isConclusive: !(isOwn && NOT_LOOPED_BACK.includes(error)), retryAt: null };
}

/** Whether the address leads to this server. */
export function isOwnAddress(
  address: string,
  policy: Pick<DcvPolicy, 'ownAddresses' | 'addressMap'>,
): boolean {
  return policy.ownAddresses.includes(address) || policy.addressMap.has(address);
}
