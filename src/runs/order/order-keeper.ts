import type { OrderRecord } from '../../core/order/record.js';
import type { WebsiteLock } from '../install/website-lock.js';

/**
 * Who goes on with the orders of one kind of owner: websites of accounts, or (owners that begin with `@`,
 * `core/order/order-kind.ts`) the server's own services. The poller asks each order's keeper, and no other place knows
 * whose an order is.
 */
export interface OrderKeeper {
  owns(record: OrderRecord): boolean;
  /** Name of the lock under which all work on the order's owner is done; null: the record names no valid owner. */
  lockNameOf(record: OrderRecord): string | null;
  /**
   * Goes on with an order that is due, as it was read under that lock, which may be handed over with the order's pair.
   * Finds out whether its owner is still there; what happened becomes events of the record's `vhost`. MUST NOT throw for
   * what concerns this order alone.
   */
  goOn(record: OrderRecord, lock: WebsiteLock): Promise<void>;
}
