import type { AccountName } from '../../core/domain/account/account-name.js';
import { NameOwnership } from '../../core/domain/account/name-ownership.js';
import type { AccountInventory } from '../../core/domain/website/website.js';
import type { Tree } from '../system/tree.js';
import { TreeReader } from '../system/tree-reader.js';
import { readAccount } from './account-reader.js';
import { FeatureLists } from './feature-lists.js';
import { ServerFactsReader } from './server-facts.js';

/**
 * An account by its own files, for who may read these and perhaps nothing else: lists of the whole server are used where they
 * can be read, and exclusions, which are root's, count as none. Never throws for what cannot be read.
 */
export async function readOwnAccount(
  tree: Tree,
  account: AccountName,
): Promise<AccountInventory | undefined> {
  const reader = new TreeReader(tree);
  const server = new ServerFactsReader(tree).read(reader, () => [account]);
  const pass = {
    tree,
    reader,
    server,
    features: new FeatureLists(tree, reader),
    ownership: new NameOwnership(server.ownerLists),
    exclusionsOf: () => new Set<never>(),
    includesSkipped: true,
  };
  return await readAccount(pass, account);
}
