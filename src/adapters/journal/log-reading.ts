import { constants } from 'node:fs';
import { type FileHandle, open, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { logInstant, parseLogInstant } from '../../core/report/text/log-instant.js';
import { entryAt, isErrno } from '../system/files/files.js';
import { isWordAlive } from '../system/process/process-identity.js';
import type { Tree } from '../system/tree.js';

const unzip = promisify(gunzip);

/** What the links of a log's folder say. */
export interface RunLogAttributes {
  readonly provider: string | null;
  readonly username: string | null;
  readonly upid: string | null;
  /** Whether the process that began it still runs. */
  readonly isInProgress: boolean;
}

/**
 * One file of a run's log, compressed or not; what a poller added after the compression follows. Undefined when there is no
 * such log. @throws the file system's error
 */
export async function readRunLog(
  tree: Tree,
  startedAt: string,
  file: 'json' | 'txt',
): Promise<string | undefined> {
  const folder = folderOf(tree, startedAt);
  if (folder === undefined) return undefined;
  const compressed = await readLogFile(join(folder, `${file}.gz`));
  const plain = await readLogFile(join(folder, file));
  if (compressed === undefined && plain === undefined) return undefined;
  const first = compressed === undefined ? '' : (await unzip(compressed)).toString('utf8');
  return first + (plain?.toString('utf8') ?? '');
}

export async function readRunLogAttributes(
  tree: Tree,
  startedAt: string,
): Promise<RunLogAttributes | undefined> {
  const folder = folderOf(tree, startedAt);
  if (folder === undefined) return undefined;
  const value = (name: string): Promise<string | null> => readlink(join(folder, name)).catch(() => null);
  const upid = await value('upid');
  return {
    provider: await value('provider'),
    username: await value('username'),
    upid,
    isInProgress: upid !== null && isWordAlive(upid),
  };
}

/** The folder of a run's log, as it is in the tree; null when there is none, or none any more. */
export async function findRunLog(tree: Tree, startedAt: string): Promise<string | null> {
  const folder = folderOf(tree, startedAt);
  return folder ?? null;
}

/** Undefined: nothing of that name, or what no run made: a link is never followed. */
function folderOf(tree: Tree, startedAt: string): string | undefined {
  const at = parseLogInstant(startedAt);
  if (at === undefined) return undefined;
  tree.assertInside(tree.logs());
  const folder = join(tree.logs(), logInstant(at));
  return entryAt(folder)?.isDirectory() === true ? folder : undefined;
}

/** A file of a log, open to be read; undefined: there is none, or what lies there is no file (a link is not followed). */
export async function openLogFile(path: string): Promise<FileHandle | undefined> {
  let handle: FileHandle;
  try {
    // A pipe without a writer would be waited for.
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (NO_FILE.some((code) => isErrno(error, code))) return undefined;
    throw error;
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  return undefined;
}

/** Nothing there, a link, a socket. */
const NO_FILE = ['ENOENT', 'ELOOP', 'ENXIO'];

/** The whole of it; undefined as `openLogFile`. @throws the file system's error */
export async function readLogFile(path: string): Promise<Buffer | undefined> {
  const handle = await openLogFile(path);
  try {
    return await handle?.readFile();
  } finally {
    await handle?.close();
  }
}
