import type { AccountName } from '../../core/domain/account-name.js';
import { ConfigurationError, UsageError } from '../../core/domain/autossl-error.js';
import { parseHostName, quoteForMessage, type WantedName } from '../../core/domain/names.js';
import { ensureFolder, writeFileAtomically } from '../system/files.js';
import type { Tree } from '../system/tree.js';
import { TreeReader } from '../system/tree-reader.js';
import { parseJsonObject } from './json-object.js';

/** Root's alone, like everything of ours in that tree. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
const KEY = 'excluded_domains';

/** The names that an account's owner or root excluded, `excludes/USER.json` (behaviour section 13). */
export interface Exclusions {
  /**
   * Empty when nothing is excluded. A text in the list that is no name excludes nothing, since it cannot be ordered.
   * @throws ConfigurationError BAD_SETTING when the file cannot be understood: then nothing may be ordered
   */
  of(account: AccountName): ReadonlySet<WantedName>;
  /** Replaces the list; whatever else the file holds stays. @throws ConfigurationError BAD_SETTING, StateError */
  write(account: AccountName, names: readonly WantedName[]): Promise<void>;
}

export function openExclusions(tree: Tree): Exclusions {
  const reader = new TreeReader(tree);
  const readObject = (account: AccountName): Record<string, unknown> => {
    const path = tree.exclusionsOf(account);
    const reading = reader.read(path);
    if (reading.state === 'absent') return {};
    if (reading.state === 'unreadable') throw badFile(path, reading.why);
    return parseJsonObject(path, reading.text);
  };
  return {
    of(account) {
      const path = tree.exclusionsOf(account);
      const list = readObject(account)[KEY] ?? [];
      if (!Array.isArray(list) || !list.every((item) => typeof item === 'string')) {
        throw badFile(path, `${KEY} is not a list of names`);
      }
      return new Set(list.map(nameOrNothing).filter((name) => name !== undefined));
    },
    async write(account, names) {
      const contents = { ...readObject(account), [KEY]: [...new Set(names)].sort() };
      await ensureFolder(tree.excludes(), FOLDER_MODE);
      tree.assertInside(tree.excludes());
      const path = tree.exclusionsOf(account);
      await writeFileAtomically(path, `${JSON.stringify(contents)}\n`, { mode: FILE_MODE });
    },
  };
}

function badFile(path: string, why: string): ConfigurationError {
  return new ConfigurationError('BAD_SETTING', `${quoteForMessage(path)}: ${why}`, {
    advice: 'Repair or remove the file; until then nothing is ordered for that account.',
  });
}

function nameOrNothing(text: string): WantedName | undefined {
  try {
    return parseHostName(text);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
