import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildPrograms, runBin } from '../../support/bin-program.js';
import { everythingBelow } from '../../support/folder-listing.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';

let built: BuiltTree;
beforeAll(() => {
  buildPrograms();
  built = aTree()
    .account('alice', { domain: 'alice.test', exclude: ['mail.alice.test'] })
    .account('bob', { domain: 'bob.test', exclude: ['mail.bob.test'], suspended: true })
    .account('carol', { domain: 'carol.test' })
    .autosslJson({ provider: 'LocalCA', metadata: { notify_autossl_expiry: '0' } })
    .file('/var/cpanel/ssl/autossl/excludes/carol.json', '{"excluded_domains":5}', 0o600)
    .build();
});
afterAll(() => built?.cleanUp());

/** Every file of the tree with what it holds. */
const everything = () =>
  everythingBelow(built.root)
    .filter((path) => !path.endsWith('/'))
    .map((path) => [path, readFileSync(join(built.root, path), 'utf8')]);

const ALICE = 'username=alice';

describe('a call of whmapi1 that means nothing is refused, and nothing is changed', () => {
  test.each([
    [
      'an empty name, alone',
      ['set_autossl_user_excluded_domains', ALICE, 'domain='],
      '“domain” holds an empty name',
    ],
    [
      'an empty name to add',
      ['add_autossl_user_excluded_domains', ALICE, 'domain='],
      '“domain” holds an empty name',
    ],
    ['an empty name to remove', ['remove_autossl_user_excluded_domains', ALICE, 'domain='], '“domain” holds'],
    [
      'an empty name among others',
      ['set_autossl_user_excluded_domains', ALICE, 'domain=a.alice.test', 'domain-1=%20'],
      '“domain” holds an empty name',
    ],
    ['a queue of nobody', ['get_autossl_pending_queue_for_user', 'username=nosuch'], 'no user “nosuch”'],
    [
      'no feature',
      ['add_override_features_for_user', 'user=alice', 'features={}'],
      '“features” names no feature',
    ],
    [
      'no features',
      ['remove_override_features_for_user', 'user=alice', 'features=[]'],
      '“features” names no',
    ],
    [
      'a feature twice',
      ['add_override_features_for_user', 'user=alice', 'features={"autossl":1,"autossl":0}'],
      '“features” names “autossl” twice',
    ],
    [
      'an option twice',
      ['set_autossl_metadata', 'metadata_json={"notify_autossl_expiry":1,"notify_autossl_expiry":0}'],
      '“metadata_json” names “notify_autossl_expiry” twice',
    ],
    [
      'an address that is none',
      ['installssl', 'domain=alice.test', 'crt=x', 'key=y', 'ip=999'],
      '“999” is not the address of the website “alice.test”, whose address is 192.0.2.10. Leave the address out',
    ],
  ])('%s', async (_, words, reason) => {
    const before = everything();
    const { exitCode, stdout, stderr } = await runBin('whmapi1', ['--output=json', ...words], built.root);
    const { metadata, data } = JSON.parse(stdout);
    expect({ exitCode, stderr, result: metadata.result, data }).toEqual({
      exitCode: 1,
      stderr: '',
      result: 0,
    });
    expect(metadata.reason).toContain(reason);
    expect(everything()).toEqual(before);
  });
});

describe('a call of uapi that means nothing is refused, and nothing is changed', () => {
  const call = async (user: string, ...words: string[]) => {
    const { exitCode, stdout } = await runBin(
      'uapi',
      ['--output=json', `--user=${user}`, 'SSL', ...words],
      built.root,
    );
    return { exitCode, ...JSON.parse(stdout).result };
  };

  test.each([
    ['set_autossl_excluded_domains', 'domains='],
    ['add_autossl_excluded_domains', 'domains='],
    ['remove_autossl_excluded_domains', 'domains=,'],
    ['set_autossl_excluded_domains', 'domains=alice.test,,www.alice.test'],
  ])('%s %s', async (name, word) => {
    const before = everything();
    const result = await call('alice', name, word);
    expect(result).toMatchObject({
      exitCode: 1,
      status: 0,
      errors: ['The parameter “domains” holds an empty name.'],
    });
    expect(everything()).toEqual(before);
  });

  test.each([
    ['of a suspended account', 'bob', 'because the account is suspended'],
    ['of an account with broken exclusions', 'carol', 'cannot be used, which its administrator must mend'],
  ])('a key type %s is set, and it is said why no check was started', async (_, user, why) => {
    const { status, messages } = await call(user, 'set_default_key_type', 'type=rsa-4096');
    expect({ status, messages }).toEqual({ status: 1, messages: [expect.stringContaining(why)] });
    expect(messages[0]).toMatch(/no check was started/);
  });

  test('a key type where AutoSSL is switched off says that no check was started for that', async () => {
    const file = '/var/cpanel/autossl.json';
    built.write(file, '{"provider":null}', 0o600);
    const { warnings } = await call('alice', 'set_default_key_type', 'type=rsa-4096');
    built.write(file, '{"provider":"LocalCA"}', 0o600);
    expect(warnings).toEqual([
      'The type is set, but no check was started: AutoSSL is disabled on this server.',
    ]);
  });
});

