import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findViolations } from './house.js';
import { readSourceFiles } from './source-files.js';

const ROOT = join(fileURLToPath(import.meta.url), '../../..');
const CRUISER = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

/** A copy of the house in which a file may be planted. */
let copy = '';
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'autossl-house-'));
  for (const name of ['src', 'package.json', 'tsconfig.json', '.dependency-cruiser.cjs']) {
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => {
  rmSync(copy, { recursive: true, force: true });
});

describe('in a copy of this house', () => {
  test('the lint sees every source, and finds nothing', () => {
    const { code, modules, output } = cruise();
    expect(output).toContain('no dependency violations found');
    expect(code).toBe(0);
    expect(modules).toBeGreaterThanOrEqual(readSourceFiles(copy).size);
  });

  test.each([
    [
      'core that imports an adapter',
      'src/core/plan/planted.ts',
      `import { Tree } from '../../adapters/system/tree.js';\nexport const a = Tree;\n`,
      'core-plan',
      'direction',
    ],
    [
      'an adapter that imports its neighbour’s types',
      'src/adapters/solvers/planted.ts',
      `import type { A } from '../planted-neighbour/planted.js';\nexport type B = A;\n`,
      'adapter',
      'direction',
    ],
    [
      'core that reads files',
      'src/core/domain/planted.ts',
      `import { readFileSync } from 'node:fs';\nexport const a = readFileSync;\n`,
      'core-is-pure',
      'core builtin',
    ],
    [
      'an X.509 library outside its door',
      'src/adapters/acme/planted.ts',
      `export const a = () => import('@peculiar/x509');\n`,
      'x509-has-one-door',
      'one door',
    ],
    [
      'a run that loads an adapter when reached',
      'src/runs/planted.ts',
      `export const a = () => import('../adapters/system/tree.js');\n`,
      'runs',
      'direction',
    ],
  ])('%s is found by the lint and by the walk', (_, file, source, cruiserRule, rule) => {
    const planted = [
      [file, source],
      ['src/adapters/planted-neighbour/planted.ts', 'export interface A {\n  readonly a: string;\n}\n'],
    ] as const;
    for (const [path, text] of planted) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), text);
    }
    try {
      const { code, output } = cruise();
      expect(output).toContain(`error ${cruiserRule}: ${file}`);
      expect(code).not.toBe(0);
      expect(findViolations(readSourceFiles(copy)).map((one) => [one.rule, one.file])).toEqual([
        [rule, file],
      ]);
    } finally {
      for (const [path] of planted) rmSync(join(copy, path));
    }
  });
});

function cruise(): { code: number | null; modules: number; output: string } {
  const words = [CRUISER, 'src', '--config', '.dependency-cruiser.cjs'];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    cwd: copy,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
  });
  const output = stdout + stderr;
  return { code: status, modules: Number(/(\d+) modules/.exec(output)?.[1] ?? 0), output };
}
