import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { stringify } from 'yaml';
import {
  openServiceCertificates,
  servicePemPath,
} from '../../src/adapters/store/services/service-certificates.js';
import { systemClock } from '../../src/adapters/system/clock.js';
import { readGroupId } from '../../src/adapters/system/passwd.js';
import { readCertificate } from '../../src/core/certificate/parse.js';
import { SERVER_OWNER } from '../../src/core/domain/account/hostname-owner.js';
import { type DomainName, parseDomainName } from '../../src/core/domain/name/names.js';
import type { ServiceName } from '../../src/core/domain/service/service-name.js';
import type { ServicesReport } from '../../src/core/report/services/services-report.js';
import type { ProgramResult } from '../demo/program.js';
import { PATHS } from './acme-proxy.js';
import { writeIssuedRecord } from './aged-set.js';
import { runBin } from './bin-program.js';
import { PEBBLE_TERMS } from './ca-site.js';
import type { HostingCa } from './hosting-ca.js';
import { LOOPBACK } from './loopback.js';
import { runBinBehind } from './mounted-program.js';
import { aCertificate, aRoot, type CertificateOptions, type TestCertificate } from './pki.js';
import { decodeQuotedPrintable } from './quoted-printable.js';
import { siteText } from './served-website.js';
import { NginxRig } from './server-rigs.js';
import { type ServiceRig, shownBy } from './service-rigs.js';
import { aTree, type BuiltTree } from './tree-builder.js';

const DAY_MS = 86_400_000;
/** Life of what this server has at first. */
const LIFE_DAYS = 90;
/** A busy machine; daemons need a moment. */
const TAKING_TIMEOUT_MS = 60_000;
const POLL_MS = 20;

type DaemonName = Exclude<ServiceName, 'cpanel'>;

export interface ServicesPlan {
  /** Ends the hostname, and no other server's of the same CA. */
  readonly label: string;
  /** What that is under; a name that is private to networks unless given. */
  readonly domain?: string;
  /** Daemons by service; nginx is the panel. */
  readonly rigs: Partial<Record<DaemonName, new (root: string) => ServiceRig>>;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** No certificate lies anywhere: no daemon could be started, and nginx runs with its http site alone. */
  readonly isBare?: boolean;
  /** Addresses that the hostname's certificate is to name; given the server's own. */
  readonly ipAddresses?: (own: string) => readonly string[];
  /** An account whose main website has the hostname's name. */
  readonly customer?: string;
}

/** How old a certificate is, and whose. */
export interface AgedCertificate extends CertificateOptions {
  readonly daysLeft: number;
  /** Whether our records know it. */
  readonly isOurs?: boolean;
}

/**
 * A server whose own services are real daemons with private prefixes: nginx is the web server that a CA sees, and the panel;
 * a script takes the place of sendmail and keeps what it is given. A CA is chosen; no program was run yet.
 */
export class ServicesServer {
  readonly hostname: DomainName;
  readonly built: BuiltTree;
  readonly rigs: Partial<Record<DaemonName, ServiceRig>>;
  readonly #ca: HostingCa;
  readonly #address: string;
  readonly #nginx = new NginxRig();
  readonly #settings: Readonly<Record<string, unknown>>;
  readonly #isBare: boolean;
  readonly #ipAddresses: readonly string[] | undefined;
  /** Whether nginx runs with the panel. */
  #isServing = false;

