import { join } from 'node:path';
import type { DirectorySaid } from '../../core/provider/correct-from-directory.js';
import { ensureFolder, isThere, readTextFile, writeFileAtomically } from '../system/files/files.js';
import type { Tree } from '../system/tree.js';

const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
const MOST_BYTES = 64 * 1024;
/** What a provider's name is; it becomes a file's. */
const NAME = /^[A-Za-z][A-Za-z0-9]{0,63}$/;

/** What providers' directories said when they were last asked: `index/directories/<provider>.json`, a cache. Never throws. */
export class DirectoryFactsCache {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** Null: it was not asked yet, or another directory was. */
  async read(provider: string, directoryUrl: string): Promise<DirectorySaid | null> {
    const path = this.#pathOf(provider);
    const text = path === null ? undefined : await readTextFile(path, MOST_BYTES).catch(() => undefined);
    return text === undefined ? null : parseSaid(text, directoryUrl);
  }

  /** A cache that cannot be written is none. */
  async keep(provider: string, directoryUrl: string, said: DirectorySaid): Promise<void> {
    const path = this.#pathOf(provider);
    if (path === null) return;
    const { termsOfService, website, caaIdentities, requiresEab, hasRenewalInfo, profiles } = said;
    const facts = { termsOfService, website, caaIdentities, requiresEab, hasRenewalInfo, profiles };
    const text = `${JSON.stringify({ schemaVersion: 1, directoryUrl, ...facts }, null, 1)}\n`;
    try {
      if ((await readTextFile(path, MOST_BYTES)) === text) return;
      // Folders above ours have modes of their own.
      if (!(await isThere(this.#tree.own()))) return;
      for (const folder of [this.#tree.index(), this.#tree.directories()])
        await ensureFolder(folder, PRIVATE_FOLDER);
      await writeFileAtomically(path, text, { mode: PRIVATE_FILE });
    } catch {
      // The next one who asks tries again.
    }
  }

  #pathOf(provider: string): string | null {
    return NAME.test(provider) ? join(this.#tree.directories(), `${provider}.json`) : null;
  }
}

function parseSaid(text: string, directoryUrl: string): DirectorySaid | null {
  let value: Partial<DirectorySaid & { schemaVersion: unknown; directoryUrl: unknown }> | null;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (value?.schemaVersion !== 1 || value.directoryUrl !== directoryUrl) return null;
  const { termsOfService, website, caaIdentities, requiresEab, hasRenewalInfo, profiles } = value;
  if (!isTexts(caaIdentities) || !isTexts(profiles)) return null;
  if (!isTextOrNull(termsOfService) || !isTextOrNull(website)) return null;
  if (typeof requiresEab !== 'boolean' || typeof hasRenewalInfo !== 'boolean') return null;
  return { termsOfService, website, caaIdentities, requiresEab, hasRenewalInfo, profiles };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}
