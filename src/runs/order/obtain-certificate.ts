import type { OrderRecord } from '../../core/order/record.js';
import { cleanUpChallenges } from './order-challenges.js';
import { orderEvent } from './order-events.js';
import { placeOrder } from './order-placement.js';
import type {
  AbandonReason,
  OrderPorts,
  OrderRequest,
  OrderResult,
  RunningOrderPorts,
} from './order-ports.js';
import { type OrderContext, OrderRun } from './order-run.js';

/**
 * Gets one certificate: key and CSR staged and the order journalled before the CA is asked, names proved, CSR sent once,
 * chain staged. The caller publishes what is `issued` and then removes the record; a `pending` one goes to `resumeOrder`;
 * one `refused` with failed names may be ordered again, once, without them (design 5.8, 5.9).
 * @throws AcmeProtocolError when the CA cannot be talked to before the order is placed (later it is `pending`), and the
 * signal's reason when it aborts: the record then stays for `resumeOrder`
 */
export async function obtainCertificate(request: OrderRequest, ports: OrderPorts): Promise<OrderResult> {
  const placed = await placeOrder(request, ports);
  if (placed.outcome !== 'placed') return placed;
  const context: OrderContext = { website: request.website, provider: request.provider };
  return new OrderRun(placed.record, placed.order, context, ports).run();
}

/**
 * Goes on with an unfinished record of the journal, after a crash at any point or from its `pollAt` on; the authority is
 * that of the record's provider and directory. Safe to repeat. What was never placed, or is over, is removed; what is
 * issued is always fetched. @throws like `obtainCertificate`
 */
export async function resumeOrder(
  record: OrderRecord,
  context: OrderContext,
  ports: RunningOrderPorts,
): Promise<OrderResult> {
  switch (record.phase) {
    case 'journalled':
      return discard(record, 'NEVER_PLACED', ports);
    case 'failed':
      return discard(record, 'ALREADY_FAILED', ports);
    case 'published':
      return discard(record, 'ALREADY_PUBLISHED', ports);
    case 'placed':
    case 'finalized':
    case 'downloaded':
      return resumePlaced(record, context, ports);
  }
}

async function resumePlaced(
  record: OrderRecord,
  context: OrderContext,
  ports: RunningOrderPorts,
): Promise<OrderResult> {
  ports.onEvent(orderEvent(record, 'ORDER_RESUMED', `Going on with the order of ${record.createdAt}.`));
  // A record may say `downloaded` only after the chain was staged; should the chain be gone, it is downloaded again.
  const isStaged =
    record.phase !== 'downloaded' || (await ports.orders.readStaged(record.id)).chainPem !== null;
  const start: OrderRecord = isStaged ? record : { ...record, phase: 'finalized' };
  return new OrderRun(start, null, context, ports).run();
}

async function discard(
  record: OrderRecord,
  why: AbandonReason,
  ports: RunningOrderPorts,
): Promise<OrderResult> {
  await cleanUpChallenges(record, ports);
  await ports.orders.remove(record.id);
  return { outcome: 'abandoned', record, why, retryAt: null };
}
