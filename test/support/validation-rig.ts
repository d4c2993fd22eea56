import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { stringify } from 'yaml';
import type { ProgramResult } from '../demo/program.js';
import { type AcmeProxy, startAcmeProxy } from './acme-proxy.js';
import { runBin } from './bin-program.js';
import { PEBBLE_TERMS } from './ca-site.js';
import { LOOPBACK } from './loopback.js';
import { type Pebble, startPebble } from './pebble.js';
import { freePort } from './ports.js';
import { socket } from './served-website.js';
import { NginxRig } from './server-rigs.js';
import { type AccountSpec, aTree, type BuiltTree } from './tree-builder.js';
import { startValidatingDns, type ValidatingDns, type ZonesOfTheWorld } from './validating-dns.js';

/** Test workers beside this one have addresses of their own. */
const WORKER = Number(process.env['JEST_WORKER_ID'] ?? '0') % 200;

/** Loopback addresses of one rig: three at which nginx listens, one where nothing does, one where nobody answers. */
export const PLACES = {
  first: `127.${20 + WORKER}.9.1`,
  second: `127.${20 + WORKER}.9.2`,
  six: '::1',
  closed: `127.${20 + WORKER}.9.3`,
  silent: `127.${20 + WORKER}.9.4`,
} as const;
const SERVED_AT = [PLACES.first, PLACES.second, PLACES.six];

export interface ValidationPlan extends ZonesOfTheWorld {
  readonly accounts: Readonly<Record<string, AccountSpec>>;
  /** Directives of the server of one host name, at all three addresses; others have the challenge folder. `PORT`: that of http. */
  readonly hosts: Readonly<Record<string, string>>;
  /** The same at IPv6 alone. */
  readonly hostsAtSix: Readonly<Record<string, string>>;
}

/**
 * A hosting server, a CA and the world's DNS, all real: websites behind nginx, names in BIND, a validating resolver that both
 * the server and Pebble ask.
 */
export class ValidationRig {
  readonly dns: ValidatingDns;
  readonly pebble: Pebble;
  readonly proxy: AcmeProxy;
  readonly built: BuiltTree;
  readonly #nginx: NginxRig;
  readonly #silence: Server;
  readonly #silenced = new Set<Socket>();

  private constructor(parts: Pick<ValidationRig, 'dns' | 'pebble' | 'proxy' | 'built'>, nginx: NginxRig) {
    this.dns = parts.dns;
    this.pebble = parts.pebble;
    this.proxy = parts.proxy;
    this.built = parts.built;
    this.#nginx = nginx;
    this.#silence = createServer((connection) => {
      this.#silenced.add(connection);
      connection.on('error', () => undefined);
    });
  }

  static async start(plan: ValidationPlan): Promise<ValidationRig> {
    const httpPort = await freePort();
    const dns = await startValidatingDns(plan);
    const pebble = await startPebble({ dns: dns.resolver, httpPort });
    const proxy = await startAcmeProxy(pebble);
    let builder = aTree()
      .file('/etc/ssl/ca-transport.pem', pebble.transport.caPem)
      .file('/etc/ssl/roots.pem', await pebble.root())
      .autosslJson({
        provider: 'CustomACME',
        provider_properties: {
          CustomACME: { terms_of_service_accepted: PEBBLE_TERMS, directory_url: proxy.directoryUrl },
        },
      });
    for (const [name, spec] of Object.entries(plan.accounts)) builder = builder.account(name, spec);
    const built = builder.build();
    const nginx = new NginxRig();
    writeSites(nginx, plan, httpPort, built.tree.challenges());
    const rig = new ValidationRig({ dns, pebble, proxy, built }, nginx);
    rig.configure({});
    try {
      await nginx.start(httpPort, PLACES.first);
      rig.#silence.listen(httpPort, PLACES.silent);
      await once(rig.#silence, 'listening');
    } catch (error) {
      await rig.stop();
      throw error;
    }
    return rig;
  }

  /** Writes the settings, these keys among them. */
  configure(more: Readonly<Record<string, unknown>>): void {
    const settings = {
      resolvers: [this.dns.resolver],
      http: { port: this.pebble.httpPort, privateNetworks: LOOPBACK },
      trustAnchors: '/etc/ssl/roots.pem',
      providers: { CustomACME: { caBundle: '/etc/ssl/ca-transport.pem' } },
      webServer: { kind: 'none' },
      placeholders: false,
      ...more,
    };
    this.built.write('/etc/autossl.yaml', stringify(settings), 0o600);
  }

  run(program: string, ...words: string[]): Promise<ProgramResult> {
    return runBin(program, words, this.built.root);
  }

  async stop(): Promise<void> {
    for (const connection of this.#silenced) connection.destroy();
    await new Promise((resolve) => this.#silence.close(resolve));
    await this.#nginx.stop();
    await this.proxy.close();
    await this.pebble.stop();
    await this.dns.stop();
    await this.built.cleanUp();
  }
}

function writeSites(nginx: NginxRig, plan: ValidationPlan, port: number, challenges: string): void {
  const listens = (addresses: readonly string[], more = ''): string =>
    addresses.map((address) => `listen ${socket(address, port)}${more};`).join(' ');
  const files = `location ^~ /.well-known/acme-challenge/ { alias ${challenges}/; default_type text/plain; }`;
  const server = (addresses: readonly string[], name: string, directives: string): string =>
    `server { ${listens(addresses)} server_name ${name}; ${directives.replaceAll('PORT', String(port))} }\n`;
  nginx.write(
    `${nginx.sitesFolder}/sites.conf`,
    [
      `server { ${listens(SERVED_AT, ' default_server')} server_name _; ${files} }\n`,
      ...Object.entries(plan.hosts).map(([name, directives]) => server(SERVED_AT, name, directives)),
      ...Object.entries(plan.hostsAtSix).map(([name, directives]) => server([PLACES.six], name, directives)),
    ].join(''),
  );
}
