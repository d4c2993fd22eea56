import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FileCertificateStore } from '../../../src/adapters/store/publication/certificates.js';
import { shareCopies } from '../../../src/adapters/store/publication/shared-copies.js';
import { fakeKeyMatches, fakePair, takeFakeApart, websiteRef } from '../../support/fake-pairs.js';
import { fixedClock } from '../../support/fixed-clock.js';
import { scratchTree } from '../../support/scratch.js';

const website = websiteRef('example.com');
const NAMES = ['example.com', 'www.example.com'];
const isRoot = process.getuid?.() === 0;
/** Any group will do; who is not root has only their own. */
const GROUP = isRoot ? 4711 : (process.getgid?.() ?? 0);
let scratch: ReturnType<typeof scratchTree>;
beforeEach(() => {
  scratch = scratchTree();
});
afterEach(() => scratch.remove());

const publish = (pair: string, keyGroup?: number | null): Promise<void> =>
  new FileCertificateStore({
    tree: scratch.tree,
    clock: fixedClock('2026-06-01T00:00:00Z'),
    takeApart: takeFakeApart,
    keyMatchesCertificate: fakeKeyMatches,
    ...(keyGroup === undefined ? {} : { keyGroup }),
  }).publish({ website, ...fakePair(pair, NAMES) });
const copy = (name: string): string => join(scratch.tree.copies(), name, 'combined');
const readers = (path: string) => {
  const { mode, gid } = statSync(path);
  return [mode & 0o7777, gid];
};
const shared = [0o640, GROUP];
const alone = [0o600, isRoot ? 0 : GROUP];

describe('the copies by name', () => {
  test.each([undefined, null])('are root’s alone when no group has leave (%s)', async (keyGroup) => {
    await publish('a', keyGroup);
    expect(NAMES.map((name) => readers(copy(name)))).toEqual([alone, alone]);
  });

  test('are readable by the group that has leave, the file that servers name by itself is not', async () => {
    await publish('a', GROUP);
    expect(NAMES.map((name) => readers(copy(name)))).toEqual([shared, shared]);
    expect(readers(scratch.tree.combined(website.vhost))).toEqual(alone);
  });

  test('are root’s alone again once the leave is taken back and they are written', async () => {
    await publish('a', GROUP);
    await publish('a', null);
    expect(readers(copy('example.com'))).toEqual(alone);
  });

  test('are shared where they lie, once', async () => {
    await publish('a');
    expect(shareCopies(scratch.tree, GROUP)).toBe(2);
    expect(NAMES.map((name) => readers(copy(name)))).toEqual([shared, shared]);
    expect(shareCopies(scratch.tree, GROUP)).toBe(0);
    expect(readers(scratch.tree.combined(website.vhost))).toEqual(alone);
  });

  test('are all that is shared: no link, no folder, nothing of others', async () => {
    await publish('a');
    const secret = join(scratch.root, 'secret');
    writeFileSync(secret, '', { mode: 0o600 });
    mkdirSync(join(scratch.tree.copies(), 'link.test'));
    symlinkSync(secret, copy('link.test'));
    symlinkSync('/etc', join(scratch.tree.copies(), 'out.test'));
    mkdirSync(copy('folder.test'), { recursive: true, mode: 0o700 });
    writeFileSync(join(scratch.tree.copies(), 'file.test'), '');
    chmodSync(copy('folder.test'), 0o700);
    expect(shareCopies(scratch.tree, GROUP)).toBe(2);
    expect(readers(secret)[0]).toBe(0o600);
    expect(readers(copy('folder.test'))[0]).toBe(0o700);
    expect(readdirSync(scratch.tree.copies()).length).toBe(6);
  });

  test('need not be there', () => {
    expect(shareCopies(scratch.tree, GROUP)).toBe(0);
  });
});
