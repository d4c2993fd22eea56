import { stat } from 'node:fs/promises';
import { createAccountDirectory } from '../../../adapters/accounts/account-directory.js';
import { readSystemUser } from '../../../adapters/accounts/system-user.js';
import { AccountWriter } from '../../../adapters/accounts/writer/account-writer.js';
import { readNamesOfOthers } from '../../../adapters/accounts/writer/account-writer-owners.js';
import { openExclusions } from '../../../adapters/store/choices/exclusions.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { isThere } from '../../../adapters/system/files/files.js';
import { FileLockKeeper } from '../../../adapters/system/locks/locks.js';
import type { Tree } from '../../../adapters/system/tree.js';
import type { EditWebsitesHost } from '../../../runs/edit-websites.js';
import type { ListWebsitesHost } from '../../../runs/list-websites.js';
import { openBase } from '../base.js';
import { openPlaceholders } from '../check/install.js';
import { openCertificates } from './certificates.js';

/** What adding, removing and listing websites needs. */
export async function openWebsitesHost(
  environment: NodeJS.ProcessEnv,
  uid: number,
): Promise<EditWebsitesHost & { readonly list: ListWebsitesHost }> {
  const base = await openBase(environment, uid);
  const placeholders = openPlaceholders(openCertificates(base), base.settings);
  return { ...(await websitesHostOf(base.tree)), placeholders };
}

/** The same for a tree that is open, without placeholders. */
export async function websitesHostOf(
  tree: Tree,
): Promise<EditWebsitesHost & { readonly list: ListWebsitesHost }> {
  const accounts = createAccountDirectory(tree, { exclusionsOf: openExclusions(tree).of });
  const certificatePath: EditWebsitesHost['certificatePath'] = (vhost) => tree.combined(vhost);
  return {
    clock: systemClock,
    locks: new FileLockKeeper(tree),
    files: new AccountWriter(tree),
    accounts,
    namesOfOthers: (account) => readNamesOfOthers(tree, account),
    systemUser: (account) => readSystemUser(tree, account),
    isFolder: (path) =>
      stat(tree.at(path)).then(
        (facts) => facts.isDirectory(),
        () => false,
      ),
    certificatePath,
    placeholders: null,
    list: { accounts: (await isThere(tree.users())) ? accounts : null, certificatePath },
  };
}
