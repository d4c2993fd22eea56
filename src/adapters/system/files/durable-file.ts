import { closeSync, constants, fchmodSync, fchownSync, fsync, open, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';

export interface FileAttributes {
  /** Permission bits, set before the first byte is written. */
  readonly mode: number;
  /** Owner and group, set before the first byte; left as they are when we are not root. */
  readonly uid?: number;
  readonly gid?: number;
}

/** Ends when what was written to the open file or folder would survive power loss. @throws the file system's error */
export const waitForDisk = promisify(fsync);

const makeFile = promisify(open);

/**
 * Writes a file that must not be there yet and waits for the disk; its name is durable after a `syncFolder`. A failure may
 * leave a part of it. The two steps that may wait for the disk go to the thread pool; the others do not, because a trip
 * there costs more than any of them, behind the keys that are made there, and an order makes two dozen such writes.
 * @throws the file system's error
 */
export async function writeDurably(
  path: string,
  contents: string | Uint8Array,
  { mode, uid, gid }: FileAttributes,
): Promise<void> {
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;
  const descriptor = await makeFile(path, flags, mode & 0o600);
  try {
    if (process.getuid?.() === 0 && (uid !== undefined || gid !== undefined)) {
      fchownSync(descriptor, uid ?? 0, gid ?? 0);
    }
    fchmodSync(descriptor, mode);
    writeFileSync(descriptor, contents);
    await waitForDisk(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
