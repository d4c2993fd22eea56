import { isPollDue } from '../../core/order/due-order.js';
import { withCalledBack } from '../../core/plan/brought-forward.js';
import { dueInstants, dueNow, isHostnameDue } from '../../core/plan/due-website.js';
import { type QueueReport, queueReport } from '../../core/report/queue-report.js';
import type { RenewalInfoStore } from '../ports/authority.js';
import type { Clock } from '../ports/clock.js';
import type { DueIndexStore, OrderStore } from '../ports/orders.js';

/** What a look at the queue needs: two folders and a list are read. */
export interface QueueLookHost {
  readonly orders: Pick<OrderStore, 'list'>;
  readonly due: Pick<DueIndexStore, 'read'>;
  readonly renewalInfo: Pick<RenewalInfoStore, 'nextAskAt' | 'calledBack'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Whether a poller has anything to do, and what pends. Takes no lock, writes nothing, loads nothing. */
export async function lookAtQueue(
  isForced: boolean,
  { orders, due, renewalInfo, clock }: QueueLookHost,
): Promise<{ readonly isDue: boolean; readonly report: QueueReport }> {
  const now = clock.now();
  const entries = await orders.list();
  const records = entries.flatMap((entry) => (entry.state === 'ok' ? [entry.record] : []));
  const index = withCalledBack(due.read(), renewalInfo.calledBack(now));
  const nextAskAt = renewalInfo.nextAskAt(now);
  const isAskingDue = nextAskAt !== null && (isForced || nextAskAt <= now);
  return {
    isDue:
      isAskingDue ||
      records.some((record) => isPollDue(record, now, isForced)) ||
      isHostnameDue(index, now) ||
      dueNow(index, now).length > 0,
    report: queueReport(records, dueInstants(index)),
  };
}
