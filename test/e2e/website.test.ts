import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { FileOrderStore } from '../../src/adapters/store/orders/orders.js';
import { Tree } from '../../src/adapters/system/tree.js';
import { buildPrograms, runBin } from '../support/bin-program.js';
import { listTree } from '../support/file-tree.js';

/** A server that never had a panel: users, and nothing of ours. */
let root: string;
const run = (...words: string[]) => runBin('autossl', ['website', ...words], root);
const at = (path: string) => join(root, path);
const accountFiles = () => listTree(root).filter((line) => !line.startsWith('var/cpanel/ssl'));

beforeAll(buildPrograms);
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'autossl-website-')));
  chmodSync(root, 0o755);
  mkdirSync(at('etc'));
  mkdirSync(at('srv/shop'), { recursive: true });
  writeFileSync(
    at('etc/passwd'),
    'alice:x:20001:20001::/home/alice:/bin/sh\nbob:x:20002:20002::/home/bob:/bin/sh\n',
  );
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('autossl website on a server that never had a panel', () => {
  test('adds, lists and removes, says where the certificate will lie, and leaves nothing behind', async () => {
    const added = await run(
      'add',
      'alice',
      'Shop.Example',
      '--docroot',
      '/srv/shop/',
      '--alias',
      'other.example',
    );
    expect(added).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `shop.example is a website of alice now (main domain).
Names: shop.example, www.shop.example, mail.shop.example, other.example, www.other.example, mail.other.example
Certificate (key and chain, one file): ${at('var/cpanel/ssl/apache_tls/shop.example/combined')}
A self-signed placeholder lies there until the first one comes: the web server may name the file now.
To get it now: autossl_check --user alice
`,
    });
    const list = await run('list', '--json');
    expect(JSON.parse(list.stdout)).toMatchObject({
      schemaVersion: 1,
      isComplete: true,
      websites: [{ account: 'alice', website: 'shop.example', documentRoot: '/srv/shop' }],
    });
    expect((await run('list', 'alice')).stdout).toContain('shop.example');
    const removed = await run('remove', 'alice', 'shop.example', '--json');
    expect(JSON.parse(removed.stdout)).toMatchObject({ outcome: 'account-removed', account: 'alice' });
    expect(await run('list')).toEqual({ exitCode: 0, stdout: 'no websites\n', stderr: '' });
    expect(readdirSync(at('var/cpanel/users'))).toEqual([]);
    expect(readdirSync(at('var/cpanel/userdata'))).toEqual([]);
  });

  test('the web server can walk to the challenges, whichever command was the first', async () => {
    await run('add', 'alice', 'shop.example', '--docroot', '/srv/shop');
    expect(lstatSync(at('var/cpanel')).mode & 0o777).toBe(0o755);
    rmSync(at('var/cpanel'), { recursive: true });
    const chosen = await runBin('autossl', ['provider', 'use', 'LocalCA'], root);
    expect(chosen.exitCode).toBe(0);
    expect(lstatSync(at('var/cpanel')).mode & 0o777).toBe(0o755);
    expect(lstatSync(at('var/cpanel/ssl/autossl')).mode & 0o777).toBe(0o700);
  });

  test('a document root that is not there yet is a warning', async () => {
    const added = await run('add', 'alice', 'shop.example', '--docroot', '/srv/later');
    expect(added).toMatchObject({
      exitCode: 0,
      stderr: 'autossl: warning: The document root /srv/later does not exist yet.\n',
    });
  });

  test.each([
    ['no document root', ['add', 'alice', 'a.example'], '--docroot'],
    ['a relative document root', ['add', 'alice', 'a.example', '--docroot', 'www'], 'not an absolute path'],
    ['all files as document root', ['add', 'alice', 'a.example', '--docroot', '//'], 'the root of all files'],
    ['a name that is none', ['add', 'alice', 'a_b.example', '--docroot', '/srv/shop'], 'not a domain name'],
    ['a user that is none', ['add', '../x', 'a.example', '--docroot', '/srv/shop'], 'not an account name'],
    ['an unknown user', ['add', 'carol', 'a.example', '--docroot', '/srv/shop'], 'Make it first: useradd'],
    ['an unknown account', ['remove', 'bob', 'a.example'], 'there is no account bob'],
    ['an unknown account to list', ['list', 'bob'], 'there is no account bob'],
    [
      'steering of the terminal',
      ['add', 'alice', 'a.ex\u001b[31mample', '--docroot', '/srv/shop'],
      '\\u{1b}',
    ],
  ])('%s is wrong usage: one line, nothing written', async (_, words, expected) => {
    const before = accountFiles();
    const ended = await run(...words);
    expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ended.stderr).toContain(expected);
    expect(accountFiles().filter((line) => !/^var( |\/cpanel )/.test(line))).toEqual(before);
  });

  test('a name of another account is refused, naming that account', async () => {
    await run('add', 'alice', 'shop.example', '--docroot', '/srv/shop');
    const before = accountFiles();
    const ended = await run(
      'add',
      'bob',
      'bob.example',
      '--alias',
      'www.shop.example',
      '--docroot',
      '/srv/shop',
    );
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toBe(
      'autossl: www.shop.example belongs to the account alice. A name can be on one account only: remove it there first.\n',
    );
    expect(accountFiles()).toEqual(before);
  });

  test('an order under way of a removed website is dropped by the next run', async () => {
    await runBin('autossl', ['provider', 'use', 'LocalCA'], root);
    await run('add', 'alice', 'shop.example', '--docroot', '/srv/shop');
    const orders = new FileOrderStore(new Tree(root));
    const id = `${String(Date.now()).padStart(13, '0')}-0123456789abcdef`;
    await orders.create(
      {
        schemaVersion: 1,
        id,
        account: 'alice',
        vhost: 'shop.example',
        provider: 'LocalCA',
        directoryUrl: '',
        acmeAccountUrl: null,
        names: ['shop.example'],
        keyType: 'ecdsa-prime256v1',
        replaces: null,
        createdAt: new Date().toISOString(),
        phase: 'journalled',
        orderUrl: null,
        expiresAt: null,
        challenges: [],
        pollAt: null,
        lastPolledAt: null,
        diedOf: null,
        logStartedAt: null,
        because: [],
      },
      { keyPem: 'KEY', csrDer: new Uint8Array([1]) },
    );
    await run('remove', 'alice', 'shop.example');
    expect(await orders.read(id)).toBeDefined();
    const checked = await runBin('autossl_check', ['--all'], root);
    expect(checked).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await orders.read(id)).toBeUndefined();
    expect(existsSync(at(`var/cpanel/ssl/autossl/staging/${id}`))).toBe(false);
  });
});
