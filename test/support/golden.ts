import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { outputFileSync } from 'fs-extra/esm';

const folder = join(process.cwd(), 'test/golden');

/** Compares a text with `test/golden/<name>`; UPDATE_GOLDEN=1 writes the file, to be read as a diff by a person. */
export function expectGolden(name: string, text: string): void {
  const path = join(folder, name);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    outputFileSync(path, text);
  }
  expect(text).toBe(readFileSync(path, 'utf8'));
}
