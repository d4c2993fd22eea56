import type { CaaLookup } from '../../core/caa/observation.js';
import { isSpecialAddress } from '../../core/dcv/special-address.js';
import type { CaaResolver } from '../../runs/ports.js';
import { caaLookupOf } from './caa-answer.js';
import { DnsClient, type DnsClientSettings } from './dns-client.js';

/** Names kept for the run; the oldest goes first. */
const MAX_CACHED_NAMES = 10_000;
/** Name servers of one zone that are asked; a zone has two to eight. */
const MAX_SERVERS = 13;

/** CAA records by the resolvers of the settings; each name is asked for once in this object's life. */
export class DnsCaaResolver implements CaaResolver {
  readonly #client: DnsClient;
  readonly #cache = new Map<string, Promise<CaaLookup>>();

  readonly #addressMap: ReadonlyMap<string, string>;

  /** `addressMap`: public → local addresses of this server. @throws ConfigurationError BAD_SETTING for a server that is no IP address */
  constructor(settings: DnsClientSettings = {}, addressMap: ReadonlyMap<string, string> = new Map()) {
    this.#client = new DnsClient(settings);
    this.#addressMap = addressMap;
  }

  caaAt(name: string): Promise<CaaLookup> {
    return this.#cache.get(name) ?? this.caaAnew(name);
  }

  caaAnew(name: string): Promise<CaaLookup> {
    const [oldest] = this.#cache.size >= MAX_CACHED_NAMES ? this.#cache.keys() : [];
    if (oldest !== undefined) this.#cache.delete(oldest);
    const lookup = this.#lookUp(name);
    this.#cache.set(name, lookup);
    return lookup;
  }

  /** Only servers at public addresses: a zone's owner must not have us ask around in this network. */
  async caaAtServersOf(zone: string, name: string): Promise<readonly CaaLookup[]> {
    const reply = await this.#client.query(zone, 'NS');
    if (reply.state === 'failed') return [];
    const servers = reply.answers.flatMap((one) => (one.type === 'NS' ? [one.data] : []));
    const addresses = await Promise.all(
      servers.slice(0, MAX_SERVERS).map((server) => this.#addressesOf(server)),
    );
    if (addresses.some((all) => all.length === 0)) return [];
    const asked = addresses.flat().filter((address) => !isSpecialAddress(address));
    return Promise.all(
      asked.map(async (address) => {
        const options = { servers: [this.#addressMap.get(address) ?? address], recursionDesired: false };
        return caaLookupOf(name, await this.#client.query(name, 'CAA', options));
      }),
    );
  }

  async #lookUp(name: string): Promise<CaaLookup> {
    const lookup = await this.#ask(name);
    if (lookup.state === 'answered' || lookup.fault !== 'SERVFAIL') return lookup;
    // BR 3.2.2.8: tried once more; what is answered only unverified is bogus (RFC 4035 section 5.5).
    const unverified = await this.#ask(name, true);
    const again = await this.#ask(name);
    const isBogus = again.state === 'failed' && again.fault === 'SERVFAIL' && unverified.state === 'answered';
    return isBogus ? { ...again, fault: 'BOGUS' } : again;
  }

  async #ask(name: string, checkingDisabled = false): Promise<CaaLookup> {
    return caaLookupOf(name, await this.#client.query(name, 'CAA', { checkingDisabled }));
  }

  async #addressesOf(server: string): Promise<readonly string[]> {
    const replies = await Promise.all([this.#client.query(server, 'A'), this.#client.query(server, 'AAAA')]);
    return replies.flatMap((reply) =>
      reply.state === 'failed'
        ? []
        : reply.answers.flatMap((one) => (one.type === 'A' || one.type === 'AAAA' ? [one.data] : [])),
    );
  }
}
