import type { OrderPhase, OrderRecord } from '../../core/order/record.js';
import type { CheckHost } from '../check/check-host.js';

const UNFINISHED: ReadonlySet<OrderPhase> = new Set(['placed', 'finalized', 'downloaded']);

/** Orders that stand at the CA, or whose certificate could not be put in place yet: nothing else is ordered meanwhile. */
export async function pendingOrders(host: Pick<CheckHost, 'orders'>): Promise<Map<string, OrderRecord>> {
  const entries = await host.orders.list();
  return new Map(
    entries.flatMap((entry) =>
      entry.state === 'ok' && UNFINISHED.has(entry.record.phase)
        ? [[entry.record.vhost, entry.record] as const]
        : [],
    ),
  );
}
