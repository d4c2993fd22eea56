import { join } from 'node:path';
import type { AccountName } from '../../core/domain/account/account-name.js';
import type { AccountData } from '../../core/domain/account/account-websites.js';
import { parseHostName } from '../../core/domain/name/names.js';
import { pathComponentOf } from '../../core/domain/path-component.js';
import type { Tree } from '../system/tree.js';
import type { TreeReader } from '../system/tree-reader.js';
import { dataFromRows } from './domain-index.js';
import type { ServerFacts } from './server-facts.js';
import {
  type AccountDataReading,
  readHomeDirectory,
  readUserdataFolder,
} from './userdata/userdata-folder.js';

/**
 * The account's data (design section 3): from the server's domain index, unless that lacks the account, does not say to
 * which website a name belongs, or is older than the account's YAML; then from the YAML.
 * The home folder is that of passwd, else the one its website's YAML names.
 */
export async function readAccountData(
  tree: Tree,
  reader: TreeReader,
  server: ServerFacts,
  account: AccountName,
): Promise<AccountDataReading> {
  const indexed = server.index && dataFromRows(server.index.rowsOf(account), tree.userdataDomains());
  const home = server.homes.get(account);
  if (indexed === undefined || hasYamlSince(tree, reader, account, indexed, server.index?.changedAtMs ?? 0)) {
    const found = await readUserdataFolder(tree, reader, account);
    if (found.state === 'broken' || home === undefined) return found;
    return { state: 'read', data: { ...found.data, homeDirectory: home } };
  }
  const homeDirectory = home ?? (await readHomeDirectory(tree, reader, account, indexed.mainDomain));
  return { state: 'read', data: { ...indexed, homeDirectory } };
}

/**
 * Whether the account's YAML was changed since that instant, or within the same tick of the file system's clock, when
 * nobody can tell which came last. Looks at the folder, at `main` and at each website's file,
 * so that an edit in place counts too on servers where nobody rebuilds the index.
 */
function hasYamlSince(
  tree: Tree,
  reader: TreeReader,
  account: AccountName,
  data: AccountData,
  sinceMs: number,
): boolean {
  const folder = tree.userdata(account);
  const isNewer = (path: string): boolean => (reader.facts(path)?.mtimeMs ?? 0) >= sinceMs;
  if (reader.facts(folder) === undefined) return false;
  return (
    isNewer(folder) ||
    isNewer(join(folder, 'main')) ||
    data.vhosts.some(({ servername }) => {
      const file = fileNameOf(servername);
      return file !== undefined && isNewer(join(folder, file));
    })
  );
}

function fileNameOf(servername: string): string | undefined {
  try {
    return pathComponentOf(parseHostName(servername));
  } catch {
    return undefined;
  }
}
