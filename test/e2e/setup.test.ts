import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { buildPrograms, runBin } from '../support/bin-program.js';
import { listTree } from '../support/file-tree.js';

/** A server with a cron and nothing of ours. */
let root: string;
const at = (path: string) => join(root, path);
const setup = (...words: string[]) => runBin('autossl', ['setup', ...words], root);
const CRON = 'etc/cron.d/cpanel_autossl';
const HOOK = 'etc/autossl/maintenance-hook';
const LINK = 'usr/local/cpanel/bin/autossl_check';
/** What lies outside our own folder. */
const outside = () => listTree(root).filter((line) => !line.startsWith('var'));

beforeAll(buildPrograms);
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'autossl-setup-')));
  chmodSync(root, 0o755);
  mkdirSync(at('etc/cron.d'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Runs the nightly line as cron would: its own environment and nothing else. */
function runNightly(program = 'autossl_check') {
  const lines = readFileSync(at(CRON), 'utf8').split('\n');
  const environment = Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, value = ''] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, value.replace(/^"(.*)"$/, '$1')]];
    }),
  );
  const commands = lines.flatMap((line) => /^\d+ \d+ \* \* \* root (.*)$/.exec(line)?.[1] ?? []);
  const command = commands.find((one) => one.includes(`/${program} `)) ?? 'exit 99';
  return spawnSync('/bin/sh', ['-c', command], { env: environment, encoding: 'utf8' });
}

