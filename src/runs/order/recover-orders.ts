import type { AccountName } from '../../core/domain/account/account-name.js';
import { printable } from '../../core/domain/name/names.js';
import { isWebsiteOrder } from '../../core/order/order-kind.js';
import type { OrderRecord } from '../../core/order/record.js';
import { runFailed } from '../../core/report/events/work-events.js';
import type { CheckHost } from '../check/check-host.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { InstallDesk } from '../install/install-desk.js';
import { OrderOwners } from './order-owner.js';
import { WebsiteOrders } from './website-orders.js';

/**
 * Takes up every order that an earlier run left unfinished, before anything new is planned: an issued certificate is
 * always fetched and published, whatever ended that run (design 5.8).
 */
export async function recoverOrders(
  user: AccountName | null,
  host: CheckHost,
  recorder: RunRecorder,
  installs: InstallDesk,
  signal: AbortSignal,
): Promise<void> {
  const records: OrderRecord[] = [];
  for (const entry of await host.orders.list()) {
    if (entry.state === 'broken') {
      const message = `The order record ${printable(entry.path)} is damaged: ${printable(entry.why)}.`;
      recorder.record(
        runFailed('ORDER_RECORD_BROKEN', message, 'It is left as it is; move it away when it is not needed.'),
      );
    } else if (isWebsiteOrder(entry.record) && (user === null || entry.record.account === user)) {
      records.push(entry.record);
    }
  }
  if (records.length === 0) return;
  const owners = new OrderOwners(
    host.accounts,
    records.map(({ vhost }) => vhost),
  );
  const recovery = new WebsiteOrders(host, owners, recorder, installs, signal);
  try {
    const { default: PQueue } = await import('p-queue');
    const queue = new PQueue({ concurrency: host.settings.concurrentOrders });
    await Promise.all(records.map((record) => queue.add(() => recovery.recover(record))));
  } finally {
    await recovery.close();
  }
}
