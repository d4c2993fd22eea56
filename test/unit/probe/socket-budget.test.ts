import { expect, test } from '@jest/globals';
import { SilentAddresses } from '../../../src/adapters/probe/silent-addresses.js';
import { SocketBudget } from '../../../src/adapters/probe/socket-budget.js';

const OWN = '198.51.100.7';
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Tasks that stay until they are told to end, and how many were under way at once. */
class Crowd {
  readonly most = new Map<string, number>();
  #now = new Map<string, number>();
  readonly ends: (() => void)[] = [];

  task(address: string): () => Promise<void> {
    return async () => {
      for (const key of [address, 'all']) {
        const now = (this.#now.get(key) ?? 0) + 1;
        this.#now.set(key, now);
        this.most.set(key, Math.max(this.most.get(key) ?? 0, now));
      }
      await new Promise<void>((resolve) => this.ends.push(resolve));
      for (const key of [address, 'all']) this.#now.set(key, (this.#now.get(key) ?? 0) - 1);
    };
  }

  async endAll(): Promise<void> {
    await settle();
    while (this.ends.length > 0) {
      this.ends.shift()?.();
      await settle();
    }
  }
}

test('an address of others gets four connections, one of ours sixteen, all of them the whole', async () => {
  const budget = new SocketBudget(18, (address) => address === OWN);
  const crowd = new Crowd();
  const run = (address: string) => budget.run(address, crowd.task(address));
  const all = [
    ...Array.from({ length: 30 }, () => run('192.0.2.1')),
    ...Array.from({ length: 30 }, () => run(OWN)),
  ];
  await settle();
  expect(crowd.ends).toHaveLength(18);
  await crowd.endAll();
  await Promise.all(all);
  expect(Object.fromEntries(crowd.most)).toEqual({ '192.0.2.1': 4, [OWN]: 16, all: 18 });
});

test('a crowd before one address takes no place of others', async () => {
  const budget = new SocketBudget(5, () => false);
  const crowd = new Crowd();
  const stuck = Array.from({ length: 100 }, () => budget.run('192.0.2.1', crowd.task('192.0.2.1')));
  expect(await budget.run('192.0.2.2', async () => 'through')).toBe('through');
  await crowd.endAll();
  await Promise.all(stuck);
});

test('a task that fails gives its place on', async () => {
  const budget = new SocketBudget(1, () => false);
  await expect(budget.run('192.0.2.1', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await budget.run('192.0.2.1', async () => 'next')).toBe('next');
});

test('an address is taken for silent after three silences in a row, for ten minutes', () => {
  let now = 0;
  const addresses = new SilentAddresses(() => now);
  const silences = (count: number) => {
    for (let one = 0; one < count; one++) addresses.noteSilence('a');
  };
  silences(2);
  expect(addresses.isSilent('a')).toBe(false);
  addresses.noteSign('a');
  silences(2);
  expect(addresses.isSilent('a')).toBe(false);
  silences(1);
  expect([addresses.isSilent('a'), addresses.isSilent('b')]).toEqual([true, false]);
  now = 10 * 60_000;
  expect(addresses.isSilent('a')).toBe(false);
  // Asked again it is believed at once.
  silences(1);
  expect(addresses.isSilent('a')).toBe(true);
});
