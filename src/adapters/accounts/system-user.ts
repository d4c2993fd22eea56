import type { AccountName } from '../../core/domain/account/account-name.js';
import { readTextFile } from '../system/files/files.js';
import { passwdEntryOf, readUidMin } from '../system/passwd.js';
import type { Tree } from '../system/tree.js';
import { isLeftover } from './users-file.js';

/** A user of this machine as a hosting account would be it. */
export type SystemUserReading =
  | { readonly state: 'absent' }
  /** Users files of that name are no accounts. */
  | { readonly state: 'reserved' }
  | { readonly state: 'system-user'; readonly uid: number; readonly leastUid: number }
  | { readonly state: 'person'; readonly homeDirectory: string | null };

/** Looks the name up in the tree's passwd, then in the machine's. */
export async function readSystemUser(tree: Tree, account: AccountName): Promise<SystemUserReading> {
  if (isLeftover(account)) return { state: 'reserved' };
  const entry =
    passwdEntryOf(await readTextFile(tree.passwd()), account) ??
    passwdEntryOf(await readTextFile('/etc/passwd'), account);
  if (entry === undefined) return { state: 'absent' };
  const leastUid = await readUidMin(tree);
  return entry.uid < leastUid
    ? { state: 'system-user', uid: entry.uid, leastUid }
    : { state: 'person', homeDirectory: entry.home };
}
