import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';

/** What the hook of `test/support/failpoints` is known by. */
const WORDS = ['WORLD_HOOK', 'killAt', 'failAt', 'jumpAt', 'failpoint'];

beforeAll(() => {
  const built = spawnSync(process.execPath, ['.ci/build.mjs'], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(built.stderr);
});

test.each(['dist', 'bin', 'src'])(
  'nothing in %s knows of points at which runs are made to fail',
  (folder) => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true }).filter(
      (one) => one.isFile(),
    );
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const text = readFileSync(join(file.parentPath, file.name), 'utf8');
      expect([file.name, WORDS.filter((word) => text.includes(word))]).toEqual([file.name, []]);
    }
  },
);

test('the hook is known by these words', () => {
  const hook = readFileSync('test/support/failpoints/world-hook.mjs', 'utf8');
  expect(WORDS.filter((word) => !hook.includes(word))).toEqual(['failpoint']);
});
