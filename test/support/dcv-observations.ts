import type {
  AddressFetch,
  AddressObservation,
  DcvObservation,
  HttpHop,
  HttpObservation,
} from '../../src/core/dcv/outcome.js';
import type { DcvPolicy } from '../../src/core/dcv/private-view.js';
import { parseDomainName, type WantedName } from '../../src/core/domain/name/names.js';
import { NO_RANGES } from './loopback.js';

/** What the challenge file of these observations holds. */
export const EXPECTED = 'token.thumbprint';
export const NAME = parseDomainName('www.shop.test');

export const POLICY: DcvPolicy = {
  ownAddresses: [],
  addressMap: new Map(),
  privateNetworks: NO_RANGES,
  maxRedirects: 10,
};

/** A fetch whose one hop was answered (or not). */
export function seen(overrides: Partial<HttpObservation> & { status?: number; location?: string } = {}) {
  const { status, location, ...rest } = overrides;
  const isAnswered = rest.error === undefined;
  const observation: HttpObservation = {
    hops: [hop({ status: status ?? (isAnswered ? 200 : null), location: location ?? null })],
    body: isAnswered ? EXPECTED : null,
    isBodyTruncated: false,
    error: null,
    isRedirectLimitReached: false,
    refusedRedirect: null,
    ...rest,
  };
  return observation;
}

export function hop(overrides: Partial<HttpHop> = {}): HttpHop {
  return {
    url: `http://${NAME}/.well-known/acme-challenge/token`,
    address: '192.0.2.7',
    status: 200,
    location: null,
    ...overrides,
  };
}

export function at(address: string, observation: HttpObservation = seen()): AddressFetch {
  return { address, observation };
}

/** The observation of a name whose addresses are those fetched. */
export function observed(
  fetches: readonly AddressFetch[],
  overrides: Partial<DcvObservation> & { lookup?: Partial<AddressObservation>; name?: WantedName } = {},
): DcvObservation {
  const { lookup, ...rest } = overrides;
  const addresses = fetches.map((fetch) => fetch.address);
  const ipv6 = addresses.filter((address) => address.includes(':'));
  const ipv4 = addresses.filter((address) => !address.includes(':'));
  return {
    name: NAME,
    method: 'http-01',
    addresses: {
      ipv4,
      ipv6,
      ipv4Error: ipv4.length === 0 ? 'ENODATA' : null,
      ipv6Error: ipv6.length === 0 ? 'ENODATA' : null,
      ...lookup,
    },
    fetches,
    expectedBody: EXPECTED,
    placementFault: null,
    ...rest,
  };
}
