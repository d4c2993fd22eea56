import { whereServed } from '../../core/plan/served-places.js';
import type { ServerSite } from '../../core/plan/server-site.js';
import type { WebServer } from '../ports.js';
import type { InstallMember } from './install-ports.js';

/** A server whose configuration does not pass its own test. */
export interface RefusingServer {
  readonly server: WebServer;
  readonly why: string;
}

/** The web servers of one transaction, and what their configurations say. */
export class ServerFleet {
  readonly servers: readonly WebServer[];
  readonly #ownAddresses: readonly string[];
  /** Null: not known. */
  readonly #sites = new Map<WebServer, readonly ServerSite[] | null>();

  constructor(servers: readonly WebServer[], ownAddresses: readonly string[]) {
    this.servers = servers;
    this.#ownAddresses = ownAddresses;
  }

  /** The first that refuses its configuration as it lies there now. */
  async refusal(): Promise<RefusingServer | null> {
    for (const server of this.servers) {
      const check = await server.testConfig();
      if (!check.ok) return { server, why: check.why };
    }
    return null;
  }

  /** Every one that refuses. */
  async refusals(): Promise<readonly RefusingServer[]> {
    const found: RefusingServer[] = [];
    for (const server of this.servers) {
      const check = await server.testConfig();
      if (!check.ok) found.push({ server, why: check.why });
    }
    return found;
  }

  without(refusing: readonly RefusingServer[]): ServerFleet {
    const left = this.servers.filter((server) => !refusing.some((other) => other.server === server));
    return new ServerFleet(left, this.#ownAddresses);
  }

  /** Reads the configurations anew. */
  async readSites(): Promise<void> {
    for (const server of this.servers) {
      const sites = server.kind === 'command' ? null : await server.readSites();
      this.#sites.set(server, sites === null || 'fault' in sites ? null : sites);
    }
  }

  /** Of all servers that are known; null when there is none such. */
  get sites(): readonly ServerSite[] | null {
    const known = [...this.#sites.values()].filter((sites) => sites !== null);
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
    return isNamed || whereServed(member.leaf.dnsNames, sites, this.#ownAddresses).places.length > 0;
  }
}
