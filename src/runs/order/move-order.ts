import type { WebsiteRef } from '../../core/domain/website/website.js';
import type { OrderRecord } from '../../core/order/record.js';
import { orderMoved } from '../../core/report/events/orphan-events.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { OrderStore } from '../ports/orders.js';

/** Hands the order on to the account that has its website now (a renamed one); gives the record. @throws StateError */
export async function moveOrder(
  order: OrderRecord,
  website: WebsiteRef,
  orders: OrderStore,
  recorder: RunRecorder,
): Promise<OrderRecord> {
  const moved = { ...order, account: website.account };
  await orders.update(moved);
  recorder.record(orderMoved(website, order.account));
  return moved;
}
