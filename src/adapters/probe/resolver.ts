import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { AddressObservation } from '../../core/dcv/outcome.js';
import { ConfigurationError } from '../../core/domain/autossl-error.js';
import { type DomainName, quoteForMessage } from '../../core/domain/name/names.js';
import type { NameResolver } from '../../runs/ports/looks.js';
import { Slots } from './slots.js';

/** Per query and try, in ms: resolvers that climb from the root take up to two seconds for a cold, distant name. */
const DEFAULT_TIMEOUT_MS = 4_000;
const DEFAULT_TRIES = 2;
/** Queries under way at once; firewalls that limit DNS drop what goes beyond (behaviour.md 3). */
const DEFAULT_QUERIES = 20;
const MAX_QUERIES = 50;
/** Errors of a query that no server answered. */
const NO_ANSWER: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ETIMEOUT', 'ECANCELLED']);
/** node:dns's words for these answers. */
const NXDOMAIN = 'ENOTFOUND';
const SERVFAIL = 'ESERVFAIL';
/** Names kept for the run; the oldest goes first. About 300 bytes each. */
const MAX_CACHED_NAMES = 10_000;

export interface ResolverSettings {
  /** `address` or `address:port` (`[v6]:port`); empty = those of the system. */
  readonly servers?: readonly string[];
  /** Per query and try, in ms. */
  readonly timeoutMs?: number;
  readonly tries?: number;
  /** Queries under way at once, 1 to 50. */
  readonly queries?: number;
  /**
   * Asked after SERVFAIL: whether the servers answer when they are told not to check signatures. Never by this object's own
   * means: node:dns cannot set the bit.
   */
  readonly isAnsweredUnchecked?: (name: DomainName) => Promise<boolean>;
}

/**
 * Asks DNS itself, never /etc/hosts: a CA does not see that file either. Each name is asked once in this object's life.
 */
export class DnsResolver implements NameResolver {
  readonly #resolver: Resolver;
  readonly #slots: Slots;
  readonly #isAnsweredUnchecked: ResolverSettings['isAnsweredUnchecked'];
  readonly #cache = new Map<DomainName, Promise<AddressObservation>>();

  /** @throws ConfigurationError BAD_SETTING for a server that is no IP address */
  constructor(settings: ResolverSettings = {}) {
    this.#resolver = new Resolver({
      timeout: settings.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      tries: settings.tries ?? DEFAULT_TRIES,
    });
    const queries = Math.min(MAX_QUERIES, Math.max(1, settings.queries ?? DEFAULT_QUERIES));
    this.#slots = new Slots(queries);
    this.#isAnsweredUnchecked = settings.isAnsweredUnchecked;
    const servers = settings.servers ?? [];
    if (servers.length === 0) return;
    for (const server of servers) assertServer(server);
    this.#resolver.setServers([...servers]);
  }

  addressesOf(name: DomainName): Promise<AddressObservation> {
    const cached = this.#cache.get(name);
    if (cached !== undefined) return cached;
    const [oldest] = this.#cache.size >= MAX_CACHED_NAMES ? this.#cache.keys() : [];
    if (oldest !== undefined) this.#cache.delete(oldest);
    const observation = this.#observe(name);
    this.#cache.set(name, observation);
    return observation;
  }

  get servers(): readonly string[] {
    return this.#resolver.getServers();
  }

  /** Asks for the name servers of the root; a refusal is an answer too. */
  async isAnswering(): Promise<boolean> {
    try {
      await this.#slots.run(() => this.#resolver.resolveNs('.'));
      return true;
    } catch (error) {
      return !NO_ANSWER.has((error as NodeJS.ErrnoException).code ?? '');
    }
  }

  /** Ends the queries under way; they are observed as ECANCELLED. */
  cancel(): void {
    this.#resolver.cancel();
  }

  async #observe(name: DomainName): Promise<AddressObservation> {
    const first = await this.#askBoth(name);
    const isInDoubt =
      first.ipv4Error === SERVFAIL || (first.ipv6Error === SERVFAIL && first.ipv4.length === 0);
    if (!isInDoubt || this.#isAnsweredUnchecked === undefined) return first;
    const isAnsweredUnchecked = await this.#isAnsweredUnchecked(name).catch(() => false);
    if (!isAnsweredUnchecked) return { ...first, isAnsweredUnchecked };
    // A name server that was only slow at first answers by now, signatures checked or not.
    const second = await this.#askBoth(name);
    return second.ipv4Error === first.ipv4Error && second.ipv6Error === first.ipv6Error
      ? { ...second, isAnsweredUnchecked }
      : second;
  }

  /** Both questions go out at once; that there is no such name ends it without the other's answer. */
  async #askBoth(name: DomainName): Promise<AddressObservation> {
    const asked = this.#lookUp(() => this.#resolver.resolve4(name));
    const askedToo = this.#lookUp(() => this.#resolver.resolve6(name));
    const ipv4 = await asked;
    const ipv6 = ipv4.error === NXDOMAIN ? ipv4 : await askedToo;
    return {
      ipv4: ipv4.addresses,
      ipv6: ipv6.addresses,
      ipv4Error: ipv4.error,
      ipv6Error: ipv6.error,
    };
  }

  async #lookUp(query: () => Promise<string[]>): Promise<Lookup> {
    try {
      const addresses = await this.#slots.run(query);
      return { addresses: [...new Set(addresses)], error: addresses.length === 0 ? 'ENODATA' : null };
    } catch (error) {
      return { addresses: [], error: (error as NodeJS.ErrnoException).code ?? 'EBADRESP' };
    }
  }
}

interface Lookup {
  readonly addresses: readonly string[];
  readonly error: string | null;
}

function assertServer(server: string): void {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(server);
  const address = isIP(server) === 0 ? (match?.[1] ?? match?.[2] ?? '') : server;
  const port = Number(match?.[3] ?? 53);
  if (isIP(address) === 0 || port < 1 || port > 65_535) {
    throw new ConfigurationError(
      'BAD_SETTING',
      `${quoteForMessage(server)} is not a DNS server: expected an IP address, with “:port” if it is not 53`,
    );
  }
}
