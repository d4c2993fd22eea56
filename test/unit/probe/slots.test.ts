import { expect, test } from '@jest/globals';
import { Slots } from '../../../src/adapters/probe/slots.js';

test('no more than the slots run at once, in the order of coming, failures included', async () => {
  const slots = new Slots(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const task = (number: number) => () =>
    new Promise<number>((resolve, reject) => {
      begun.push(number);
      ends[number] = () => (number === 0 ? reject(new Error('zero')) : resolve(number));
    });
  const all = Promise.allSettled([0, 1, 2, 3].map((number) => slots.run(task(number))));
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  expect(begun).toEqual([0, 1]);
  ends[0]?.();
  await settle();
  expect(begun).toEqual([0, 1, 2]);
  ends[2]?.();
  await settle();
  expect(begun).toEqual([0, 1, 2, 3]);
  ends[1]?.();
  ends[3]?.();
  expect((await all).map(({ status }) => status)).toEqual([
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ]);
});
