import type { OrderRecord } from '../../core/order/record.js';
import type { InstallMember } from './install-ports.js';

/** A pair that was ordered, with its order's record: that stays `downloaded` until the pair is installed. */
export interface OrderedPair {
  readonly member: InstallMember;
  readonly order: OrderRecord;
}