  private constructor(ca: HostingCa, plan: ServicesPlan, roots: string) {
    this.#ca = ca;
    this.#address = ca.nextAddress();
    this.#isBare = plan.isBare === true;
    this.#ipAddresses = plan.ipAddresses?.(this.#address);
    this.hostname = parseDomainName(`host.${plan.label}.${plan.domain ?? 'test'}`);
    const tree = aTree();
    if (plan.customer !== undefined) tree.account(plan.customer, { domain: this.hostname });
    this.built = tree
      .file('/etc/hostname', `${this.hostname}\n`)
      .file('/etc/ssl/ca-transport.pem', ca.pebble.transport.caPem)
      .file('/etc/ssl/roots.pem', roots)
      .cpanelConfig({ ssl_default_key_type: 'ecdsa-prime256v1' })
      .autosslJson({
        provider: 'CustomACME',
        provider_properties: {
          CustomACME: { terms_of_service_accepted: PEBBLE_TERMS, directory_url: ca.proxy.directoryUrl },
        },
      })
      .build();
    this.rigs = Object.fromEntries(
      Object.entries(plan.rigs).map(([name, Rig]) => {
        const folder = this.built.path(`/opt/${name}`);
        mkdirSync(folder, { recursive: true });
        return [name, new Rig(folder)];
      }),
    );
    const sendmail = this.built.path('/opt/sendmail');
    this.built.write(
      '/opt/sendmail',
      `#!/bin/sh\ncat >> ${this.#mailFile}\necho END >> ${this.#mailFile}\n`,
      0o755,
    );
    this.#settings = {
      resolvers: [ca.dns.server],
      http: { port: ca.httpPort, httpsPort: ca.httpsPort, privateNetworks: LOOPBACK },
      trustAnchors: '/etc/ssl/roots.pem',
      providers: { CustomACME: { caBundle: '/etc/ssl/ca-transport.pem' } },
      webServer: this.#nginx.yaml(),
      mail: { sendmail },
      run: { patienceSeconds: 20 },
      ...plan.settings,
    };
    ca.dns.zones.set(this.hostname, { A: [this.#address] });
  }

  /** Its daemons run when it resolves, each with a self-signed certificate. */
  static async open(ca: HostingCa, plan: ServicesPlan): Promise<ServicesServer> {
    const server = new ServicesServer(ca, plan, (await ca.pebble.root()) + aRoot().certPem);
    try {
      await server.#start();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  async #start(): Promise<void> {
    for (const [name, rig] of this.#named()) await rig.configure(this.pemOf(name));
    this.configure({});
    if (!this.#isBare) {
      for (const name of ['cpanel', ...Object.keys(this.rigs)] as ServiceName[])
        await this.place(name, { daysLeft: 30, issuer: 'self' });
    }
    this.#nginx.writePage('the panel\n');
    this.#writePanel(!this.#isBare);
    await this.#nginx.start(this.#ca.httpPort, this.#address);
    this.#isServing = !this.#isBare;
    if (this.#isBare) this.#writePanel(true);
    else await this.startDaemons();
  }

  async startDaemons(): Promise<void> {
    for (const [, rig] of this.#named()) await rig.start();
  }

  #writePanel(isTls: boolean): void {
    const { httpPort, httpsPort } = this.#ca;
    const places = { httpPort, httpsPort, challenges: this.built.tree.challenges() };
    this.#nginx.write(
      join(this.#nginx.sitesFolder, 'panel.conf'),
      siteText(
        { kind: 'nginx', names: [this.hostname], address: this.#address, isTls },
        { ...places, page: this.#nginx.pageFolder, combined: this.pemOf('cpanel') },
      ),
    );
  }

  /** The settings of the plan, these keys replaced. */
  configure(
    more: Readonly<Record<string, unknown>>,
    services: Partial<Record<ServiceName, Readonly<Record<string, unknown>>>> = {},
  ): void {
    const yaml = Object.fromEntries(
      this.#named().map(([name, rig]) => {
        const own = rig.yaml();
        // The settings name a pid file as it lies in the tree.
        const pidFile = this.built.tree.documented(rig.pidFile);
        return [name, { ...own, ...('pidFile' in own ? { pidFile } : {}), ...services[name] }];
      }),
    );
    const addresses = this.#ipAddresses === undefined ? {} : { ipAddresses: this.#ipAddresses };
    const written = { ...this.#settings, services: { ...yaml, ...addresses }, ...more };
    this.built.write('/etc/autossl.yaml', stringify(written), 0o600);
  }

  /** Puts a certificate of 90 days in place as somebody would by hand, and has the daemon, if it runs, take it. */
  async place(name: ServiceName, aged: AgedCertificate): Promise<string> {
    const { daysLeft, isOurs = false, ...options } = aged;
    const notAfter = new Date(Math.floor(Date.now() / 1000) * 1000 + daysLeft * DAY_MS);
    const notBefore = new Date(notAfter.getTime() - LIFE_DAYS * DAY_MS);
    const keyType = 'ecdsa-prime256v1';
    const made = aCertificate({ names: [this.hostname], notBefore, notAfter, keyType, ...options });
    await this.placePair(name, made);
    if (isOurs) {
      const facts = { vhost: this.hostname, account: SERVER_OWNER, names: [this.hostname] };
      writeIssuedRecord(this.built, { ...facts, provider: 'CustomACME', certPem: made.certPem });
    }
    const { fingerprint } = readCertificate(made.der);
    await this.#take(name, fingerprint);
    return fingerprint;
  }

  async #take(name: ServiceName, fingerprint: string): Promise<void> {
    const rig = name === 'cpanel' ? undefined : this.rigs[name];
    if (name === 'cpanel' ? !this.#isServing : rig?.isRunning !== true) return;
    await (rig === undefined ? this.#nginx.reload() : rig.take());
    const deadline = Date.now() + TAKING_TIMEOUT_MS;
    while (this.shown(name).some((shown) => shown !== fingerprint)) {
      if (Date.now() > deadline) throw new Error(`${name} does not take what was placed`);
      await pause(POLL_MS);
    }
  }

  async placePair(service: ServiceName, { keyPem, chainPem }: TestCertificate): Promise<void> {
    const { tree } = this.built;
    const group = this.#yamlOf(service)['keyGroup'];
    const keyGroup = typeof group === 'string' ? ((await readGroupId(tree, group)) ?? null) : null;
    const store = openServiceCertificates({ tree, service, clock: systemClock, keyGroup });
    await store.publish({ website: { account: SERVER_OWNER, vhost: this.hostname }, keyPem, chainPem });
  }

  /** The file that the service's daemon names. */
  pemOf(service: ServiceName): string {
    return servicePemPath(this.built.tree, service);
  }

  /** Fingerprint of what lies there for a service. */
  lying(service: ServiceName): string {
    const text = readFileSync(join(this.built.tree.serviceTls(service), 'combined'), 'utf8');
    const body = /-----BEGIN CERTIFICATE-----([^-]*)-----END/.exec(text)?.[1] ?? '';
    return readCertificate(Buffer.from(body, 'base64')).fingerprint;
  }

  /** Fingerprints that a process of its own is shown at each port of a service. */
  shown(service: ServiceName): readonly (string | undefined)[] {
    if (service === 'cpanel') return [shownBy({ port: this.#ca.httpsPort }, this.hostname, this.#address)];
    return (this.rigs[service]?.ports ?? []).map((port) => shownBy(port, this.hostname));
  }

  /** Where its web server answers. */
  get address(): string {
    return this.#address;
  }

  run(program: string, ...words: string[]): Promise<ProgramResult> {
    return runBin(program, words, this.built.root);
  }

  /** checkallsslcerts with `--json`. */
  async check(...words: string[]): Promise<CheckedServices> {
    return checkedBy(await this.run('checkallsslcerts', '--json', ...words));
  }

  /** The same behind mounts that a script makes before, and that nobody else sees. */
  async checkBehind(mounts: string, ...words: string[]): Promise<CheckedServices> {
    return checkedBy(await runBinBehind(mounts, 'checkallsslcerts', ['--json', ...words], this.built.root));
  }

  /** Mails given to sendmail since the last call, their quoted-printable lines made whole. */
  takeMails(): readonly string[] {
    let text = '';
    try {
      text = readFileSync(this.#mailFile, 'utf8');
    } catch {
      return [];
    }
    this.built.write('/opt/mails', '');
    return decodeQuotedPrintable(text).split(/^END$/m).slice(0, -1);
  }

  /** As if the administrator had never been told of anything. */
  forgetTold(): void {
    rmSync(this.built.tree.toldServices(), { force: true });
  }

  get #mailFile(): string {
    return this.built.path('/opt/mails');
  }

  /** Calls itself otherwise from now on; the DNS knows that name, too. */
  rename(hostname: string): void {
    this.#ca.dns.zones.set(hostname, { A: [this.#address] });
    this.built.write('/etc/hostname', `${hostname}\n`);
  }

  /** How many certificates the CA has handed out. */
  certificates(): number {
    const paths = this.#ca.proxy.requests.flatMap(({ path, reachedCa }) =>
      path.startsWith(PATHS.certificate) && reachedCa ? [path] : [],
    );
    return new Set(paths).size;
  }

  /** How many orders the CA was asked for. */
  newOrders(): number {
    return this.#ca.proxy.requests.filter(
      ({ path, payload }) =>
        path === '/order-plz' && JSON.stringify(payload ?? '').includes(`"${this.hostname}"`),
    ).length;
  }

  async stop(): Promise<void> {
    for (const [, rig] of this.#named()) await rig.stop();
    await this.#nginx.stop();
    await this.built.cleanUp();
  }

  #named(): readonly (readonly [ServiceName, ServiceRig])[] {
    return Object.entries(this.rigs) as [ServiceName, ServiceRig][];
  }

  #yamlOf(service: ServiceName): Readonly<Record<string, unknown>> {
    return service === 'cpanel' ? {} : (this.rigs[service]?.yaml() ?? {});
  }
}

/** One run of checkallsslcerts. */
export interface CheckedServices {
  readonly exitCode: number | null;
  readonly report: ServicesReport;
  readonly stderr: string;
}

function checkedBy({ exitCode, stdout, stderr }: ProgramResult): CheckedServices {
  if (stdout === '') throw new Error(`no report: ${stderr}`);
  return { exitCode, report: JSON.parse(stdout), stderr };
}

/** What became of each service. */
export function statesOf({ services }: ServicesReport): Readonly<Record<string, string>> {
  return Object.fromEntries(services.map(({ service, state }) => [service, state]));
}
