import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { wasRunningAt } from '../process/process-identity.js';
import { TEMPORARY_PREFIX } from './files.js';

/** `.autossl-tmp-<pid>-…`, as `writeFileAtomically` and the order journal name them. */
const TEMPORARY = new RegExp(`^${TEMPORARY_PREFIX.replaceAll('.', '\\.')}(\\d{1,10})-`);

/** Removes the temporary files and folders that dead processes left in this folder; gives their number. Never throws. */
export function sweepFolder(folder: string): number {
  let swept = 0;
  for (const path of leftBehindIn(folder)) {
    try {
      rmSync(path, { recursive: true, force: true });
      swept += 1;
    } catch {
      // Not ours to remove: the next sweep looks again.
    }
  }
  return swept;
}

/** Paths of the temporary files and folders that dead processes left in this folder. Never throws. */
export function leftBehindIn(folder: string): readonly string[] {
  return namesIn(folder).flatMap((name) => {
    const pid = TEMPORARY.exec(name)?.[1];
    if (pid === undefined) return [];
    const path = join(folder, name);
    try {
      return wasRunningAt(Number(pid), lstatSync(path).ctime) ? [] : [path];
    } catch {
      // Gone meanwhile.
      return [];
    }
  });
}

/** What a folder holds; nothing when it cannot be read. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
