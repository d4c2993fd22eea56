import { findRunLog } from '../../adapters/journal/log-reading.js';
import type { Tree } from '../../adapters/system/tree.js';
import type { RunLogs } from '../../runs/list-problems.js';

/** The logs of this tree's runs. */
export function openRunLogs(tree: Tree): RunLogs {
  return { folderOf: (startedAt) => findRunLog(tree, startedAt) };
}
