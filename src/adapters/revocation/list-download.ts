import { parsedUrl } from '../../core/domain/parsed-url.js';
import type { NameResolver } from '../../runs/ports/looks.js';
import type { DownloadedList, ListDownload, ListValidators } from '../../runs/ports/revocation.js';
import { wordsOfFailure } from './failure-words.js';
import { type IssuerPlaceSettings, IssuerPlaces, isWeb } from './issuer-places.js';
import { type IssuerResponse, requestOfIssuer } from './issuer-request.js';

/** Issuers' hosts redirect once at most, to https or to a new name. */
const MAX_REDIRECTS = 3;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** The largest lists of public CAs that do not divide them have some 10 MB. */
const MAX_LIST_BYTES = 32 * 1024 * 1024;
/** Until the whole list is here, in ms. */
const TOTAL_TIMEOUT_MS = 60_000;

type Request = Parameters<ListDownload['fetch']>[0];

/**
 * Fetches over http and https. The address is looked up first and connected to as it was judged, at every redirect anew:
 * no list leads to an address that is not of the public internet, unless the settings allow it. The list's own signature
 * is what counts, so certificates of https servers are not verified (they may be the ones that are asked about).
 */
export class HttpListDownload implements ListDownload {
  readonly #places: IssuerPlaces;

  constructor(resolver: Pick<NameResolver, 'addressesOf'>, settings: IssuerPlaceSettings = {}) {
    this.#places = new IssuerPlaces(resolver, settings);
  }

  async fetch({ url, validators, signal }: Request): Promise<DownloadedList> {
    let target = parsedUrl(url);
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      if (target === null || !isWeb(target)) return failed('it is no address that can be fetched', false);
      const place = await this.#places.of(target);
      if ('refused' in place) return failed(place.refused, false);
      if ('error' in place) return failed(wordsOfFailure(place.error), true);
      const answer = await requestOfIssuer({
        url: target,
        address: place.address,
        accept: 'application/pkix-crl, */*;q=0.5',
        post: null,
        validators,
        maxBytes: MAX_LIST_BYTES,
        totalTimeoutMs: TOTAL_TIMEOUT_MS,
        signal,
      });
      if (!REDIRECTS.includes(answer.status ?? 0)) return listIn(answer, validators);
      const { location } = answer;
      target = location === null ? null : parsedUrl(location, target.href);
    }
    return failed('it redirects again and again', false);
  }
}

function listIn(answer: IssuerResponse, sent: ListValidators | null): DownloadedList {
  const { status, error, body, validators } = answer;
  if (error !== null) return failed(wordsOfFailure(error), true);
  if (answer.isTooLarge) return failed('it is too large', false);
  if (status === 304 && sent !== null) return { state: 'unchanged' };
  if (status !== 200 || body === null)
    return failed(`its web server answers ${status}`, (status ?? 0) >= 500);
  return { state: 'fetched', der: body, validators };
}

function failed(why: string, isHostDown: boolean): DownloadedList {
  return { state: 'failed', isHostDown, why };
}
