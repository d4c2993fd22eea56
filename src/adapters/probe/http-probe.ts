import { isIP } from 'node:net';
import type { HttpHop, HttpObservation } from '../../core/dcv/outcome.js';
import { isFollowedStatus, isRedirectLoop, redirectTarget } from '../../core/dcv/redirect.js';
import { isSpecialAddress } from '../../core/dcv/special-address.js';
import { type DomainName, parseDomainName } from '../../core/domain/names.js';
import type { HttpProbe, NameResolver } from '../../runs/ports.js';
import { abortCode, type GetAnswer, getOnce, portOf } from './http-get.js';

/** Per connection, in ms: what CAs give an address. */
const DEFAULT_HOP_TIMEOUT_MS = 10_000;
/** For a fetch with all its redirects, in ms. */
const DEFAULT_TOTAL_TIMEOUT_MS = 30_000;
/** Ours, so that owners find it in their access logs. */
const DEFAULT_USER_AGENT = 'autossl-preflight (HTTP-01 validation check)';

export interface HttpProbeSettings {
  /** The port that stands for 80 (test rigs). */
  readonly httpPort?: number;
  /** The port that stands for 443 (test rigs). */
  readonly httpsPort?: number;
  readonly hopTimeoutMs?: number;
  readonly totalTimeoutMs?: number;
  readonly userAgent?: string;
}

type ProbeRequest = Parameters<HttpProbe['fetch']>[0];
type Target =
  | { readonly addresses: readonly string[] }
  | { readonly refused: string }
  | { readonly error: string };

/**
 * Fetches as a CA does (BR 3.2.2.4.19): redirects 301, 302, 307 and 308 to http and https on the two ports, each hop
 * on a new connection, certificates not verified. A redirect to an address that is not of the public internet is not
 * followed, unless it is the very address that the name itself has and was asked at: a customer, who rules over the
 * name's DNS, must not use this server to look around its own network.
 */
export class SocketHttpProbe implements HttpProbe {
  readonly #resolver: NameResolver;
  readonly #settings: Required<HttpProbeSettings>;

  constructor(resolver: NameResolver, settings: HttpProbeSettings = {}) {
    this.#resolver = resolver;
    this.#settings = {
      httpPort: settings.httpPort ?? 80,
      httpsPort: settings.httpsPort ?? 443,
      hopTimeoutMs: settings.hopTimeoutMs ?? DEFAULT_HOP_TIMEOUT_MS,
      totalTimeoutMs: settings.totalTimeoutMs ?? DEFAULT_TOTAL_TIMEOUT_MS,
      userAgent: settings.userAgent ?? DEFAULT_USER_AGENT,
    };
  }

  async fetch(request: ProbeRequest): Promise<HttpObservation> {
    const deadline = AbortSignal.timeout(this.#settings.totalTimeoutMs);
    const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
    const hops: HttpHop[] = [];
    let url = new URL(`http://${request.host}${request.path}`);
    let addresses: readonly string[] = [request.address];
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#ask(url, addresses, hops, signal);
      const seen = observed(hops, answer);
      if (answer.error !== null || answer.location === null || !isFollowedStatus(answer.status ?? 0))
        return seen;
      const target = redirectTarget(answer.location, url.href);
      if (target === undefined) return { ...seen, refusedRedirect: 'it is no URL' };
      if (isRedirectLoop(seen)) return seen;
      if (redirects >= request.maxRedirects) return { ...seen, isRedirectLimitReached: true };
      const next = await orAbort(this.#follow(target, request), signal);
      if ('refused' in next) return { ...seen, refusedRedirect: next.refused };
      url = target;
      if ('error' in next) {
        hops.push({ url: url.href, address: null, status: null, location: null });
        return observed(hops, { ...answer, error: next.error, body: null, isBodyTruncated: false });
      }
      addresses = next.addresses;
    }
  }

  /** Asks the addresses in turn until one accepts a connection; each try is a hop. */
  async #ask(
    url: URL,
    addresses: readonly string[],
    hops: HttpHop[],
    signal: AbortSignal,
  ): Promise<GetAnswer> {
    const [address = '', ...rest] = addresses;
    const answer = await getOnce({
      url,
      address,
      port: this.#portFor(url),
      userAgent: this.#settings.userAgent,
      timeoutMs: this.#settings.hopTimeoutMs,
      wantsBody: (status) => status >= 200 && status <= 299,
      signal,
    });
    hops.push({ url: url.href, address, status: answer.status, location: answer.location });
    const isUnanswered = answer.error !== null && NOT_CONNECTED.includes(answer.error);
    return isUnanswered && rest.length > 0 && !signal.aborted ? this.#ask(url, rest, hops, signal) : answer;
  }

  /** Where a redirect's target is asked, IPv6 first; or why it is not. */
  async #follow(target: URL, request: ProbeRequest): Promise<Target> {
    const { httpPort, httpsPort } = this.#settings;
    if (target.protocol !== 'http:' && target.protocol !== 'https:') {
      return { refused: `scheme ${target.protocol.slice(0, -1)}` };
    }
    if (![80, 443, httpPort, httpsPort].includes(portOf(target))) {
      return { refused: `port ${portOf(target)}` };
    }
    const host = domainNameOf(target.hostname);
    if (host === undefined) return { refused: 'its host is not a domain name' };
    if (host === request.host) return { addresses: [request.address] };
    const found = await this.#resolver.addressesOf(host);
    const addresses = [...found.ipv6.slice(0, 1), ...found.ipv4.slice(0, 1)];
    if (addresses.length === 0) return { error: found.ipv4Error ?? found.ipv6Error ?? 'ENODATA' };
    const mayBeInside = await this.#livesAt(request);
    const inside = addresses.find(
      (address) => isSpecialAddress(address) && !(mayBeInside && address === request.address),
    );
    if (inside !== undefined) {
      return { refused: `it leads to ${inside}, which is not an address of the public internet` };
    }
    return { addresses };
  }

  async #livesAt({ host, address }: ProbeRequest): Promise<boolean> {
    const { ipv4, ipv6 } = await this.#resolver.addressesOf(host);
    return [...ipv4, ...ipv6].includes(address);
  }

  /** The configured ports stand for 80 and 443. */
  #portFor(url: URL): number {
    const port = portOf(url);
    if (port === 80) return this.#settings.httpPort;
    return port === 443 ? this.#settings.httpsPort : port;
  }
}

/** No connection came about: a CA then goes on to the next family. */
const NOT_CONNECTED: readonly string[] = [
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
];

function observed(hops: readonly HttpHop[], answer: GetAnswer): HttpObservation {
  return {
    hops: [...hops],
    body: answer.body,
    isBodyTruncated: answer.isBodyTruncated,
    error: answer.error,
    isRedirectLimitReached: false,
    refusedRedirect: null,
  };
}

function domainNameOf(hostname: string): DomainName | undefined {
  if (isIP(hostname) !== 0) return undefined;
  try {
    return parseDomainName(hostname);
  } catch {
    return undefined;
  }
}

function orAbort(target: Promise<Target>, signal: AbortSignal): Promise<Target> {
  if (signal.aborted) return Promise.resolve({ error: abortCode(signal, false) });
  return new Promise((resolve) => {
    const onAbort = (): void => resolve({ error: abortCode(signal, false) });
    signal.addEventListener('abort', onAbort, { once: true });
    target
      .then(resolve, () => resolve({ error: 'EBADRESP' }))
      .finally(() => {
        signal.removeEventListener('abort', onAbort);
      });
  });
}
