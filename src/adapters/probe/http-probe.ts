import { setMaxListeners } from 'node:events';
import { AddressRanges } from '../../core/dcv/address-ranges.js';
import type { HttpHop, HttpObservation } from '../../core/dcv/outcome.js';
import { type DcvPolicy, isOwnAddress } from '../../core/dcv/private-view.js';
import { isFollowedStatus, isRedirectLoop, redirectTarget } from '../../core/dcv/redirect.js';
import { forbiddenAddress, judgeTarget, portOf } from '../../core/dcv/redirect-target.js';
import type { HttpProbe, NameResolver } from '../../runs/ports/looks.js';
import { abortCode, type GetAnswer, type GetRequest, getOnce } from './http-get.js';
import { HungAddresses } from './hung-addresses.js';
import { SilentAddresses } from './silent-addresses.js';
import { SocketBudget } from './socket-budget.js';
import { TimeBudget } from './time-budget.js';

/** Per connection, in ms: what CAs give an address. */
const DEFAULT_HOP_TIMEOUT_MS = 10_000;
/** For a fetch with all its redirects, in ms, without what it waits for a free socket. */
const DEFAULT_TOTAL_TIMEOUT_MS = 30_000;
/** Connections under way at once. */
const DEFAULT_SOCKETS = 50;
/** Ours, so that owners find it in their access logs. */
const DEFAULT_USER_AGENT = 'autossl-preflight (HTTP-01 validation check)';

type NetworkPolicy = Pick<DcvPolicy, 'ownAddresses' | 'addressMap' | 'privateNetworks'>;

export interface HttpProbeSettings {
  /** The port that stands for 80 (test rigs). */
  readonly httpPort?: number;
  /** The port that stands for 443 (test rigs). */
  readonly httpsPort?: number;
  readonly hopTimeoutMs?: number;
  readonly totalTimeoutMs?: number;
  /** Connections under way at once, to all addresses together. */
  readonly sockets?: number;
  readonly userAgent?: string;
  /** Where redirects may lead beside the public internet; nowhere unless given. */
  readonly policy?: NetworkPolicy;
  /** Stands for the network (tests). */
  readonly get?: (request: GetRequest) => Promise<GetAnswer>;
}

type ProbeRequest = Parameters<HttpProbe['fetch']>[0];
type Target =
  | { readonly addresses: readonly string[] }
  | { readonly refused: string }
  | { readonly error: string };

/** One fetch on its way. */
interface Walk {
  readonly hops: HttpHop[];
  readonly time: TimeBudget;
  readonly signal: AbortSignal;
  readonly account: string | undefined;
}

/** An answer, or what is presumed of an address without asking it. */
type Presumption = GetAnswer & { readonly isPresumed?: true };

/**
 * Fetches as a CA does (BR 3.2.2.4.19): redirects 301, 302, 307 and 308 to http and https on the two ports, each hop
 * on a new connection, certificates not verified. A connection goes to the very address that was judged before, whatever
 * the name resolves to by then. A redirect to an address that is not of the public internet is not followed, unless it is
 * the one that the name itself has and was asked at, and the policy allows it: a customer, who rules over the name's DNS,
 * must not use this server to look around its own network.
 */
export class SocketHttpProbe implements HttpProbe {
  readonly #resolver: NameResolver;
  readonly #settings: Required<HttpProbeSettings>;
  readonly #sockets: SocketBudget;
  readonly #silent = new SilentAddresses();
  readonly #hung = new HungAddresses();

