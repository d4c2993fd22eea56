import type { OrderRecord } from '../../core/order/record.js';
import type { AcmeProblem } from '../../core/order/resources.js';
import type { EventType, RunEvent } from '../../core/report/events/event.js';
import { refusalWords } from '../../core/report/events/refusal-words.js';

/** Stable codes of what happens to an order on its way. */
export type OrderEventCode =
  | 'ORDER_PLACED'
  | 'ORDER_RESUMED'
  | 'ORDER_PLACED_WITHOUT_REPLACES'
  | 'ORDER_PLACED_WITHOUT_PROFILE'
  | 'CHALLENGES_ANSWERED'
  | 'ORDER_FINALIZED'
  | 'ORDER_PARKED'
  | 'CERTIFICATE_DOWNLOADED'
  | 'FURTHER_NAMES'
  | 'CHALLENGE_NOT_CLEANED';

/** One line about an order, as a detail of its website. */
export function orderEvent(
  record: OrderRecord,
  code: OrderEventCode,
  contents: string,
  type: EventType = 'out',
): RunEvent {
  return {
    type,
    code,
    indent: 2,
    // Orders run beside each other: every line names its website.
    contents: `“${record.vhost}”: ${contents}`,
    account: record.account,
    vhost: record.vhost,
    data: { orderId: record.id, orderUrl: record.orderUrl },
  };
}

/** A CA's problem as one printable phrase, its words marked as the CA's. */
export function problemPhrase(problem: AcmeProblem): string {
  return refusalWords('the CA refused', problem);
}
