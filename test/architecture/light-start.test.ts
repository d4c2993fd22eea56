import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { entriesOf, type Metafile, startPathOf } from './start-path.js';

const ROOT = join(fileURLToPath(import.meta.url), '../../..');
/** Node reads and compiles this much before `--version` answers: well under a tenth of a second. */
const MAX_START_BYTES = 300_000;
/** Read by every command, whether it needs it or not; commander is half of it. */
const MAX_SHARED_BYTES = 150_000;
/** Libraries that only the work itself needs. */
const HEAVY = [
  '@peculiar/x509',
  'asn1js',
  'chalk',
  'cli-progress',
  'cli-table3',
  'execa',
  'fs-extra',
  'jose',
  'nodemailer',
  'p-queue',
  'pkijs',
  'proper-lockfile',
  'reflect-metadata',
  'valibot',
  'yaml',
];
const isHeavy = (name: string): boolean => HEAVY.includes(name) || name.startsWith('@peculiar/');

describe('the programs start light', () => {
  const programs = Object.keys(
    (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { bin: Record<string, string> }).bin,
  );
  let metafile: Metafile = { outputs: {} };
  beforeAll(() => {
    const built = spawnSync(process.execPath, [join(ROOT, '.ci/build.mjs')], { encoding: 'utf8' });
    if (built.status !== 0) throw new Error(built.stderr);
    metafile = JSON.parse(readFileSync(join(ROOT, '.build/meta.json'), 'utf8')) as Metafile;
  });

  test('every program of package.json is built', () => {
    expect(entriesOf(metafile)).toEqual(programs.map((name) => `dist/${name}.js`).sort());
  });

  test.each(programs)('%s', (name) => {
    const { bytes, packages } = startPathOf(metafile, `dist/${name}.js`);
    expect(packages.filter(isHeavy)).toEqual([]);
    expect(bytes).toBeLessThan(MAX_START_BYTES);
  });

  // What people wait for at a prompt, and what a shell calls at a key.
  test.each([
    ['autossl_check_queue, when nothing is due', 'src/cli/commands/queue.ts'],
    ['autossl complete-words', 'src/cli/commands/manage/complete-words.ts'],
    ['autossl exclude', 'src/cli/commands/manage/exclude.ts'],
    ['autossl limits', 'src/cli/commands/manage/limits.ts'],
    ['autossl log and logs', 'src/cli/commands/manage/logs.ts'],
    ['autossl notify', 'src/cli/commands/manage/notify.ts'],
    ['autossl options', 'src/cli/commands/manage/options.ts'],
    ['autossl problems', 'src/cli/commands/problems.ts'],
    ['autossl provider', 'src/cli/commands/provider.ts'],
    ['autossl queue', 'src/cli/commands/manage/queue.ts'],
    ['autossl status', 'src/cli/commands/status.ts'],
    ['autossl users', 'src/cli/commands/manage/users.ts'],
    ['uapi', 'src/cli/commands/uapi.ts'],
    ['whmapi1', 'src/cli/commands/whmapi1.ts'],
  ])('%s loads no more', (_, command) => {
    const chunks = Object.entries(metafile.outputs).filter(([, { entryPoint }]) => entryPoint === command);
    expect(chunks).toHaveLength(1);
    const { bytes, packages } = startPathOf(metafile, chunks[0]?.[0] ?? '');
    expect(packages.filter(isHeavy)).toEqual([]);
    expect(bytes).toBeLessThan(MAX_START_BYTES);
  });

  test.each(['uapi', 'uapi-root', 'whmapi1'])('%s reads its line without a library', (name) => {
    expect(startPathOf(metafile, `dist/${name}.js`).packages).toEqual([]);
  });

  test('what the commands share is one file, without what only some of them need', () => {
    const { common = [] } = metafile;
    expect(common.length).toBeGreaterThan(10);
    const shared = common.map((name) => startPathOf(metafile, `dist/${name}`));
    expect(shared.flatMap(({ packages }) => packages).filter(isHeavy)).toEqual([]);
    const sizes = common.map((name) => metafile.outputs[`dist/${name}`]?.bytes ?? Number.NaN);
    expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(MAX_SHARED_BYTES);
  });

  test.each(programs)('%s --version answers', (name) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'bin', name), '--version'], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/\b\d+\.\d+\.\d+\b/);
  });
});

describe('startPathOf', () => {
  const output = (
    inputs: readonly string[],
    imports: readonly (readonly [string, string])[],
    bytes = 10,
  ): Metafile['outputs'][string] => ({
    bytes,
    inputs: Object.fromEntries(inputs.map((input) => [input, {}])),
    imports: imports.map(([path, kind]) => ({ path, kind })),
  });
  const metafile: Metafile = {
    outputs: {
      'dist/a.js': output(
        ['src/cli/programs/a.ts'],
        [
          ['dist/b.js', 'import-statement'],
          ['dist/c.js', 'dynamic-import'],
        ],
      ),
      'dist/b.js': output(['node_modules/yaml/dist/index.js'], [['dist/a.js', 'import-statement']], 5),
      'dist/c.js': output(['node_modules/x/node_modules/@peculiar/x509/a.js'], [], 1000),
    },
  };

  test('counts what is loaded at once, and only that', () => {
    expect(startPathOf(metafile, 'dist/a.js')).toEqual({ bytes: 15, packages: ['yaml'] });
  });
  test('names a package by its scope, wherever it lies', () => {
    expect(startPathOf(metafile, 'dist/c.js').packages).toEqual(['@peculiar/x509']);
  });
  test('refuses an entry that was not built', () => {
    expect(() => startPathOf(metafile, 'dist/z.js')).toThrow('dist/z.js is not in the metafile');
  });
});
