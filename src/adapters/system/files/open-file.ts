import { readSync } from 'node:fs';

/** Most files that we read are smaller; one block for all of them instead of one of the system's for each. */
const SHARED_BYTES = 64 * 1024;
let shared: Buffer | undefined;

/**
 * The text (UTF-8) of an open file, from its position on and up to `size` bytes; less when it was cut off meanwhile.
 * Synchronous: the next call may use the same memory again. @throws the file system's error
 */
export function readOpenFile(descriptor: number, size: number): string {
  const bytes = size <= SHARED_BYTES ? sharedBytes() : Buffer.allocUnsafeSlow(size);
  let length = 0;
  while (length < size) {
    const count = readSync(descriptor, bytes, length, size - length, null);
    if (count === 0) break;
    length += count;
  }
  return bytes.toString('utf8', 0, length);
}

function sharedBytes(): Buffer {
  shared ??= Buffer.allocUnsafeSlow(SHARED_BYTES);
  return shared;
}
