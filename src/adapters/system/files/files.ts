import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  type Dirent,
  fchmodSync,
  fchownSync,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
} from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AutosslError, StateError } from '../../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../../core/domain/name/names.js';
import { reasonOf } from '../../../core/domain/system-fault.js';
import { type FileAttributes, waitForDisk, writeDurably } from './durable-file.js';
import { readOpenFile } from './open-file.js';

/** Names of temporary files: `sweepTemporaryFiles` knows them by it. No parsed name and no record can begin so. */
export const TEMPORARY_PREFIX = '.autossl-tmp-';

/** Whether a file or folder is one that is about to be renamed into its place, or was left by a crash. */
export function isTemporaryName(name: string): boolean {
  return name.startsWith(TEMPORARY_PREFIX);
}

/** A path in the folder for something temporary of this process; once it is dead, whoever sweeps the folder takes it. */
export function temporaryPathIn(folder: string): string {
  return join(folder, `${TEMPORARY_PREFIX}${process.pid}-${randomBytes(6).toString('hex')}`);
}

/**
 * Replaces a file whole: temporary file beside it (exclusive, mode and owner first), write, fsync, rename, fsync of the
 * folder. A reader sees the old file or the new one; a crash leaves at worst a temporary file that the next sweep takes.
 * `beforeRename` is the fencing point of a lock. @throws StateError WRITE_FAILED or NO_SPACE
 */
