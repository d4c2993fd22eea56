import { X509Certificate } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'node:tls';
import { parse, stringify } from 'yaml';
import { type ProgramResult, runProgram } from '../demo/program.js';
import { LOOPBACK } from './loopback.js';
import { PEBBLE_TERMS } from './order-bench.js';
import { type Pebble, startPebble } from './pebble.js';
import { freePorts } from './ports.js';
import { printedFile } from './readme-blocks.js';
import { ApacheRig, NginxRig, type ServerRig } from './server-rigs.js';

/** After a reload old workers may answer for a moment. */
const RELOAD_PATIENCE_MS = 60_000;
const PAUSE_MS = 50;

/** Files of the README's account. */
export const ACCOUNT_FILES = ['/var/cpanel/users/alice', '/var/cpanel/userdata/alice/main'];
export const WEBSITE_FILE = '/var/cpanel/userdata/alice/example.com';

/** A server set up as the README says, the Pebble instead of Let's Encrypt, ports and root replaced, nothing else. */
export class ReadmeServer {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'autossl-readme-')));
  httpPort = 0;
  httpsPort = 0;
  #pebble: Pebble | undefined;
  #web: ServerRig | undefined;

  async start(kind: 'nginx' | 'apache', settings: Readonly<Record<string, unknown>>): Promise<void> {
    chmodSync(this.root, 0o755);
    [this.httpPort = 0, this.httpsPort = 0] = await freePorts(2);
    this.#pebble = await startPebble({ httpPort: this.httpPort });
    for (const path of [...ACCOUNT_FILES, WEBSITE_FILE]) this.write(path, printedFile(path));
    this.write('/home/alice/public_html/index.html', 'hello from alice\n');
    this.#web =
      kind === 'nginx'
        ? new NginxRig()
        : new ApacheRig([this.httpPort, this.httpsPort].map((port) => `127.0.0.1:${port}`));
    this.#configure(
      kind === 'nginx'
        ? ['snippets/autossl.conf', 'conf.d/alice.conf']
        : ['conf-available/autossl.conf', 'sites-available/alice.conf'],
      kind,
    );
    await this.#web.start(this.httpPort);
    const printed = parse(printedFile('/etc/autossl.yaml'));
    const here = {
      ...printed,
      webServer: this.#web.yaml(),
      resolvers: [this.#pebble.dns],
      http: { port: this.httpPort, httpsPort: this.httpsPort, privateNetworks: LOOPBACK },
      ...settings,
    };
    this.write('/etc/autossl.yaml', stringify(here), 0o600);
    this.write('/etc/ssl/acme-ca.pem', this.#pebble.transport.caPem);
  }

  /** Adds the printed block that serves TLS, as an administrator does when the first certificate is there. */
  serveTls(kind: 'nginx' | 'apache'): void {
    this.add(kind, kind === 'nginx' ? 'conf.d/alice-tls.conf' : 'sites-available/alice-tls.conf');
  }

  /** Adds a printed file of the configuration. */
  add(kind: 'nginx' | 'apache', name: string): void {
    this.#configure([name], kind);
    this.#web?.reload();
  }

  useProvider(): Promise<ProgramResult> {
    return this.run('autossl', [
      ...['provider', 'use', 'CustomACME', '--accept-terms', PEBBLE_TERMS],
      ...['--directory', this.#pebble?.directoryUrl ?? '', '--ca-bundle', `${this.root}/etc/ssl/acme-ca.pem`],
    ]);
  }

  run(program: string, words: readonly string[]): Promise<ProgramResult> {
    return runProgram(`bin/${program}`, words, this.root);
  }

  /** The certificate that a client which trusts the CA's root is shown. @throws Error when it does not trust it */
  async #served(name: string): Promise<X509Certificate> {
    const ca = await this.#pebble?.root();
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.httpsPort, servername: name, ca };
      const socket = connect(options, () => {
        const { raw } = socket.getPeerCertificate();
        socket.end();
        resolve(new X509Certificate(raw));
      });
      socket.on('error', reject);
    });
  }

  /** The same, once the reload under way is done: when it is another one than that of this fingerprint. */
  async servedAfter(fingerprint: string, name: string): Promise<X509Certificate> {
    const deadline = Date.now() + RELOAD_PATIENCE_MS;
    for (;;) {
      const certificate = await this.#served(name).catch((error: Error) => error);
      if (certificate instanceof X509Certificate && certificate.fingerprint256 !== fingerprint)
        return certificate;
      if (Date.now() > deadline) throw new Error(`${name}: ${String(certificate)}`);
      await pause(PAUSE_MS);
    }
  }

  /** What a visitor of the website sees. @throws Error when its certificate is not shown or not to be trusted */
  async page(name: string): Promise<string> {
    const ca = await this.#pebble?.root();
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.httpsPort, servername: name, headers: { host: name } };
      const request = get({ ...options, ca, agent: false }, (answer) => {
        text(answer).then(resolve, reject);
      });
      request.on('error', reject);
    });
  }

  read(path: string): string {
    return readFileSync(this.root + path, 'utf8');
  }

  write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(this.root + path), { recursive: true, mode: 0o755 });
    writeFileSync(this.root + path, text, { mode });
  }

  async stop(): Promise<void> {
    await this.#web?.stop();
    await this.#pebble?.stop();
    rmSync(this.root, { recursive: true, force: true });
  }

  /** Writes files as the README prints them for /etc/nginx or /etc/apache2, with this place's ports and root. */
  #configure(names: readonly string[], kind: 'nginx' | 'apache'): void {
    const here = (text: string): string =>
      text
        .replaceAll('/var/cpanel/', `${this.root}/var/cpanel/`)
        .replaceAll('/home/alice/', `${this.root}/home/alice/`)
        .replaceAll('127.0.0.1:8080', `127.0.0.1:${this.httpPort}`)
        .replace(/listen 80;/g, `listen 127.0.0.1:${this.httpPort};`)
        .replace(/listen 443 ssl;/g, `listen 127.0.0.1:${this.httpsPort} ssl;`)
        .replace(/<VirtualHost \*:80>/g, `<VirtualHost 127.0.0.1:${this.httpPort}>`)
        .replace(/<VirtualHost \*:443>/g, `<VirtualHost 127.0.0.1:${this.httpsPort}>`);
    const folder = kind === 'nginx' ? 'nginx' : 'apache2';
    for (const name of names) {
      const path = join(this.#web?.configurationFolder ?? '', name);
      this.#web?.write(path, here(printedFile(`/etc/${folder}/${name}`)));
    }
  }
}
