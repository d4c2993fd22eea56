import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WHM_FUNCTIONS } from '../../../src/api/whm/table.js';
import { buildPrograms, runBin } from '../../support/bin-program.js';
import { shapeFaults } from '../../support/documented-shape.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';

/** Words with which a function answers as documented; those before it prepare that. */
const CALLS: readonly (readonly [string, ...string[]])[] = [
  ['get_autossl_metadata'],
  ['set_autossl_metadata', 'metadata_json=%7B%22notify_autossl_expiry%22%3A1%7D'],
  ['set_autossl_metadata_key', 'key=notify_autossl_expiry', 'value=1'],
  [
    'add_autossl_user_excluded_domains',
    'username=alice',
    'domain=www.alice.test',
    'domain-1=mail.alice.test',
  ],
  ['get_autossl_user_excluded_domains', 'username=alice'],
  ['remove_autossl_user_excluded_domains', 'username=alice', 'domain=www.alice.test'],
  ['set_autossl_user_excluded_domains', 'username=alice'],
];

let built: BuiltTree;
beforeAll(() => {
  buildPrograms();
  built = aTree().account('alice', { domain: 'alice.test' }).build();
});
afterAll(() => built?.cleanUp());

test('every function has a documented sample and is called here', () => {
  const names = WHM_FUNCTIONS.map(({ name }) => name);
  expect([...new Set(CALLS.map(([name]) => name))].sort()).toEqual([...names].sort());
  for (const name of names) expect(readdirSync('fixtures/api')).toContain(`${name}.json`);
});

describe('answers as documented', () => {
  test.each(CALLS.map((call) => [call[0], call] as const))('%s', async (name, words) => {
    const { exitCode, stdout, stderr } = await runBin('whmapi1', ['--output=json', ...words], built.root);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const sample = JSON.parse(readFileSync(`fixtures/api/${name}.json`, 'utf8'));
    const answer = JSON.parse(stdout);
    expect(shapeFaults(sample, answer)).toEqual([]);
    expect(answer.metadata).toMatchObject({ command: name, result: 1, reason: 'OK', version: 1 });
    expect('data' in answer).toBe('data' in sample);
  });
});
