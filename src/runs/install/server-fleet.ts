import { whereServed } from '../../core/plan/served/served-places.js';
import type { ServerSite } from '../../core/plan/served/server-site.js';
import type { ServerInspection, WebServer } from '../ports/installation.js';
import { askedNamesOf, type InstallMember } from './install-ports.js';

/** A server whose configuration does not pass its own test. */
export interface RefusingServer {
  readonly server: WebServer;
  readonly why: string;
}

/** The web servers of one transaction, and what their configurations say. Each is asked beside the others. */
export class ServerFleet {
  readonly servers: readonly WebServer[];
  readonly #ownAddresses: readonly string[];
  /** As last read or as last found good; null: not known. */
  readonly #sites = new Map<WebServer, readonly ServerSite[] | null>();

  constructor(servers: readonly WebServer[], ownAddresses: readonly string[]) {
    this.servers = servers;
    this.#ownAddresses = ownAddresses;
  }

  /** Those that refuse their configuration as it lies there now. The sites of the others are known by then. */
  async refusals(): Promise<readonly RefusingServer[]> {
    const inspections = await Promise.all(
      this.servers.map(async (server) => ({ server, ...(await inspect(server)) })),
    );
    return inspections.flatMap(({ server, check, sites }) => {
      if (!check.ok) return [{ server, why: check.why }];
      this.#keep(server, sites);
      return [];
    });
  }

  /** The first of these. */
  async refusal(): Promise<RefusingServer | null> {
    return (await this.refusals())[0] ?? null;
  }

  /** The others, with what is known of them. */
  without(refusing: readonly RefusingServer[]): ServerFleet {
    const left = this.servers.filter((server) => !refusing.some((other) => other.server === server));
    const fleet = new ServerFleet(left, this.#ownAddresses);
    for (const server of left) fleet.#sites.set(server, this.#sites.get(server) ?? null);
    return fleet;
  }

  /** Reads the configurations anew, good or not. */
  async readSites(): Promise<void> {
    await Promise.all(
      this.servers.map(async (server) => {
        this.#keep(server, await server.readSites());
      }),
    );
  }

  /** Of all servers that are known; null when there is none such. */
  get sites(): readonly ServerSite[] | null {
    const known = this.servers
      .map((server) => this.#sites.get(server) ?? null)
      .filter((sites) => sites !== null);
    return known.length === 0 ? null : known.flat();
  }

  /** Whether every server's configuration is known: then a website without a site has none. */
  get isKnown(): boolean {
    return this.servers.every((server) => (this.#sites.get(server) ?? null) !== null);
  }

  /** Whether the server names the member's file or has one of its names with TLS; null when that is not known. */
  serves(server: WebServer, member: InstallMember, path: string): boolean | null {
    const sites = this.#sites.get(server) ?? null;
    if (sites === null) return null;
    const isNamed = sites.some(({ certificates }) =>
      certificates.some(({ certificateFile, isVariable }) => isVariable || certificateFile === path),
    );
    return isNamed || whereServed(askedNamesOf(member), sites, this.#ownAddresses).places.length > 0;
  }

  /** Of a server that has only commands nobody knows the sites. */
  #keep(server: WebServer, sites: ServerInspection['sites']): void {
    this.#sites.set(server, server.kind === 'command' || 'fault' in sites ? null : sites);
  }
}

async function inspect(server: WebServer): Promise<ServerInspection> {
  if (server.inspect !== undefined) return await server.inspect();
  const check = await server.testConfig();
  return { check, sites: check.ok ? await server.readSites() : { fault: check.why } };
}