export async function writeFileAtomically(
  path: string,
  contents: string | Uint8Array,
  attributes: FileAttributes,
  beforeRename?: () => Promise<void>,
): Promise<void> {
  const folder = dirname(path);
  const temporary = temporaryPathIn(folder);
  try {
    await writeDurably(temporary, contents, attributes);
    await beforeRename?.();
    renameSync(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    unlinkIfThere(temporary);
    throw asWriteError(error, path);
  }
}

/**
 * As `writeFileAtomically`, unless anything lies at the path already, a link that leads nowhere included: then nothing is
 * written. Gives whether the file is ours. @throws StateError WRITE_FAILED or NO_SPACE
 */
export async function placeFileIfAbsent(
  path: string,
  contents: string,
  attributes: FileAttributes,
  beforeLink?: () => Promise<void>,
): Promise<boolean> {
  const folder = dirname(path);
  const temporary = temporaryPathIn(folder);
  try {
    await writeDurably(temporary, contents, attributes);
    await beforeLink?.();
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw asWriteError(error, path);
  } finally {
    unlinkIfThere(temporary);
    await syncFolder(folder).catch(() => undefined);
  }
}

/**
 * Writes a file that must not be there yet, and waits until its bytes would survive power loss; its name does so after
 * `syncFolder`. A failure may leave a part of it. @throws StateError WRITE_FAILED or NO_SPACE
 */
export async function writeNewFile(
  path: string,
  contents: string | Uint8Array,
  attributes: FileAttributes,
): Promise<void> {
  try {
    await writeDurably(path, contents, attributes);
  } catch (error) {
    throw asWriteError(error, path);
  }
}

/** Makes a rename or unlink in the folder survive power loss. */
export async function syncFolder(folder: string): Promise<void> {
  const descriptor = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await waitForDisk(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes the folder and its missing parents with the mode, whatever the umask; existing ones are left alone. */
export async function ensureFolder(path: string, mode: number): Promise<void> {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
    const first = mkdirSync(path, { recursive: true, mode });
    if (first === undefined) return;
    // mkdir obeys the umask and gives every new parent the same mode: set ours on the last, keep parents traversable.
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    try {
      fchmodSync(descriptor, mode);
      if (process.getuid?.() === 0) fchownSync(descriptor, 0, 0);
    } finally {
      closeSync(descriptor);
    }
    // Each new folder is an entry of the one above it: sync all of these, down from the first that was made.
    for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
  } catch (error) {
    throw asWriteError(error, path);
  }
}

/** Removes a file and makes its absence survive power loss; one that is not there is no fault. */
export async function removeFile(path: string): Promise<void> {
  try {
    unlinkSync(path);
    await syncFolder(dirname(path));
  } catch (error) {
    if (!isErrno(error, 'ENOENT') && !isErrno(error, 'ENOTDIR')) throw asWriteError(error, path);
  }
}

/**
 * As `readTextFile`, in one go: for small local files that are asked for by the ten thousand, where four trips to the
 * thread pool cost ten times the reading. `noFollow` refuses a link in the last place (ELOOP).
 * @throws the file system's error, and StateError CORRUPT_RECORD for what is not a regular file or beyond `maxBytes`
 */
export function readTextFileSync(
  path: string,
  maxBytes: number,
  options: { readonly noFollow?: boolean } = {},
): string | undefined {
  let descriptor: number;
  try {
    const flags = constants.O_RDONLY | constants.O_NONBLOCK;
    descriptor = openSync(path, options.noFollow === true ? flags | constants.O_NOFOLLOW : flags);
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return undefined;
    throw asOpenError(error, path);
  }
  try {
    const facts = fstatSync(descriptor);
    if (!facts.isFile())
      throw new StateError('CORRUPT_RECORD', `${quoteForMessage(path)} is not a regular file`);
    if (facts.size > maxBytes) {
      throw new StateError('CORRUPT_RECORD', `${quoteForMessage(path)} is larger than ${maxBytes} bytes`);
    }
    return readOpenFile(descriptor, facts.size);
  } finally {
    closeSync(descriptor);
  }
}

/** Nothing that we read as a whole is larger. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

/**
 * A whole file as text, or undefined when it (or its folder) does not exist. Never blocks on a FIFO.
 * @throws StateError TREE_UNREADABLE otherwise, CORRUPT_RECORD for what is not a regular file or is beyond `maxBytes`
 */
export async function readTextFile(path: string, maxBytes = MAX_FILE_BYTES): Promise<string | undefined> {
  try {
    return (await readBytes(path, maxBytes)).toString('utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return undefined;
    if (error instanceof StateError) throw error;
    const why = `${quoteForMessage(path)} cannot be read: ${reasonOf(error)}`;
    throw new StateError('TREE_UNREADABLE', why, { cause: error });
  }
}

/**
 * A whole regular file. Never blocks on a FIFO.
 * @throws the file system's error, and StateError CORRUPT_RECORD for what is not a regular file or is beyond `maxBytes`
 */
export async function readBytes(path: string, maxBytes = MAX_FILE_BYTES): Promise<Buffer> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error) => {
    throw asOpenError(error, path);
  });
  try {
    const facts = await handle.stat();
    if (!facts.isFile())
      throw new StateError('CORRUPT_RECORD', `${quoteForMessage(path)} is not a regular file`);
    if (facts.size > maxBytes) {
      throw new StateError('CORRUPT_RECORD', `${quoteForMessage(path)} is larger than ${maxBytes} bytes`);
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** A socket, or a device that is not there, cannot even be opened: it is no regular file either. */
function asOpenError(error: unknown, path: string): unknown {
  return isErrno(error, 'ENXIO') || isErrno(error, 'ENODEV')
    ? new StateError('CORRUPT_RECORD', `${quoteForMessage(path)} is not a regular file`, { cause: error })
    : error;
}

/** Names in a folder, sorted, without our temporary files; empty when it does not exist. @throws StateError TREE_UNREADABLE */
export async function listFolder(path: string): Promise<readonly string[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw new StateError('TREE_UNREADABLE', `cannot list ${quoteForMessage(path)}: ${reasonOf(error)}`, {
      cause: error,
      advice: 'Put right what lies there; where nothing of it is needed, move it away.',
    });
  }
  return entries
    .map((entry) => entry.name)
    .filter((name) => !isTemporaryName(name))
    .sort();
}

/** Whether something lies at the path (links are not followed). */
export async function isThere(path: string): Promise<boolean> {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** What lies at the path (links are not followed); undefined: nothing, or a part of the path is no folder. @throws the file system's error */
export function entryAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (isErrno(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It was renamed already, was never made, or the next sweep takes it.
  }
}

/** Whether an unknown error is a system error with this code. */
export function isErrno(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && (error as NodeJS.ErrnoException).code === code;
}

/** The error of a failed write as a StateError that names the path and what to do; our own errors pass as they are. */
export function asWriteError(error: unknown, path: string): unknown {
  if (error instanceof AutosslError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === undefined) return error;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return new StateError(
    isFull ? 'NO_SPACE' : 'WRITE_FAILED',
    `cannot write ${quoteForMessage(path)}: ${code === 'ENOENT' ? 'its folder does not exist' : reasonOf(error)}`,
    {
      cause: error,
      advice: isFull
        ? 'Free some space on that file system.'
        : 'Check the owner and mode of that folder; run as root.',
    },
  );
}
