import { expect, test } from '@jest/globals';
import { outputFileSync } from 'fs-extra/esm';
import { FileProblemStore } from '../../../../src/adapters/store/records/problems.js';
import { isTooDeep } from '../../../../src/core/domain/json/nesting.js';
import { scratchTree } from '../../../support/scratch.js';

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

test.each([
  ['as deep as anything may be', nested(1000), false],
  ['deeper', nested(1001), true],
  ['mappings, deeper', `${'{"a":'.repeat(1500)}1${'}'.repeat(1500)}`, true],
  ['much beside each other', `[${'[],'.repeat(5000)}0]`, false],
  ['brackets within text', JSON.stringify(['['.repeat(5000), '\\"'.repeat(3000)]), false],
])('%s', (_, json, isDeep) => {
  expect(isTooDeep(json)).toBe(isDeep);
});

test('a record that nobody could write again is damaged, and is written anew', async () => {
  const scratch = scratchTree();
  try {
    const store = new FileProblemStore(scratch.tree);
    outputFileSync(`${scratch.tree.problems()}/alice.json`, `{"schemaVersion":1,"x":${nested(20_000)}}`);
    await expect(store.read('alice')).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
    const at = '2026-06-01T00:00:00.000Z';
    const problem = {
      domain: 'a.test',
      vhost: 'a.test',
      code: 'X',
      message: 'x',
      advice: null,
      at,
      logStartedAt: null,
    };
    await store.write('alice', [problem]);
    expect(await store.read('alice')).toMatchObject([{ code: 'X' }]);
  } finally {
    scratch.remove();
  }
});
