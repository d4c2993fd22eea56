import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { FileCertificateStore } from '../../src/adapters/store/publication/certificates.js';
import {
  openServiceCertificates,
  servicePemPath,
} from '../../src/adapters/store/services/service-certificates.js';
import { readSettings } from '../../src/adapters/store/settings/settings.js';
import { systemClock } from '../../src/adapters/system/clock.js';
import { ensureBaseFolders } from '../../src/adapters/system/files/base-folders.js';
import { readGroupId } from '../../src/adapters/system/passwd.js';
import type { Tree } from '../../src/adapters/system/tree.js';
import { openSniHost } from '../../src/cli/host/sni.js';
import { readCertificate } from '../../src/core/certificate/parse.js';
import { parseAccountName } from '../../src/core/domain/account/account-name.js';
import { parseDomainName, parseHostName } from '../../src/core/domain/name/names.js';
import type { ServiceName } from '../../src/core/domain/service/service-name.js';
import type { RunEvent } from '../../src/core/report/events/event.js';
import { renderSni } from '../../src/core/report/sni/sni-report.js';
import { offerNames } from '../../src/runs/sni/offer-names.js';
import { showNames } from '../../src/runs/sni/show-names.js';
import { aCertificate, aKey, type CertificateOptions, type TestCertificate } from './pki.js';
import { scratchTree } from './scratch.js';
import type { ServiceYaml } from './service-rigs.js';

export const SERVER_NAME = parseDomainName('mail.host.test');
const ACCOUNT = parseAccountName('alice');
const KEY = aKey('ecdsa-prime256v1');

/** A private tree with customers' certificates, whose names mail and FTP are to answer for. */
export class SniServer {
  readonly tree: Tree;
  readonly root: string;
  readonly remove: () => void;
  /** Fingerprint of what the services have for the server's own name. */
  readonly ownLeaf: string;
  readonly #own: TestCertificate;

  constructor() {
    const { tree, root, remove } = scratchTree();
    this.tree = tree;
    this.root = root;
    this.remove = remove;
    chmodSync(root, 0o755);
    this.#write(tree.hostname(), `${SERVER_NAME}\n`);
    this.#own = validCertificate([SERVER_NAME]);
    this.ownLeaf = readCertificate(this.#own.der).fingerprint;
  }

  writeSettings(services: Partial<Record<ServiceName, ServiceYaml>>): void {
    this.#write(this.tree.settings(), stringify({ services }), 0o600);
  }

  /** The certificate for the server's own name; gives the file that its daemon names. */
  async placeOwn(service: ServiceName, group: string | null = null): Promise<string> {
    const { tree } = this;
    await ensureBaseFolders(tree);
    const keyGroup = group === null ? null : ((await readGroupId(tree, group)) ?? null);
    const store = openServiceCertificates({ tree, service, clock: systemClock, keyGroup });
    const { keyPem, chainPem } = this.#own;
    await store.publish({ website: { account: ACCOUNT, vhost: SERVER_NAME }, keyPem, chainPem });
    return servicePemPath(tree, service);
  }

  /** Publishes a certificate for a website of these names, the first of which it is called by; gives its fingerprint. */
  async publish(names: readonly string[], options: CertificateOptions = {}): Promise<string> {
    const { keyPem, chainPem, der } = validCertificate(names, options);
    const store = new FileCertificateStore({ tree: this.tree, clock: systemClock });
    const website = { account: ACCOUNT, vhost: parseHostName(names[0] ?? '') };
    await store.publish({ website, keyPem, chainPem });
    return readCertificate(der).fingerprint;
  }

  /** Lays only the copy of a name there, which is all that is looked at: for a thousand of them. Gives the fingerprint. */
  lay(name: string, options: CertificateOptions = {}): string {
    const { combined, der } = validCertificate([name], options);
    this.#write(join(this.tree.domainTls(parseHostName(name)), 'combined'), combined, 0o600);
    return readCertificate(der).fingerprint;
  }

  /** Takes a website's certificate away, as the run does that archives what nobody has. */
  async withdraw(vhost: string): Promise<void> {
    const store = new FileCertificateStore({ tree: this.tree, clock: systemClock });
    await store.restore({ account: ACCOUNT, vhost: parseHostName(vhost) }, null);
  }

  /** Gives the daemons what lies there now, as the programs do; gives what was said. */
  async offer(): Promise<readonly RunEvent[]> {
    const events: RunEvent[] = [];
    const base = { tree: this.tree, settings: await readSettings(this.tree) };
    await offerNames(openSniHost(base), (...some) => events.push(...some), AbortSignal.timeout(120_000));
    return events;
  }

  /** What “autossl sni” prints. */
  async show(): Promise<string> {
    const host = openSniHost({ tree: this.tree, settings: await readSettings(this.tree) });
    const ownFile = (service: ServiceName): string => servicePemPath(this.tree, service);
    return renderSni(await showNames(host, ownFile, [], AbortSignal.timeout(60_000)));
  }

  /** A path in the folder of the tables. */
  path(name: string): string {
    return join(this.tree.sni(), name);
  }

  #write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode });
  }
}

/** A certificate that is valid now; all have one key, since making them takes long. */
export function validCertificate(
  names: readonly string[],
  options: CertificateOptions = {},
): TestCertificate {
  const notBefore = new Date(Date.now() - 3_600_000);
  return aCertificate({ names, notBefore, hours: 240, key: KEY, ...options });
}

/** Codes of what was said. */
export function codesOf(events: readonly RunEvent[]): readonly string[] {
  return events.map(({ code }) => code);
}

/** How many names a daemon was said to answer for; 0 when nothing was said. */
export function namesOfferedIn(events: readonly RunEvent[]): number {
  const data = events.find(({ code }) => code === 'NAMES_OFFERED')?.data;
  return (data as { readonly names: number } | undefined)?.names ?? 0;
}
