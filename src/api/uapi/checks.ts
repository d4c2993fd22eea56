import { listPending } from '../../runs/manage/pending-queue.js';
import { isCheckInProgress, startCheckOf } from '../../runs/manage/start-check.js';
import type { ApiHandler } from '../function.js';
import type { UapiHost } from './host.js';

/** `start_autossl_check`. */
export const startCheck: ApiHandler<UapiHost> = async (_, host) => {
  await startCheckOf(host.account, await host.openChecks());
  return {};
};

/** `is_autossl_check_in_progress`. */
export const isInProgress: ApiHandler<UapiHost> = async (_, host) => {
  const { runs } = await host.openChecks();
  return { data: { value: isCheckInProgress(host.account, runs) ? 1 : 0 } };
};

/** `get_autossl_problems`. */
export const getProblems: ApiHandler<UapiHost> = async (_, host) => {
  const problems = await (await host.openProblems()).read(host.account);
  const rows = problems.map(({ domain, message, advice, at }) => ({
    domain,
    problem: advice === null ? message : `${message} ${advice}`,
    time: at,
  }));
  return { data: { rows }, rows: 'rows' };
};

/** `get_autossl_pending_queue`. */
export const getPendingQueue: ApiHandler<UapiHost> = async (_, host) => {
  const { pending, faults } = await listPending(await host.openOrders(), { account: host.account });
  const rows = pending.map((one) => ({
    domain: one.domain,
    last_poll_time: one.lastPolledAt,
    order_item_id: one.orderId,
    request_time: one.requestedAt,
    vhost_name: one.vhost,
  }));
  // Whose they are nobody knows; where they lie is not the account's business.
  const warnings =
    faults.length === 0 ? [] : ['Some orders on this server cannot be read: rows may be missing.'];
  return { data: { rows }, rows: 'rows', warnings };
};
