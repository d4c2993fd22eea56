import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createAccountDirectory } from '../../../adapters/accounts/account-directory.js';
import { DetachedChecks } from '../../../adapters/background/detached-checks.js';
import { openExclusions } from '../../../adapters/store/choices/exclusions.js';
import { readActiveProvider } from '../../../adapters/store/choices/provider-choice.js';
import { FileLockKeeper } from '../../../adapters/system/locks/locks.js';
import type { Tree } from '../../../adapters/system/tree.js';
import type { StartCheckHost } from '../../../runs/manage/start-check.js';

/** What starting checks in the background needs. */
export function openChecks(tree: Tree): StartCheckHost {
  return {
    accounts: createAccountDirectory(tree, { exclusionsOf: openExclusions(tree).of }),
    runs: new FileLockKeeper(tree),
    starter: new DetachedChecks({
      node: process.execPath,
      script: pathOfProgram('autossl_check'),
      root: tree.isPrivate ? tree.root : null,
    }),
    providerState: () => readActiveProvider(tree).state,
  };
}

/** A program of bin/, beside the one that runs, links followed. */
export function pathOfProgram(name: string): string {
  const [, running = ''] = process.argv;
  return join(dirname(realpathSync(running)), name);
}
