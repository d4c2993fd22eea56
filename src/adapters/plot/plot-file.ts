import { constants } from 'node:fs';
import { access, lstat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import { reasonOf } from '../../core/domain/system-fault.js';
import { isErrno } from '../system/files/files.js';

/** Makes a file that is not there yet, never through a link. @throws UsageError BAD_ARGUMENT when that fails */
export async function writePlotFile(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o644 });
  } catch (error) {
    throw cannotBeMade(path, reasonOf(error), error);
  }
}

/** Whether such a file could be made now: what takes minutes is not begun in vain. @throws UsageError BAD_ARGUMENT */
export async function assertPlotFile(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw cannotBeMade(path, `of its folder, ${reasonOf(error)}`, error);
  }
  try {
    await lstat(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return;
    throw cannotBeMade(path, reasonOf(error), error);
  }
  throw cannotBeMade(path, 'something lies there already');
}

function cannotBeMade(path: string, why: string, cause?: unknown): UsageError {
  return new UsageError('BAD_ARGUMENT', `${quoteForMessage(path)} cannot be made: ${why}`, { cause });
}
