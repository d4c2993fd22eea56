import { describe, expect, test } from '@jest/globals';
import { OrderTurns } from '../../../src/runs/check/order-turns.js';

/** A clock that stands until it is moved; sleepers wake in their order. */
function handClock() {
  let now = 0;
  const sleepers = new Set<{ at: number; wake: () => void }>();
  return {
    now: () => new Date(now),
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        const sleeper = { at: now + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      }),
    sleeping: () => sleepers.size,
    move: async (ms: number) => {
      now += ms;
      for (const sleeper of [...sleepers].filter(({ at }) => at <= now)) {
        sleepers.delete(sleeper);
        sleeper.wake();
      }
      await settle();
    },
  };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Websites 0, 1, 2 …, looked at until `ready(n)`, ordering until `done(n)`. */
function websites(count: number, concurrency = 1) {
  const clock = handClock();
  const turns = new OrderTurns(concurrency, clock);
  const ordered: number[] = [];
  const gates = Array.from({ length: count }, () => ({ ready: () => {}, done: () => {} }));
  const all = gates.map((gate, place) =>
    turns.work(place, async (order) => {
      await new Promise<void>((resolve) => {
        gate.ready = resolve;
      });
      await order(async () => {
        ordered.push(place);
        await new Promise<void>((resolve) => {
          gate.done = resolve;
        });
      });
    }),
  );
  const go = async (what: 'ready' | 'done', ...places: number[]) => {
    for (const place of places) gates[place]?.[what]();
    await settle();
  };
  return { clock, ordered, all, go };
}

describe('turns to order', () => {
  test('go by the order of work, whoever is ready first', async () => {
    const { ordered, all, go } = websites(3);
    await go('ready', 2, 1);
    expect(ordered).toEqual([]);
    await go('ready', 0);
    expect(ordered).toEqual([0]);
    await go('done', 0);
    await go('done', 1);
    await go('done', 2);
    expect(ordered).toEqual([0, 1, 2]);
    await Promise.all(all);
  });

  test('do not wait for what does not answer', async () => {
    const { clock, ordered, go } = websites(3);
    await go('ready', 1);
    await clock.move(1999);
    expect(ordered).toEqual([]);
    await clock.move(1);
    expect(ordered).toEqual([1]);
    // The slow one comes when it is ready, before later ones that wait.
    await go('ready', 2, 0);
    await go('done', 1);
    expect(ordered).toEqual([1, 0]);
  });

  test('are as many at a time as may be, and leave nothing asleep', async () => {
    const { clock, ordered, all, go } = websites(4, 2);
    await go('ready', 3, 2, 1, 0);
    // Those that begin together begin in any order.
    expect([...ordered].sort()).toEqual([0, 1]);
    await go('done', 1, 0);
    expect(ordered.slice(2)).toEqual([2, 3]);
    await go('done', 2, 3);
    await Promise.all(all);
    expect(clock.sleeping()).toBe(0);
  });

  test('one that fails, or has nothing to order, makes room', async () => {
    const clock = handClock();
    const turns = new OrderTurns(1, clock);
    const ended = turns.work(0, async () => undefined);
    const failed = turns.work(1, async (order) => order(() => Promise.reject(new Error('broken'))));
    const ordered: number[] = [];
    const last = turns.work(2, async (order) => order(async () => void ordered.push(2)));
    await expect(failed).rejects.toThrow('broken');
    await Promise.all([ended, last]);
    expect(ordered).toEqual([2]);
  });
});
