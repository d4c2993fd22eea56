import { createAccountDirectory } from '../../../adapters/accounts/account-directory.js';
import { readServerPolicy } from '../../../adapters/accounts/server-policy.js';
import { FileUserFiles } from '../../../adapters/accounts/user-files.js';
import { isThere } from '../../../adapters/system/files/files.js';
import type { Tree } from '../../../adapters/system/tree.js';
import type { KeyTypeHost } from '../../../runs/manage/key-type.js';
import type { UsersHost } from '../../../runs/manage/users.js';
import { type Base, openBase } from '../base.js';
import { openOwnTree } from '../uapi/own-tree.js';
import { openStatusHostOn } from '../websites/status.js';

/** The accounts and their files. @throws ConfigurationError UNSAFE_ROOT, NOT_PERMITTED */
export async function openUsersHost(environment: NodeJS.ProcessEnv, uid: number): Promise<UsersHost> {
  return usersIn(openOwnTree(environment, uid));
}

/** The same, with what judges certificates. @throws ConfigurationError */
export async function openKeyTypeHost(environment: NodeJS.ProcessEnv, uid: number): Promise<KeyTypeHost> {
  return openKeyTypeHostOn(await openBase(environment, uid));
}

/** The same of a tree whose settings were read already. */
export async function openKeyTypeHostOn(base: Base): Promise<KeyTypeHost> {
  return { ...(await usersIn(base.tree)), ...(await openStatusHostOn(base)) };
}

async function usersIn(tree: Tree): Promise<UsersHost> {
  // Whose names are excluded makes no difference here.
  const accounts = createAccountDirectory(tree, { exclusionsOf: () => new Set() });
  return {
    accounts: (await isThere(tree.users())) ? accounts : null,
    files: new FileUserFiles(tree),
    serverKeyType: readServerPolicy(tree).keyType,
  };
}
