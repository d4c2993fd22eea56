import { readSettings } from '../../adapters/store/settings/settings.js';
import type { Tree } from '../../adapters/system/tree.js';
import type { Settings } from '../../runs/ports/settings.js';
import { openOwnTree } from './uapi/own-tree.js';

/** What every host starts from. */
export interface Base {
  readonly tree: Tree;
  readonly settings: Settings;
}

/** @throws ConfigurationError UNSAFE_ROOT, NOT_PERMITTED, BAD_SETTING */
export async function openBase(environment: NodeJS.ProcessEnv, uid: number): Promise<Base> {
  const tree = openOwnTree(environment, uid);
  return { tree, settings: await readSettings(tree) };
}
