import { COUNTED_SPAN_MS, type KnownOrder } from '../../core/order/limits/rebuilt-ledger.js';
import type { Clock } from '../ports/clock.js';
import type { IssuedStore, OrderStore } from '../ports/orders.js';

/** Orders of the last week at a provider that are known of without its ledger: what came of them, and those under way. */
export async function ordersKnownAt(
  provider: string,
  {
    issued,
    orders,
    clock,
  }: {
    readonly issued: Pick<IssuedStore, 'since'>;
    readonly orders: Pick<OrderStore, 'list'>;
    readonly clock: Pick<Clock, 'now'>;
  },
): Promise<readonly KnownOrder[]> {
  const since = new Date(clock.now().getTime() - COUNTED_SPAN_MS);
  const got = (await issued.since(since)).map(({ names, issuedAt, ...one }) => ({
    ...one,
    names,
    at: issuedAt,
  }));
  const underWay = (await orders.list()).flatMap((entry) =>
    entry.state === 'ok' ? [{ ...entry.record, at: entry.record.createdAt }] : [],
  );
  return [...got, ...underWay]
    .filter((one) => one.provider === provider)
    .map(({ names, at }) => ({ names, at: new Date(at) }));
}
