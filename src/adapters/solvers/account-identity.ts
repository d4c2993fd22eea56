import { lstat } from 'node:fs/promises';
import type { AccountName } from '../../core/domain/account/account-name.js';
import { readTextFile } from '../system/files/files.js';
import { type PasswdEntry, passwdEntryOf, readUidMin } from '../system/passwd.js';
import type { Tree } from '../system/tree.js';

/** Whose files a helper writes, and where that account's home lies. */
export interface AccountIdentity {
  readonly uid: number;
  readonly gid: number;
  /** Real path of the home folder (below the tree's root). */
  readonly home: string;
}

export type IdentityAnswer =
  | { readonly ok: true; readonly identity: AccountIdentity }
  | { readonly ok: false; readonly why: string };

/** (uid_t)-1 means “leave as it is” to setuid(2) and its kin. */
const NO_ID = 4_294_967_295;

/** The home folder that the account data names; null when it names none. */
export type HomeDirectoryOf = (account: AccountName) => Promise<string | null>;

/**
 * The uid and gid that an account's files are written as: from the tree's passwd, else the system's, else the owner of
 * its home folder; never root and never below UID_MIN. When we are not root ourselves, it is us.
 */
export async function findAccountIdentity(
  tree: Tree,
  account: AccountName,
  homeDirectoryOf: HomeDirectoryOf,
): Promise<IdentityAnswer> {
  const entry =
    passwdEntryOf(await readTextFile(tree.passwd()), account) ??
    passwdEntryOf(await readTextFile('/etc/passwd'), account);
  const documentedHome = (await homeDirectoryOf(account)) ?? entry?.home ?? `/home/${account}`;
  const home = tree.at(documentedHome);
  const own = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  if (own.uid !== 0) return { ok: true, identity: { ...own, home } };

  const ids = entry ?? (await ownerOf(home));
  if (ids === undefined) {
    return { ok: false, why: `account ${account} is in no passwd file and has no home folder` };
  }
  const minimum = await readUidMin(tree);
  if (ids.uid === 0 || ids.gid === 0) {
    return { ok: false, why: `account ${account} would be root (uid ${ids.uid}, gid ${ids.gid})` };
  }
  if (ids.uid < minimum) {
    return {
      ok: false,
      why: `account ${account} has uid ${ids.uid}, below UID_MIN ${minimum}: a system user`,
    };
  }
  if (ids.uid >= NO_ID || ids.gid >= NO_ID) {
    return { ok: false, why: `account ${account} has no usable uid or gid` };
  }
  return { ok: true, identity: { uid: ids.uid, gid: ids.gid, home } };
}

/** A link in place of the home folder says nothing about its owner. */
async function ownerOf(home: string): Promise<Pick<PasswdEntry, 'uid' | 'gid'> | undefined> {
  const facts = await lstat(home).catch(() => undefined);
  return facts?.isDirectory() === true ? { uid: facts.uid, gid: facts.gid } : undefined;
}
