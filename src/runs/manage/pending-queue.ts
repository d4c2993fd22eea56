import type { OrderRecord } from '../../core/order/record.js';
import type { OrderStore } from '../ports.js';

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

/** The names of all unfinished orders, oldest order first (behaviour section 5: one row a name). @throws StateError */
export async function listPending(
  orders: Pick<OrderStore, 'list'>,
  scope: PendingScope = {},
): Promise<readonly PendingName[]> {
  const entries = await orders.list();
  return entries.flatMap((entry) => {
    if (entry.state !== 'ok') return [];
    const { record } = entry;
    if (scope.account !== undefined && record.account !== scope.account) return [];
    return record.names
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
      }));
  });
}
