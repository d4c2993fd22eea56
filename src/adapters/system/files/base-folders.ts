import type { Tree } from '../tree.js';
import { ensureFolder } from './files.js';

/** Others must be able to walk through: the web server to the challenges, users to what a panel shows them. */
const BASE_MODE = 0o755;

/**
 * Makes the folders that lie above ours and are not private, on a server that never had them; present ones are left alone.
 * Call it before the first private folder below, or that one's mode would be given to these too.
 */
export async function ensureBaseFolders(tree: Tree): Promise<void> {
  for (const path of [tree.base(), tree.tlsBase()]) {
    tree.assertInside(path);
    await ensureFolder(path, BASE_MODE);
  }
}
