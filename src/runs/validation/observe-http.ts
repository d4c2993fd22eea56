import { challengePathOf } from '../../core/dcv/challenge.js';
import {
  type AddressFetch,
  type AddressObservation,
  type DcvObservation,
  type HttpObservation,
  NOT_CONNECTED_TO,
} from '../../core/dcv/outcome.js';
import { mayConnect } from '../../core/dcv/own-network.js';
import { type DcvPolicy, judgePrivateView } from '../../core/dcv/private-view.js';
import type { DomainName } from '../../core/domain/name/names.js';
import type { HttpProbe, NameResolver } from '../ports/looks.js';

/** Addresses of each family that are tried; a CA takes one of them, and lists of dozens belong to big proxies. */
const MAX_ADDRESSES_PER_FAMILY = 4;

export interface HttpObservationPorts {
  readonly resolver: NameResolver;
  readonly probe: HttpProbe;
  readonly policy: DcvPolicy;
}

/** What has to be found, and where. */
export interface ExpectedChallenge {
  readonly token: string;
  readonly content: string;
}

/**
 * Looks a name up and fetches its challenge file at every address, IPv6 first, all at once.
 * Never throws for what is seen; an aborted signal shows as ABORT_ERR.
 */
export async function observeHttp(
  name: DomainName,
  challenge: ExpectedChallenge,
  ports: HttpObservationPorts,
  signal?: AbortSignal,
): Promise<DcvObservation> {
  const addresses = await ports.resolver.addressesOf(name);
  return observeHttpAt(name, addresses, challenge, ports, signal);
}

/** The same for a name whose addresses are known. `account`: whose name it is. */
export async function observeHttpAt(
  name: DomainName,
  addresses: AddressObservation,
  challenge: ExpectedChallenge,
  ports: HttpObservationPorts,
  signal?: AbortSignal,
  account?: string,
): Promise<DcvObservation> {
  const tried = [
    ...addresses.ipv6.slice(0, MAX_ADDRESSES_PER_FAMILY),
    ...addresses.ipv4.slice(0, MAX_ADDRESSES_PER_FAMILY),
  ];
  const fetches = await Promise.all(
    tried.map((address) => fetchAt(name, address, challenge, ports, signal, account)),
  );
  return {
    name,
    method: 'http-01',
    addresses,
    fetches,
    expectedBody: challenge.content,
    placementFault: null,
  };
}

const NOTHING_SENT: HttpObservation = {
  hops: [],
  body: null,
  isBodyTruncated: false,
  error: NOT_CONNECTED_TO,
  isRedirectLimitReached: false,
  refusedRedirect: null,
};

/** One address; an address of ours that does not answer from inside is asked again at its local one (design 5.6). */
async function fetchAt(
  name: DomainName,
  address: string,
  challenge: ExpectedChallenge,
  ports: HttpObservationPorts,
  signal: AbortSignal | undefined,
  account: string | undefined,
): Promise<AddressFetch> {
  if (!mayConnect(address, ports.policy)) return { address, observation: NOTHING_SENT };
  const request = {
    // RFC 3986 section 3.2.2.
    host: (name.includes(':') ? `[${name}]` : name) as DomainName,
    path: challengePathOf(challenge.token),
    maxRedirects: ports.policy.maxRedirects,
    ...(account === undefined ? {} : { account }),
    ...(signal === undefined ? {} : { signal }),
  };
  const fetch: AddressFetch = { address, observation: await ports.probe.fetch({ ...request, address }) };
  const { retryAt } = judgePrivateView(fetch, ports.policy);
  if (retryAt === null || signal?.aborted === true) return fetch;
  return {
    address,
    localAddress: retryAt,
    observation: await ports.probe.fetch({ ...request, address: retryAt }),
  };
}
