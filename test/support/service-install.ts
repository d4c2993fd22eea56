import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { stringify } from 'yaml';
import { readSettings } from '../../src/adapters/store/settings/settings.js';
import { ensureBaseFolders } from '../../src/adapters/system/files/base-folders.js';
import type { Tree } from '../../src/adapters/system/tree.js';
import { openService } from '../../src/cli/host/services/services.js';
import { readCertificate } from '../../src/core/certificate/parse.js';
import { SERVER_OWNER } from '../../src/core/domain/account/hostname-owner.js';
import { parseDomainName } from '../../src/core/domain/name/names.js';
import type { ServiceName } from '../../src/core/domain/service/service-name.js';
import type { RunEvent } from '../../src/core/report/events/event.js';
import { installBatch } from '../../src/runs/install/install-batch.js';
import type { InstallMember, InstallOutcome } from '../../src/runs/install/install-ports.js';
import type { OpenedService } from '../../src/runs/services/opened-service.js';
import { aCertificate, type CertificateOptions, type TestCertificate } from './pki.js';
import type { ServiceYaml } from './service-rigs.js';

export const HOSTNAME = parseDomainName('mail.host.test');
const website = { account: SERVER_OWNER, vhost: HOSTNAME };

/** A certificate for the server's name that is valid now. */
export function aHostCertificate(
  options: CertificateOptions = {},
): TestCertificate & { readonly fingerprint: string } {
  const made = aCertificate({
    names: [HOSTNAME],
    notBefore: new Date(Date.now() - 3_600_000),
    hours: 240,
    ...options,
  });
  return { ...made, fingerprint: readCertificate(made.der).fingerprint };
}

/** A service of a private tree, opened as the programs open it. */
export class ServiceUnderTest {
  readonly events: RunEvent[] = [];
  readonly #tree: Tree;
  readonly #service: ServiceName;

  constructor(tree: Tree, service: ServiceName) {
    this.#tree = tree;
    this.#service = service;
  }

  writeSettings(yaml: ServiceYaml, more: Readonly<Record<string, unknown>> = {}): void {
    const path = this.#tree.settings();
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, stringify({ services: { [this.#service]: yaml }, ...more }), { mode: 0o600 });
  }

  async open(): Promise<OpenedService> {
    return await openService(
      { tree: this.#tree, settings: await readSettings(this.#tree) },
      this.#service,
      HOSTNAME,
    );
  }

  /** Puts a certificate where nothing lies, before the daemon was ever started. */
  async place({ keyPem, chainPem }: TestCertificate): Promise<void> {
    await ensureBaseFolders(this.#tree);
    const { certificates } = await this.open();
    if (!(await certificates.placeIfAbsent({ website, keyPem, chainPem })))
      throw new Error('something lies there');
  }

  /** One transaction with this service alone. @throws Error when the service is absent */
  async install({ keyPem, chainPem, der }: TestCertificate): Promise<InstallOutcome> {
    const { presence } = await this.open();
    if (presence.state === 'absent') throw new Error(presence.why);
    const { install } = presence;
    const lock = await install.locks.acquire(`service:${this.#service}`, 'test');
    const leaf = readCertificate(der);
    const member: InstallMember = { website, keyPem, chainPem, leaf, wanted: [HOSTNAME], lock };
    try {
      const outcomes = await installBatch(
        [member],
        install,
        (...events) => this.events.push(...events),
        AbortSignal.timeout(120_000),
      );
      const outcome = outcomes.get(HOSTNAME);
      if (outcome === undefined) throw new Error('nothing became of it');
      return outcome;
    } finally {
      await lock.release();
    }
  }

  /** A command for `testCommand` that succeeds unless exactly this certificate lies in the daemon's file. */
  testThatRefuses(unwanted: TestCertificate, path: string): readonly string[] {
    const other = `${path}.unwanted`;
    writeFileSync(other, unwanted.combined, { mode: 0o600 });
    return ['sh', '-c', '! cmp -s "$0" "$1"', path, other];
  }
}
