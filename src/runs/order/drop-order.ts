import { StateError } from '../../core/domain/autossl-error.js';
import type { WebsiteRef } from '../../core/domain/website/website.js';
import type { OrderRecord } from '../../core/order/record.js';
import { orderDropped } from '../../core/report/events/orphan-events.js';
import type { CheckHost } from '../check/check-host.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { OrderStore } from '../ports/orders.js';
import { issuedRecordOf } from './issued-record.js';
import { cleanUpChallenges, type Solvers } from './order-challenges.js';

type DropHost = Pick<CheckHost, 'orders' | 'issued' | 'describeLeaf' | 'clock'>;

/** Drops the order of a website that left this server, as `discardOrder`, and says so. @throws StateError */
export async function dropOrder(
  order: OrderRecord,
  website: WebsiteRef,
  solvers: Solvers,
  host: DropHost,
  recorder: RunRecorder,
): Promise<void> {
  recorder.record(orderDropped(website, await discardOrder(order, solvers, host)));
}

/**
 * Drops an order without a word to the CA: what was issued is recorded as ours and not installed, its challenges are
 * taken away, then record, key and staging. Safe to repeat. Whether something was issued. @throws StateError
 */
export async function discardOrder(order: OrderRecord, solvers: Solvers, host: DropHost): Promise<boolean> {
  const chainPem = order.phase === 'downloaded' ? await stagedChainOf(order, host.orders) : null;
  if (chainPem !== null) {
    await host.issued.add(issuedRecordOf(order, host.describeLeaf(chainPem), host.clock.now()));
  }
  // What cannot be taken away lies in the folder of an account that is gone, or is swept by the next run.
  await cleanUpChallenges(order, solvers);
  await host.orders.remove(order.id);
  return chainPem !== null;
}

/** Null also when what was staged is damaged: nobody needs it any more. */
async function stagedChainOf({ id }: OrderRecord, orders: OrderStore): Promise<string | null> {
  try {
    return (await orders.readStaged(id)).chainPem;
  } catch (error) {
    if (error instanceof StateError) return null;
    throw error;
  }
}
