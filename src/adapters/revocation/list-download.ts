import { isIP } from 'node:net';
import { isSpecialAddress } from '../../core/dcv/special-address.js';
import { parseDomainName, quoteForMessage } from '../../core/domain/name/names.js';
import { parsedUrl } from '../../core/domain/parsed-url.js';
import { wordsOfCode } from '../../core/domain/system-fault.js';
import type { DownloadedList, ListDownload, ListValidators, NameResolver } from '../../runs/ports.js';
import { type ListAnswer, requestList } from './list-request.js';

/** Issuers' hosts redirect once at most, to https or to a new name. */
const MAX_REDIRECTS = 3;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

export interface ListDownloadSettings {
  /** Lists of a private CA may lie in the network that this server stands in. Default: the public internet alone. */
  readonly isAnywhereAllowed?: boolean;
}

type Request = Parameters<ListDownload['fetch']>[0];
type Place = { readonly address: string } | { readonly refused: string } | { readonly error: string };

/**
 * Fetches over http and https. The address is looked up first and connected to as it was judged, at every redirect anew:
 * no list leads to an address that is not of the public internet, unless the settings allow it. The list's own signature
 * is what counts, so certificates of https servers are not verified (they may be the ones that are asked about).
 */
export class HttpListDownload implements ListDownload {
  readonly #resolver: Pick<NameResolver, 'addressesOf'>;
  readonly #isAnywhereAllowed: boolean;

  constructor(resolver: Pick<NameResolver, 'addressesOf'>, settings: ListDownloadSettings = {}) {
    this.#resolver = resolver;
    this.#isAnywhereAllowed = settings.isAnywhereAllowed ?? false;
  }

  async fetch({ url, validators, signal }: Request): Promise<DownloadedList> {
    let target = parsedUrl(url);
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      if (target === null || !isWeb(target)) return failed('it is no address that can be fetched', false);
      const place = await this.#placeOf(target);
      if ('refused' in place) return failed(place.refused, false);
      if ('error' in place) return failed(wordsOfCode(place.error), true);
      const answer = await requestList({ url: target, address: place.address, validators, signal });
      if (!REDIRECTS.includes(answer.status ?? 0)) return listIn(answer, validators);
      const { location } = answer;
      target = location === null ? null : parsedUrl(location, target.href);
    }
    return failed('it redirects again and again', false);
  }

  /** The first of the host's addresses, when all of them may be connected to. */
  async #placeOf({ hostname }: URL): Promise<Place> {
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

function isWeb({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:';
}

function listIn(answer: ListAnswer, sent: ListValidators | null): DownloadedList {
  const { status, error, body, validators } = answer;
  if (error !== null) return failed(WORDS[error] ?? wordsOfCode(error), true);
  if (answer.isTooLarge) return failed('it is too large', false);
  if (status === 304 && sent !== null) return { state: 'unchanged' };
  if (status !== 200 || body === null)
    return failed(`its web server answers ${status}`, (status ?? 0) >= 500);
  return { state: 'fetched', der: body, validators };
}

/** Beside the system's. */
const WORDS: Readonly<Record<string, string>> = { ABORT_ERR: 'the time for asking was over' };

function failed(why: string, isHostDown: boolean): DownloadedList {
  return { state: 'failed', isHostDown, why };
}
