import { isUnfinished } from '../../core/order/due-order.js';
import { isWebsiteOrder } from '../../core/order/order-kind.js';
import type { OrderRecord } from '../../core/order/record.js';
import type { CheckHost } from '../check/check-host.js';
import type { OrderJournalEntry } from '../ports/orders.js';

/** Orders of websites that stand at the CA, or whose certificate could not be put in place yet: nothing else is ordered meanwhile. */
export async function pendingOrders(host: Pick<CheckHost, 'orders'>): Promise<Map<string, OrderRecord>> {
  return pendingOrdersIn(await host.orders.list());
}

/** The same, of a journal that was read already. */
export function pendingOrdersIn(entries: readonly OrderJournalEntry[]): Map<string, OrderRecord> {
  return new Map(
    entries.flatMap((entry) =>
      entry.state === 'ok' && isWebsiteOrder(entry.record) && isUnfinished(entry.record)
        ? [[entry.record.vhost, entry.record] as const]
        : [],
    ),
  );
}
