import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readOpenFile } from '../../../src/adapters/system/files/open-file.js';
import { scratchTree } from '../../support/scratch.js';

let scratch: ReturnType<typeof scratchTree>;
beforeEach(() => {
  scratch = scratchTree();
});
afterEach(() => scratch.remove());

function readBack(contents: string, size = Buffer.byteLength(contents)): string {
  const path = join(scratch.root, 'file');
  writeFileSync(path, contents);
  const descriptor = openSync(path, 'r');
  try {
    return readOpenFile(descriptor, size);
  } finally {
    closeSync(descriptor);
  }
}

describe('the text of an open file', () => {
  test.each([
    ['nothing', ''],
    ['some bytes', 'grün\n'],
    ['just as much as is read at once', 'x'.repeat(64 * 1024)],
    ['a byte more', `${'x'.repeat(64 * 1024)}y`],
  ])('comes whole: %s', (_, contents) => {
    expect(readBack(contents)).toBe(contents);
  });

  test('never ends with bytes of the file read before it', () => {
    expect(readBack('a longer text')).toBe('a longer text');
    expect(readBack('short')).toBe('short');
    // Cut off by somebody between the look at its size and the reading.
    expect(readBack('short', 13)).toBe('short');
    expect(readBack('short', 100_000)).toBe('short');
  });
});
