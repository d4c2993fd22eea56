import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sweepTemporaryFiles } from '../../../src/adapters/store/orphans/store-sweeping.js';
import { sweepFolder } from '../../../src/adapters/system/files/temporary-files.js';
import {
  identityWord,
  isWordAlive,
  livenessOf,
  ownIdentity,
  wasRunningAt,
} from '../../../src/adapters/system/process/process-identity.js';
import { everythingBelow } from '../../support/folder-listing.js';
import { scratchTree } from '../../support/scratch.js';

let scratch: ReturnType<typeof scratchTree>;
beforeEach(() => {
  scratch = scratchTree();
});
afterEach(() => scratch.remove());
const deadPid = (): number => spawnSync('true').pid;

describe('sweeping', () => {
  test('takes the files and folders of dead processes and leaves all else', () => {
    const names = [
      `.autossl-tmp-${deadPid()}-aa`,
      `.autossl-tmp-${process.pid}-bb`,
      '.autossl-tmp-x-cc',
      'combined',
      '.hidden',
    ];
    for (const name of names) writeFileSync(join(scratch.root, name), '');
    mkdirSync(join(scratch.root, `.autossl-tmp-${deadPid()}-dd/inside`), { recursive: true });
    symlinkSync('/etc', join(scratch.root, `.autossl-tmp-${deadPid()}-ee`));
    expect(sweepFolder(scratch.root)).toBe(3);
    expect(readdirSync(scratch.root)).toEqual(names.slice(1).sort());
    expect(readdirSync('/etc').length).toBeGreaterThan(0);
  });

  test('of the whole tree finds them in every folder that we write to', () => {
    const { tree } = scratch;
    const folders = [
      ...[tree.orders(), tree.staging(), join(tree.staging(), 'publishing'), tree.issued(), tree.locks()],
      ...[tree.accounts('LetsEncrypt'), tree.logs(), join(tree.archive(), 'example.com/x')],
      ...[tree.localCa(), join(tree.localCa(), 'orders'), tree.reloadOwed(), tree.served(), tree.notServed()],
      ...[tree.directories(), tree.crlCache(), tree.placedRecords(), join(tree.sni(), 'pairs')],
      ...[join(tree.accounts('LetsEncrypt'), 'next'), join(tree.accounts('Sectigo'), 'orders')],
      ...[
        tree.at('/var/cpanel'),
        tree.at('/var/cpanel/ssl/apache_tls/x'),
        tree.at('/var/cpanel/ssl/domain_tls/x'),
      ],
    ];
    const pid = deadPid();
    for (const folder of folders) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `.autossl-tmp-${pid}-aa`), '');
    }
    expect(sweepTemporaryFiles(tree, { everywhere: false })).toBe(19);
    expect(sweepTemporaryFiles(tree, { everywhere: true })).toBe(3);
    expect(everythingBelow(scratch.root).filter((path) => !path.endsWith('/'))).toEqual([]);
  });
});

test('no temporary name is made up elsewhere: what lacks the pid of its maker would stay for ever', () => {
  const makers = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter(
      (name) => name.endsWith('.ts') && readFileSync(join('src', name), 'utf8').includes('TEMPORARY_PREFIX'),
    )
    .sort();
  expect(makers).toEqual(['adapters/system/files/files.ts', 'adapters/system/files/temporary-files.ts']);
});

describe('a process', () => {
  test('knows itself, and is told from a former one of the same pid', () => {
    const own = ownIdentity();
    expect(livenessOf(own)).toBe('alive');
    expect(livenessOf({ ...own, startTicks: (own.startTicks ?? 0) - 1 })).toBe('gone');
    expect(livenessOf({ ...own, bootId: 'other' })).toBe('gone');
    expect(livenessOf({ ...own, pidNamespace: 'pid:[1]' })).toBe('unknown');
    expect(livenessOf({ ...own, pid: deadPid() })).toBe('gone');
  });

  test('was not running before it started: the pid of an old file is somebody else’s', () => {
    expect(wasRunningAt(process.pid, new Date())).toBe(true);
    expect(wasRunningAt(process.pid, new Date(Date.now() - 30 * 86_400_000))).toBe(false);
    expect(wasRunningAt(deadPid(), new Date())).toBe(false);
  });

  test.each(['', '1', 'x.y.z', '-1.1.00000000-0000-0000-0000-000000000000', '../../1'])(
    'the word %j names none',
    (word) => {
      expect(isWordAlive(word)).toBe(false);
    },
  );

  test('is named by one word that a log can keep', () => {
    expect(isWordAlive(identityWord(ownIdentity()))).toBe(true);
    expect(isWordAlive(identityWord({ ...ownIdentity(), pid: deadPid() }))).toBe(false);
  });
});
