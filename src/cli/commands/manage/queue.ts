import { parseAccountName } from '../../../core/domain/account/account-name.js';
import { parseHostName, printable } from '../../../core/domain/name/names.js';
import { EXIT } from '../../../core/report/check/exit-code.js';
import {
  QUEUE_SORTS,
  QUEUE_STATES,
  type QueuedOrder,
  renderQueue,
  sortQueue,
  stateOfOrder,
} from '../../../core/report/tables/queue-table.js';
import { renderJsonDocument } from '../../../core/report/text/json-lines.js';
import { listQueue } from '../../../runs/manage/pending-queue.js';
import { oneOf } from '../../choice.js';
import { openQueueListHost } from '../../host/manage/pending-queue.js';
import { printLines, terminalWidth } from '../../table-output.js';

export interface QueueListFlags {
  readonly user?: string;
  readonly domain?: string;
  readonly provider?: string;
  readonly state?: string;
  readonly sort?: string;
  readonly json?: boolean;
}

/** `autossl queue`. Gives 1 when a record cannot be read. */
export async function queueListCommand(flags: QueueListFlags): Promise<number> {
  const sort = oneOf('--sort', flags.sort ?? 'requested', QUEUE_SORTS);
  const state = flags.state === undefined ? null : oneOf('--state', flags.state, QUEUE_STATES);
  const scope = {
    ...(flags.user === undefined ? {} : { account: parseAccountName(flags.user) }),
    ...(flags.domain === undefined ? {} : { domain: parseHostName(flags.domain) }),
  };
  const host = openQueueListHost(process.env, process.getuid?.() ?? 0);
  const { orders, faults } = await listQueue(scope, host);
  // What an account that is gone left there is told all the same.
  if (scope.account !== undefined && !orders.some(({ account }) => account === scope.account)) {
    const { assertIsAccount } = await import('../../host/manage/known-account.js');
    await assertIsAccount(scope.account);
  }
  const isShown = (order: QueuedOrder): boolean =>
    (state === null || stateOfOrder(order) === state) &&
    (flags.provider === undefined || order.provider.toLowerCase() === flags.provider.toLowerCase());
  const shown = sortQueue(orders.filter(isShown), sort);
  const now = host.clock.now();
  if (flags.json === true) {
    const document = { schemaVersion: 1, at: now.toISOString(), orders: shown, faults };
    await printLines(renderJsonDocument(document));
  } else {
    await printLines(renderQueue(shown, now, terminalWidth()));
    await printLines(faults.map(({ message }) => `fault: ${printable(message)}`));
  }
  return faults.length === 0 ? EXIT.done : EXIT.failed;
}
