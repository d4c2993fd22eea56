import { writeFile } from 'node:fs/promises';
import { UsageError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import { reasonOf } from '../../core/domain/system-fault.js';

/** Makes a file that is not there yet, never through a link. @throws UsageError BAD_ARGUMENT when that fails */
export async function writePlotFile(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o644 });
  } catch (error) {
    throw new UsageError('BAD_ARGUMENT', `${quoteForMessage(path)} cannot be made: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
