import { FileOrderStore } from '../../../adapters/store/orders/orders.js';
import { systemClock } from '../../../adapters/system/clock.js';
import type { RunLogs } from '../../../runs/list-problems.js';
import type { Clock } from '../../../runs/ports/clock.js';
import type { OrderStore } from '../../../runs/ports/orders.js';
import { openOwnTree } from '../uapi/own-tree.js';
import { openRunLogs } from './run-logs.js';

export interface QueueHost {
  readonly clock: Clock;
  readonly orders: Pick<OrderStore, 'list'>;
  readonly logs: RunLogs;
}

/** What listing the queue reads. @throws ConfigurationError UNSAFE_ROOT, NOT_PERMITTED */
export function openQueueListHost(environment: NodeJS.ProcessEnv, uid: number): QueueHost {
  const tree = openOwnTree(environment, uid);
  return { clock: systemClock, orders: new FileOrderStore(tree), logs: openRunLogs(tree) };
}
