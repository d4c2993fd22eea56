import type { AccountName } from '../../../core/domain/account/account-name.js';
import { ConfigurationError, UsageError } from '../../../core/domain/autossl-error.js';
import { rewrittenJson } from '../../../core/domain/json/rewritten-json.js';
import { parseHostName, quoteForMessage, type WantedName } from '../../../core/domain/name/names.js';
import type { Exclusion, ExclusionStore } from '../../../runs/ports/accounts.js';
import { ensureFolder, writeFileAtomically } from '../../system/files/files.js';
import { FileLockKeeper } from '../../system/locks/locks.js';
import type { Tree } from '../../system/tree.js';
import { TreeReader } from '../../system/tree-reader.js';
import { isJsonObject, jsonTextOf, parseJsonObject } from '../records/json-object.js';

/** Root's alone, like everything of ours in that tree. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
const KEY = 'excluded_domains';
/** Ours, beside the documented list: who excluded each name, and when. */
const ORIGINS = 'autossl_origins';

/** The names that an account's owner or root excluded, `excludes/USER.json` (behaviour section 13). */
export interface Exclusions extends ExclusionStore {
  /**
   * Empty when nothing is excluded. A text in the list that is no name excludes nothing, since it cannot be ordered.
   * @throws ConfigurationError BAD_SETTING when the file cannot be understood: then nothing may be ordered
   */
  of(account: AccountName): ReadonlySet<WantedName>;
  /** The same names with who excluded them and when, as far as that is known. */
  list(account: AccountName): Promise<readonly Exclusion[]>;
  change: ExclusionStore['change'];
}

export function openExclusions(tree: Tree): Exclusions {
  const reader = new TreeReader(tree);
  const readText = (account: AccountName): string => {
    const path = tree.exclusionsOf(account);
    const reading = reader.read(path);
    if (reading.state === 'absent') return '{}';
    if (reading.state === 'unreadable') throw badFile(path, reading.why);
    return reading.text;
  };
  const readObject = (account: AccountName): Record<string, unknown> =>
    parseJsonObject(tree.exclusionsOf(account), readText(account));
  return {
    of(account) {
      const path = tree.exclusionsOf(account);
      const list = readObject(account)[KEY] ?? [];
      if (!Array.isArray(list) || !list.every((item) => typeof item === 'string')) {
        throw badFile(path, `${KEY} is not a list of names`);
      }
      return new Set(list.map(nameOrNothing).filter((name) => name !== undefined));
    },
    async list(account) {
      return listed([...this.of(account)], readObject(account)[ORIGINS]);
    },
    async change(account, by, at, change) {
      const lock = await new FileLockKeeper(tree).acquire(`excludes:${account}`, 'changing exclusions');
      try {
        const source = readText(account);
        const before = parseJsonObject(tree.exclusionsOf(account), source);
        const present = this.of(account);
        const names = [...new Set(change([...present]))].sort();
        const known = new Map(listed([...present], before[ORIGINS]).map((one) => [one.name, one]));
        const after = names.map((name) => known.get(name) ?? { name, by, at: at.toISOString() });
        const contents = {
          ...before,
          [KEY]: names,
          [ORIGINS]: Object.fromEntries(after.map((one) => [one.name, { by: one.by, at: one.at }])),
        };
        await ensureFolder(tree.excludes(), FOLDER_MODE);
        tree.assertInside(tree.excludes());
        const path = tree.exclusionsOf(account);
        const text = rewrittenJson(jsonTextOf(source), contents).trimEnd();
        await writeFileAtomically(path, `${text}\n`, { mode: FILE_MODE }, () => lock.assertHeld());
        return after;
      } finally {
        await lock.release();
      }
    },
  };
}

/** What the file says of each name's origin; other programs write none. */
function listed(names: readonly WantedName[], origins: unknown): Exclusion[] {
  return names.map((name) => {
    const origin = isJsonObject(origins) && Object.hasOwn(origins, name) ? origins[name] : undefined;
    const { by, at } = isJsonObject(origin) ? origin : {};
    return { name, by: typeof by === 'string' ? by : null, at: typeof at === 'string' ? at : null };
  });
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
