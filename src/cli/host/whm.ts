import { createAccountDirectory } from '../../adapters/accounts/account-directory.js';
import { openExclusions } from '../../adapters/store/exclusions.js';
import { FileMetadata } from '../../adapters/store/metadata.js';
import { systemClock } from '../../adapters/system/clock.js';
import type { WhmHost } from '../../api/whm/host.js';
import { openOwnTree } from './own-tree.js';

/** What the functions of whmapi1 work on. @throws ConfigurationError UNSAFE_ROOT, NOT_PERMITTED */
export async function openWhmHost(environment: NodeJS.ProcessEnv, uid: number): Promise<WhmHost> {
  const tree = openOwnTree(environment, uid);
  return {
    openExclusions: async () => {
      const exclusions = openExclusions(tree);
      const accounts = createAccountDirectory(tree, { exclusionsOf: exclusions.of });
      return { accounts, exclusions, clock: systemClock };
    },
    openMetadata: async () => new FileMetadata(tree),
  };
}
