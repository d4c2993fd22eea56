import { existsSync, readdirSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { readJsonSync } from 'fs-extra/esm';
import { stringify } from 'yaml';
import { parseHostName } from '../../src/core/domain/name/names.js';
import type { ProgramResult } from '../demo/program.js';
import { PATHS } from './acme-proxy.js';
import { installedFingerprint } from './aged-set.js';
import { runBin } from './bin-program.js';
import { PEBBLE_TERMS } from './ca-site.js';
import { Handshaker } from './handshakes.js';
import type { HostingCa } from './hosting-ca.js';
import { LOOPBACK } from './loopback.js';
import { aCertificate, aRoot } from './pki.js';
import { type ServedWebsite, type SitePlaces, siteText, socket } from './served-website.js';
import { ApacheRig, NginxRig } from './server-rigs.js';
import { type AccountSpec, aTree, type BuiltTree } from './tree-builder.js';
import { wantedNames } from './wanted-names.js';

const DAY_MS = 86_400_000;
export type ServerKind = 'nginx' | 'apache';

export interface OtherSite {
  readonly address: string;
  /** That it answers to. */
  readonly names: readonly string[];
  /** Names of its certificate; those that it answers to unless given. */
  readonly covers?: readonly string[];
}

/** What a web server of a hosting server has. */
export interface ServerPlan {
  /** Account name → how many websites it has. */
  readonly accounts: Readonly<Record<string, number>>;
  /** Account name → address of its websites; the server's own unless given. */
  readonly addresses?: Readonly<Record<string, string>>;
  /**
   * Sites with TLS that are nobody's website here, by file name (files are read in alphabetical order). Where one
   * listens at 0.0.0.0, no other server of the same CA may listen for https.
   */
  readonly others?: Readonly<Record<string, OtherSite>>;
  /** Keys of its mapping in the settings, beside those that tell which server it is. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface HostingPlan {
  /** Ends all of its names, and no other server's of the same CA. */
  readonly label: string;
  readonly nginx?: ServerPlan;
  readonly apache?: ServerPlan;
  /** Further settings of the whole. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Websites that are not served with TLS, and have no pair, by their names. */
  readonly withoutTls?: readonly string[];
  /** What lies in a website's `combined`; a self-signed pair unless given. */
  readonly pairOf?: (website: ServedWebsite) => string;
}

/**
 * A hosting server as the product finds it: accounts in a private tree, their websites served by a real nginx, a real
 * Apache, or both, over http (challenge folder mapped) and https with a self-signed pair each, in the file that will hold
 * the real one. A CA is chosen; no program was run yet.
 */
export class HostingServer {
  readonly ca: HostingCa;
  readonly built: BuiltTree;
  readonly websites: readonly ServedWebsite[];
  readonly suffix: string;
  readonly #rigs = new Map<ServerKind, NginxRig | ApacheRig>();
  readonly #addresses = new Map<ServerKind, string>();
  readonly #settings: Readonly<Record<string, unknown>>;
  readonly #plan: HostingPlan;
  #handshaker: Handshaker | undefined;

  private constructor(ca: HostingCa, plan: HostingPlan, roots: string) {
    this.ca = ca;
    this.#plan = plan;
    this.suffix = `.${plan.label}.test`;
    this.#settings = {
      resolvers: [ca.dns.server],
      http: { port: ca.httpPort, httpsPort: ca.httpsPort, privateNetworks: LOOPBACK },
      trustAnchors: '/etc/ssl/roots.pem',
      providers: { CustomACME: { caBundle: '/etc/ssl/ca-transport.pem' } },
      ...plan.settings,
    };
    const websites: ServedWebsite[] = [];
    const builder = aTree()
      .file('/etc/ssl/ca-transport.pem', ca.pebble.transport.caPem)
      .file('/etc/ssl/roots.pem', roots)
      .autosslJson({
        provider: 'CustomACME',
        provider_properties: {
          CustomACME: { terms_of_service_accepted: PEBBLE_TERMS, directory_url: ca.proxy.directoryUrl },
        },
      });
    for (const kind of ['nginx', 'apache'] as const) {
      const given = plan[kind];
      if (given === undefined) continue;
      const own = ca.nextAddress();
      for (const [account, count] of Object.entries(given.accounts)) {
        const spec = accountOf(`${account}${this.suffix}`, count);
        builder.account(account, spec);
        const address = given.addresses?.[account] ?? own;
        for (const [vhost, names] of wantedNames(spec))
          websites.push({ account, vhost, names, kind, address, isTls: !plan.withoutTls?.includes(vhost) });
      }
      const used = [...new Set([own, ...Object.values(given.addresses ?? {})])];
      this.#addresses.set(kind, own);
      this.#rigs.set(kind, kind === 'nginx' ? new NginxRig() : new ApacheRig(listensOf(ca, used, given)));
    }
    this.websites = websites;
    const pairOf = plan.pairOf ?? selfSigned;
    for (const website of websites) if (website.isTls) builder.combined(website.vhost, pairOf(website));
    this.built = builder.build();
    this.configure({});
    for (const { names, address } of websites)
      for (const name of names) ca.dns.zones.set(name, { [isIPv6(address) ? 'AAAA' : 'A']: [address] });
  }

  /** Its web servers run when it resolves. */
  static async open(ca: HostingCa, plan: HostingPlan): Promise<HostingServer> {
    const hosting = new HostingServer(ca, plan, (await ca.pebble.root()) + aRoot().certPem);
    try {
      await hosting.#start();
    } catch (error) {
      await hosting.stop();
      throw error;
    }
    return hosting;
  }

  async #start(): Promise<void> {
    for (const website of this.websites) this.serve(website);
    for (const [kind, rig] of this.#rigs) {
      this.#serveOthers(kind);
      rig.writePage('it works\n');
      await rig.start(this.ca.httpPort, this.#addresses.get(kind));
    }
  }

  /** Writes a website into its web server's configuration; it is served from the next reload on. */
  serve(website: ServedWebsite, more = ''): void {
    const rig = this.rig(website.kind);
    const combined = this.built.tree.combined(parseHostName(website.vhost));
    rig.write(
      join(rig.sitesFolder, `${website.vhost}.conf`),
      siteText(website, { ...this.#places(website.kind), combined, more }),
    );
  }

  #places(kind: ServerKind): Omit<SitePlaces, 'combined'> {
    const { httpPort, httpsPort } = this.ca;
    return {
      httpPort,
      httpsPort,
      challenges: this.built.tree.challenges(),
      page: this.rig(kind).pageFolder,
    };
  }

  #serveOthers(kind: ServerKind): void {
    const rig = this.rig(kind);
    for (const [file, { address, names, covers }] of Object.entries(this.#plan[kind]?.others ?? {})) {
      const combined = rig.write(`tls/${file}`, aCertificate({ names: covers ?? names }).combined);
      const text = siteText(
        { kind, names, address, isTls: true },
        { ...this.#places(kind), httpPort: null, combined },
      );
      rig.write(join(rig.sitesFolder, `${file}.conf`), text);
    }
  }

  /** The settings as the plan has them, these keys replaced; `servers`: keys of the web servers' mappings. */
  configure(
    more: Readonly<Record<string, unknown>>,
    servers: Partial<Record<ServerKind, Readonly<Record<string, unknown>>>> = {},
  ): void {
    const mappings = [...this.#rigs].map(([kind, rig]) =>
      rig.yaml({ ...this.#plan[kind]?.settings, ...servers[kind] }),
    );
    const webServer = mappings.length === 1 ? mappings[0] : mappings;
    this.built.write('/etc/autossl.yaml', stringify({ ...this.#settings, webServer, ...more }), 0o600);
  }

  rig(kind: ServerKind): NginxRig | ApacheRig {
    const rig = this.#rigs.get(kind);
    if (rig === undefined) throw new Error(`this hosting server has no ${kind}`);
    return rig;
  }

  websitesOf(account: string): readonly ServedWebsite[] {
    return this.websites.filter((one) => one.account === account);
  }

  run(program: string, ...words: string[]): Promise<ProgramResult> {
    return runBin(program, words, this.built.root);
  }

  /** What a process of its own is shown for each website at its own place, by vhost; or the code of what went wrong. */
  async shown(websites: readonly ServedWebsite[] = this.websites): Promise<ReadonlyMap<string, string>> {
    this.#handshaker ??= await Handshaker.start();
    const places = websites.map(({ vhost, address }) => ({ name: vhost, address, port: this.ca.httpsPort }));
    const shown = await this.#handshaker.shownAt(places);
    return new Map(websites.map(({ vhost }, index) => [vhost, shown[index] ?? '']));
  }

  /** The leaf that lies in each website's `combined`, by vhost. */
  installed(websites: readonly ServedWebsite[] = this.websites): ReadonlyMap<string, string> {
    return new Map(websites.map(({ vhost }) => [vhost, installedFingerprint(this.built, vhost)]));
  }

  /** What is not as it should be where each name must be shown the website's own `combined`, which the CA issued. */
  async faultsOfServing(websites: readonly ServedWebsite[] = this.websites): Promise<readonly string[]> {
    this.#handshaker ??= await Handshaker.start();
    const places = websites.flatMap(({ vhost, names, address }) =>
      names.map((name) => ({ vhost, name, address, port: this.ca.httpsPort })),
    );
    const shown = await this.#handshaker.shownAt(places);
    const issued = new Map(websites.map(({ vhost }) => [vhost, this.#newestIssued(vhost)]));
    const installed = this.installed(websites);
    return [
      ...places.flatMap(({ vhost, name }, index) =>
        shown[index] === installed.get(vhost) ? [] : [`${name}: ${shown[index]} is served`],
      ),
      ...websites.flatMap(({ vhost }) =>
        issued.get(vhost) === installed.get(vhost) ? [] : [`${vhost}: what is installed was not issued`],
      ),
    ];
  }

  /** How many orders the CA was asked for names of this server. */
  newOrders(): number {
    return this.ca.proxy.requests.filter(
      ({ path, payload }) => path === PATHS.newOrder && JSON.stringify(payload).includes(`${this.suffix}"`),
    ).length;
  }

  /** Ids of the orders that are not over, by vhost. */
  openOrders(): ReadonlyMap<string, string> {
    const folder = this.built.tree.orders();
    const files = existsSync(folder) ? readdirSync(folder) : [];
    return new Map(
      files.map((file) => {
        const { id, vhost } = readJsonSync(join(folder, file));
        return [vhost, id] as const;
      }),
    );
  }

  async stop(): Promise<void> {
    await this.#handshaker?.stop();
    for (const rig of this.#rigs.values()) await rig.stop();
    await this.built.cleanUp();
  }

  #newestIssued(vhost: string): string | undefined {
    const path = join(this.built.tree.issued(), `${vhost}.json`);
    return existsSync(path) ? readJsonSync(path).records[0]?.fingerprint : undefined;
  }
}

/** What Apache's Listen directives say. */
function listensOf(
  { httpPort, httpsPort }: HostingCa,
  addresses: readonly string[],
  { others = {} }: ServerPlan,
): readonly string[] {
  const isEverywhere = Object.values(others).some(({ address }) => address === '0.0.0.0');
  const secure = isEverywhere ? ['0.0.0.0', ...addresses.filter(isIPv6)] : addresses;
  return [
    ...addresses.map((address) => socket(address, httpPort)),
    ...secure.map((address) => `${socket(address, httpsPort)} https`),
  ];
}

/** A main website and as many subdomains with websites of their own as make up the count. */
function accountOf(domain: string, websites: number): AccountSpec {
  const subs = Array.from({ length: websites - 1 }, (_, index) => `s${index + 1}.${domain}`);
  return { domain, subs, keyType: 'ecdsa-prime256v1' };
}

/** As an administrator makes one to get a server with this name to start. */
function selfSigned({ vhost }: ServedWebsite): string {
  const notBefore = new Date(Date.now() - DAY_MS);
  return aCertificate({ names: [vhost], issuer: 'self', notBefore, hours: 30 * 24 }).combined;
}
