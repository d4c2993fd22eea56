import type { RecordTrouble } from '../../core/dcv/dns-observation.js';
import { mayConnect } from '../../core/dcv/own-network.js';
import type { DcvPolicy } from '../../core/dcv/private-view.js';
import { parseDnsName } from '../../core/domain/name/dns-name.js';
import { type DomainName, parseDomainName } from '../../core/domain/name/names.js';
import type { NameResolver } from '../../runs/ports/looks.js';
import type { DnsClient, DnsRecord, DnsReply } from './dns-client.js';

/** Addresses of one name server that are asked; more of them are one server to the world as a rule. */
const MAX_ADDRESSES = 4;
/** Name servers of one zone that are asked: the root has 13, and who has more has made a mistake or a trap. */
const MAX_SERVERS = 13;
const DNS_PORT = 53;

/** What name servers are asked for. */
export type AskedType = 'TXT' | 'CNAME' | 'CAA' | 'SOA' | 'A' | 'AAAA' | 'MX';

/** One name server of a zone. */
export interface NameServer {
  /** Its name and, where the settings say so, where it is asked. */
  readonly label: string;
  /** `address:port`; empty: it has no address. */
  readonly places: readonly string[];
  /** Its addresses are such as nobody outside may have us ask. */
  readonly isUnaskable: boolean;
}

export interface ZoneServersSettings extends Omit<DcvPolicy, 'maxRedirects'> {
  /** Asks resolvers. */
  readonly client: DnsClient;
  /** Asks name servers. */
  readonly direct: DnsClient;
  readonly resolver: Pick<NameResolver, 'addressesOf'>;
  /** Name server → `address:port`. */
  readonly authoritative: ReadonlyMap<string, string>;
}

/**
 * The authoritative servers of zones, as the world finds them: by the NS records that resolvers give. A customer may rule a
 * zone's delegation: name servers at addresses of private networks are not asked, unless the settings name them.
 */
export class ZoneServers {
  readonly #settings: ZoneServersSettings;
  readonly #known = new Map<string, Promise<readonly NameServer[] | RecordTrouble>>();

  constructor(settings: ZoneServersSettings) {
    this.#settings = settings;
  }

  /** Looked up once in this object's life. Never throws. */
  of(zone: string): Promise<readonly NameServer[] | RecordTrouble> {
    const known = this.#known.get(zone);
    if (known !== undefined) return known;
    const found = this.#lookUp(zone);
    this.#known.set(zone, found);
    return found;
  }

  /** One question to a server at one of its places. */
  ask(place: string, name: string, type: AskedType, signal?: AbortSignal): Promise<DnsReply> {
    const options = { servers: [place], recursionDesired: false };
    return this.#settings.direct.query(name, type, signal === undefined ? options : { ...options, signal });
  }

  /** One question to the resolvers. */
  resolve(name: string, type: 'TXT' | 'CNAME', signal?: AbortSignal): Promise<DnsReply> {
    return this.#settings.client.query(name, type, signal === undefined ? {} : { signal });
  }

  async #lookUp(zone: string): Promise<readonly NameServer[] | RecordTrouble> {
    const reply = await this.#settings.client.query(zone, 'NS');
    if (reply.state === 'failed') return { kind: 'resolver-silent', name: zone };
    if (reply.rcode === 'SERVFAIL') return { kind: 'not-resolved', zone, rcode: reply.rcode };
    const names = new Set(
      reply.answers.flatMap((record) =>
        record.type === 'NS' && parseDnsName(record.name) === zone ? (parseDnsName(record.data) ?? []) : [],
      ),
    );
    if (names.size === 0) {
      const why = reply.rcode === 'NOERROR' ? 'it has no name servers' : `it answers ${reply.rcode}`;
      return { kind: 'not-delegated', zone, why };
    }
    return await Promise.all([...names].slice(0, MAX_SERVERS).map((name) => this.#locate(name)));
  }

  async #locate(name: string): Promise<NameServer> {
    const { authoritative, addressMap } = this.#settings;
    const override = authoritative.get(name);
    if (override !== undefined) {
      return { label: `${name} (${override})`, places: [override], isUnaskable: false };
    }
    const addresses = await this.#addressesOf(name);
    const askable = addresses.filter((address) => mayConnect(address, this.#settings));
    return {
      label: name,
      places: askable.slice(0, MAX_ADDRESSES).map((address) => placeOf(addressMap.get(address) ?? address)),
      isUnaskable: addresses.length > 0 && askable.length === 0,
    };
  }

  async #addressesOf(name: string): Promise<readonly string[]> {
    const domain = domainNameOf(name);
    if (domain === null) return [];
    const { ipv4, ipv6 } = await this.#settings.resolver.addressesOf(domain);
    return [...ipv4, ...ipv6];
  }
}

/** The texts of the TXT records that an answer holds for the name, each with its strings joined. */
export function textsOf(records: readonly DnsRecord[], name: string): readonly string[] {
  return records.flatMap((record) => {
    if (record.type !== 'TXT' || parseDnsName(record.name) !== name) return [];
    const parts: readonly (string | Buffer)[] = Array.isArray(record.data) ? record.data : [record.data];
    return [parts.map((part) => (typeof part === 'string' ? part : part.toString('latin1'))).join('')];
  });
}

function placeOf(address: string): string {
  return address.includes(':') ? `[${address}]:${DNS_PORT}` : `${address}:${DNS_PORT}`;
}

function domainNameOf(name: string): DomainName | null {
  try {
    return parseDomainName(name);
  } catch {
    return null;
  }
}
