import { createAccountDirectory } from '../../../adapters/accounts/account-directory.js';
import { openExclusions } from '../../../adapters/store/choices/exclusions.js';
import { systemClock } from '../../../adapters/system/clock.js';
import type { Tree } from '../../../adapters/system/tree.js';
import type { ExclusionsHost } from '../../../runs/manage/exclusions.js';
import { openOwnTree } from '../uapi/own-tree.js';

/** The excluded names of this tree. @throws ConfigurationError UNSAFE_ROOT, NOT_PERMITTED */
export function openExclusionsHost(environment: NodeJS.ProcessEnv, uid: number): ExclusionsHost {
  return exclusionsIn(openOwnTree(environment, uid));
}

/** The same of this tree. */
export function exclusionsIn(tree: Tree): ExclusionsHost {
  const exclusions = openExclusions(tree);
  const accounts = createAccountDirectory(tree, { exclusionsOf: exclusions.of });
  return { accounts, exclusions, clock: systemClock };
}
