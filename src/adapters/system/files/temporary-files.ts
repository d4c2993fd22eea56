import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { wasRunningAt } from '../process/process-identity.js';
import { TEMPORARY_PREFIX } from './files.js';

/** `.autossl-tmp-<pid>-…`, as `writeFileAtomically` and the order journal name them. */
const TEMPORARY = new RegExp(`^${TEMPORARY_PREFIX.replaceAll('.', '\\.')}(\\d{1,10})-`);

/** Removes the temporary files and folders that dead processes left in this folder; gives their number. Never throws. */
export function sweepFolder(folder: string): number {
  let swept = 0;
  for (const name of namesIn(folder)) {
    const pid = TEMPORARY.exec(name)?.[1];
    if (pid === undefined) continue;
    try {
      const path = join(folder, name);
      if (wasRunningAt(Number(pid), lstatSync(path).ctime)) continue;
      rmSync(path, { recursive: true, force: true });
      swept += 1;
    } catch {
      // Gone meanwhile, or not ours to remove: the next sweep looks again.
    }
  }
  return swept;
}

/** What a folder holds; nothing when it cannot be read. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
