import { isIP } from 'node:net';
import { isSpecialAddress } from '../../core/dcv/special-address.js';
import { parseDomainName, quoteForMessage } from '../../core/domain/name/names.js';
import type { NameResolver } from '../../runs/ports/looks.js';

export interface IssuerPlaceSettings {
  /** Lists and responders of a private CA may lie in the network that this server stands in. Default: the public internet alone. */
  readonly isAnywhereAllowed?: boolean;
}

/** Where a URL's host may be connected to; `error`: the system's code. */
export type Place = { readonly address: string } | { readonly refused: string } | { readonly error: string };

/** Looks up where issuers' lists and responders lie, and refuses what is not of the public internet. */
export class IssuerPlaces {
  readonly #resolver: Pick<NameResolver, 'addressesOf'>;
  readonly #isAnywhereAllowed: boolean;

  constructor(resolver: Pick<NameResolver, 'addressesOf'>, settings: IssuerPlaceSettings) {
    this.#resolver = resolver;
    this.#isAnywhereAllowed = settings.isAnywhereAllowed ?? false;
  }

  /** The first of the host's addresses, when all of them may be connected to. */
  async of({ hostname }: URL): Promise<Place> {
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const found = isIP(host) === 0 ? await this.#lookUp(host) : { addresses: [host] };
    if (!('addresses' in found)) return found;
    const { addresses } = found;
    const inside = this.#isAnywhereAllowed ? undefined : addresses.find(isSpecialAddress);
    if (inside !== undefined) {
      return {
        refused: `it lies at ${inside}, which is not an address of the public internet (setting “revocation: crl-anywhere”)`,
      };
    }
    const [address] = addresses;
    return address === undefined ? { error: 'ENODATA' } : { address };
  }

  /** IPv4 first: more servers can send it than IPv6, and one answer is enough. */
  async #lookUp(host: string): Promise<{ readonly addresses: readonly string[] } | Place> {
    try {
      const { ipv4, ipv6, ipv4Error, ipv6Error } = await this.#resolver.addressesOf(parseDomainName(host));
      const addresses = [...ipv4, ...ipv6];
      return addresses.length > 0 ? { addresses } : { error: ipv4Error ?? ipv6Error ?? 'ENODATA' };
    } catch {
      return { refused: `${quoteForMessage(host)} is not a domain name` };
    }
  }
}

/** Over HTTP or HTTPS. */
export function isWeb({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:';
}
