import type { AccountName } from '../../../core/domain/account/account-name.js';
import { NameOwnership } from '../../../core/domain/account/name-ownership.js';
import type { Tree } from '../../system/tree.js';
import { TreeReader } from '../../system/tree-reader.js';
import { readAccount } from '../account-reader.js';
import { FeatureLists } from '../feature-lists.js';
import { ServerFactsReader } from '../server-facts.js';
import { isLeftover } from '../users-file.js';

/**
 * Whose the names of this server are, beside one account that may get new ones: by the server's lists and by every other
 * account's own data, as a run would judge it. A server without accounts has no names.
 */
export async function readNamesOfOthers(tree: Tree, account: AccountName): Promise<NameOwnership> {
  const reader = new TreeReader(tree);
  if (reader.facts(tree.users()) === undefined) return new NameOwnership([]);
  const others = reader.list(tree.users()).filter((name) => !isLeftover(name) && name !== account);
  const server = new ServerFactsReader(tree).read(reader, () => others);
  const ownership = new NameOwnership(server.ownerLists);
  const features = new FeatureLists(tree, reader);
  const exclusionsOf = () => new Set<never>();
  const pass = { tree, reader, server, features, ownership, exclusionsOf, includesSkipped: false };
  for (const name of others) await readAccount(pass, name);
  return ownership;
}
