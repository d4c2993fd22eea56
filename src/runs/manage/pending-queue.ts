import { printable } from '../../core/domain/name/names.js';
import type { OrderRecord } from '../../core/order/record.js';
import type { ListFault } from '../../core/report/status/website-list.js';
import type { QueuedOrder } from '../../core/report/tables/queue-table.js';
import type { RunLogs } from '../list-problems.js';
import type { OrderJournalEntry, OrderStore } from '../ports/orders.js';

/** One name of an unfinished order. */
export interface PendingName {
  readonly domain: string;
  /** Our id of the order, which its names share. */
  readonly orderId: string;
  readonly account: string;
  readonly vhost: string;
  readonly provider: string;
  readonly phase: OrderRecord['phase'];
  /** ISO 8601. */
  readonly requestedAt: string;
  /** Null: not yet. */
  readonly lastPolledAt: string | null;
  /** Null: a run works on it. */
  readonly pollAt: string | null;
}

/** What of the queue is looked for. */
export interface PendingScope {
  readonly account?: string;
  readonly domain?: string;
}

/** Names that pend, and orders whose names nobody can tell. */
export interface PendingNames {
  readonly pending: readonly PendingName[];
  readonly faults: readonly ListFault[];
}

/** The names of all unfinished orders, oldest order first (behaviour section 5: one row a name). @throws StateError */
export async function listPending(
  orders: Pick<OrderStore, 'list'>,
  scope: PendingScope = {},
): Promise<PendingNames> {
  const entries = await orders.list();
  const pending = inScope(entries, scope).flatMap((record) =>
    record.names
      .filter((name) => scope.domain === undefined || name === scope.domain)
      .map((domain) => ({
        domain,
        orderId: record.id,
        account: record.account,
        vhost: record.vhost,
        provider: record.provider,
        phase: record.phase,
        requestedAt: record.createdAt,
        lastPolledAt: record.lastPolledAt,
        pollAt: record.pollAt,
      })),
  );
  return { pending, faults: faultsIn(entries) };
}

/** Unfinished orders in scope, and records that cannot be used. */
export interface Queue {
  readonly orders: readonly QueuedOrder[];
  readonly faults: readonly ListFault[];
}

/** The same, one row an order. @throws StateError */
export async function listQueue(
  scope: PendingScope,
  { orders, logs }: { readonly orders: Pick<OrderStore, 'list'>; readonly logs: RunLogs },
): Promise<Queue> {
  const entries = await orders.list();
  const queued: QueuedOrder[] = [];
  for (const record of inScope(entries, scope)) queued.push(await queuedOrder(record, logs));
  return { orders: queued, faults: faultsIn(entries) };
}

function faultsIn(entries: readonly OrderJournalEntry[]): readonly ListFault[] {
  return entries.flatMap((entry): ListFault[] => {
    if (entry.state === 'ok') return [];
    const message = printable(`the order ${entry.path} cannot be used: ${entry.why}`);
    return [{ code: 'CORRUPT_RECORD', message, advice: null }];
  });
}

async function queuedOrder(record: OrderRecord, logs: RunLogs): Promise<QueuedOrder> {
  const { id, account, vhost, provider, phase, names, createdAt, lastPolledAt, pollAt, logStartedAt } =
    record;
  return {
    ...{ id, phase, lastPolledAt, pollAt },
    account: printable(account),
    website: printable(vhost),
    provider: printable(provider),
    names: names.map(printable),
    requestedAt: createdAt,
    log: logStartedAt === null ? null : await logs.folderOf(logStartedAt),
  };
}

function inScope(entries: readonly OrderJournalEntry[], { account, domain }: PendingScope): OrderRecord[] {
  return entries.flatMap((entry) => {
    if (entry.state !== 'ok') return [];
    const { record } = entry;
    const isOfAccount = account === undefined || record.account === account;
    return isOfAccount && (domain === undefined || record.names.includes(domain)) ? [record] : [];
  });
}
