import type { HeldLock } from '../ports/locks.js';
import type { OrderStore } from '../ports/orders.js';

/**
 * The order journal in the hands of whoever holds the website's lock: nothing of it is written, staged or removed once the
 * lock is gone, since whoever has it now goes on with the orders. What it throws then is LOCK_LOST.
 */
export function fencedOrders(orders: OrderStore, { assertHeld }: Pick<HeldLock, 'assertHeld'>): OrderStore {
  return {
    create: async (record, staged) => {
      await assertHeld();
      await orders.create(record, staged);
    },
    update: async (record) => {
      await assertHeld();
      await orders.update(record);
    },
    stageChain: async (id, chainPem) => {
      await assertHeld();
      await orders.stageChain(id, chainPem);
    },
    remove: async (id) => {
      await assertHeld();
      await orders.remove(id);
    },
    readStaged: (id) => orders.readStaged(id),
    list: () => orders.list(),
    read: (id) => orders.read(id),
  };
}
