import type { AccountName } from '../../core/domain/account/account-name.js';
import { NameOwnership } from '../../core/domain/account/name-ownership.js';
import { StateError } from '../../core/domain/autossl-error.js';
import { quoteForMessage, type WantedName } from '../../core/domain/name/names.js';
import { reasonOf } from '../../core/domain/system-fault.js';
import type { AccountFault, AccountInventory } from '../../core/domain/website/website.js';
import type { AccountDirectory } from '../../runs/ports/accounts.js';
import type { Tree } from '../system/tree.js';
import { TreeReader } from '../system/tree-reader.js';
import { type Pass, readAccount } from './account-reader.js';
import { FeatureLists } from './feature-lists.js';
import { ServerFactsReader } from './server-facts.js';
import { isLeftover } from './users-file.js';

export interface AccountDirectoryOptions {
  /** The names excluded for an account. May throw: then the account is broken, lest an excluded name be ordered. */
  readonly exclusionsOf: (account: AccountName) => ReadonlySet<WantedName>;
  /** Whether accounts that AutoSSL does not work for (suspended, without the feature) are read like the others. */
  readonly includesSkipped?: boolean;
}

/**
 * The hosting accounts of a cPanel-like tree (design 5.1, behaviour section 13). A host that never had the panel may
 * have `users` and `userdata` only. Faults of server-wide files come with the first account that is ready.
 */
export function createAccountDirectory(tree: Tree, options: AccountDirectoryOptions): AccountDirectory {
  const serverFacts = new ServerFactsReader(tree);

  const openPass = (): Pass => {
    const reader = new TreeReader(tree);
    assertUsersFolder(tree, reader);
    const server = serverFacts.read(reader, () => listUsers(tree, reader));
    return {
      tree,
      reader,
      server,
      features: new FeatureLists(tree, reader),
      ownership: new NameOwnership(server.ownerLists),
      exclusionsOf: options.exclusionsOf,
      includesSkipped: options.includesSkipped ?? false,
    };
  };

  async function* readInOrder(pass: Pass, names: readonly string[]): AsyncGenerator<AccountInventory> {
    let serverFaults = pass.server.faults;
    for (const name of names) {
      const inventory = await readAccount(pass, name);
      if (inventory === undefined) continue;
      yield withFaults(inventory, serverFaults);
      if (inventory.state === 'ready') serverFaults = [];
    }
  }

  return {
    async *readAll() {
      const pass = openPass();
      yield* readInOrder(pass, listUsers(tree, pass.reader));
    },

    async read(name) {
      if (isLeftover(name)) return undefined;
      const alone = openPass();
      const inventory = await readAccount(alone, name);
      if (inventory?.state !== 'ready') return inventory;
      if (!alone.ownership.hasClaims) return withFaults(inventory, alone.server.faults);
      // Some of its names are on no list: whether it gets them depends on the accounts before it, as in readAll.
      const pass = openPass();
      for (const before of listUsers(tree, pass.reader)) {
        if (before >= name) break;
        await readAccount(pass, before);
      }
      const judged = await readAccount(pass, name);
      return judged && withFaults(judged, pass.server.faults);
    },
  };
}

/** @throws StateError TREE_UNREADABLE */
function assertUsersFolder(tree: Tree, reader: TreeReader): void {
  let facts: ReturnType<TreeReader['facts']>;
  try {
    facts = reader.facts(tree.users());
  } catch (error) {
    throw unreadable(tree, reasonOf(error), error);
  }
  if (facts === undefined) throw unreadable(tree, 'there is no such folder');
  if (!facts.isDirectory()) throw unreadable(tree, 'it is not a folder');
}

/** File names in the users folder that may be accounts, sorted. @throws StateError TREE_UNREADABLE */
function listUsers(tree: Tree, reader: TreeReader): readonly string[] {
  try {
    return reader.list(tree.users()).filter((name) => !isLeftover(name));
  } catch (error) {
    throw unreadable(tree, reasonOf(error), error);
  }
}

function unreadable(tree: Tree, why: string, cause?: unknown): StateError {
  const folder = quoteForMessage(tree.users());
  return new StateError('TREE_UNREADABLE', `the accounts cannot be read: ${folder}: ${why}`, {
    cause,
    advice: 'Run as root. If the tree lies elsewhere, name it in AUTOSSL_ROOT.',
  });
}

function withFaults(inventory: AccountInventory, faults: readonly AccountFault[]): AccountInventory {
  if (inventory.state !== 'ready' || faults.length === 0) return inventory;
  return { ...inventory, faults: [...faults, ...inventory.faults] };
}
