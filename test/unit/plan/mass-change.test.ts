import { expect, test } from '@jest/globals';
import { judgeMassChange } from '../../../src/core/plan/mass-change.js';

const sites = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => `s${from + index}.test`);
const count = (oursCount: number, unhealthy: readonly string[]) => ({ oursCount, unhealthy });

test.each<[string, ReturnType<typeof count> | undefined, ReturnType<typeof count>, boolean]>([
  ['20 of 20 is below the floor', count(20, []), count(20, sites(20)), false],
  ['21 of 21 is a mass', count(21, []), count(21, sites(21)), true],
  ['one in ten of a large server is let pass', count(1000, []), count(1000, sites(100)), false],
  ['more than one in ten is a mass', count(1000, []), count(1000, sites(101)), true],
  ['those that were broken before do not count again', count(100, sites(50)), count(100, sites(60)), false],
  ['others in their place do', count(100, sites(50)), count(100, sites(50, 50)), true],
  ['without an earlier run every broken one counts', undefined, count(100, sites(21)), true],
  ['a fresh server has nothing to lose', undefined, count(0, []), false],
  ['all mended at once is no mass', count(100, sites(90)), count(100, []), false],
])('%s', (_, before, now, isBraked) => {
  expect(judgeMassChange(before, now).isBraked).toBe(isBraked);
});

test('it says how many there were and how many are let pass', () => {
  expect(judgeMassChange(count(300, sites(5)), count(300, sites(40)))).toEqual({
    isBraked: true,
    newlyUnhealthy: 35,
    limit: 30,
  });
});
