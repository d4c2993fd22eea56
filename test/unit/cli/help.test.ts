import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { readJsonSync } from 'fs-extra/esm';
import { VERSION } from '../../../src/cli/version.js';
import { buildPrograms, runBin } from '../../support/bin-program.js';
import { expectGolden } from '../../support/golden.js';

/** No program reads a tree to say how it is called. */
const NO_TREE = '/nonexistent';
const manifest = readJsonSync('package.json') as {
  version: string;
  bin: Record<string, string>;
  man: string[];
};
const COMMANDS = ['autossl', 'autossl inspect', 'autossl provider', 'autossl provider list'];
const CAA_COMMANDS = ['autossl caa', 'autossl caa forget', 'autossl caa list', 'autossl caa undo'];
const PROVIDER_COMMANDS = ['disable', 'reset', 'show', 'use'].map((word) => `autossl provider ${word}`);
const HOSTING_COMMANDS = [
  'autossl adopt',
  'autossl rollback',
  'autossl setup',
  'autossl website',
  'autossl website add',
  'autossl website install',
  'autossl website list',
  'autossl website remove',
];
const SERVICES_COMMANDS = [
  'autossl services',
  'autossl services apply',
  'autossl services install',
  'autossl services list',
  'autossl services reset',
  'autossl services restart',
  'autossl services rollback',
];
const LOOKING_COMMANDS = ['autossl problems', 'autossl status', 'autossl verify', 'autossl why'];
const MANAGEMENT_COMMANDS = [
  'autossl completion',
  'autossl doctor',
  'autossl exclude',
  'autossl exclude add',
  'autossl exclude list',
  'autossl exclude remove',
  'autossl exclude set',
  'autossl limits',
  'autossl log',
  'autossl logs',
  'autossl notify',
  'autossl notify list',
  'autossl notify test',
  'autossl options',
  'autossl options set',
  'autossl options show',
  'autossl plan',
  'autossl queue',
  'autossl rehearse',
  'autossl users',
  'autossl users disable',
  'autossl users enable',
  'autossl users key-type',
  'autossl users list',
  'autossl users reset',
];
const SUBCOMMANDS = [
  ...COMMANDS,
  ...LOOKING_COMMANDS,
  ...PROVIDER_COMMANDS,
  ...CAA_COMMANDS,
  ...HOSTING_COMMANDS,
  ...SERVICES_COMMANDS,
  ...MANAGEMENT_COMMANDS,
  'autossl_check',
  'autossl_check_queue',
  'checkallsslcerts',
  'try-later',
  'uapi',
  'uapi-root',
  'whmapi1',
];

/** Beside them lies what says that they are CommonJS. */
const programs = readdirSync('bin')
  .filter((name) => name !== 'package.json')
  .sort();

beforeAll(() => buildPrograms());

test('the version is that of package.json', () => {
  expect(VERSION).toBe(manifest.version);
});

test('every program of bin/ is installed under its name and has a manual page', () => {
  expect(Object.entries(manifest.bin)).toEqual(programs.map((name) => [name, `bin/${name}`]));
  expect(manifest.man).toEqual(programs.map((name) => `man/${name}.8`));
});

describe.each(programs)('%s', (program) => {
  test('says its version', async () => {
    expect(await runBin(program, ['--version'], NO_TREE)).toEqual({
      exitCode: 0,
      stdout: `${VERSION}\n`,
      stderr: '',
    });
  });
});

describe('--help', () => {
  test('the golden files are those of the programs and subcommands there are', () => {
    expect(readdirSync('test/golden/help').sort()).toEqual(
      SUBCOMMANDS.map((line) => `${line.replace(/ /g, '-')}.txt`).sort(),
    );
  });

  test.each(SUBCOMMANDS)('%s', async (line) => {
    const [program = '', ...words] = line.split(' ');
    const ended = await runBin(program, [...words, '--help'], NO_TREE);
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expectGolden(`help/${line.replace(/ /g, '-')}.txt`, ended.stdout);
  });
});
