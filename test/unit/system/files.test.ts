import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  asWriteError,
  ensureFolder,
  listFolder,
  readTextFile,
  readTextFileSync,
  removeFile,
  writeFileAtomically,
} from '../../../src/adapters/system/files/files.js';
import { scratchTree } from '../../support/scratch.js';

let scratch: ReturnType<typeof scratchTree>;
beforeEach(() => {
  scratch = scratchTree();
});
afterEach(() => scratch.remove());
const at = (name: string): string => join(scratch.root, name);

describe('an atomic write', () => {
  test('replaces a link by a file, never what it names', async () => {
    writeFileSync(at('target'), 'theirs');
    symlinkSync('target', at('file'));
    await writeFileAtomically(at('file'), 'ours', { mode: 0o640 });
    expect(readFileSync(at('target'), 'utf8')).toBe('theirs');
    expect(readFileSync(at('file'), 'utf8')).toBe('ours');
    expect(statSync(at('file')).mode & 0o7777).toBe(0o640);
  });

  test('leaves the old file and nothing beside it when it is stopped before the rename', async () => {
    writeFileSync(at('file'), 'old');
    const stop = (): Promise<void> => Promise.reject(new Error('stop'));
    await expect(writeFileAtomically(at('file'), 'new', { mode: 0o600 }, stop)).rejects.toThrow('stop');
    expect(readdirSync(scratch.root)).toEqual(['file']);
    expect(readFileSync(at('file'), 'utf8')).toBe('old');
  });

  test('into a folder that is not there names the file and what to do', async () => {
    await expect(writeFileAtomically(at('no/file'), '', { mode: 0o600 })).rejects.toMatchObject({
      code: 'WRITE_FAILED',
      message: expect.stringContaining('its folder does not exist'),
      advice: expect.any(String),
    });
  });

  test.each(['ENOSPC', 'EDQUOT'])('calls %s a full disk', (code) => {
    const error = Object.assign(new Error('x'), { code });
    expect(asWriteError(error, '/x')).toMatchObject({
      code: 'NO_SPACE',
      advice: expect.stringContaining('space'),
    });
  });
});

test('a folder is made with its mode whatever the umask, and an existing one is left as it is', async () => {
  const before = process.umask(0o077);
  try {
    await ensureFolder(at('a/b/c'), 0o711);
  } finally {
    process.umask(before);
  }
  expect(statSync(at('a/b/c')).mode & 0o777).toBe(0o711);
  chmodSync(at('a/b/c'), 0o750);
  await ensureFolder(at('a/b/c'), 0o711);
  expect(statSync(at('a/b/c')).mode & 0o777).toBe(0o750);
});

describe('reading', () => {
  const both: readonly [string, (path: string, max: number) => Promise<string | undefined>][] = [
    ['in the background', (path, max) => readTextFile(path, max)],
    ['in one go', async (path, max) => readTextFileSync(path, max)],
  ];
  test('in the background: what the system refuses is told with its path', async () => {
    symlinkSync('loop', at('loop'));
    await expect(readTextFile(at('loop'))).rejects.toMatchObject({
      code: 'TREE_UNREADABLE',
      message: `“${at('loop')}” cannot be read: it is a link, or goes round in links`,
    });
  });

  test.each(both)('%s: text, nothing, and what is no file', async (_, read) => {
    writeFileSync(at('file'), 'grün');
    writeFileSync(at('empty'), '');
    mkdirSync(at('folder'));
    execFileSync('mkfifo', [at('fifo')]);
    symlinkSync('file', at('link'));
    expect(await read(at('file'), 100)).toBe('grün');
    expect(await read(at('empty'), 100)).toBe('');
    expect(await read(at('link'), 100)).toBe('grün');
    expect(await read(at('missing'), 100)).toBeUndefined();
    expect(await read(at('file/below'), 100)).toBeUndefined();
    const server = createServer().listen(at('socket'));
    await once(server, 'listening');
    for (const path of ['folder', 'fifo', 'socket']) {
      await expect(read(at(path), 100)).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
    }
    server.close();
    await expect(read(at('file'), 4)).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
  });

  test('in one go without following a link refuses one', () => {
    symlinkSync('/etc/hostname', at('link'));
    expect(() => readTextFileSync(at('link'), 100, { noFollow: true })).toThrow(
      expect.objectContaining({ code: 'ELOOP' }),
    );
  });
});

test('a listing is sorted and without our temporary files; removing twice is no fault', async () => {
  for (const name of ['b', 'a', '.autossl-tmp-1-x']) writeFileSync(at(name), '');
  expect(await listFolder(scratch.root)).toEqual(['a', 'b']);
  expect(await listFolder(at('missing'))).toEqual([]);
  await removeFile(at('a'));
  await removeFile(at('a'));
  expect(await listFolder(scratch.root)).toEqual(['b']);
});
