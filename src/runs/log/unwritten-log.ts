import { StateError } from '../../core/domain/autossl-error.js';
import type { RunJournal } from '../ports/journal.js';

/** What is the matter with a file system, not with what somebody set up. */
const CANNOT_WRITE: ReadonlySet<string> = new Set(['WRITE_FAILED', 'NO_SPACE']);

/** Whether the error means that a file could not be written: there may be room elsewhere, and later. */
export function isUnwritable(error: unknown): error is StateError {
  return error instanceof StateError && CANNOT_WRITE.has(error.code);
}

/**
 * Opens a log; where none can be written, one that loses every line and says so at its end, as a log does whose disk fills
 * up meanwhile: certificates are renewed all the same. Other faults are thrown.
 */
export async function openLog<Log extends RunJournal | undefined>(
  open: () => Promise<Log>,
): Promise<Log | RunJournal> {
  try {
    return await open();
  } catch (error) {
    if (!isUnwritable(error)) throw error;
    return unwrittenLog(error);
  }
}

function unwrittenLog(fault: StateError): RunJournal {
  const tell = (): Promise<void> => Promise.reject(fault);
  return { startedAt: '', record: () => undefined, flush: tell, close: tell };
}
