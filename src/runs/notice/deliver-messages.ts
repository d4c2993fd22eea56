import { reasonOf } from '../../core/domain/system-fault.js';
import {
  attemptAnswered,
  attemptBegun,
  type ChannelDelivery,
  type ChannelName,
  type DeliveryAnswer,
  handOverBegun,
  isDeliveryDue,
  mayBeThere,
  type QueuedMessage,
  untried,
} from '../../core/notice/delivery/delivery.js';
import type { DeliverySummary, Undelivered } from '../../core/notice/delivery/delivery-summary.js';
import type { Clock } from '../ports/clock.js';
import type { HeldLock, LockKeeper } from '../ports/locks.js';
import type { HandingOver, MessageQueue, NoticeChannel } from '../ports/messages.js';

/** Messages under way at once: a mail server counts connections. */
const CONCURRENCY = 4;
/** So many messages in a row that a channel could not even be asked about are a channel that is down. */
const DOWN_AFTER = 3;

export interface DeliveryHost {
  readonly queue: MessageQueue;
  readonly channels: readonly NoticeChannel[];
  readonly locks: Pick<LockKeeper, 'tryAcquire'>;
  readonly clock: Pick<Clock, 'now'>;
}

export interface DeliveryBounds {
  readonly signal: AbortSignal;
  /** No further message is begun after this; what is under way ends by its channel's own timeout. */
  readonly boundMs: number;
}

/**
 * Hands what is due to the channels, administrators' first, then longest due first, until there is no more or the time is over. While another process
 * does so nothing happens. @throws StateError where the outbox cannot be read or written; nothing for what a channel does
 */
export async function deliverMessages(host: DeliveryHost, bounds: DeliveryBounds): Promise<DeliverySummary> {
  const lock = await host.locks.tryAcquire('notices', 'delivery of messages');
  if ('heldBy' in lock) return { delivered: 0, postponed: [], givenUp: [], isElsewhere: true };
  const signal = AbortSignal.any([bounds.signal, lock.signal]);
  try {
    return await new DeliveryTurn(host, lock, { ...bounds, signal }).deliver();
  } finally {
    await Promise.allSettled(host.channels.map((channel) => channel.close()));
    await lock.release();
  }
}

/** A channel, and what this turn knows of it. */
interface Way {
  readonly channel: NoticeChannel;
  failuresInRow: number;
  /** Nobody is sent there any more in this turn. */
  isDown: boolean;
}

type Deliveries = Partial<Record<ChannelName, ChannelDelivery>>;

class DeliveryTurn {
  readonly #host: DeliveryHost;
  readonly #lock: HeldLock;
  readonly #signal: AbortSignal;
  readonly #endsAt: number;
  readonly #ways: readonly Way[];
  #delivered = 0;
  readonly #postponed: Undelivered[] = [];
  readonly #givenUp: Undelivered[] = [];
  /** Ends when the message that goes out alone has its answer. */
  #alone: Promise<unknown> = Promise.resolve();

  constructor(host: DeliveryHost, lock: HeldLock, { signal, boundMs }: DeliveryBounds) {
    this.#host = host;
    this.#lock = lock;
    this.#signal = signal;
    this.#endsAt = host.clock.now().getTime() + boundMs;
    this.#ways = host.channels.map((channel) => ({ channel, failuresInRow: 0, isDown: false }));
  }

