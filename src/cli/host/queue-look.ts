import { FileDueIndex } from '../../adapters/store/due-index.js';
import { FileOrderStore } from '../../adapters/store/orders.js';
import { systemClock } from '../../adapters/system/clock.js';
import { openTree } from '../../adapters/system/tree.js';
import type { QueueLookHost } from '../../runs/queue/queue-look.js';

/** What a look at the queue needs: no settings are read, so that it costs next to nothing. @throws ConfigurationError UNSAFE_ROOT */
export function openQueueLook(environment: NodeJS.ProcessEnv, uid: number): QueueLookHost {
  const tree = openTree(environment, uid);
  return { orders: new FileOrderStore(tree), due: new FileDueIndex(tree), clock: systemClock };
}
