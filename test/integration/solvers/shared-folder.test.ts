import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SharedFolderSolver } from '../../../src/adapters/solvers/shared-folder.js';
import { parseDomainName } from '../../../src/core/domain/name/names.js';
import { ChallengeTree, CLOCK } from '../../support/challenge-tree.js';

const NAME = parseDomainName('shop.test');
let place: ChallengeTree;
let solver: SharedFolderSolver;
let folder: string;
beforeEach(() => {
  place = new ChallengeTree();
  solver = new SharedFolderSolver(place.tree, CLOCK);
  folder = place.tree.challenges();
});
afterEach(() => place.remove());

const challenge = (token: string, content = `${token}.thumb`) => ({
  website: place.website(),
  name: NAME,
  token,
  content,
});
const removed = (token: string) => ({
  name: NAME,
  token,
  documentRoot: '/home/shop/public_html',
  account: 'shop',
});

test('a challenge lies in a folder that nobody may list and can be read by all', async () => {
  expect(await solver.present(challenge('abc'))).toEqual({ ok: true });
  expect(readFileSync(join(folder, 'abc'), 'utf8')).toBe('abc.thumb');
  expect(lstatSync(join(folder, 'abc')).mode & 0o7777).toBe(0o644);
  expect(lstatSync(folder).mode & 0o7777).toBe(0o711);
  await solver.cleanUp(removed('abc'));
  await solver.cleanUp(removed('abc'));
  expect(readdirSync(folder)).toEqual([]);
  expect(readdirSync(place.tree.placed())).toEqual([]);
  expect(readdirSync(place.documentRoot)).toEqual([]);
});

test('presented again, it holds the newest content', async () => {
  await solver.present(challenge('abc', 'abc.old'));
  await solver.present(challenge('abc', 'abc.new'));
  expect(readFileSync(join(folder, 'abc'), 'utf8')).toBe('abc.new');
});

test.each(['', '.', '..', '../x', 'a/b', 'a\0b', 'a\nb', 'x'.repeat(129), '.autossl-tmp-1', 'a;b'])(
  'the token %j names no file',
  async (token) => {
    expect(await solver.present(challenge(token))).toMatchObject({ ok: false });
    await solver.cleanUp(removed(token));
  },
);

test('a link in place of the file is replaced, never followed', async () => {
  const precious = join(place.folder, 'precious');
  writeFileSync(precious, 'precious');
  await solver.present(challenge('first'));
  symlinkSync(precious, join(folder, 'abc'));
  await solver.present(challenge('abc'));
  expect(readFileSync(precious, 'utf8')).toBe('precious');
  expect(lstatSync(join(folder, 'abc')).isFile()).toBe(true);
});

describe('a folder that is not root’s alone is refused', () => {
  test('others may write', async () => {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o777);
    await expect(solver.present(challenge('abc'))).rejects.toMatchObject({ code: 'UNSAFE_FILE' });
  });
  test('a link', async () => {
    mkdirSync(dirname(folder), { recursive: true });
    symlinkSync(place.home, folder);
    await expect(solver.present(challenge('abc'))).rejects.toMatchObject({ code: 'UNSAFE_FILE' });
    expect(readdirSync(place.home)).toEqual(['public_html']);
  });
});
