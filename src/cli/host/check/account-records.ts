import { createAccountDirectory } from '../../../adapters/accounts/account-directory.js';
import { openExclusions } from '../../../adapters/store/choices/exclusions.js';
import { FileIssuedStore } from '../../../adapters/store/orders/issued.js';
import { FileOrderStore } from '../../../adapters/store/orders/orders.js';
import { FileProblemStore } from '../../../adapters/store/records/problems.js';
import { systemClock } from '../../../adapters/system/clock.js';
import type { Tree } from '../../../adapters/system/tree.js';

/** The tree's accounts and what is written down of their websites. Opening it writes nothing. */
export function openAccountRecords(tree: Tree) {
  return {
    accounts: createAccountDirectory(tree, { exclusionsOf: openExclusions(tree).of }),
    orders: new FileOrderStore(tree),
    issued: new FileIssuedStore(tree, systemClock),
    problems: new FileProblemStore(tree),
  };
}
