import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readJsonSync } from 'fs-extra/esm';
import { FileServedStore } from '../../../src/adapters/store/records/served.js';
import type { ServedRecord } from '../../../src/core/plan/served/served-record.js';
import { scratchTree } from '../../support/scratch.js';

let scratch: ReturnType<typeof scratchTree>;
let store: FileServedStore;
beforeEach(() => {
  scratch = scratchTree();
  store = new FileServedStore(scratch.tree);
});
afterEach(() => scratch.remove());

const seen = (state: ServedRecord['served']['state'], at: string): ServedRecord => ({
  account: 'alice',
  vhost: 'a.test',
  wanted: ['a.test'],
  issued: { fingerprint: 'ab', names: ['a.test'], notAfter: at },
  served: { at, state, code: null, message: null, advice: null, places: [], namesWithoutSite: [] },
});
const FIRST = '2026-06-01T00:00:00.000Z';
const THEN = '2026-06-02T00:00:00.000Z';
const path = (file: string): string => join(scratch.tree.served(), file);
const put = (file: string, contents: string | object): void => {
  mkdirSync(scratch.tree.notServed(), { recursive: true });
  writeFileSync(path(file), typeof contents === 'string' ? contents : JSON.stringify(contents));
};
const files = (): readonly string[] =>
  [...readdirSync(scratch.tree.served()), ...readdirSync(scratch.tree.notServed())].filter((name) =>
    name.endsWith('.json'),
  );

test.each([
  ['served', 'not-served', 'not-served/a.test.json'],
  ['not-served', 'served', 'a.test.json'],
] as const)(
  'of two files that a crash left, the newer one counts, and the next record leaves one: newer is %s',
  async (newer, older, olderFile) => {
    await store.write(seen(newer, THEN));
    put(olderFile, { schemaVersion: 1, ...seen(older, FIRST) });
    expect((await store.read('a.test'))?.served.state).toBe(newer);
    expect(await store.listUnproved()).toEqual(newer === 'not-served' ? ['a.test'] : []);
    await store.write(seen(newer, THEN));
    expect(files()).toEqual(['a.test.json']);
  },
);

test('keys that we do not know stay, also when the record moves', async () => {
  put('a.test.json', { schemaVersion: 1, ...seen('served', FIRST), note: 'keep me' });
  await store.write(seen('not-served', THEN));
  expect(readJsonSync(path('not-served/a.test.json'))).toMatchObject({
    note: 'keep me',
    served: { at: THEN },
  });
});

test.each([
  ['no JSON', 'garbage', 'it is not JSON'],
  ['a newer version', { schemaVersion: 2 }, 'schemaVersion'],
  ['without what was seen', { ...seen('served', FIRST), schemaVersion: 1, served: null }, 'served'],
  [
    'a state that is none',
    { ...seen('served', FIRST), schemaVersion: 1, served: { ...seen('served', FIRST).served, state: 'ok' } },
    'state',
  ],
])('%s: refused by name', async (_, contents, why) => {
  put('a.test.json', contents);
  await expect(store.read('a.test')).rejects.toMatchObject({
    code: 'CORRUPT_RECORD',
    message: expect.stringContaining(why),
  });
});

test('a damaged record is written over, and until then counts as not served where it lies among these', async () => {
  put('not-served/a.test.json', 'garbage');
  expect(await store.listUnproved()).toEqual(['a.test']);
  await store.write(seen('served', THEN));
  expect([await store.listUnproved(), (await store.read('a.test'))?.served.at]).toEqual([[], THEN]);
});
