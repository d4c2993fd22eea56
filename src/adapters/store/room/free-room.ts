import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { FreeRoom } from '../../../core/plan/room/room.js';
import { isErrno } from '../../system/files/files.js';
import type { Tree } from '../../system/tree.js';

/** What is free where a run writes: our records, the websites' certificates and their copies, challenges, logs. */
export function readFreeRoom(tree: Tree): readonly FreeRoom[] {
  const folders = [tree.own(), tree.websitesTls(), tree.copies(), tree.challenges(), tree.logs()];
  return folders.flatMap((folder) => {
    const facts = statfsAbove(folder);
    if (facts === undefined) return [];
    // Root may use what is reserved for it.
    const blocks = process.getuid?.() === 0 ? facts.bfree : facts.bavail;
    return [
      {
        folder: tree.documented(folder) ?? folder,
        bytes: blocks * facts.bsize,
        // File systems that make inodes as they go say that they have none at all.
        inodes: facts.files === 0 ? null : facts.ffree,
      },
    ];
  });
}

/** Of the folder, or of the one in which it will be made; undefined where nothing can be learnt. */
function statfsAbove(folder: string) {
  for (let path = folder; ; path = dirname(path)) {
    try {
      return statfsSync(path);
    } catch (error) {
      if (!isErrno(error, 'ENOENT') || path === dirname(path)) return undefined;
    }
  }
}
