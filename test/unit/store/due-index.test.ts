import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { FileDueIndex } from '../../../src/adapters/store/records/due-index.js';
import { scratchTree } from '../../support/scratch.js';

const AT = '2026-06-01T00:00:00.000Z';
const website = { account: 'alice', vhost: 'a.test', dueAt: AT, emergencyAt: null, logStartedAt: null };
const removals: (() => void)[] = [];
afterEach(() => {
  for (const remove of removals.splice(0)) remove();
});

describe('index/due.json is only a cache', () => {
  test.each([
    ['that is empty', ''],
    ['that holds no JSON', '{"schemaVersion": 1, "webs'],
    [
      'whose instants are none',
      JSON.stringify({ schemaVersion: 1, until: null, websites: [{ ...website, dueAt: 'soon' }] }),
    ],
    ['of a newer version', JSON.stringify({ schemaVersion: 2, until: null, websites: [website] })],
  ])('one %s counts as none, and is written anew', async (_, text) => {
    const { tree, remove } = scratchTree();
    removals.push(remove);
    mkdirSync(tree.index(), { recursive: true });
    const path = join(tree.index(), 'due.json');
    writeFileSync(path, text);
    const store = new FileDueIndex(tree);
    expect(store.read()).toEqual({ until: null, websites: [] });
    const index = { until: AT, websites: [website, { ...website, isCalledBack: true as const }] };
    await store.write(index);
    expect(store.read()).toEqual(index);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ schemaVersion: 1, ...index });
  });
});
