import { StateError } from '../../core/domain/autossl-error.js';
import { isPollDue } from '../../core/order/due-order.js';
import { nextRungAt } from '../../core/order/polling.js';
import type { OrderRecord } from '../../core/order/record.js';
import type { PolledOrder } from '../../core/report/queue-report.js';
import { WebsiteLock } from '../install/website-lock.js';
import { fencedOrders } from '../order/fenced-orders.js';
import type { OrderKeeper } from '../order/order-keeper.js';
import { OrderOwners } from '../order/order-owner.js';
import { WebsiteOrders } from '../order/website-orders.js';
import type { QueueSession } from './queue-session.js';

/** Orders that are gone on with between two installations at least: so many locks and keys are held. */
const CHUNK = 200;

/** An order that is due, under its owner's lock. */
interface TakenOrder {
  readonly record: OrderRecord;
  readonly keeper: OrderKeeper;
  readonly lock: WebsiteLock;
}

/**
 * Goes on with every order that is due, but for those whose owner another process works on, and installs what is ready.
 * Gives the orders that were gone on with. @throws StateError
 */
export async function pollOrders(isForced: boolean, session: QueueSession): Promise<readonly PolledOrder[]> {
  const { host, recorder, installs, signal } = session;
  const now = host.clock.now();
  const due = (await host.orders.list()).flatMap((entry) =>
    entry.state === 'ok' && isPollDue(entry.record, now, isForced) ? [entry.record] : [],
  );
  if (due.length === 0) return [];
  const owners = new OrderOwners(
    host.accounts,
    due.map(({ vhost }) => vhost),
  );
  const websites = new WebsiteOrders(host, owners, recorder, installs, signal);
  const polling = new Polling([websites, ...host.otherKeepers(recorder, signal)], isForced, session);
  try {
    for (let first = 0; first < due.length && !signal.aborted; first += CHUNK) {
      await polling.poll(due.slice(first, first + CHUNK));
    }
  } finally {
    await installs.drain();
    await websites.close();
  }
  return polling.polled;
}

class Polling {
  readonly polled: PolledOrder[] = [];
  readonly #keepers: readonly OrderKeeper[];
  readonly #isForced: boolean;
  readonly #session: QueueSession;

  constructor(keepers: readonly OrderKeeper[], isForced: boolean, session: QueueSession) {
    this.#keepers = keepers;
    this.#isForced = isForced;
    this.#session = session;
  }

  async poll(records: readonly OrderRecord[]): Promise<void> {
    const taken: TakenOrder[] = [];
    try {
      for (const record of records) {
        const one = await this.#take(record);
        if (one !== null) taken.push(one);
      }
      if (taken.length > 0) await this.#goOn(taken);
    } finally {
      for (const { lock } of taken) await lock.release();
    }
  }

  /** Null when its owner is being worked on, or it is not due any more. */
  async #take(listed: OrderRecord): Promise<TakenOrder | null> {
    const { locks, clock } = this.#session.host;
    const keeper = this.#keepers.find((one) => one.owns(listed));
    const name = keeper?.lockNameOf(listed) ?? null;
    if (keeper === undefined || name === null) return null;
    const held = await locks.tryAcquire(name, 'autossl_check_queue');
    if ('heldBy' in held) return null;
    const lock = new WebsiteLock(held);
    try {
      // Under the lock it is read again: whoever worked on it may have ended or parked it meanwhile.
      const record = await this.#read(listed.id);
      if (record !== undefined && isPollDue(record, clock.now(), this.#isForced))
        return { record, keeper, lock };
    } catch (error) {
      await lock.release();
      throw error;
    }
    await lock.release();
    return null;
  }

  /** A damaged one counts as gone: the next run tells of it. */
  async #read(id: string): Promise<OrderRecord | undefined> {
    try {
      return await this.#session.host.orders.read(id);
    } catch (error) {
      if (error instanceof StateError && error.code === 'CORRUPT_RECORD') return undefined;
      throw error;
    }
  }

  async #goOn(taken: readonly TakenOrder[]): Promise<void> {
    const { host, prepare } = this.#session;
    await prepare();
    const ready: TakenOrder[] = [];
    for (const one of taken) ready.push({ ...one, record: await this.#withLog(one) });
    const { default: PQueue } = await import('p-queue');
    const queue = new PQueue({ concurrency: host.settings.concurrentOrders });
    const tasks = ready.map(({ record, keeper, lock }) =>
      queue.add(async () => {
        await keeper.goOn(record, lock);
        await this.#putOff(record.id, lock);
        await lock.release();
      }),
    );
    for (const { id, account, vhost } of ready.map(({ record }) => record)) {
      this.polled.push({ account, vhost, orderId: id });
    }
    // Nobody is left working while locks are released: an error is thrown when all have ended.
    for (const task of await Promise.allSettled(tasks)) if (task.status === 'rejected') throw task.reason;
  }

  /** Opens the log of the order's run; where that is gone, the order belongs to the poller's own from now on. */
  async #withLog({ record, lock }: TakenOrder): Promise<OrderRecord> {
    const { journal, host } = this.#session;
    const logStartedAt = await journal.assign(record.vhost, record.logStartedAt);
    if (logStartedAt === record.logStartedAt) return record;
    const moved = { ...record, logStartedAt };
    await fencedOrders(host.orders, lock.held).update(moved);
    return moved;
  }

  /** What could not be gone on with (its owner suspended, the CA unreachable) is tried again by the ladder, not at once. */
  async #putOff(id: string, lock: WebsiteLock): Promise<void> {
    const { host, signal } = this.#session;
    if (lock.isHanded || signal.aborted) return;
    const record = await this.#read(id);
    const now = host.clock.now();
    if (record === undefined || !isPollDue(record, now, false)) return;
    const pollAt = nextRungAt(new Date(record.createdAt), now).toISOString();
    await fencedOrders(host.orders, lock.held).update({ ...record, pollAt, lastPolledAt: now.toISOString() });
  }
}
