import { FileOutbox } from '../../adapters/notify/outbox/outbox.js';
import { FileOrderStore } from '../../adapters/store/orders/orders.js';
import { FileDueIndex } from '../../adapters/store/records/due-index.js';
import { FileRenewalInfo } from '../../adapters/store/renewal/renewal-info-store.js';
import { systemClock } from '../../adapters/system/clock.js';
import { FileLockKeeper } from '../../adapters/system/locks/locks.js';
import type { QueueLookHost } from '../../runs/queue/queue-look.js';
import { openOwnTree } from './uapi/own-tree.js';

/** What a look at the queue needs: no settings are read, so that it costs next to nothing. @throws ConfigurationError */
export function openQueueLook(environment: NodeJS.ProcessEnv, uid: number): QueueLookHost {
  const tree = openOwnTree(environment, uid);
  return {
    orders: new FileOrderStore(tree),
    due: new FileDueIndex(tree),
    renewalInfo: new FileRenewalInfo(tree, systemClock, new FileLockKeeper(tree)),
    clock: systemClock,
  };
}

/** What a look at the messages needs: no settings are read, so that it costs next to nothing. @throws ConfigurationError */
export function openNoticeLook(
  environment: NodeJS.ProcessEnv,
  uid: number,
): { readonly queue: FileOutbox; readonly clock: typeof systemClock } {
  return { queue: new FileOutbox(openOwnTree(environment, uid), systemClock), clock: systemClock };
}
