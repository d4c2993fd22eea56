import { resumeRunLog } from '../../adapters/journal/run-log.js';
import { systemClock } from '../../adapters/system/clock.js';
import { openTree } from '../../adapters/system/tree.js';
import type { QueueHost } from '../../runs/queue/queue-host.js';
import { type OpenCheckHost, openCheckHost } from './check.js';

/** The poller's world. Null when AutoSSL is disabled. @throws ConfigurationError */
export async function openQueueHost(
  environment: NodeJS.ProcessEnv,
  uid: number,
): Promise<(QueueHost & OpenCheckHost) | null> {
  const host = await openCheckHost(environment, uid);
  if (host === null) return null;
  const tree = openTree(environment, uid);
  return {
    ...host,
    resumeJournal: (startedAt) => resumeRunLog(tree, startedAt, systemClock),
    otherKeepers: () => [],
  };
}
