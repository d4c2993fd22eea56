import { listFolder } from '../system/files/files.js';
import type { Tree } from '../system/tree.js';

/** What a module's file is called: its name as a provider, and the ending of an ES module. */
const FILE = /^([A-Za-z][A-Za-z0-9]{0,63})\.mjs$/;

/** Names of the modules that lie in the folder, whatever they hold. @throws StateError when it cannot be listed */
export async function listModules(tree: Tree): Promise<readonly string[]> {
  const files = await listFolder(tree.providerModules());
  return files
    .map((file) => FILE.exec(file)?.[1])
    .filter((name) => name !== undefined)
    .sort();
}
