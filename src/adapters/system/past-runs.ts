import { isClockSettled } from '../../core/domain/settled-clock.js';
import { parseLogInstant } from '../../core/report/text/log-instant.js';
import { listFolder } from './files/files.js';
import type { Tree } from './tree.js';

/** When the runs began whose logs lie here; none where they cannot be listed. */
export async function pastRuns(tree: Tree): Promise<readonly Date[]> {
  const names = await listFolder(tree.logs()).catch(() => []);
  return names.flatMap((name) => parseLogInstant(name) ?? []);
}

/** Whether what lies here may be removed for its age, as `isClockSettled` has it. */
export async function isClockSettledHere(tree: Tree, now: Date): Promise<boolean> {
  return isClockSettled(await pastRuns(tree), now);
}
