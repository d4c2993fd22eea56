import { printable } from '../core/domain/names.js';
import { problemCode } from '../core/order/problem-type.js';
import type { OrderRecord } from '../core/order/record.js';
import type { AcmeProblem } from '../core/order/resources.js';
import type { EventType, RunEvent } from '../core/report/event.js';

/** Stable codes of what happens to an order on its way. */
export type OrderEventCode =
  | 'ORDER_PLACED'
  | 'ORDER_RESUMED'
  | 'ORDER_PLACED_WITHOUT_REPLACES'
  | 'CHALLENGES_ANSWERED'
  | 'ORDER_FINALIZED'
  | 'ORDER_PARKED'
  | 'CERTIFICATE_DOWNLOADED'
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

/** A CA's problem as one printable phrase. */
export function problemPhrase(problem: AcmeProblem): string {
  return printable(`${problemCode(problem)}: ${problem.detail}`);
}
