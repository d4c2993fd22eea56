import { printable } from '../../domain/name/names.js';
import type { OrderPhase } from '../../order/record.js';
import { type Column, renderColumns } from '../text/columns.js';
import { shortInstant } from '../text/log-instant.js';
import { counted, spanOf } from '../text/wording.js';

/** One order that is not finished, as `autossl queue --json` prints it. Texts printable, instants ISO 8601. */
export interface QueuedOrder {
  readonly id: string;
  readonly account: string;
  readonly website: string;
  readonly provider: string;
  readonly phase: OrderPhase;
  readonly names: readonly string[];
  readonly requestedAt: string;
  /** Null: not yet. */
  readonly lastPolledAt: string | null;
  /** Null: a run works on it. */
  readonly pollAt: string | null;
  /** Folder of the log that tells of it; null: not known, or not kept. */
  readonly log: string | null;
}

export const QUEUE_SORTS = ['requested', 'poll', 'account', 'website', 'provider', 'state'] as const;
export type QueueSort = (typeof QUEUE_SORTS)[number];

/** What a person may ask for: several phases are the same to them. */
export const QUEUE_STATES = ['ordering', 'pending', 'install', 'failed'] as const;
export type QueueState = (typeof QUEUE_STATES)[number];

const STATES: Readonly<Record<OrderPhase, QueueState>> = {
  journalled: 'ordering',
  placed: 'ordering',
  finalized: 'pending',
  downloaded: 'install',
  published: 'install',
  failed: 'failed',
};

/** Together with the gaps 80. */
const COLUMNS: readonly Column[] = [
  { title: 'Account', leastWidth: 7 },
  { title: 'Website', leastWidth: 11 },
  { title: 'Names', leastWidth: 5, isNumber: true },
  { title: 'Provider', leastWidth: 8 },
  { title: 'State', leastWidth: 8 },
  { title: 'Age', leastWidth: 3, isNumber: true },
  { title: 'Next', leastWidth: 4 },
  { title: 'Log', leastWidth: 20 },
];

/** `ordering`: not yet asked for wholly; `pending`: the provider has it; `install`: it came; `failed`: it was given up. */
export function stateOfOrder({ phase }: Pick<QueuedOrder, 'phase'>): QueueState {
  return STATES[phase];
}

/** Oldest request, or soonest poll, first; by text otherwise. */
export function sortQueue(orders: readonly QueuedOrder[], sort: QueueSort): readonly QueuedOrder[] {
  const key = (order: QueuedOrder): string => {
    switch (sort) {
      case 'requested':
        return order.requestedAt;
      case 'poll':
        return order.pollAt ?? '';
      case 'state':
        return String(QUEUE_STATES.indexOf(stateOfOrder(order)));
      default:
        return order[sort];
    }
  };
  return [...orders].sort((a, b) => compare(key(a), key(b)) || compare(a.requestedAt, b.requestedAt));
}

/** The orders under their titles. `Next`: when the poller looks at it again. */
export function* renderQueue(
  orders: readonly QueuedOrder[],
  now: Date,
  width: number | null,
): Generator<string> {
  if (orders.length === 0) {
    yield 'No such order pends.';
    return;
  }
  const rows = orders.map((order) =>
    [
      order.account,
      order.website,
      String(order.names.length),
      order.provider,
      stateOfOrder(order),
      spanOf(now.getTime() - Date.parse(order.requestedAt)),
      nextCell(order, now),
      order.log === null ? '-' : shortInstant(order.log.slice(order.log.lastIndexOf('/') + 1)),
    ].map(printable),
  );
  yield* renderColumns(COLUMNS, rows, width);
  const names = orders.reduce((sum, one) => sum + one.names.length, 0);
  yield `${counted(orders.length, 'order')} of ${counted(names, 'name')}. To look at them now: autossl_check_queue --force`;
}

function nextCell({ pollAt }: QueuedOrder, now: Date): string {
  if (pollAt === null) return 'now';
  const left = Date.parse(pollAt) - now.getTime();
  return left <= 0 ? 'due' : spanOf(left);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
