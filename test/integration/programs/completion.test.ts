import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CLOSED_WORDS } from '../../../src/cli/completion/closed-words.js';
import { buildPrograms, runBin } from '../../support/bin-program.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';

let built: BuiltTree;
let script = '';
beforeAll(async () => {
  buildPrograms();
  built = aTree()
    .account('alice', { domain: 'alice.test', subs: ['*.alice.test'] })
    .account('alan', { domain: 'alan.test' })
    .account('bob', { domain: 'bob.test' })
    .file('/var/cpanel/users/$(touch pwned)', 'USER=x\n')
    .build();
  script = join(built.root, 'completion.bash');
  writeFileSync(script, (await runBin('autossl', ['completion', 'bash'], built.root)).stdout);
});
afterAll(() => built?.cleanUp());

/** What bash offers for the last of these words. */
function offered(words: readonly string[], path = join(process.cwd(), 'bin')): readonly string[] {
  const ended = spawnSync(
    'bash',
    ['--norc', join(process.cwd(), 'test/support/completed-words.bash'), script, ...words],
    {
      encoding: 'utf8',
      cwd: built.root,
      env: { ...process.env, AUTOSSL_ROOT: built.root, PATH: `${path}${delimiter}${process.env['PATH']}` },
    },
  );
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  return ended.stdout.split('\n').filter((line) => line !== '');
}

describe('bash completes', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['subcommands', ['autossl', 'pro'], ['provider', 'problems']],
    ['subcommands of subcommands', ['autossl', 'users', 'e'], ['enable']],
    ['options', ['autossl', 'queue', '--s'], ['--state', '--sort']],
    ['options after arguments', ['autossl', 'users', 'list', 'alice', '--j'], ['--json']],
    ['accounts as arguments', ['autossl', 'users', 'disable', 'al'], ['alan', 'alice']],
    ['further accounts', ['autossl', 'users', 'disable', 'alice', 'b'], ['bob']],
    ['accounts as values of options', ['autossl', 'status', '--user', 'al'], ['alan', 'alice']],
    ['names, whatever stands before them', ['autossl', 'why', '--json', 'al'], ['alan.test', 'alice.test']],
    ['names after an account', ['autossl', 'exclude', 'add', 'bob', 'bo'], ['bob.test']],
    ['a wildcard, quoted', ['autossl', 'why', '*'], ['\\*.alice.test']],
    ['of other programs', ['autossl_check', '--user', 'bo'], ['bob']],
    ['by the path of a program', ['/usr/sbin/autossl_check_queue', '--f'], ['--force']],
    ['functions of the API', ['whmapi1', 'get_autossl_check'], ['get_autossl_check_schedule']],
    ['functions of a module', ['uapi', '--user', 'bob', 'SSL', 'set_d'], ['set_default_key_type']],
    ['no name for a provider', ['autossl', 'provider', 'use', 'al'], []],
    ['providers', ['autossl', 'provider', 'use', 'Let'], ['LetsEncrypt', 'LetsEncryptStaging']],
    [
      'providers as values',
      ['autossl', 'provider', 'use', 'ZeroSSL', '--fallback', 'Goo'],
      ['GoogleTrustServices'],
    ],
    ['conditions', ['autossl', 'status', '--only', 'exp'], ['expired', 'expiring']],
    ['what is sorted by', ['autossl', 'queue', '--sort', 'p'], ['poll', 'provider']],
    ['states', ['autossl', 'logs', '--state', ''], ['running', 'ended']],
    ['types of keys', ['autossl', 'users', 'key-type', 'alice', 'rsa'], ['rsa-2048', 'rsa-4096']],
    ['accounts beside types of keys', ['autossl', 'users', 'key-type', 'al'], ['alan', 'alice']],
    ['names of options', ['autossl', 'options', 'set', 'user-'], ['user-notices']],
    [
      'values of options',
      ['autossl', 'options', 'set', 'user-notices', ''],
      ['--json', '--help', '0', '1', '2', '3', '4'],
    ],
    ['services', ['autossl', 'services', 'reset', 'exim', 'd'], ['dovecot']],
    ['no function where one stands', ['whmapi1', 'applist', 'get_autossl_check'], []],
    ['no function of a module where one stands', ['uapi', 'SSL', 'get_autossl_problems', 'set_d'], []],
    ['no second provider', ['autossl', 'provider', 'use', 'ZeroSSL', 'Let'], []],
    ['nothing hidden', ['autossl', 'complete'], []],
  ])('%s', (_, words, replies) => {
    expect(offered(words)).toEqual(replies);
  });

  test('and evaluates no word that it is told', () => {
    expect(offered(['autossl', 'users', 'disable', '$(to'])).toEqual([]);
    const folder = join(built.root, 'hostile');
    mkdirSync(folder);
    writeFileSync(join(folder, 'autossl'), "#!/bin/sh\necho '$(touch pwned)'\necho '`touch pwned`'\n");
    chmodSync(join(folder, 'autossl'), 0o755);
    expect(offered(['autossl', 'why', ''], folder)).toContain('\\$\\(touch\\ pwned\\)');
    expect(existsSync(join(built.root, 'pwned'))).toBe(false);
  });
});

test('every program is completed, in zsh too', async () => {
  const zsh = await runBin('autossl', ['completion', 'zsh'], built.root);
  expect(zsh).toMatchObject({ exitCode: 0, stderr: '' });
  const programs =
    'autossl autossl_check autossl_check_queue checkallsslcerts try-later uapi uapi-root whmapi1';
  expect(zsh.stdout.split('\n')[0]).toBe(`#compdef ${programs}`);
  expect((await runBin('autossl', ['completion', 'bash'], built.root)).stdout).toContain(
    `complete -o default -F _autossl_complete ${programs}\n`,
  );
  expect((await runBin('autossl', ['completion', 'fish'], built.root)).exitCode).toBe(2);
});

test('closed lists are those of options and arguments that there are', () => {
  const text = readFileSync(script, 'utf8');
  for (const [key, words] of CLOSED_WORDS) {
    expect({ key, isOffered: text.includes(`=${words.join(',')}`) }).toEqual({ key, isOffered: true });
    if (key.includes(' --')) expect(text).toContain(`['${key}']=`);
  }
});
