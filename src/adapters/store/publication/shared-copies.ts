import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  openSync,
  type Stats,
} from 'node:fs';
import { join } from 'node:path';
import { namesIn } from '../../system/files/temporary-files.js';
import type { Tree } from '../../system/tree.js';
import { attributesOfCopy } from './derived-files.js';

/**
 * Lets the group read the copies by name that lie there already, as it may read those written from now on. What is no
 * regular file of ours stays as it is, and what cannot be changed too. Gives how many were changed.
 */
export function shareCopies(tree: Tree, keyGroup: number): number {
  let changed = 0;
  for (const name of namesIn(tree.copies())) {
    try {
      if (shareCopy(tree, join(tree.copies(), name, 'combined'), attributesOfCopy(keyGroup))) changed += 1;
    } catch {
      // It went away meanwhile; whoever put another one there gave it to the group.
    }
  }
  return changed;
}

function shareCopy(
  tree: Tree,
  path: string,
  wanted: { readonly mode: number; readonly gid: number },
): boolean {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (facts === undefined || !isToChange(facts, wanted)) return false;
  tree.assertInside(path);
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!isToChange(fstatSync(descriptor), wanted)) return false;
    if (process.getuid?.() === 0) fchownSync(descriptor, 0, wanted.gid);
    fchmodSync(descriptor, wanted.mode);
    return true;
  } finally {
    closeSync(descriptor);
  }
}

function isToChange(facts: Stats, { mode, gid }: { readonly mode: number; readonly gid: number }): boolean {
  const own = process.getuid?.();
  if (!facts.isFile() || facts.uid !== own) return false;
  return (facts.mode & 0o7777) !== mode || (own === 0 && facts.gid !== gid);
}
