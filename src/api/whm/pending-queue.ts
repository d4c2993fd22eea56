import { parseAccountName } from '../../core/domain/account/account-name.js';
import { parseHostName } from '../../core/domain/name/names.js';
import { assertAccount } from '../../runs/known-account.js';
import { listPending, type PendingNames } from '../../runs/manage/pending-queue.js';
import type { ApiAnswer, ApiHandler } from '../function.js';
import type { WhmHost } from './host.js';

/** `get_autossl_pending_queue`. */
export const getPendingQueue: ApiHandler<WhmHost> = async (_, host) => {
  const { pending, faults } = await listPending(await host.openOrders());
  const rows = pending.map((one) => ({
    domain: one.domain,
    order_item_id: one.orderId,
    request_time: one.requestedAt,
    user: one.account,
    virtual_host: one.vhost,
  }));
  return { data: { pending_certificates: rows }, rows: 'pending_certificates', warnings: warningsOf(faults) };
};

/** `get_autossl_pending_queue_for_domain`. */
export const getPendingQueueForDomain: ApiHandler<WhmHost> = async (given, host) => {
  const domain = parseHostName(given.text('domain'));
  return rowsOf(await listPending(await host.openOrders(), { domain }));
};

/** `get_autossl_pending_queue_for_user`. */
export const getPendingQueueForUser: ApiHandler<WhmHost> = async (given, host) => {
  const account = parseAccountName(given.text('username'));
  const pending = await listPending(await host.openOrders(), { account });
  // What an account that is gone left there is told all the same.
  if (pending.pending.length === 0) await assertAccount(account, (await host.openProblems()).accounts);
  return rowsOf(pending);
};

/** An empty list alone would say that nothing pends. */
function warningsOf(faults: PendingNames['faults']): readonly string[] {
  return faults.map(({ message }) => message);
}

function rowsOf({ pending, faults }: PendingNames): ApiAnswer {
  const rows = pending.map((one) => ({
    domain: one.domain,
    last_poll_time: one.lastPolledAt,
    order_item_id: one.orderId,
    request_time: one.requestedAt,
    vhost_name: one.vhost,
  }));
  return { data: { queue_by_domain: rows }, rows: 'queue_by_domain', warnings: warningsOf(faults) };
}
