import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import type { ProgramResult } from '../demo/program.js';
import { runBin } from './bin-program.js';
import { PEBBLE_TERMS } from './ca-site.js';
import type { HostingCa } from './hosting-ca.js';
import { LOOPBACK } from './loopback.js';
import { aCertificate, anIntermediate, aRoot, type TestCertificate } from './pki.js';
import type { NginxRig } from './server-rigs.js';

const DAY_MS = 86_400_000;
/** Of users that `addUser` makes where the test may give folders away. */
const FIRST_UID = 20_001;

/** Of the certificates that are there before us. */
const OLD_ROOT = aRoot({ name: 'Old Root' });
const OLD_AUTHORITY = anIntermediate({ name: 'R99', organization: "Let's Encrypt", issuer: OLD_ROOT });

/**
 * A machine with nothing but nginx (its configuration is the caller's) and what its administrator has: users, files
 * in /etc, folders in /var/www. Nothing of ours is there. Documented paths lie under `root`.
 */
export class FreshServer {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'autossl-fresh-')));
  /** Its only address. */
  readonly address: string;
  readonly #ca: HostingCa;
  readonly #rig: NginxRig;
  #users = 0;

  private constructor(ca: HostingCa, rig: NginxRig) {
    this.#ca = ca;
    this.address = ca.nextAddress();
    this.#rig = rig;
  }

  static async make(ca: HostingCa, rig: NginxRig): Promise<FreshServer> {
    const server = new FreshServer(ca, rig);
    chmodSync(server.root, 0o755);
    server.write('/etc/passwd', 'root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/var/www:/usr/sbin/nologin\n');
    server.write('/etc/group', 'root:x:0:\n');
    server.write('/etc/cron.d/.placeholder', '');
    server.write('/etc/ssl/ca-transport.pem', ca.pebble.transport.caPem);
    server.write('/etc/ssl/roots.pem', (await ca.pebble.root()) + OLD_ROOT.certPem);
    server.write(
      '/etc/autossl.yaml',
      stringify({
        webServer: rig.yaml(),
        resolvers: [ca.dns.server],
        http: { port: ca.httpPort, httpsPort: ca.httpsPort, privateNetworks: LOOPBACK },
        trustAnchors: '/etc/ssl/roots.pem',
      }),
      0o600,
    );
    return server;
  }

  run(program: string, ...words: string[]): Promise<ProgramResult> {
    return runBin(program, words, this.root);
  }

  /** `useradd --create-home`. */
  addUser(name: string): void {
    const uid = process.getuid?.() === 0 ? FIRST_UID + this.#users : (process.getuid?.() ?? 0);
    this.#users += 1;
    appendFileSync(this.path('/etc/passwd'), `${name}:x:${uid}:${uid}::/home/${name}:/bin/sh\n`);
    this.makeFolder(`/home/${name}`, uid);
  }

  /** A folder with a page in it. */
  makeFolder(path: string, uid = 0): void {
    this.write(join(path, 'index.html'), `this is ${path}\n`);
    if (process.getuid?.() === 0) chownSync(this.path(path), uid, uid);
  }

  /** A certificate as an authority gave it some days ago; with `ageDays` beyond 90 it has expired. */
  oldCertificate(names: readonly string[], ageDays: number): TestCertificate {
    return aCertificate({
      names,
      issuer: OLD_AUTHORITY,
      notBefore: new Date(Date.now() - ageDays * DAY_MS),
      keyType: 'ecdsa-prime256v1',
    });
  }

  /** Puts a pair where certbot keeps its own: `live` has links into `archive`. */
  keepByCertbot(name: string, { keyPem, chainPem }: TestCertificate): void {
    for (const [file, text] of [
      ['privkey', keyPem],
      ['fullchain', chainPem],
    ] as const) {
      this.write(`/etc/letsencrypt/archive/${name}/${file}1.pem`, text, 0o600);
      mkdirSync(this.path(`/etc/letsencrypt/live/${name}`), { recursive: true });
      symlinkSync(
        `../../archive/${name}/${file}1.pem`,
        this.path(`/etc/letsencrypt/live/${name}/${file}.pem`),
      );
    }
  }

  /** `autossl provider use` with the words that stand for Let's Encrypt here. */
  useProvider(isAccepted: boolean): Promise<ProgramResult> {
    return this.run(
      'autossl',
      ...['provider', 'use', 'CustomACME', '--directory', this.#ca.pebble.directoryUrl],
      ...['--ca-bundle', this.path('/etc/ssl/ca-transport.pem')],
      ...(isAccepted ? ['--accept-terms', PEBBLE_TERMS] : []),
    );
  }

  /** A configuration of the documented paths and ports as it is here. */
  localized(text: string): string {
    const { httpPort, httpsPort } = this.#ca;
    return text
      .replace(/(?<=[\s"])\/(?=(?:var|home|etc)\/)/g, `${this.root}/`)
      .replace(/listen 80;/g, `listen ${this.address}:${httpPort};`)
      .replace(/listen 443 ssl;/g, `listen ${this.address}:${httpsPort} ssl;`);
  }

  /** Tests and reloads the web server as an administrator does. @throws Error with what it says */
  reload(): void {
    const [program = '', ...words] = this.#rig.reloadCommand();
    const which = words.slice(0, -2);
    execFileSync(program, [...which, '-t'], { stdio: 'pipe' });
    this.#rig.reload();
  }

  path(documented: string): string {
    return this.root + documented;
  }

  read(path: string): string {
    return readFileSync(this.path(path), 'utf8');
  }

  write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(this.path(path)), { recursive: true, mode: 0o755 });
    writeFileSync(this.path(path), text, { mode });
  }

  isThere(path: string): boolean {
    return lstatSync(this.path(path), { throwIfNoEntry: false }) !== undefined;
  }

  cleanUp(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
