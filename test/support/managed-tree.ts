import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import type { Tree } from '../../src/adapters/system/tree.js';
import { openManageHost } from '../../src/cli/host/services/services-manage.js';
import type { CertificateFacts } from '../../src/core/certificate/facts.js';
import { takeCombinedApart } from '../../src/core/certificate/pem/combined.js';
import { SERVICE_NAMES, type ServiceName } from '../../src/core/domain/service/service-name.js';
import type { ManageHost } from '../../src/runs/services/manage/manage-host.js';
import type { ManageCall } from '../../src/runs/services/manage/manage-session.js';
import { aCertificate, aRoot, type CertificateOptions, type TestCertificate } from './pki.js';
import { scratchTree } from './scratch.js';

export const MANAGED_HOSTNAME = 'host.manage.test';
const HOUR_MS = 3_600_000;

/** Of the present, whatever that is: 90 days that began an hour ago. */
export function aPresentCertificate(options: CertificateOptions = {}): TestCertificate {
  const notBefore = new Date(Date.now() - HOUR_MS);
  return aCertificate({ names: [MANAGED_HOSTNAME], notBefore, hours: 90 * 24, ...options });
}

/** A private tree whose four services are commands that succeed, as the programs open it: all but the daemons is real. */
export class ManagedTree {
  readonly tree: Tree;
  readonly root: string;
  readonly remove: () => void;

  constructor() {
    const { tree, root, remove } = scratchTree();
    this.tree = tree;
    this.root = root;
    this.remove = remove;
    chmodSync(root, 0o755);
    this.write('/etc/hostname', `${MANAGED_HOSTNAME}\n`);
    this.write('/etc/ssl/roots.pem', aRoot().certPem);
    const services = Object.fromEntries(
      SERVICE_NAMES.map((name) => [name, { kind: 'command', reloadCommand: 'true' }]),
    );
    this.write('/etc/autossl.yaml', stringify({ trustAnchors: '/etc/ssl/roots.pem', services }));
  }

  write(path: string, text: string): string {
    const full = join(this.root, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text, { mode: 0o600 });
    return full;
  }

  open(): Promise<ManageHost> {
    return openManageHost({ AUTOSSL_ROOT: this.root }, process.getuid?.() ?? 0);
  }

  async call(): Promise<ManageCall> {
    return {
      host: await this.open(),
      listen: () => undefined,
      signal: AbortSignal.timeout(60_000),
    };
  }

  /** What lies there for a service; undefined: nothing. */
  lying(
    service: ServiceName,
  ): { readonly leaf: CertificateFacts; readonly chain: readonly string[] } | undefined {
    const path = join(this.tree.serviceTls(service), 'combined');
    if (!existsSync(path)) return undefined;
    const evidence = takeCombinedApart(readFileSync(path, 'utf8'), path);
    if (evidence.kind !== 'present') throw new Error(`${evidence.kind} at ${path}`);
    return { leaf: evidence.leaf, chain: evidence.chain.map(({ subject }) => subject) };
  }

  /** Each file with its length and its last change: the same as before means that nothing was written. */
  files(): readonly string[] {
    return readdirSync(this.root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => {
        const { size, mtimeMs } = statSync(join(parentPath, name));
        return `${join(parentPath, name)} ${size} ${mtimeMs}`;
      })
      .sort();
  }
}
