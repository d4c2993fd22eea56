import { parsedUrl } from '../../core/domain/parsed-url.js';
import type { NameResolver } from '../../runs/ports/looks.js';
import type { ResponderDialogue, SaidByResponder } from '../../runs/ports/revocation.js';
import { wordsOfFailure } from './failure-words.js';
import { type IssuerPlaceSettings, IssuerPlaces, isWeb } from './issuer-places.js';
import { requestOfIssuer } from './issuer-request.js';

/** An answer with the responder's certificates has 2 to 5 kB. */
const MAX_ANSWER_BYTES = 100 * 1024;
/** Until the whole answer is here, in ms. */
const TOTAL_TIMEOUT_MS = 15_000;

type Request = Parameters<ResponderDialogue['ask']>[0];

/**
 * Asks by POST (RFC 6960 A.1), over http and https, at addresses of the public internet alone unless the settings allow
 * others; a redirect is not followed. The answer's own signature is what counts, as with lists.
 */
export class HttpResponderDialogue implements ResponderDialogue {
  readonly #places: IssuerPlaces;

  constructor(resolver: Pick<NameResolver, 'addressesOf'>, settings: IssuerPlaceSettings = {}) {
    this.#places = new IssuerPlaces(resolver, settings);
  }

  async ask({ url, question, signal }: Request): Promise<SaidByResponder> {
    const target = parsedUrl(url);
    if (target === null || !isWeb(target)) return failed('it is no address that can be asked', false);
    const place = await this.#places.of(target);
    if ('refused' in place) return failed(place.refused, false);
    if ('error' in place) return failed(wordsOfFailure(place.error), true);
    const { status, error, body, isTooLarge } = await requestOfIssuer({
      url: target,
      address: place.address,
      accept: 'application/ocsp-response',
      post: { type: 'application/ocsp-request', body: question },
      validators: null,
      maxBytes: MAX_ANSWER_BYTES,
      totalTimeoutMs: TOTAL_TIMEOUT_MS,
      signal,
    });
    if (error !== null) return failed(wordsOfFailure(error), true);
    if (isTooLarge) return failed('its answer is too large', false);
    if (status !== 200 || body === null) return failed(`it answers ${status}`, (status ?? 0) >= 500);
    return { state: 'answered', der: body };
  }
}

function failed(why: string, isHostDown: boolean): SaidByResponder {
  return { state: 'failed', isHostDown, why };
}