  constructor(resolver: NameResolver, settings: HttpProbeSettings = {}) {
    this.#resolver = resolver;
    this.#settings = {
      httpPort: settings.httpPort ?? 80,
      httpsPort: settings.httpsPort ?? 443,
      hopTimeoutMs: settings.hopTimeoutMs ?? DEFAULT_HOP_TIMEOUT_MS,
      totalTimeoutMs: settings.totalTimeoutMs ?? DEFAULT_TOTAL_TIMEOUT_MS,
      sockets: settings.sockets ?? DEFAULT_SOCKETS,
      userAgent: settings.userAgent ?? DEFAULT_USER_AGENT,
      policy: settings.policy ?? PUBLIC_ONLY,
      get: settings.get ?? getOnce,
    };
    const { sockets, policy } = this.#settings;
    this.#sockets = new SocketBudget(sockets, (address) => isOwnAddress(address, policy));
  }

  async fetch(request: ProbeRequest): Promise<HttpObservation> {
    // One signal for all fetches that are under way at once: many listeners are no leak.
    if (request.signal !== undefined) setMaxListeners(0, request.signal);
    const hops: HttpHop[] = [];
    const walk: Walk = {
      hops,
      time: new TimeBudget(this.#settings.totalTimeoutMs),
      signal: request.signal ?? new AbortController().signal,
      account: request.account,
    };
    let url = new URL(`http://${request.host}${request.path}`);
    let addresses: readonly string[] = [request.address];
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#ask(url, addresses, walk);
      const seen = observed(hops, answer);
      if (answer.error !== null || answer.location === null || !isFollowedStatus(answer.status ?? 0))
        return seen;
      const target = redirectTarget(answer.location, url.href);
      if (target === undefined) return { ...seen, refusedRedirect: 'it is no URL' };
      if (isRedirectLoop(seen)) return seen;
      if (redirects >= request.maxRedirects) return { ...seen, isRedirectLimitReached: true };
      const next = await orAbort(this.#follow(target, request), walk);
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
  async #ask(url: URL, addresses: readonly string[], walk: Walk): Promise<Presumption> {
    const [address = '', ...rest] = addresses;
    const answer = await this.#sockets.run(address, () => this.#connect(url, address, walk));
    walk.hops.push({ url: url.href, address, status: answer.status, location: answer.location });
    const isUnanswered = answer.error !== null && NOT_CONNECTED.includes(answer.error);
    return isUnanswered && rest.length > 0 && !walk.signal.aborted ? this.#ask(url, rest, walk) : answer;
  }

  async #connect(url: URL, address: string, { time, signal, account }: Walk): Promise<Presumption> {
    const { hopTimeoutMs, userAgent, get } = this.#settings;
    const port = this.#portFor(url);
    const place = `${address} ${port}`;
    if (this.#silent.isSilent(place)) return SILENCE;
    // Of addresses of our own nothing is presumed: most names lie there, and one slow website must not fail the others.
    const asker = isOwnAddress(address, this.#settings.policy) ? undefined : account;
    if (asker !== undefined && this.#hung.isHung(place, asker)) return HANG;
    const timeoutMs = Math.min(hopTimeoutMs, time.leftMs);
    const answer = await time.spend(() =>
      get({ url, address, port, userAgent, timeoutMs, wantsBody: isSuccess, signal }),
    );
    if (answer.error !== 'ETIMEDOUT') this.#silent.noteSign(place);
    else if (timeoutMs === hopTimeoutMs) this.#silent.noteSilence(place);
    if (asker !== undefined) this.#noteEnd(place, asker, answer.error, timeoutMs === hopTimeoutMs);
    return answer;
  }

  #noteEnd(place: string, account: string, error: string | null, hadFullTime: boolean): void {
    if (error === null) this.#hung.noteAnswer(place, account);
    else if (error === 'ETIME' && hadFullTime) this.#hung.noteHang(place, account);
  }

  /** Where a redirect's target is asked, IPv6 first; or why it is not. */
  async #follow(target: URL, request: ProbeRequest): Promise<Target> {
    const { httpPort, httpsPort, policy } = this.#settings;
    const judged = judgeTarget(target, [httpPort, httpsPort]);
    if ('refused' in judged) return judged;
    const { host } = judged;
    if (host === request.host) return { addresses: [request.address] };
    const found = await this.#resolver.addressesOf(host);
    const addresses = [...found.ipv6.slice(0, 1), ...found.ipv4.slice(0, 1)];
    if (addresses.length === 0) return { error: found.ipv4Error ?? found.ipv6Error ?? 'ENODATA' };
    const inside = forbiddenAddress(addresses, await this.#nameAddress(request), policy);
    if (inside !== undefined) {
      return { refused: `it leads to ${inside}, which is not an address of the public internet` };
    }
    // What the administrator says is this server is asked where it can be reached from inside.
    return { addresses: addresses.map((address) => policy.addressMap.get(address) ?? address) };
  }

  /** Where the name is asked, if DNS gives it that address. */
  async #nameAddress({ host, address }: ProbeRequest): Promise<string | null> {
    const { ipv4, ipv6 } = await this.#resolver.addressesOf(host);
    return [...ipv4, ...ipv6].includes(address) ? address : null;
  }

  /** The configured ports stand for 80 and 443. */
  #portFor(url: URL): number {
    const port = portOf(url);
    if (port === 80) return this.#settings.httpPort;
    return port === 443 ? this.#settings.httpsPort : port;
  }
}

const PUBLIC_ONLY: NetworkPolicy = {
  ownAddresses: [],
  addressMap: new Map(),
  privateNetworks: new AddressRanges([]),
};

/** No connection came about: a CA then goes on to the next family. */
const NOT_CONNECTED: readonly string[] = [
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
];

/** What an address that is known to be silent would end with. */
const SILENCE: GetAnswer = {
  status: null,
  location: null,
  body: null,
  isBodyTruncated: false,
  error: 'ETIMEDOUT',
};

/** What an address that is known to hang would end with. */
const HANG: Presumption = { ...SILENCE, error: 'ETIME', isPresumed: true };

function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

function observed(hops: readonly HttpHop[], answer: Presumption): HttpObservation {
  return {
    hops: [...hops],
    body: answer.body,
    isBodyTruncated: answer.isBodyTruncated,
    error: answer.error,
    isRedirectLimitReached: false,
    refusedRedirect: null,
    ...(answer.isPresumed === true ? { isPresumed: true } : {}),
  };
}

/** The look-up takes of the fetch's time, too. */
function orAbort(target: Promise<Target>, { time, signal }: Walk): Promise<Target> {
  if (signal.aborted) return Promise.resolve({ error: abortCode(signal, false) });
  return time.spend(
    () =>
      new Promise((resolve) => {
        const end = (last: Target): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', onAbort);
          resolve(last);
        };
        const onAbort = (): void => end({ error: abortCode(signal, false) });
        const timer = setTimeout(() => end({ error: 'ETIMEDOUT' }), time.leftMs);
        signal.addEventListener('abort', onAbort, { once: true });
        target.then(end, () => end({ error: 'EBADRESP' }));
      }),
  );
}