describe('an answer that nobody can get is no success', () => {
  test.each([
    ['whmapi1 applist >&-', 'it is closed'],
    ['whmapi1 applist >/dev/full', 'no space is left'],
    ['whmapi1 --help >&-', 'it is closed'],
    ['uapi --user=alice SSL list_certs >&-', 'it is closed'],
    ['uapi --user=alice SSL list_certs >/dev/full', 'no space is left'],
    ['autossl status --json >&-', 'it is closed'],
    ['autossl users >/dev/full', 'no space is left'],
  ])('%s', (line, why) => {
    const { status, stderr } = spawnSync('sh', ['-c', `bin/${line}`], {
      encoding: 'utf8',
      env: { ...process.env, AUTOSSL_ROOT: built.root },
    });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `${line.split(' ')[0]}: the output cannot be written: ${why}\n`,
    });
  });

  test('what is closed beside that makes no difference', () => {
    const { status, stdout } = spawnSync('sh', ['-c', 'bin/whmapi1 --output=json applist <&- 2>&-'], {
      encoding: 'utf8',
      env: { ...process.env, AUTOSSL_ROOT: built.root },
    });
    expect(status).toBe(0);
    expect(JSON.parse(stdout).metadata.result).toBe(1);
  });
});

test.each([
  ['uapi', ['--user=alice', '--user=bob', 'SSL', 'list_certs'], '--user was given more than once'],
  ['whmapi1', ['--output=json', 'applist', '--output=yaml'], '--output was given more than once'],
])('%s with an option twice is wrong usage', async (program, words, why) => {
  expect(await runBin(program, words, built.root)).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: `${program}: ${why}\n`,
  });
});

test('orders that cannot be read are told with the queue, to an account without their place', async () => {
  const order = '/var/cpanel/ssl/autossl/orders/1764000000000-0123456789abcdef.json';
  mkdirSync(dirname(built.path(order)), { recursive: true });
  built.write(order, 'x', 0o600);
  const warnings = async (program: string, ...words: string[]) => {
    const { exitCode, stdout } = await runBin(program, ['--output=json', ...words], built.root);
    const { metadata, result } = JSON.parse(stdout);
    return { exitCode, warnings: metadata?.output?.warnings ?? result?.warnings };
  };
  const told = { exitCode: 0, warnings: [expect.stringContaining('0123456789abcdef.json')] };
  expect(await warnings('whmapi1', 'get_autossl_pending_queue')).toEqual(told);
  expect(await warnings('whmapi1', 'get_autossl_pending_queue_for_user', ALICE)).toEqual(told);
  expect(await warnings('whmapi1', 'get_autossl_pending_queue_for_domain', 'domain=a.test')).toEqual(told);
  expect(await warnings('uapi', '--user=alice', 'SSL', 'get_autossl_pending_queue')).toEqual({
    exitCode: 0,
    warnings: ['Some orders on this server cannot be read: rows may be missing.'],
  });
  rmSync(built.path(order));
});

describe('a provider that cannot be asked', () => {
  test.each([
    ['use', 'CustomACME was not chosen, and what was chosen before stays.'],
    ['reset', 'CustomACME was not reset: our registration there stays.'],
  ])('provider %s says what was not done, and promises no run', async (verb, undone) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const address = taken.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await new Promise((resolve) => taken.close(resolve));
    const before = everything();
    const words = ['provider', verb, 'CustomACME', '--directory', `https://127.0.0.1:${port}/dir`];
    const { exitCode, stdout, stderr } = await runBin('autossl', words, built.root);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain(undone);
    expect(stderr).toContain('run it again');
    expect(stderr).not.toContain('next run');
    expect(everything()).toEqual(before);
  });
});
