import { join } from 'node:path';
import type { CaAccount } from '../../runs/ports/authority.js';
import { ensureFolder, readTextFile, writeFileAtomically } from '../system/files/files.js';
import type { Tree } from '../system/tree.js';

const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;

/** Our account at a third party's provider: `accounts/<provider>/account.json`, as that of an ACME CA has it. */
export class ModuleAccountFile {
  readonly #tree: Tree;
  readonly #provider: string;

  constructor(tree: Tree, provider: string) {
    this.#tree = tree;
    this.#provider = provider;
  }

  /** Undefined when there is none, or a damaged one: the module is asked again. */
  async read(): Promise<CaAccount | undefined> {
    const text = await readTextFile(this.#path());
    if (text === undefined) return undefined;
    try {
      const { url, keyThumbprint } = JSON.parse(text);
      const isRight =
        typeof url === 'string' && typeof keyThumbprint === 'string' && THUMBPRINT.test(keyThumbprint);
      return isRight ? { url, keyThumbprint } : undefined;
    } catch {
      return undefined;
    }
  }

  async write(account: CaAccount, now: Date): Promise<void> {
    await ensureFolder(this.#tree.accounts(this.#provider), PRIVATE_FOLDER);
    const { url, keyThumbprint } = account;
    // The members by which a reader of any provider's account finds its URL.
    const text = { schemaVersion: 1, directoryUrl: '', url, keyThumbprint, createdAt: now.toISOString() };
    await writeFileAtomically(this.#path(), `${JSON.stringify(text, undefined, 2)}\n`, {
      mode: PRIVATE_FILE,
    });
  }

  #path(): string {
    const path = join(this.#tree.accounts(this.#provider), 'account.json');
    this.#tree.assertInside(path);
    return path;
  }
}
