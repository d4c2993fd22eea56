import { readSettings } from '../../adapters/store/settings.js';
import { openTree, type Tree } from '../../adapters/system/tree.js';
import { ConfigurationError } from '../../core/domain/autossl-error.js';
import type { Settings } from '../../runs/settings.js';

/** What every host starts from. */
export interface Base {
  readonly tree: Tree;
  readonly settings: Settings;
}

/** @throws ConfigurationError UNSAFE_ROOT, NOT_PERMITTED, BAD_SETTING */
export async function openBase(environment: NodeJS.ProcessEnv, uid: number): Promise<Base> {
  const tree = openTree(environment, uid);
  if (!tree.isPrivate && uid !== 0) {
    throw new ConfigurationError('NOT_PERMITTED', 'only root may do this on a whole server', {
      advice: 'Run it as root, or name a tree of your own in AUTOSSL_ROOT.',
    });
  }
  tree.assertOwnFoldersInside();
  return { tree, settings: await readSettings(tree) };
}