describe('autossl setup', () => {
  test('without options shows what it would do and changes nothing', async () => {
    const before = listTree(root);
    const shown = await setup();
    expect(shown).toMatchObject({ exitCode: 0 });
    for (const path of [CRON, HOOK, LINK]) expect(shown.stdout).toContain(`make     ${at(path)}: `);
    expect(shown.stdout).toContain('Nothing was changed. To do it: autossl setup --cron');
    expect((await setup('--cron', '--dry-run')).stdout).not.toContain(LINK);
    expect(listTree(root)).toEqual(before);
  });

  test('--cron: what cron would run works from an empty environment, and tells of a failure in one line', async () => {
    expect(await setup('--cron')).toMatchObject({ exitCode: 0 });
    expect(lstatSync(at(CRON)).mode & 0o777).toBe(0o644);
    expect(lstatSync(at(HOOK)).mode & 0o777).toBe(0o755);
    const failed = runNightly();
    expect(failed.stdout).toBe(
      'autossl_check ended with status 3: see the newest log in /var/cpanel/logs/autossl\n',
    );
    expect(failed.stderr).toContain('autossl provider use');
    mkdirSync(at('var/cpanel/users'), { recursive: true });
    await runBin('autossl', ['provider', 'use', 'LocalCA'], root);
    expect(runNightly()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(runNightly('checkallsslcerts')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const hook = spawnSync(at(HOOK), [], { env: {}, encoding: 'utf8' });
    expect(hook).toMatchObject({ status: 0, stderr: '' });
    expect(hook.stdout).toMatch(/0 services checked[\s\S]*0 websites of 0 users checked/);
  });

  test('--cron again keeps the time that was drawn, also when the file has to be made again', async () => {
    await setup('--cron');
    const first = readFileSync(at(CRON), 'utf8');
    const again = await setup('--cron', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({
      schemaVersion: 1,
      exitCode: 0,
      isDone: true,
      steps: [{ action: 'keep' }, { action: 'keep' }],
    });
    rmSync(at(CRON));
    await setup('--cron');
    expect(readFileSync(at(CRON), 'utf8')).toBe(first);
  });

  test('--yes does all; --undo takes away exactly that', async () => {
    writeFileSync(at('etc/cron.d/other'), '# somebody else’s\n');
    const before = outside();
    expect((await setup('--yes')).exitCode).toBe(0);
    expect(readlinkSync(at(LINK))).toBe(join(process.cwd(), 'bin/autossl_check'));
    const called = spawnSync(at(LINK), ['--version'], { encoding: 'utf8' });
    expect(called).toMatchObject({ status: 0, stderr: '' });
    const undone = await setup('--undo');
    expect(undone).toMatchObject({ exitCode: 0 });
    expect(outside()).toEqual(before);
    expect(existsSync(at('var/cpanel/ssl/autossl/setup.json'))).toBe(false);
    expect((await setup('--undo')).stdout).toBe('Nothing is set up.\n');
  });

  test('--sudoers is done only where it is asked for, and taken back alone', async () => {
    const SUDOERS = 'etc/sudoers.d/autossl';
    expect((await setup()).stdout).not.toContain(SUDOERS);
    await setup('--yes');
    expect(existsSync(at(SUDOERS))).toBe(false);
    expect(await setup('--sudoers')).toMatchObject({ exitCode: 0 });
    expect(lstatSync(at(SUDOERS)).mode & 0o777).toBe(0o440);
    expect(readFileSync(at(SUDOERS), 'utf8')).toContain(`= ${process.cwd()}/bin/uapi-root\n`);
    await setup('--sudoers', '--undo');
    expect(existsSync(at(SUDOERS))).toBe(false);
    expect(existsSync(at(CRON))).toBe(true);
    await setup('--sudoers');
    await setup('--undo');
    expect(existsSync(at(SUDOERS))).toBe(false);
  });

  test('--undo --cpanel-paths leaves the scheduled runs', async () => {
    await setup('--yes');
    await setup('--undo', '--cpanel-paths');
    expect(existsSync(at(CRON))).toBe(true);
    expect(existsSync(at('usr'))).toBe(false);
  });

  test('what was changed by hand is left alone, by setup and by undo, and both say so', async () => {
    await setup('--yes');
    appendFileSync(at(CRON), '# mine\n');
    rmSync(at(LINK));
    symlinkSync('/bin/true', at(LINK));
    for (const words of [['--yes'], ['--undo']]) {
      const ended = await setup(...words);
      expect(ended.exitCode).toBe(1);
      for (const path of [CRON, LINK])
        expect(ended.stdout).toContain(`LEAVE    ${at(path)}: it was changed by hand since`);
      expect(readFileSync(at(CRON), 'utf8')).toMatch(/# mine\n$/);
      expect(readlinkSync(at(LINK))).toBe('/bin/true');
    }
    expect(existsSync(at(HOOK))).toBe(false);
    rmSync(at(CRON));
    rmSync(at(LINK));
    expect((await setup('--undo')).exitCode).toBe(0);
    expect(existsSync(at('usr'))).toBe(false);
    expect(existsSync(at('etc/cron.d'))).toBe(true);
  });

  test('what others put there is never replaced, and the rest is done', async () => {
    writeFileSync(at(CRON), '# of a panel\n');
    mkdirSync(at('usr/local/cpanel/bin'), { recursive: true });
    writeFileSync(at(LINK), '#!/bin/sh\n');
    const ended = await setup('--yes');
    expect(ended.exitCode).toBe(1);
    for (const path of [CRON, LINK]) {
      expect(ended.stdout).toContain(`CANNOT   ${at(path)}: something lies there that setup did not make`);
    }
    expect(existsSync(at(HOOK))).toBe(true);
    await setup('--undo');
    expect(readFileSync(at(CRON), 'utf8')).toBe('# of a panel\n');
    expect(readFileSync(at(LINK), 'utf8')).toBe('#!/bin/sh\n');
    expect(existsSync(at('etc/autossl'))).toBe(false);
  });

  test('a link that leads out of the tree is not followed', async () => {
    const elsewhere = realpathSync(mkdtempSync(join(tmpdir(), 'autossl-elsewhere-')));
    try {
      rmSync(at('etc/cron.d'), { recursive: true });
      symlinkSync(elsewhere, at('etc/cron.d'));
      expect(await setup('--cron')).toMatchObject({ exitCode: 3 });
      expect(listTree(elsewhere)).toEqual([]);
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });

  test.each([
    ['is no JSON', '{'],
    ['is of a newer version', '{"schemaVersion": 2, "made": []}'],
    [
      'has a thing of an unknown kind',
      '{"schemaVersion": 1, "made": [{"part": "cron", "path": "/x", "kind": "tree"}]}',
    ],
  ])('a journal that %s stops it: exit 3, nothing changed', async (_, contents) => {
    const journal = at('var/cpanel/ssl/autossl/setup.json');
    mkdirSync(join(journal, '..'), { recursive: true });
    writeFileSync(journal, contents);
    const before = outside();
    const ended = await setup('--yes');
    expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
    expect(ended.stderr).toContain('setup.json” cannot be used');
    expect(outside()).toEqual(before);
    expect(readFileSync(journal, 'utf8')).toBe(contents);
  });

  test('a server without cron.d is told to install a cron', async () => {
    rmSync(at('etc'), { recursive: true });
    expect((await setup()).stderr).toMatch(/^autossl: warning: There is no .*: install a cron/m);
  });
});
