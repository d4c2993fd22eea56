import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { outputFileSync, readJsonSync } from 'fs-extra/esm';
import { FileZoneAdditions } from '../../../src/adapters/store/zones/additions.js';
import type { ZoneAddition } from '../../../src/runs/ports/zones.js';
import { scratchTree } from '../../support/scratch.js';

let scratch: ReturnType<typeof scratchTree>;
let additions: FileZoneAdditions;
beforeEach(() => {
  scratch = scratchTree();
  additions = new FileZoneAdditions(scratch.tree);
});
afterEach(() => scratch.remove());

const ADDITION: Omit<ZoneAddition, 'id'> = {
  name: 'example.com',
  type: 'CAA',
  value: '0 issue "ca.test"',
  zone: 'example.com',
  editor: 'nsupdate',
  account: 'alice',
  vhost: 'example.com',
  why: 'another CA alone is permitted',
  at: '2026-06-01T00:00:00.000Z',
  state: 'added',
  undoneAt: null,
};
const pathOf = ({ id }: ZoneAddition): string => join(scratch.tree.undo(), `${id}.json`);

test('a record lies in undo/, named by its domain, for root alone', async () => {
  const kept = await additions.write(ADDITION);
  expect(kept.id).toMatch(/^example\.com_[0-9a-f]{8}$/);
  expect(readdirSync(scratch.tree.undo())).toEqual([`${kept.id}.json`]);
  expect(statSync(pathOf(kept)).mode & 0o777).toBe(0o600);
  expect(statSync(scratch.tree.undo()).mode & 0o777).toBe(0o700);
  expect(readJsonSync(pathOf(kept))).toMatchObject({ schemaVersion: 1, ...ADDITION });
});

test('keys that we do not know survive', async () => {
  const kept = await additions.write(ADDITION);
  outputFileSync(pathOf(kept), JSON.stringify({ schemaVersion: 1, ...ADDITION, note: 'by hand' }));
  await additions.write({ ...ADDITION, state: 'undone', undoneAt: '2026-06-02T00:00:00.000Z' });
  expect(readJsonSync(pathOf(kept))).toMatchObject({ note: 'by hand', state: 'undone' });
});

test.each([
  ['is no JSON', '{'],
  ['has an unknown state', JSON.stringify({ schemaVersion: 1, ...ADDITION, state: 'maybe' })],
  ['is of a type that we never add', JSON.stringify({ schemaVersion: 1, ...ADDITION, type: 'A' })],
  ['comes from a newer version', JSON.stringify({ schemaVersion: 2, ...ADDITION })],
])('a record that %s is refused by its path', async (_what, text) => {
  const kept = await additions.write(ADDITION);
  outputFileSync(pathOf(kept), text);
  await expect(additions.list()).rejects.toMatchObject({
    code: 'CORRUPT_RECORD',
    message: expect.stringContaining(kept.id),
  });
});

test.each(['../../etc/passwd', 'a/b.com', '', 'a..b', 'x\u0000.com'])(
  'a name such as %j reaches no path',
  async (name) => {
    await expect(additions.write({ ...ADDITION, name })).rejects.toMatchObject({ code: 'BAD_NAME' });
    await expect(additions.read(name, 'CAA', 'x')).rejects.toMatchObject({ code: 'BAD_NAME' });
  },
);
