import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { treeNamedIn } from '../../../src/adapters/system/tree-name.js';
import { scratchTree } from '../../support/scratch.js';

test('a tree has one name, whether it is called by a link, with slashes or dots', () => {
  const scratch = scratchTree();
  const real = join(scratch.root, 'real');
  mkdirSync(real);
  symlinkSync(real, join(scratch.root, 'link'));
  for (const spelled of ['real', 'real/', './/real/../real', 'link', 'link/'])
    expect(treeNamedIn({ AUTOSSL_ROOT: `${scratch.root}/${spelled}` })).toBe(
      treeNamedIn({ AUTOSSL_ROOT: real }),
    );
  scratch.remove();
});

test.each([
  [undefined, '/'],
  ['', '/'],
  ['/', '/'],
  ['//', '/'],
  ['/nowhere/at/all/', '/nowhere/at/all'],
  ['relative', 'relative'],
])('AUTOSSL_ROOT %j is %s', (root, expected) => {
  expect(treeNamedIn({ AUTOSSL_ROOT: root })).toBe(expected);
});
