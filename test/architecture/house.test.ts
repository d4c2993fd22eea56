import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { findViolations, type SourceFiles } from './house.js';
import { readSourceFiles } from './source-files.js';

const ROOT = join(fileURLToPath(import.meta.url), '../../..');

/** A sound house of one file a place. */
const SOUND: Readonly<Record<string, string>> = {
  'bin/autossl': `#!/usr/bin/env node\nrequire('../dist/autossl.js');\n`,
  'src/core/domain/names.ts': `import { isIP } from 'node:net';\nexport const a = isIP;`,
  'src/core/certificate/facts.ts': `import type { X509Certificate } from '@peculiar/x509';\nexport const parse = async () => (await import('@peculiar/x509'));`,
  'src/core/renewal/verdict.ts': `import { parse } from '../certificate/facts.js';`,
  'src/core/evaluation/evaluate.ts': `import '../renewal/verdict.js';`,
  'src/core/dcv/outcome.ts': `import { a } from '../domain/names.js';`,
  'src/core/order/step.ts': `import { a } from '../domain/names.js';`,
  'src/core/provider/description.ts': `import '../order/step.js';`,
  'src/core/plan/plan.ts': `import '../evaluation/evaluate.js';\nimport '../dcv/outcome.js';\nimport '../provider/description.js';`,
  'src/core/report/text.ts': `import '../plan/plan.js';\nexport const at = (instant: Date) => new Date(instant.getTime()).toISOString();`,
  'src/runs/ports/clock.ts': `import type { A } from '../../core/domain/names.js';`,
  'src/runs/check-websites.ts': `import type { Clock } from './ports/clock.js';\nimport '../core/plan/plan.js';`,
  'src/adapters/system/exec.ts': `export const run = async () => (await import('execa')).execa;`,
  'src/adapters/store/issued.ts': `import type { IssuedStore } from '../../runs/ports/clock.js';\nimport { run } from '../system/exec.js';\nimport '../../core/domain/names.js';\nimport './journal.js';`,
  'src/adapters/store/journal.ts': `import { readFile } from 'node:fs/promises';\nconst now = Date.now();`,
  'src/api/ssl.ts': `import '../runs/check-websites.js';`,
  'src/cli/paint.ts': `import chalk from 'chalk';`,
  'src/cli/host/check.ts': `import '../../adapters/store/issued.js';\nimport '../../api/ssl.js';`,
  'src/cli/programs/autossl.ts': `import '../host/check.js';`,
};

const houseWith = (planted: Readonly<Record<string, string>>): SourceFiles =>
  new Map(Object.entries({ ...SOUND, ...planted }));

test('this house keeps its rules', () => {
  const files = readSourceFiles(ROOT);
  expect([...files.keys()]).toContain('src/runs/ports/clock.ts');
  expect(findViolations(files)).toEqual([]);
});

test('a sound house has no violation', () => {
  expect(findViolations(houseWith({}))).toEqual([]);
});

