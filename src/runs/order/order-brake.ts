import {
  type BudgetVerdict,
  countNewOrder,
  judgeBudget,
  NEW_ORDERS_CAP,
  stopAfterRateLimit,
} from '../../core/order/budget.js';
import { countFailedOrder } from '../../core/order/failed-orders.js';
import type { AcmeProblem } from '../../core/order/resources.js';
import type { Clock, Ledger } from '../ports.js';

/** The stored brake of one ACME account (design 5.18): every newOrder passes here, and is counted before it is sent. */
export interface OrderBrake {
  /** Counts one newOrder, durably, when it may be sent and there is a cap. */
  admit(isEmergency: boolean): Promise<BudgetVerdict>;
  /** The CA answered `rateLimited`: the account is stopped until its instant, across runs. */
  stop(problem: AcmeProblem): Promise<void>;
}

/** The same, and the memory of each website's failed orders beside it. */
export interface LedgerBrake extends OrderBrake {
  /** An order of the website was placed and failed. */
  noteFailed(vhost: string): Promise<void>;
}

/** @param cap newOrders in 3 h; Infinity for a CA of our own. `exclusively` keeps other processes off the ledger meanwhile. */
export function createOrderBrake(
  ledger: Pick<Ledger, 'read' | 'write'>,
  provider: string,
  clock: Pick<Clock, 'now'>,
  cap: number = NEW_ORDERS_CAP,
  exclusively: <Result>(task: () => Promise<Result>) => Promise<Result> = (task) => task(),
): LedgerBrake {
  // Orders run beside each other: reading, judging and writing is one turn.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(task: () => Promise<Result>): Promise<Result> => {
    const mine = turn.then(() => exclusively(task));
    turn = mine.catch(() => undefined);
    return mine;
  };
  return {
    admit: (isEmergency) =>
      inTurn(async () => {
        const record = await ledger.read(provider);
        const verdict = judgeBudget(record, clock.now(), cap, isEmergency);
        // What has no limit is not counted: ten thousand first orders would rewrite a list of ten thousand instants each.
        if (verdict.mayOrder && Number.isFinite(cap)) await ledger.write(countNewOrder(record, clock.now()));
        return verdict;
      }),
    noteFailed: (vhost) =>
      inTurn(async () => {
        await ledger.write(countFailedOrder(await ledger.read(provider), vhost, clock.now()));
      }),
    stop: (problem) =>
      inTurn(async () => {
        const record = await ledger.read(provider);
        const stopped = stopAfterRateLimit(record, problem, clock.now());
        if (stopped !== record) await ledger.write(stopped);
      }),
  };
}
