import type { AddressRanges } from './address-ranges.js';
import type { AddressFetch } from './outcome.js';

/** What this server knows of itself when it judges a name. */
export interface DcvPolicy {
  /** Addresses of this server, in the form node prints (interfaces, main address). */
  readonly ownAddresses: readonly string[];
  /** Public address → local address, where address translation stands between (settings, cpnat). */
  readonly addressMap: ReadonlyMap<string, string>;
  /** Where names may be looked at although no public CA would connect there. */
  readonly privateNetworks: AddressRanges;
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

/** This server has no address of that family, no route at all, or a firewall of its own: tells nothing about the name. */
const OUR_OWN_NETWORK: readonly string[] = [
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
  'EACCES',
  'EPERM',
];
/** How address translation that does not loop back shows itself. */
const NOT_LOOPED_BACK: readonly string[] = ['ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN'];
/** Behind translation the router itself may answer in our stead. */
const ANSWERED_BY_ROUTER: readonly string[] = ['ECONNREFUSED', 'ECONNRESET'];

/**
 * Judges whether a failed fetch is a private view (design 5.6): an address of this server, own or by the map, that
 * cannot be reached from inside. A refusal at an unmapped own address is what everybody sees. What counts is the address
 * at which the fetch ended: a redirect may lead to one of ours.
 */
export function judgePrivateView(
  fetch: AddressFetch,
  policy: Pick<DcvPolicy, 'ownAddresses' | 'addressMap'>,
): PrivateView {
  const { error, hops } = fetch.observation;
  if (error === null) return { isConclusive: true, retryAt: null };
  const isRedirected = hops.length > 1;
  const address = isRedirected ? (hops.at(-1)?.address ?? null) : fetch.address;
  if (address === null) return { isConclusive: true, retryAt: null };
  const mapped = policy.addressMap.get(address);
  if (mapped !== undefined) {
    const isPrivate = [...OUR_OWN_NETWORK, ...NOT_LOOPED_BACK, ...ANSWERED_BY_ROUTER].includes(error);
    const mayRetry = !isRedirected && fetch.localAddress === undefined && mapped !== address;
    return { isConclusive: !isPrivate, retryAt: isPrivate && mayRetry ? mapped : null };
  }
  if (OUR_OWN_NETWORK.includes(error)) return { isConclusive: false, retryAt: null };
  const isOwn = policy.ownAddresses.includes(address) || isLocalSide(address, policy);
  return { isConclusive: !(isOwn && NOT_LOOPED_BACK.includes(error)), retryAt: null };
}

/** Whether the address leads to this server. */
export function isOwnAddress(
  address: string,
  policy: Pick<DcvPolicy, 'ownAddresses' | 'addressMap'>,
): boolean {
  return (
    policy.ownAddresses.includes(address) || policy.addressMap.has(address) || isLocalSide(address, policy)
  );
}

function isLocalSide(address: string, { addressMap }: Pick<DcvPolicy, 'addressMap'>): boolean {
  return [...addressMap.values()].includes(address);
}
