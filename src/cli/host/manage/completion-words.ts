import * as words from '../../../adapters/accounts/completion-words.js';
import { openOwnTree } from '../uapi/own-tree.js';

/** Accounts of this process's tree that begin so. @throws ConfigurationError UNSAFE_ROOT, NOT_PERMITTED */
export function accountsBeginning(prefix: string): Promise<readonly string[]> {
  return words.accountsBeginning(prefix, openOwnTree(process.env, process.getuid?.() ?? 0));
}

/** Domains of its accounts that begin so. @throws as `accountsBeginning` */
export function namesBeginning(prefix: string): Promise<readonly string[]> {
  return words.namesBeginning(prefix, openOwnTree(process.env, process.getuid?.() ?? 0));
}
