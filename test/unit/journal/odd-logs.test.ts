import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { findRunLog } from '../../../src/adapters/journal/log-reading.js';
import { FileRunLogs } from '../../../src/adapters/journal/run-logs.js';
import { readLogRecords } from '../../../src/runs/manage/logs.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';

const GOOD = '2026-03-03T23:26:01Z';
const ODD = '2026-03-04T23:26:01Z';

let built: BuiltTree;
let outside: string;
beforeEach(() => {
  built = aTree().file(`/var/cpanel/logs/autossl/${GOOD}/txt`, 'a line\n').build();
  outside = `${built.root}-outside`;
  mkdirSync(outside);
  for (const name of ['txt', 'json']) writeFileSync(join(outside, name), 'root:x:0:0\n');
});
afterEach(async () => {
  rmSync(outside, { recursive: true });
  await built.cleanUp();
});

const logs = () => new FileRunLogs(built.tree);
const at = (...names: string[]): string => join(built.tree.logs(), ...names);

async function everythingOf(startedAt: string): Promise<string> {
  let text = '';
  for (const format of ['txt', 'json'] as const) {
    text += (await logs().read(startedAt, format)) ?? '';
    const tail = await logs().tail(startedAt, format);
    for await (const line of tail?.newLines() ?? []) text += line;
    text += tail?.rest() ?? '';
  }
  return text;
}

describe('among logs', () => {
  test.each<[string, () => void]>([
    ['a link that leads elsewhere', () => symlinkSync(outside, at(ODD))],
    ['a link that leads nowhere', () => symlinkSync('/nonexistent', at(ODD))],
    ['a link to another log', () => symlinkSync(GOOD, at(ODD))],
    ['a file', () => writeFileSync(at(ODD), 'x')],
    ['a pipe', () => void spawnSync('mkfifo', [at(ODD)])],
  ])('%s is none, and the others are listed', async (_, make) => {
    make();
    expect((await logs().list()).map(({ startedAt }) => startedAt)).toEqual([GOOD]);
    expect(await logs().read(ODD, 'txt')).toBeUndefined();
    expect(await logs().tail(ODD, 'txt')).toBeUndefined();
    await expect(readLogRecords(ODD, logs())).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    expect(await everythingOf(GOOD)).toContain('a line');
  });

  test.each<[string, (path: string) => void]>([
    ['a link', (path) => symlinkSync(join(outside, 'txt'), path)],
    ['a folder', (path) => mkdirSync(path)],
    ['a pipe that nobody writes to', (path) => void spawnSync('mkfifo', [path])],
  ])('%s in the place of a file of one is not read', async (_, make) => {
    mkdirSync(at(ODD));
    for (const name of ['txt', 'json', 'txt.gz', 'json.gz']) make(at(ODD, name));
    expect((await logs().list()).map(({ startedAt }) => startedAt)).toEqual([ODD, GOOD]);
    expect(await everythingOf(ODD)).toBe('');
  });
});

test('a run has no log where the folder of all logs is a file', async () => {
  rmSync(built.tree.logs(), { recursive: true });
  writeFileSync(built.tree.logs(), '');
  expect(await findRunLog(built.tree, GOOD)).toBeNull();
});
