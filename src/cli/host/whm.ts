import { FileMetadata } from '../../adapters/store/metadata.js';
import type { WhmHost } from '../../api/whm/host.js';
import { openOwnTree } from './own-tree.js';

/** What the functions of whmapi1 work on. @throws ConfigurationError UNSAFE_ROOT, NOT_PERMITTED */
export async function openWhmHost(environment: NodeJS.ProcessEnv, uid: number): Promise<WhmHost> {
  const tree = openOwnTree(environment, uid);
  return {
    openMetadata: async () => new FileMetadata(tree),
  };
}
