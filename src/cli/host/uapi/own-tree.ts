import { openTree, type Tree } from '../../../adapters/system/tree.js';
import { ConfigurationError } from '../../../core/domain/autossl-error.js';

/** The tree that this process may work on. @throws ConfigurationError UNSAFE_ROOT, UNSAFE_FILE, NOT_PERMITTED */
export function openOwnTree(environment: NodeJS.ProcessEnv, uid: number): Tree {
  const tree = openTree(environment, uid);
  if (!tree.isPrivate && uid !== 0) {
    throw new ConfigurationError('NOT_PERMITTED', 'only root may do this on a whole server', {
      advice: 'Run it as root, or name a tree of your own in AUTOSSL_ROOT.',
    });
  }
  tree.assertOwnFoldersInside();
  return tree;
}
