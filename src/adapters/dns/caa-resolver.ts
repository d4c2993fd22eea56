import type { CaaLookup } from '../../core/caa/observation.js';
import type { CaaResolver, NameStanding } from '../../runs/ports/looks.js';
import { caaLookupOf } from './caa-answer.js';
import { DnsClient, type DnsClientSettings, type DnsReply } from './dns-client.js';
import { standingIn } from './name-standing.js';
import type { ZoneServers } from './zone-servers.js';

/** Names kept for the run; the oldest goes first. */
const MAX_CACHED_NAMES = 10_000;

/** CAA records by the resolvers of the settings; each name is asked for once in this object's life. */
export class DnsCaaResolver implements CaaResolver {
  readonly #client: DnsClient;
  readonly #zoneServers: Pick<ZoneServers, 'of' | 'ask'> | null;
  readonly #cache = new Map<string, Promise<CaaLookup>>();

  /** `zoneServers`: null where no zone is edited from here. @throws ConfigurationError BAD_SETTING for a server that is no IP address */
  constructor(settings: DnsClientSettings = {}, zoneServers: Pick<ZoneServers, 'of' | 'ask'> | null = null) {
    this.#client = new DnsClient(settings);
    this.#zoneServers = zoneServers;
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

  async caaAtServersOf(zone: string, name: string): Promise<readonly CaaLookup[]> {
    const zoneServers = this.#zoneServers;
    const servers = (await zoneServers?.of(zone)) ?? [];
    if (zoneServers === null || 'kind' in servers) return [];
    const places = servers.flatMap((server) => server.places);
    return Promise.all(
      places.map(async (place) => ownLookupOf(name, await zoneServers.ask(place, name, 'CAA'))),
    );
  }

  async standingOf(zone: string, name: string): Promise<NameStanding> {
    return this.#zoneServers === null ? 'unknown' : standingIn(zone, name, this.#zoneServers);
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
}

/** What does not come with authority is no answer of a name server: a referral holds no records, and permits nothing. */
function ownLookupOf(name: string, reply: DnsReply): CaaLookup {
  return reply.state === 'answered' && !reply.isAuthoritative
    ? { state: 'failed', name, fault: 'BAD_ANSWER' }
    : caaLookupOf(name, reply);
}
