import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tree } from '../../src/adapters/system/tree.js';

/** An empty private tree; call `remove` when done. */
export function scratchTree(): { readonly tree: Tree; readonly root: string; readonly remove: () => void } {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'autossl-test-')));
  return { tree: new Tree(root), root, remove: () => rmSync(root, { recursive: true, force: true }) };
}
