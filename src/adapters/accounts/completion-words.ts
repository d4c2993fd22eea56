import { isAccountName } from '../../core/domain/account/account-name.js';
import { listFolder, readTextFile } from '../system/files/files.js';
import type { Tree } from '../system/tree.js';

/** Nobody reads more of them on a terminal. */
const MOST_WORDS = 500;
/** A hundred thousand domains. */
const MAX_INDEX_BYTES = 64 * 1024 * 1024;
/** Host names and wildcards, in the form in which they are typed. */
const NAME = /^(?:\*\.)?[a-z0-9][a-z0-9.-]*$/;

/** Accounts that begin so. What cannot be read has none: whoever types wants no messages. */
export async function accountsBeginning(prefix: string, tree: Tree): Promise<readonly string[]> {
  const names = await listFolder(tree.users()).catch(() => []);
  return names.filter((name) => name.startsWith(prefix) && isAccountName(name)).slice(0, MOST_WORDS);
}

/** Domains of the accounts that begin so, by the index of the server; no account's own files are read. */
export async function namesBeginning(prefix: string, tree: Tree): Promise<readonly string[]> {
  const text = (await readTextFile(tree.userdataDomains(), MAX_INDEX_BYTES).catch(() => undefined)) ?? '';
  const found = new Set<string>();
  for (const line of text.split('\n')) {
    if (!line.startsWith(prefix)) continue;
    const name = line.slice(0, Math.max(0, line.indexOf(':')));
    if (NAME.test(name)) found.add(name);
    if (found.size === MOST_WORDS) break;
  }
  return [...found].sort();
}
