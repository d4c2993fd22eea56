import { keyHashOfPrivate } from '../../core/certificate/key-hash.js';
import { StateError } from '../../core/domain/autossl-error.js';
import type { OrderRecord } from '../../core/order/record.js';
import type { CheckHost } from '../check/check-host.js';

/** Whether an order is for a key (setting `reuseKey`) of which an issuer has said since that somebody else has it. */
export async function isForLostKey(
  { id }: OrderRecord,
  { orders, lostKeys }: Pick<CheckHost, 'orders' | 'lostKeys'>,
): Promise<boolean> {
  try {
    const keyHash = keyHashOfPrivate((await orders.readStaged(id)).keyPem);
    return keyHash !== null && lostKeys.isKeyLost(keyHash);
  } catch (error) {
    // What is staged is damaged: whoever goes on with the order tells of it.
    if (error instanceof StateError) return false;
    throw error;
  }
}
