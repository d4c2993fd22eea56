import { ipVersion } from '../../domain/name/ip-version.js';
import { SitesByName } from './server-name.js';
import type { ServerSite, StartTlsProtocol } from './server-site.js';

/** Where to ask for a website's certificate. */
export interface ServedPlace {
  /** For SNI: the first of the website's names that this site answers at this socket. */
  readonly name: string;
  /** An address that reaches the socket from this server. */
  readonly address: string;
  readonly port: number;
  /** Absent = TLS from the first byte. */
  readonly startTls?: StartTlsProtocol;
  readonly site: ServerSite;
}

export interface ServedPlaces {
  readonly places: readonly ServedPlace[];
  /** Names that no site with TLS has; a default site may answer for them. */
  readonly namesWithoutSite: readonly string[];
}

const LOOPBACK = ['127.0.0.1', '::1'];

/** What a configuration says about where names are served; made once for a batch, asked for each website. */
export class ServedDirectory {
  readonly #sockets: readonly Socket[];

  /**
   * `sites`: of all servers, in the order of their configurations. `ownAddresses`: of this server, any order. Sockets
   * on every address are asked at the loopback address or, where a more special socket has that one, at an address
   * of this server that none has.
   */
  constructor(sites: readonly ServerSite[], ownAddresses: readonly string[] = []) {
    this.#sockets = tlsSockets(sites, ownAddresses);
  }

  /**
   * One place for each site, address and port that has one of the names (lower case) with TLS; for each name where the
   * site chooses its certificate by name. Sockets that want a PROXY protocol header are left out: nobody else can ask.
   */
  placesOf(names: readonly string[]): ServedPlaces {
    const places: ServedPlace[] = [];
    const seen = new Map<ServerSite, Set<string>>();
    const namesWithoutSite: string[] = [];
    for (const name of names) {
      const asked = askedAs(name);
      let isFound = false;
      for (const { sites, address, port, startTls } of this.#sockets) {
        const site = sites.find(asked);
        if (site === undefined) continue;
        isFound = true;
        if (address === undefined) continue;
        const key = site.certificates.some(({ isVariable }) => isVariable)
          ? `${address} ${port} ${asked}`
          : `${address} ${port}`;
        const known = seen.get(site) ?? new Set();
        seen.set(site, known);
        if (known.has(key)) continue;
        known.add(key);
        places.push({ name: asked, address, port, ...startTls, site });
      }
      if (!isFound) namesWithoutSite.push(name);
    }
    return { places, namesWithoutSite };
  }

  /** Where a name that no site has would be answered by a default site: at one socket of each port, at most two. */
  defaultPlacesOf(name: string): readonly Omit<ServedPlace, 'site'>[] {
    const byPort = new Map<number, Omit<ServedPlace, 'site'>>();
    for (const { address, port, startTls } of this.#sockets) {
      if (address === undefined || byPort.has(port) || byPort.size >= MAX_DEFAULT_PLACES) continue;
      byPort.set(port, { name: askedAs(name), address, port, ...startTls });
    }
    return [...byPort.values()];
  }
}

/** What answers there is only told, not judged: the first ports say it. */
const MAX_DEFAULT_PLACES = 2;

/** `ServedDirectory.placesOf` for a single website. */
export function whereServed(
  names: readonly string[],
  sites: readonly ServerSite[],
  ownAddresses: readonly string[] = [],
): ServedPlaces {
  return new ServedDirectory(sites, ownAddresses).placesOf(names);
}

/** A wildcard cannot be asked for: a name below it that nobody uses can. */
function askedAs(name: string): string {
  return name.startsWith('*.') ? `autossl-probe${name.slice(1)}` : name;
}

interface Socket {
  readonly sites: SitesByName;
  /** Undefined when no connection of ours would come to it. */
  readonly address: string | undefined;
  readonly port: number;
  readonly startTls: StartTls;
}

/** Ready to be spread. */
type StartTls = { readonly startTls?: StartTlsProtocol };

function tlsSockets(sites: readonly ServerSite[], own: readonly string[]): readonly Socket[] {
  const groups = new Map<string, Group>();
  for (const site of sites) {
    for (const { address, port, isTls, wantsProxyHeader, startTls } of site.listens) {
      if (!isTls) continue;
      const key = `${site.server} ${address} ${port}`;
      const group = groups.get(key) ?? {
        server: site.server,
        address,
        port,
        startTls: startTls === undefined ? {} : { startTls },
        wantsProxyHeader,
        sites: new Set(),
      };
      group.sites.add(site);
      groups.set(key, group);
    }
  }
  const all = [...groups.values()];
  return all.map((group) => ({
    sites: new SitesByName(group.server, [...group.sites]),
    address: group.wantsProxyHeader ? undefined : reachable(group, all, own),
    port: group.port,
    startTls: group.startTls,
  }));
}

interface Group {
  readonly server: ServerSite['server'];
  readonly address: string;
  readonly port: number;
  readonly startTls: StartTls;
  readonly wantsProxyHeader: boolean;
  readonly sites: Set<ServerSite>;
}

/** An address at which a connection comes to this very socket; undefined when every one is taken by more special ones. */
function reachable(
  { address, port }: Group,
  all: readonly Group[],
  own: readonly string[],
): string | undefined {
  if (address === 'localhost') return LOOPBACK[0];
  if (address !== '*' && address !== '0.0.0.0' && address !== '::') return address;
  const families = address === '*' ? [4, 6] : [address === '::' ? 6 : 4];
  const taken = new Set(all.filter((other) => other.port === port).map((other) => other.address));
  return families
    .flatMap((family) => [...LOOPBACK, ...own].filter((one) => ipVersion(one) === family))
    .find((candidate) => !taken.has(candidate) && !isLinkLocal(candidate));
}

/** Reached only with a zone, which configurations do not name. */
function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address);
}
