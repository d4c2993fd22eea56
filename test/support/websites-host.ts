import { createAccountDirectory } from '../../src/adapters/accounts/account-directory.js';
import { readSystemUser } from '../../src/adapters/accounts/system-user.js';
import { AccountWriter } from '../../src/adapters/accounts/writer/account-writer.js';
import { readNamesOfOthers } from '../../src/adapters/accounts/writer/account-writer-owners.js';
import { openExclusions } from '../../src/adapters/store/choices/exclusions.js';
import { FileLockKeeper } from '../../src/adapters/system/locks/locks.js';
import type { Tree } from '../../src/adapters/system/tree.js';
import { parseAccountName } from '../../src/core/domain/account/account-name.js';
import { parseHostName } from '../../src/core/domain/name/names.js';
import {
  addWebsite,
  type EditWebsitesHost,
  takeWebsite,
  type WebsiteEdit,
} from '../../src/runs/edit-websites.js';

/** A passwd of people; `system` is a name that no account may have. */
export const HOSTING_USERS = ['alice', 'bob', 'carol', 'system', '1234']
  .map((name, index) => `${name}:x:${20_001 + index}:${20_001 + index}::/home/${name}:/bin/sh\n`)
  .join('');

/** The real account files of a tree; every document root counts as there. */
export function websitesHost(tree: Tree): EditWebsitesHost {
  return {
    clock: { now: () => new Date('2026-05-01T00:00:00Z'), sleep: async () => undefined },
    locks: new FileLockKeeper(tree),
    files: new AccountWriter(tree),
    accounts: createAccountDirectory(tree, { exclusionsOf: openExclusions(tree).of }),
    namesOfOthers: (account) => readNamesOfOthers(tree, account),
    systemUser: (account) => readSystemUser(tree, account),
    isFolder: async () => true,
    certificatePath: (vhost) => tree.combined(vhost),
    placeholders: null,
  };
}

/** `autossl website add`; the document root is /home/USER/NAME. */
export function add(
  host: EditWebsitesHost,
  user: string,
  name: string,
  ...aliases: readonly string[]
): Promise<WebsiteEdit> {
  const documentRoot = `/home/${user}/${name}`;
  const request = { vhost: parseHostName(name), documentRoot, aliases: aliases.map(parseHostName) };
  return addWebsite(parseAccountName(user), request, host);
}

/** `autossl website remove`. */
export function remove(
  host: EditWebsitesHost,
  user: string,
  name: string,
  ...aliases: readonly string[]
): Promise<WebsiteEdit> {
  return takeWebsite(parseAccountName(user), parseHostName(name), aliases.map(parseHostName), host);
}
