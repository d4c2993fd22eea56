// Account reading alone, as autossl_check does it: every account through the product's own AccountDirectory. Word: the tree.
import { createAccountDirectory } from '../../src/adapters/accounts/account-directory.js';
import { openExclusions } from '../../src/adapters/store/choices/exclusions.js';
import { Tree } from '../../src/adapters/system/tree.js';

const tree = new Tree(process.argv[2] ?? '');
const { of: exclusionsOf } = openExclusions(tree);
let websites = 0;
for await (const inventory of createAccountDirectory(tree, { exclusionsOf }).readAll()) {
  if (inventory.state !== 'ready') throw new Error(`${inventory.account} is ${inventory.state}`);
  websites += inventory.websites.length;
}
process.stdout.write(`${websites}\n`);
