import { afterEach, describe, expect, test } from '@jest/globals';
import { FileZoneAdditions } from '../../src/adapters/store/zones/additions.js';
import type { ZoneAddition, ZoneAdditions } from '../../src/runs/ports/zones.js';
import { MemoryZoneAdditions } from '../support/fake-caa.js';
import { scratchTree } from '../support/scratch.js';

const removals: (() => void)[] = [];
afterEach(() => {
  for (const remove of removals.splice(0)) remove();
});

const addition = (over: Partial<ZoneAddition> = {}): Omit<ZoneAddition, 'id'> => ({
  name: 'example.com',
  type: 'CAA',
  value: '0 issue "ca.test"',
  zone: 'example.com',
  editor: 'nsupdate',
  account: 'alice',
  vhost: 'example.com',
  why: 'another CA alone is permitted',
  at: '2026-06-01T00:00:00.000Z',
  state: 'begun',
  undoneAt: null,
  ...over,
});

describe.each<[string, () => ZoneAdditions]>([
  ['in memory', () => new MemoryZoneAdditions()],
  [
    'in files',
    () => {
      const { tree, remove } = scratchTree();
      removals.push(remove);
      return new FileZoneAdditions(tree);
    },
  ],
])('additions to zones %s', (_where, open) => {
  test('nothing was added at first', async () => {
    const additions = open();
    expect(await additions.list()).toEqual([]);
    expect(await additions.read('example.com', 'CAA', '0 issue "ca.test"')).toBeUndefined();
  });

  test('what is written is read back, under an id', async () => {
    const additions = open();
    const written = await additions.write(addition());
    expect(written.id).not.toBe('');
    expect(await additions.read('example.com', 'CAA', '0 issue "ca.test"')).toEqual(written);
    expect(await additions.list()).toEqual([written]);
  });

  test('one record of a zone is kept once, in its latest state', async () => {
    const additions = open();
    const begun = await additions.write(addition());
    const added = await additions.write(addition({ state: 'added' }));
    expect(added.id).toBe(begun.id);
    expect(await additions.list()).toMatchObject([{ state: 'added' }]);
  });

  test('two values of one name, and one value of two names, are two', async () => {
    const additions = open();
    const ids = [
      await additions.write(addition()),
      await additions.write(addition({ value: '0 issue "ca.test; accounturi=https://ca.test/1"' })),
      await additions.write(addition({ name: 'example.net' })),
    ].map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    expect((await additions.list()).map(({ name }) => name)).toEqual([
      'example.com',
      'example.com',
      'example.net',
    ]);
  });

  test('what is forgotten is gone, and forgetting it again does no harm', async () => {
    const additions = open();
    const kept = await additions.write(addition());
    await additions.forget(kept);
    await additions.forget(kept);
    expect(await additions.list()).toEqual([]);
  });
});
