import { chownSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { findFolderOwner } from '../../../src/adapters/accounts/folder-owner.js';
import { scratchTree } from '../../support/scratch.js';

const ALICE = 20_001;
const BOB = 20_002;
const asRoot = process.getuid?.() === 0 ? test : test.skip;
let scratch: ReturnType<typeof scratchTree>;
const at = (path: string): string => scratch.root + path;
const find = (path: string) => findFolderOwner(at(path), scratch.tree);

beforeEach(() => {
  scratch = scratchTree();
  mkdirSync(at('/etc'));
  const people = [`alice:x:${ALICE}:${ALICE}::/home/alice:/bin/sh`, `bob:x:${BOB}:${BOB}::/home/bob:/bin/sh`];
  writeFileSync(
    at('/etc/passwd'),
    `root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/bin/false\n${people.join('\n')}\n`,
  );
  for (const [folder, uid] of [
    ['/home', 0],
    ['/home/alice', ALICE],
    ['/home/bob', BOB],
    ['/srv', 0],
    ['/srv/www', 33],
    ['/srv/gone', 4711],
  ] as const) {
    mkdirSync(at(folder));
    if (process.getuid?.() === 0) chownSync(at(folder), uid, uid);
  }
});
afterEach(() => scratch.remove());

function link(path: string, target: string, uid: number): void {
  symlinkSync(target, at(path));
  lchownSync(at(path), uid, uid);
}

describe('a document root belongs to', () => {
  asRoot('the person whose the folder is, as the account files name it', async () => {
    expect(await find('/home/alice//')).toEqual({ state: 'person', account: 'alice', path: '/home/alice' });
  });

  asRoot.each<[string, string]>([
    ['/srv', 'belongs to root'],
    ['/srv/www', 'belongs to www-data'],
    ['/srv/gone', 'belongs to the user 4711, who has no name'],
    ['/srv/not/there', 'does not exist'],
  ])('nobody: %s %s', async (path, owner) => {
    expect(await find(path)).toEqual({ state: 'nobody', owner, path });
  });

  asRoot('the owner of what a link of root names, however many there are', async () => {
    link('/srv/site', '../home/bob', 0);
    link('/srv/again', 'site', 0);
    expect(await find('/srv/again')).toEqual({ state: 'person', account: 'bob', path: '/srv/again' });
  });

  asRoot('the owner of a link and of what it names', async () => {
    mkdirSync(at('/home/alice/v2'));
    chownSync(at('/home/alice/v2'), ALICE, ALICE);
    link('/home/alice/www', 'v2', ALICE);
    expect(await find('/home/alice/www')).toMatchObject({ account: 'alice', path: '/home/alice/www' });
  });

  asRoot.each<[string, string, string]>([
    ['another user’s folder', '/home/bob', 'it is a link of alice to a folder of bob'],
    ['root’s folder', '/srv', 'it is a link of alice to a folder of root'],
    ['what lies out of the tree', '/../../../../../../..', 'leads out of the tree'],
  ])('nobody where a customer’s link names %s', async (_, target, why) => {
    link('/home/alice/www', target.startsWith('/..') ? target.slice(1) : at(target), ALICE);
    expect(await find('/home/alice/www')).toEqual({ state: 'refused', why: expect.stringContaining(why) });
  });

  test.each<[string, (path: string) => void, string]>([
    ['links in a circle', (path) => symlinkSync('odd', path), 'goes through a broken link'],
    ['a file', (path) => writeFileSync(path, ''), 'it is no folder'],
  ])('nobody: %s', async (_, make, why) => {
    make(at('/odd'));
    expect(await find('/odd')).toEqual({ state: 'refused', why: expect.stringContaining(why) });
  });

  test.each([
    ['/tmp', 'leads out of the tree'],
    ['/proc/self/root', 'leads out of the tree'],
  ])('nobody out of the tree: %s', async (path, why) => {
    expect(await findFolderOwner(path, scratch.tree)).toEqual({
      state: 'refused',
      why: expect.stringContaining(why),
    });
  });

  test.each([
    ['a control character', '/home/a\u0007b', 'it has a control character'],
    ['what the documented files cannot hold', '/home/a==b', 'cannot hold “==”'],
    ['the tree itself', '/', 'it is the root of all files'],
  ])('nobody: %s', async (_, path, why) => {
    expect(await findFolderOwner(at(path), scratch.tree)).toEqual({
      state: 'refused',
      why: expect.stringContaining(why),
    });
  });
});
