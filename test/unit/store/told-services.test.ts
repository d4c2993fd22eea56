import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { FileToldServices } from '../../../src/adapters/store/notices/told-services.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';

let built: BuiltTree | undefined;
afterEach(() => built?.cleanUp());

const TOLD = {
  troubles: [
    {
      ...{ code: 'NXDOMAIN', digest: '0123456789abcdef', since: '2026-06-01T00:00:00.000Z' },
      ...{ goneAt: '2026-06-02T00:00:00.000Z', returns: 1 },
    },
  ],
  mentionedAt: '2026-06-02T00:00:00.000Z',
  isKnown: false,
};

test('what the administrator was told lies there until nothing is wrong any more', async () => {
  built = aTree().build();
  const store = new FileToldServices(built.tree);
  expect(await store.read()).toBeNull();
  expect(await store.write(TOLD)).toEqual({ ok: true });
  expect(await store.read()).toEqual(TOLD);
  expect(await store.write(null)).toEqual({ ok: true });
  expect(await store.write(null)).toEqual({ ok: true });
  expect(await store.read()).toBeNull();
});

test('a damaged file was not told, and is written anew; what cannot be written is said', async () => {
  built = aTree().build();
  const store = new FileToldServices(built.tree);
  const path = built.tree.toldServices();
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, 'torn');
  expect(await store.read()).toBeNull();
  expect(await store.write(TOLD)).toEqual({ ok: true });
  expect(await store.read()).toEqual(TOLD);
  writeFileSync(path, JSON.stringify({ schemaVersion: 99 }));
  expect(await store.read()).toBeNull();
  expect(await store.write(TOLD)).toMatchObject({ ok: false, why: expect.stringContaining('99') });
});
