import { findRunLog } from '../../../adapters/journal/log-reading.js';
import { FileRunLogs } from '../../../adapters/journal/run-logs.js';
import { systemClock } from '../../../adapters/system/clock.js';
import type { Tree } from '../../../adapters/system/tree.js';
import type { RunLogs } from '../../../runs/list-problems.js';
import type { Clock } from '../../../runs/ports/clock.js';
import type { RunLogs as ReadableLogs } from '../../../runs/ports/journal.js';
import { openOwnTree } from '../uapi/own-tree.js';

/** The logs of this tree's runs. */
export function openRunLogs(tree: Tree): RunLogs {
  return { folderOf: (startedAt) => findRunLog(tree, startedAt) };
}

/** The same, to be read. @throws ConfigurationError UNSAFE_ROOT, NOT_PERMITTED */
export function openLogsHost(
  environment: NodeJS.ProcessEnv,
  uid: number,
): { readonly logs: ReadableLogs; readonly clock: Clock } {
  return { logs: new FileRunLogs(openOwnTree(environment, uid)), clock: systemClock };
}
