import { createAccountDirectory } from '../../../adapters/accounts/account-directory.js';
import { readServerPolicy } from '../../../adapters/accounts/server-policy.js';
import { FileUserFiles } from '../../../adapters/accounts/user-files.js';
import { isThere } from '../../../adapters/system/files/files.js';
import type { Tree } from '../../../adapters/system/tree.js';
import type { UsersHost } from '../../../runs/manage/users.js';
import { openOwnTree } from '../uapi/own-tree.js';

/** The accounts and their files. @throws ConfigurationError UNSAFE_ROOT, NOT_PERMITTED */
export async function openUsersHost(environment: NodeJS.ProcessEnv, uid: number): Promise<UsersHost> {
  return usersIn(openOwnTree(environment, uid));
}

/** The same of this tree. */
export async function usersIn(tree: Tree): Promise<UsersHost> {
  // Whose names are excluded makes no difference here.
  const accounts = createAccountDirectory(tree, { exclusionsOf: () => new Set() });
  return {
    accounts: (await isThere(tree.users())) ? accounts : null,
    files: new FileUserFiles(tree),
    serverKeyType: readServerPolicy(tree).keyType,
  };
}