  async deliver(): Promise<DeliverySummary> {
    const { queue, clock } = this.#host;
    const ids = queue.due(clock.now()).values();
    const works = Array.from({ length: CONCURRENCY }, async () => {
      for (;;) {
        if (this.#isOver()) return;
        const next = ids.next();
        if (next.done === true) return;
        const queued = await queue.read(next.value);
        if (queued !== undefined) await this.#handOver(queued);
      }
    });
    // Nobody is left at work while the lock is released.
    for (const end of await Promise.allSettled(works)) if (end.status === 'rejected') throw end.reason;
    await queue.tidy();
    return {
      delivered: this.#delivered,
      postponed: this.#postponed,
      givenUp: this.#givenUp,
      isElsewhere: false,
    };
  }

  #isOver(): boolean {
    if (this.#signal.aborted || this.#host.clock.now().getTime() >= this.#endsAt) return true;
    return this.#ways.length > 0 && this.#ways.every(({ isDown }) => isDown);
  }

  async #handOver(queued: QueuedMessage): Promise<void> {
    const { queue, clock } = this.#host;
    const { message } = queued;
    const now = clock.now();
    const ways = this.#ways.filter(({ channel }) => channel.audiences.includes(message.audience));
    const deliveries: Deliveries = this.#present(queued, ways, now);
    const begun: Way[] = [];
    for (const way of ways) {
      const { name } = way.channel;
      const delivery = deliveries[name] ?? untried(now);
      if (way.isDown || !isDeliveryDue(delivery, now)) continue;
      deliveries[name] = attemptBegun(delivery, now);
      if (deliveries[name].state === 'waiting') begun.push(way);
      else this.#noteUndelivered(queued, way, deliveries[name]);
    }
    const written = { message, deliveries };
    // Whoever has the lock now sends it.
    await this.#lock.assertHeld();
    let isNoting: Promise<void> = Promise.resolve();
    const note = (): Promise<void> => {
      isNoting = isNoting.then(() => queue.note({ message, deliveries: { ...deliveries } }));
      return isNoting;
    };
    let underWay = begun.length;
    const ends = await Promise.allSettled(
      begun.map(async (way) => {
        const { name } = way.channel;
        const attempt = deliveries[name] ?? untried(now);
        const answer = await this.#inOrder(attempt, () =>
          this.#deliver(way, queued, async () => {
            deliveries[name] = handOverBegun(attempt);
            await note();
          }),
        );
        deliveries[name] = attemptAnswered(attempt, answer, clock.now());
        this.#count(way, queued, answer, deliveries[name]);
        underWay -= 1;
        // The others may take long, and may be ended; the last answer is noted below.
        if (underWay > 0) await note();
      }),
    );
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    const isOpen = Object.values(deliveries).some(({ state }) => state === 'waiting');
    if (!isOpen) await queue.settle(written);
    else if (begun.length > 0) await note();
  }

  /** How far it got, with an entry for each way; one that is gone from the settings is waited for no more. */
  #present({ deliveries }: QueuedMessage, ways: readonly Way[], now: Date): Deliveries {
    const present: Deliveries = {};
    for (const [name, delivery] of Object.entries(deliveries) as [ChannelName, ChannelDelivery][]) {
      if (delivery.state !== 'waiting' || ways.some(({ channel }) => channel.name === name))
        present[name] = delivery;
    }
    for (const { channel } of ways) present[channel.name] ??= untried(now);
    return present;
  }

  /** What may have arrived before is handed over one at a time: should the process die again, it dies of one message. */
  #inOrder<T>(attempt: ChannelDelivery, begin: () => Promise<T>): Promise<T> {
    if (!mayBeThere(attempt)) return begin();
    const turn = this.#alone.then(begin);
    this.#alone = turn.catch(() => undefined);
    return turn;
  }

  /** @throws what `handingOver` throws: nothing is sent that could not be noted before */
  async #deliver(
    { channel }: Way,
    { message }: QueuedMessage,
    handingOver: HandingOver,
  ): Promise<DeliveryAnswer> {
    let isBegun = false;
    let faultOfOurs: { readonly error: unknown } | undefined;
    const noted = async (): Promise<void> => {
      if (isBegun) return;
      isBegun = true;
      try {
        await handingOver();
      } catch (error) {
        faultOfOurs = { error };
        throw error;
      }
    };
    // Of a signal of their own they may take as many listeners as they like, and leave none behind.
    const signal = AbortSignal.any([this.#signal]);
    try {
      return await channel.deliver(message, signal, noted);
    } catch (error) {
      if (faultOfOurs !== undefined) throw faultOfOurs.error;
      const why = reasonOf(error);
      return { outcome: 'refused', isPermanent: false, isChannelDown: true, mayHaveArrived: isBegun, why };
    }
  }

  #count(way: Way, queued: QueuedMessage, answer: DeliveryAnswer, after: ChannelDelivery): void {
    const isDown = answer.outcome === 'refused' && answer.isChannelDown;
    way.failuresInRow = isDown ? way.failuresInRow + 1 : 0;
    way.isDown ||= way.failuresInRow >= DOWN_AFTER;
    if (after.state === 'delivered') this.#delivered += 1;
    else this.#noteUndelivered(queued, way, after);
  }

  #noteUndelivered({ message }: QueuedMessage, { channel }: Way, { state, answer }: ChannelDelivery): void {
    const list = state === 'waiting' ? this.#postponed : this.#givenUp;
    list.push({ id: message.id, to: message.to, channel: channel.label, why: answer ?? '' });
  }
}