describe('a planted violation is found:', () => {
  test.each([
    [
      'core imports an adapter',
      'src/core/plan/x.ts',
      `import '../../adapters/store/issued.js';`,
      'direction',
    ],
    [
      'core imports a run',
      'src/core/plan/x.ts',
      `import type { Clock } from '../../runs/ports/clock.js';`,
      'direction',
    ],
    ['domain imports certificate', 'src/core/domain/x.ts', `import '../certificate/facts.js';`, 'direction'],
    [
      'certificate imports renewal',
      'src/core/certificate/x.ts',
      `import type { V } from '../renewal/verdict.js';`,
      'direction',
    ],
    [
      'renewal imports evaluation',
      'src/core/renewal/x.ts',
      `import '../evaluation/evaluate.js';`,
      'direction',
    ],
    ['evaluation imports plan', 'src/core/evaluation/x.ts', `import '../plan/plan.js';`, 'direction'],
    ['plan imports report', 'src/core/plan/x.ts', `import '../report/text.js';`, 'direction'],
    ['dcv imports order', 'src/core/dcv/x.ts', `import '../order/step.js';`, 'direction'],
    ['order imports certificate', 'src/core/order/x.ts', `import '../certificate/facts.js';`, 'direction'],
    [
      'provider imports plan by import()',
      'src/core/provider/x.ts',
      `const a = () => import('../plan/plan.js');`,
      'direction',
    ],
    ['a run imports an adapter', 'src/runs/x.ts', `import '../adapters/store/issued.js';`, 'direction'],
    ['a run imports the api', 'src/runs/x.ts', `import '../api/ssl.js';`, 'direction'],
    ['the api imports the cli', 'src/api/x.ts', `import '../cli/paint.js';`, 'direction'],
    [
      'the api imports an adapter by import()',
      'src/api/x.ts',
      `await import('../adapters/store/issued.js');`,
      'direction',
    ],
    [
      'a program imports an adapter',
      'src/cli/programs/x.ts',
      `import '../../adapters/store/issued.js';`,
      'direction',
    ],
    ['an adapter imports another', 'src/adapters/acme/x.ts', `import '../store/issued.js';`, 'direction'],
    [
      'an adapter imports a run',
      'src/adapters/acme/x.ts',
      `import type { X } from '../../runs/check-websites.js';`,
      'direction',
    ],
    [
      'system imports another adapter',
      'src/adapters/system/x.ts',
      `import '../store/issued.js';`,
      'direction',
    ],
    [
      'an adapter loads the ports',
      'src/adapters/acme/x.ts',
      `import { A } from '../../runs/ports/clock.js';`,
      'ports as types',
    ],
    [
      'an adapter loads the ports, names marked type',
      'src/adapters/acme/x.ts',
      `import { type A } from '../../runs/ports/clock.js';`,
      'ports as types',
    ],
    ['a file beside the wings', 'src/x.ts', '', 'place'],
    ['a sixth wing', 'src/tools/x.ts', '', 'place'],
    ['a file beside the floors of core', 'src/core/x.ts', '', 'place'],
    ['a new floor of core', 'src/core/extras/x.ts', '', 'place'],
    ['an adapter without folder', 'src/adapters/x.ts', '', 'place'],
    ['a folder called utils', 'src/cli/utils/x.ts', '', 'folder name'],
    ['a folder called helpers', 'src/adapters/acme/helpers/x.ts', '', 'folder name'],
    ['a folder called common', 'src/runs/common/x.ts', '', 'folder name'],
    ['a folder called lib', 'src/api/lib/x.ts', '', 'folder name'],
    ['an index file', 'src/core/domain/index.ts', `export * from './names.js';`, 'no index'],
    ['an import of nothing', 'src/runs/x.ts', `import './gone.js';`, 'unresolved'],
    ['an import without .js', 'src/runs/x.ts', `import '../core/plan/plan';`, 'unresolved'],
    ['an import by a computed name', 'src/runs/x.ts', `await import(name);`, 'computed import'],
    ['a program that imports a source', 'bin/x', `import '../src/cli/host.js';`, 'bin imports dist'],
    ['a program that requires a source', 'bin/x', `require('../src/cli/host.js');`, 'bin imports dist'],
    ['a program that requires a computed name', 'bin/x', `require(name);`, 'bin imports dist'],
    ['a program that imports a library', 'bin/x', `import { a } from 'commander';`, 'bin imports dist'],
    ['core reads files', 'src/core/plan/x.ts', `import { readFileSync } from 'node:fs';`, 'core builtin'],
    [
      'core reads files, without node:',
      'src/core/plan/x.ts',
      `import fs from 'fs/promises';`,
      'core builtin',
    ],
    [
      'core loads a builtin when reached',
      'src/core/plan/x.ts',
      `const os = () => import('node:os');`,
      'core builtin',
    ],
    ['core runs programs', 'src/core/certificate/x.ts', `import 'node:child_process';`, 'core builtin'],
    ['core holds a worldly library', 'src/core/plan/x.ts', `import fse from 'fs-extra';`, 'core library'],
    [
      'an X.509 library elsewhere',
      'src/adapters/local-ca/x.ts',
      `const a = await import('@peculiar/x509');`,
      'one door',
    ],
    ['pkijs elsewhere in core', 'src/core/evaluation/x.ts', `import type { A } from 'pkijs';`, 'one door'],
    ['execa elsewhere', 'src/adapters/install/x.ts', `import { execa } from 'execa';`, 'one door'],
    ['chalk elsewhere', 'src/cli/x.ts', `import chalk from 'chalk';`, 'one door'],
  ] as const)('%s', (_, file, source, rule) => {
    expect(findViolations(houseWith({ [file]: source })).map((one) => [one.rule, one.file])).toEqual([
      [rule, file],
    ]);
  });

  test('a cycle, of types too', () => {
    const violations = findViolations(
      houseWith({
        'src/runs/a.ts': `import type { B } from './b.js';`,
        'src/runs/b.ts': `import type { C } from './c.js';`,
        'src/runs/c.ts': `import { a } from './a.js';`,
      }),
    );
    expect(violations).toEqual([
      {
        rule: 'cycle',
        file: 'src/runs/a.ts',
        line: 1,
        what: 'src/runs/a.ts → src/runs/b.ts → src/runs/c.ts → src/runs/a.ts',
      },
    ]);
  });

  test('at its line', () => {
    const source = `import type { A } from '../domain/names.js';\n\n// why\nimport { readFileSync } from 'node:fs';\n`;
    expect(findViolations(houseWith({ 'src/core/plan/x.ts': source })).map(({ line }) => line)).toEqual([4]);
  });
});

describe('core is pure:', () => {
  test.each([
    ['const now = Date.now();'],
    ['const now = new Date();'],
    ['const now = new Date;'],
    ['const now = Date();'],
    ['const t = performance.now();'],
    ['setTimeout(() => {}, 5);'],
    ['const r = Math.random();'],
    [`import { randomBytes } from 'node:crypto';`],
    [`import { generateKeyPairSync } from 'node:crypto';`],
    ['crypto.getRandomValues(new Uint8Array(4));'],
    ['const id = crypto.randomUUID();'],
    [`const debug = process.env['DEBUG'];`],
    ['const g = globalThis;'],
    [`const page = fetch('http://localhost');`],
    ['console.log(1);'],
    ['const hour = at.getHours();'],
    ['const text = at.toLocaleString();'],
    ['names.sort((a, b) => a.localeCompare(b));'],
    ['export async function plan() {}'],
    [`const text = \`\${Date.now()}\`;`],
  ])('%s is refused', (source) => {
    const violations = findViolations(houseWith({ 'src/core/plan/x.ts': source }));
    expect(new Set(violations.map(({ rule }) => rule))).toEqual(new Set(['core purity']));
  });

  test.each([
    ['const at = new Date(0);'],
    ['const at = new Date(text);'],
    ['const at: Date = new Date(\n  text,\n);'],
    ['// Date.now() is for others'],
    [`const text = 'never new Date() here';`],
    ['const hour = at.getUTCHours();'],
    ['const page = probe.fetch();'],
    [`const status = 'process.env';`],
    ['const isNow = (a: Date): boolean => a instanceof Date;'],
    ['function makeDate(a: Date) { return toDate(a); }'],
  ])('%s is fine', (source) => {
    expect(findViolations(houseWith({ 'src/core/plan/x.ts': source }))).toEqual([]);
  });
});
