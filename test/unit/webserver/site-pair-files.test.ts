import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { outputFileSync } from 'fs-extra/esm';
import { managerOfPair, readSitePair } from '../../../src/adapters/webserver/site-pair-files.js';
import { scratchTree } from '../../support/scratch.js';
import { aPair } from '../../support/server-sites.js';

const HUGE_BYTES = 2 ** 40;
/** Of Debian; root reads whatever it likes. */
const NOBODY_UID = 65_534;
const isRoot = process.getuid?.() === 0;
let scratch: ReturnType<typeof scratchTree>;
beforeEach(() => {
  scratch = scratchTree();
  write('/etc/x.crt', 'certificate');
  write('/etc/x.key', 'key');
});
afterEach(() => scratch.remove());

function write(path: string, text: string): void {
  outputFileSync(scratch.root + path, text);
}
const pair = (path: string) => aPair(scratch.root + path);
const oneFile = (path: string) => ({
  certificateFile: scratch.root + path,
  keyFile: scratch.root + path,
  isVariable: false,
});

describe('the files of a pair', () => {
  test('are read, key first, one that is both once', async () => {
    expect(await readSitePair(pair('/etc/x'), scratch.tree)).toEqual({
      state: 'read',
      texts: ['key', 'certificate'],
    });
    expect(await readSitePair(oneFile('/etc/x.crt'), scratch.tree)).toEqual({
      state: 'read',
      texts: ['certificate'],
    });
  });

  test('are read through links, as certbot has them', async () => {
    write('/archive/fullchain1.pem', 'chain');
    mkdirSync(`${scratch.root}/live`);
    symlinkSync('../archive/fullchain1.pem', `${scratch.root}/live/fullchain.pem`);
    const found = await readSitePair(oneFile('/live/fullchain.pem'), scratch.tree);
    expect(found).toEqual({ state: 'read', texts: ['chain'] });
  });

  test('are taken with the chain that certbot wrote beside the certificate alone', async () => {
    write('/live/cert.pem', 'alone');
    write('/live/fullchain.pem', 'with chain');
    const found = await readSitePair(
      { ...oneFile('/live/cert.pem'), keyFile: `${scratch.root}/etc/x.key` },
      scratch.tree,
    );
    expect(found).toEqual({ state: 'read', texts: ['key', 'with chain'] });
  });

  test.each<[string, (path: string) => void, string]>([
    ['a FIFO', (path) => execFileSync('mkfifo', [path]), 'is not a regular file'],
    ['a folder', (path) => mkdirSync(path), 'is not a regular file'],
    ['a device', (path) => symlinkSync('/dev/zero', path), 'leads out of the tree'],
    [
      'a file of a terabyte',
      (path) => {
        writeFileSync(path, '');
        truncateSync(path, HUGE_BYTES);
      },
      'is larger than 1048576 bytes',
    ],
    ['a link to nothing', (path) => symlinkSync('nowhere', path), 'goes through a broken link'],
    ['a link to itself', (path) => symlinkSync('odd', path), 'goes through a broken link'],
    ['a link out of the tree', (path) => symlinkSync(tmpdir(), path), 'leads out of the tree'],
    ['nothing', () => undefined, 'there is no file'],
  ])('%s is refused with a reason, as key or as certificate', async (_, make, why) => {
    make(`${scratch.root}/odd`);
    const odd = `${scratch.root}/odd`;
    const refused = { state: 'unreadable', why: expect.stringContaining(why) };
    expect(await readSitePair({ ...pair('/etc/x'), keyFile: odd }, scratch.tree)).toEqual(refused);
    expect(await readSitePair({ ...pair('/etc/x'), certificateFile: odd }, scratch.tree)).toEqual(refused);
  });

  test('one that we may not read is refused with the reason', async () => {
    chmodSync(scratch.root, 0o755);
    chmodSync(`${scratch.root}/etc/x.key`, 0);
    if (isRoot) process.seteuid?.(NOBODY_UID);
    try {
      expect(await readSitePair(pair('/etc/x'), scratch.tree)).toEqual({
        state: 'unreadable',
        why: `“${scratch.root}/etc/x.key” cannot be read: permission denied`,
      });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});

describe('a certificate is in the care of', () => {
  test.each<[string, string, string | null]>([
    ['certbot, by its folder', '/etc/letsencrypt/live/a.test/fullchain', 'certbot a.test'],
    ['acme.sh, by its folder', '/home/joe/.acme.sh/a.test/fullchain', 'acme.sh a.test'],
    ['acme.sh, by its folder for EC keys', '/root/.acme.sh/a.test_ecc/fullchain', 'acme.sh a.test'],
    ['acme.sh, by a copy that it installs', '/etc/nginx/ssl/b', 'acme.sh b.test'],
    ['nobody', '/etc/nginx/ssl/c', null],
  ])('%s', async (_, path, expected) => {
    mkdirSync(`${scratch.root}/root/.acme.sh/b.test_ecc`, { recursive: true });
    const names = path.endsWith('/b') ? ['x.test', 'b.test'] : ['a.test', '../..'];
    const found = await managerOfPair(pair(path), names, scratch.tree);
    expect(found && `${found.program} ${found.name}`).toBe(expected);
  });
});
