import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { FileLockKeeper } from '../../src/adapters/system/locks/locks.js';
import { Tree } from '../../src/adapters/system/tree.js';
import type { ProgramResult } from '../demo/program.js';
import { buildPrograms } from '../support/bin-program.js';
import { listTree } from '../support/file-tree.js';
import { describeWithParts } from '../support/needs.js';
import { INSTALLED, PrivateServer } from '../support/private-server.js';
import { printedSection } from '../support/readme-blocks.js';

const UAPI = `${INSTALLED}/bin/uapi`;
const UAPI_ROOT = `${INSTALLED}/bin/uapi-root`;
/** By its own path: a caller's PATH may lead elsewhere. */
const SUDO = ['/usr/bin/sudo', '-n'];
const NODE = '/usr/local/bin/node';
const OWN = 'var/cpanel/ssl/autossl';
const OF_BOB = 'secret-of-bob.bob.test';
const PROBLEM_OF_BOB = 'the problem that only bob may know';
/** Nothing outside is asked: no name server listens there. */
const SETTINGS = 'resolvers: [127.0.0.1:9]\n';
/** A background run is awaited so long: a machine under load. */
const PATIENCE_MS = 60_000;
const POLL_MS = 25;
/** 128 kB is the kernel's own bound for one word. */
const LONG_WORD = 100_000;
const MANY_WORDS = 5_000;

/** Written by whatever an attacker manages to have run. */
const EVIL = `require('node:fs').writeFileSync('/home/alice/evil-' + process.getuid(), process.argv.join(' '));`;

/** Everything that a customer may try to have node, the loader, a shell or us act on. */
const HOSTILE_ENVIRONMENT = {
  AUTOSSL_ROOT: '/home/alice/tree',
  AUTOSSL_DEBUG: '1',
  NODE_OPTIONS: '--require=/home/alice/evil.cjs',
  NODE_PATH: '/home/alice',
  LD_PRELOAD: '/home/alice/evil.so',
  LD_LIBRARY_PATH: '/home/alice',
  OPENSSL_CONF: '/home/alice/openssl.cnf',
  PATH: '/home/alice/bin:/usr/bin:/bin',
  HOME: '/home/bob',
  USER: 'bob',
  LOGNAME: 'bob',
  SUDO_UID: '0',
  SUDO_GID: '0',
  SUDO_USER: 'bob',
  SUDO_COMMAND: '/bin/sh',
};

/** Words by which an account may try to be another, or to have root do what it should not. */
const HOSTILE_WORDS: Readonly<Record<string, readonly string[]>> = {
  'the account as a parameter': ['SSL', 'get_autossl_excluded_domains', 'username=bob'],
  'the account as another parameter': ['SSL', 'get_autossl_problems', 'user=bob', 'account=bob'],
  'the account as a repeated parameter': ['SSL', 'get_autossl_problems', 'user-1=bob'],
  'a name of the other account': ['SSL', 'add_autossl_excluded_domains', 'domains=bob.test'],
  'own and foreign names': ['SSL', 'set_autossl_excluded_domains', 'domains=alice.test,www.bob.test'],
  'a name that ends like an own one': ['SSL', 'add_autossl_excluded_domains', 'domains=notalice.test'],
  'a name that others own, escaped': ['SSL', 'add_autossl_excluded_domains', 'domains=%62ob.test'],
  'a path for a name': ['SSL', 'add_autossl_excluded_domains', 'domains=../../../../etc/cron.d/x'],
  'lines in a name': ['SSL', 'add_autossl_excluded_domains', 'domains=alice.test\nbob.test'],
  'escaped lines in a name': ['SSL', 'add_autossl_excluded_domains', 'domains=alice.test%0abob.test'],
  'a NUL in a name': ['SSL', 'add_autossl_excluded_domains', 'domains=alice.test%00'],
  'lines in a key type': ['SSL', 'set_default_key_type', 'type=rsa-2048\nUSER=bob'],
  'escaped lines in a key type': ['SSL', 'set_default_key_type', 'type=rsa-2048%0aSUSPENDED=0'],
  'a foreign name to be looked at': ['DCV', 'check_domains_via_http', 'domain=bob.test'],
  'a path to be placed': ['DCV', 'check_domains_via_http', 'domain=../../etc/passwd'],
  'an address to be looked at': ['DCV', 'check_domains_via_http', 'domain=127.0.0.1'],
  'a file for a certificate': ['SSL', 'get_cabundle', 'cert=/var/cpanel/ssl/apache_tls/bob.test/combined'],
  'a file by its URL': ['SSL', 'get_cabundle', 'cert=file:///etc/shadow'],
  'a function of root': ['SSL', 'fetch_key_and_cabundle_for_certificate', 'certificate=x'],
  'an installation': ['SSL', 'install_ssl', 'domain=alice.test', 'cert=x', 'key=x'],
  'an installation elsewhere': ['SSL', 'install_ssl', 'domain=bob.test', 'cert=x', 'key=x'],
  'a removal elsewhere': ['SSL', 'delete_ssl', 'domain=bob.test'],
  'a function of the other API': ['SSL', 'get_autossl_user_excluded_domains', 'username=bob'],
  'a function of objects': ['SSL', 'constructor'],
  'a module of objects': ['__proto__', 'toString'],
  'a path for a module': ['../SSL', 'get_autossl_problems'],
  'a parameter of objects': ['SSL', 'get_autossl_problems', '__proto__=bob', 'constructor=bob'],
  'no function': ['SSL'],
  'no words': [],
  'an output that is a path': ['--output=/etc/passwd', 'SSL', 'get_autossl_problems'],
  'an option of node': ['--require=/home/alice/evil.cjs', 'SSL', 'get_autossl_problems'],
  'an expression for node': ['SSL', 'get_autossl_problems', '-e', EVIL],
  'a very long value': ['SSL', 'add_autossl_excluded_domains', `domains=${'a'.repeat(LONG_WORD)}`],
  'a very long list': [
    'SSL',
    'set_autossl_excluded_domains',
    `domains=${Array.from({ length: MANY_WORDS }, (_, index) => `n${index}.alice.test`).join(',')}`,
  ],
  'thousands of parameters': [
    'SSL',
    'get_autossl_problems',
    ...Array.from({ length: MANY_WORDS }, (_, index) => `domain-${index}=bob.test`),
  ],
  'a filter that is no text': [
    'SSL',
    'get_autossl_problems',
    'api.filter.enable=1',
    'api.filter.a.field=domain',
    'api.filter.a.type=(',
  ],
};

describeWithParts('what an account reaches through uapi', ['sudo', 'mounts', 'root'], () => {
  let server: PrivateServer;
  let keyOfBob: string;

  beforeAll(async () => {
    buildPrograms();
    server = await PrivateServer.open();
    for (const user of ['alice', 'bob']) {
      await server.addUser(user);
      mkdirSync(server.at(`home/${user}/public_html`));
      const docroot = `/home/${user}/public_html`;
      await asRoot('autossl', 'website', 'add', user, `${user}.test`, '--docroot', docroot);
    }
    await server.addUser('carol');
    writeFileSync(server.at('etc/autossl.yaml'), SETTINGS, { mode: 0o600 });
    await asRoot('uapi', '--user=bob', 'SSL', 'add_autossl_excluded_domains', `domains=${OF_BOB}`);
    writeProblem('bob', PROBLEM_OF_BOB);
    writeProblem('alice', 'a problem of alice');
    const combined = readFileSync(server.at('var/cpanel/ssl/apache_tls/bob.test/combined'), 'utf8');
    keyOfBob = combined.split('\n')[1] ?? '';
    mkdirSync(server.at('home/alice/bin'));
    for (const name of ['node', 'sudo', 'env', 'sh', 'uapi-root']) {
      plant(`bin/${name}`, `#!/bin/sh\nid -u > /home/alice/evil-$(id -u)\n`);
    }
    plant('evil.cjs', EVIL);
    plant('index.js', EVIL);
  });
  afterAll(() => server?.close());
  beforeEach(() => {
    for (const name of ['evil-0', `evil-${server.uidOf('alice')}`]) {
      rmSync(server.at(`home/alice/${name}`), { force: true });
    }
  });

  async function asRoot(program: string, ...words: string[]): Promise<ProgramResult> {
    const ended = await server.runBin(program, words);
    if (ended.exitCode !== 0)
      throw new Error(`${program} ${words.join(' ')}: ${ended.stdout}${ended.stderr}`);
    return ended;
  }

  function plant(name: string, text: string): void {
    const path = server.at(join('home/alice', name));
    writeFileSync(path, text, { mode: 0o755 });
    chownSync(path, server.uidOf('alice'), server.uidOf('alice'));
  }

  function writeProblem(account: string, message: string): void {
    const path = server.at(`${OWN}/problems/${account}.json`);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const problem = {
      domain: `www.${account}.test`,
      vhost: `${account}.test`,
      code: 'NXDOMAIN',
      message,
      advice: null,
      at: '2026-11-22T02:17:05.000Z',
      logStartedAt: null,
    };
    writeFileSync(path, JSON.stringify({ schemaVersion: 1, account, problems: [problem] }), { mode: 0o600 });
  }

  const asAlice = (...words: string[]) => server.runAs('alice', [UAPI, '--output=json', ...words]);
  const resultOf = (ended: ProgramResult) => JSON.parse(ended.stdout).result;

  /** All that is not alice's to change. `locks` hold nothing between calls. */
  const notOfAlice = () =>
    ['etc', 'var', 'opt', 'home/bob'].flatMap((folder) =>
      listTree(server.at(folder)).filter((line) => !/^(?:lib\/sudo|log)\//.test(line)),
    );

  function expectNothingOfBob({ stdout, stderr }: ProgramResult): void {
    for (const secret of [OF_BOB, PROBLEM_OF_BOB, keyOfBob, '/home/bob', 'PRIVATE KEY']) {
      expect(stdout + stderr).not.toContain(secret);
    }
    expect(existsSync(server.at('home/alice/evil-0'))).toBe(false);
  }

  const letAccountsAsk = () => asRoot('autossl', 'setup', '--sudoers');
  const letNobodyAsk = () => asRoot('autossl', 'setup', '--sudoers', '--undo');

  describe('without the line in sudoers', () => {
    test('what its own files tell is answered, as root has it answered', async () => {
      const own = await asAlice('SSL', 'installed_hosts');
      expect(own).toMatchObject({ exitCode: 0, stderr: '' });
      expect(resultOf(own).data).toMatchObject([{ servername: 'alice.test', user: 'alice' }]);
      const byRoot = await asRoot('uapi', '--output=json', '--user=alice', 'SSL', 'installed_hosts');
      expect(own.stdout).toBe(byRoot.stdout);
    });

    test('what is root’s is told in one sentence, and the exit status is 3', async () => {
      for (const name of ['get_autossl_excluded_domains', 'start_autossl_check', 'list_certs']) {
        const ended = await asAlice('SSL', name);
        expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
        expect(ended.stderr).toBe(
          `uapi: ${name} needs root’s rights, and this server does not let accounts call uapi-root; its administrator can, with: autossl setup --sudoers\n`,
        );
      }
    });

    test('a website whose files cannot be read is not left out of an answer', async () => {
      const file = server.at('var/cpanel/ssl/apache_tls/alice.test/certificates');
      chmodSync(file, 0o600);
      try {
        expect(await asAlice('SSL', 'installed_hosts')).toMatchObject({ exitCode: 3, stdout: '' });
      } finally {
        chmodSync(file, 0o644);
      }
    });

    test('another account’s name is refused', async () => {
      for (const user of ['bob', 'root', 'ALICE', '']) {
        const ended = await asAlice(`--user=${user}`, 'SSL', 'installed_hosts');
        expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
      }
      expect(await asAlice('--user=alice', 'SSL', 'installed_hosts')).toMatchObject({ exitCode: 0 });
    });

    test('a user who is no account is told so', async () => {
      const ended = await server.runAs('carol', [UAPI, 'SSL', 'installed_hosts']);
      expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
    });

    test('uapi-root answers nobody, whatever SUDO_UID says', async () => {
      for (const uid of ['0', '1000', String(server.uidOf('bob'))]) {
        const environment = { SUDO_UID: uid };
        const ended = await server.runAs('alice', [UAPI_ROOT, 'SSL', 'get_autossl_problems'], {
          environment,
        });
        expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
        expectNothingOfBob(ended);
      }
    });
  });

  describe('uapi-root as root', () => {
    test.each([
      ['none', undefined],
      ['empty', ''],
      ['root', '0'],
      ['a system user', '33'],
      ['nobody', '65534'],
      ['of no user', '54321'],
      ['with a sign', '+1000'],
      ['negative', '-1'],
      ['octal', '01000'],
      ['hexadecimal', '0x3e9'],
      ['with an exponent', '1e3'],
      ['with a line', '1000\n'],
      ['a name', 'alice'],
      ['too large', '99999999999'],
    ])('SUDO_UID %s is refused', async (_, uid) => {
      const environment = uid === undefined ? {} : { SUDO_UID: uid };
      const ended = await server.runBin('uapi-root', ['SSL', 'get_autossl_problems'], { environment });
      expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
    });

    test('a person’s user who is no account is refused', async () => {
      const environment = { SUDO_UID: String(server.uidOf('carol')) };
      const ended = await server.runBin('uapi-root', ['SSL', 'get_autossl_problems'], { environment });
      expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
      expect(ended.stderr).toBe('uapi-root: the caller is no hosting account of this server\n');
    });

    test('an account is refused that did not call sudo', async () => {
      const environment = { SUDO_UID: String(server.uidOf('alice')) };
      const words = ['SSL', 'get_autossl_problems'];
      for (const ended of [
        await server.runBin('uapi-root', words, { environment }),
        await server.run(
          [
            'setpriv',
            '--ruid',
            String(server.uidOf('bob')),
            'sh',
            '-c',
            `${UAPI_ROOT} "$@"; exit $?`,
            'sh',
            ...words,
          ],
          { environment },
        ),
      ]) {
        expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
      }
    });
  });

  describe('with the line in sudoers', () => {
    beforeAll(async () => {
      await letAccountsAsk();
    });
    afterAll(() => letNobodyAsk());

    test('the line is one that sudo takes, and demands a clean environment', async () => {
      const path = '/etc/sudoers.d/autossl';
      expect(await server.run(['visudo', '-c', '-s', '-f', path])).toMatchObject({ exitCode: 0 });
      const text = readFileSync(server.at(path), 'utf8');
      expect(text).toMatch(/^Defaults!\w+ env_reset, !env_keep, .*!setenv/m);
      expect(text).toMatch(/^ALL ALL = \(root\) NOPASSWD: NOSETENV: AUTOSSL_UAPI_ROOT$/m);
    });

    test('an account reads and changes its own, and nobody else’s', async () => {
      const before = notOfAlice();
      const added = await asAlice(
        'SSL',
        'add_autossl_excluded_domains',
        'domains=mail.alice.test,x.alice.test',
      );
      expect(added).toMatchObject({ exitCode: 0, stderr: '' });
      const listed = await asAlice('SSL', 'get_autossl_excluded_domains');
      expect(resultOf(listed).data.map((row: { excluded_domain: string }) => row.excluded_domain)).toEqual([
        'mail.alice.test',
        'x.alice.test',
      ]);
      const file = JSON.parse(readFileSync(server.at(`${OWN}/excludes/alice.json`), 'utf8'));
      expect(file.autossl_origins['mail.alice.test'].by).toBe('alice');
      expect(resultOf(await asAlice('SSL', 'get_autossl_problems')).data).toEqual([
        { domain: 'www.alice.test', problem: 'a problem of alice', time: '2026-11-22T02:17:05.000Z' },
      ]);
      expect(resultOf(await asAlice('SSL', 'set_autossl_excluded_domains'))).toMatchObject({ status: 1 });
      expect(resultOf(await asAlice('SSL', 'get_autossl_excluded_domains')).data).toEqual([]);
      const changed = notOfAlice().filter((line) => !before.includes(line));
      expect(changed.filter((line) => !line.includes('excludes/alice.json'))).toEqual([]);
      const ofBob = await server.runAs('bob', [UAPI, '--output=json', 'SSL', 'get_autossl_excluded_domains']);
      expect(resultOf(ofBob).data).toEqual([{ excluded_domain: OF_BOB }]);
    });

    test('the commands of README.md are answered', async () => {
      const [block] = printedSection('### 10. Accounts ask for themselves');
      const lines = (block?.text ?? '').replaceAll('example.com', 'alice.test').trim().split('\n');
      expect(lines.length).toBeGreaterThan(4);
      for (const line of lines.filter((one) => !/start_autossl_check|key_type/.test(one))) {
        const environment = { PATH: `${INSTALLED}/bin:/usr/local/bin:/usr/bin:/bin` };
        const ended = await server.runAs('alice', ['/bin/sh', '-c', line], { environment });
        expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
      }
      await asAlice('SSL', 'set_autossl_excluded_domains');
    });

    test('two accounts at once, many calls each: no change lost, none mixed up', async () => {
      const names = (user: string) => Array.from({ length: 8 }, (_, index) => `n${index}.${user}.test`);
      const calls = ['alice', 'bob'].flatMap((user) =>
        names(user).map((name) =>
          server.runAs(user, [UAPI, 'SSL', 'add_autossl_excluded_domains', `domains=${name}`]),
        ),
      );
      for (const ended of await Promise.all(calls)) expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
      for (const user of ['alice', 'bob']) {
        const file = JSON.parse(readFileSync(server.at(`${OWN}/excludes/${user}.json`), 'utf8'));
        expect(file.excluded_domains.filter((name: string) => /^n\d/.test(name))).toEqual(names(user));
        await server.runAs(user, [UAPI, 'SSL', 'remove_autossl_excluded_domains', `domains=${names(user)}`]);
      }
    });

    describe.each(Object.entries(HOSTILE_WORDS))('%s', (_, words) => {
      test('reaches nothing, in a hostile environment or not', async () => {
        const before = notOfAlice();
        const hostile = HOSTILE_ENVIRONMENT;
        const calls = [
          { argv: [NODE, UAPI, ...words], environment: hostile },
          { argv: [NODE, UAPI, '--user=alice', ...words], environment: {} },
          { argv: [...SUDO, UAPI_ROOT, ...words], environment: hostile },
          { argv: [...SUDO, UAPI_ROOT, '--user=root', ...words, '--user=bob'], environment: {} },
        ];
        const ends = await Promise.all(
          calls.map(({ argv, environment }) =>
            server.runAs('alice', argv, { environment, cwd: '/home/alice' }),
          ),
        );
        for (const ended of ends) {
          expect([1, 2, 3]).toContain(ended.exitCode);
          expectNothingOfBob(ended);
        }
        expect(notOfAlice()).toEqual(before);
      });
    });

    test('a hostile environment changes no answer of uapi-root', async () => {
      const call = [...SUDO, UAPI_ROOT, '--output=json', 'SSL', 'get_autossl_problems'];
      const plain = await server.runAs('alice', call);
      expect(resultOf(plain).data).toMatchObject([{ problem: 'a problem of alice' }]);
      const environment = HOSTILE_ENVIRONMENT;
      const hostile = await server.runAs('alice', call, { environment, cwd: '/home/alice' });
      expect(hostile).toEqual(plain);
      expectNothingOfBob(hostile);
    });

    test.each([
      ['an environment variable', ['NODE_OPTIONS=--require=/home/alice/evil.cjs', UAPI_ROOT]],
      ['the whole environment', ['--preserve-env', UAPI_ROOT]],
      ['a variable by name', ['--preserve-env=NODE_OPTIONS', UAPI_ROOT]],
      ['another folder', ['-D', '/home/alice', UAPI_ROOT]],
      ['another user', ['-u', 'bob', UAPI_ROOT]],
      ['another group', ['-g', 'shadow', UAPI_ROOT]],
      ['node', ['/usr/local/bin/node']],
      ['a shell', ['-s']],
      ['a shell beside it', ['sh', '-c', UAPI_ROOT]],
      ['autossl', [`${INSTALLED}/bin/autossl`]],
      ['uapi, as root', [UAPI, '--user=bob']],
      ['editing', ['-e', UAPI_ROOT]],
    ])('sudo lets nobody choose %s', async (_, words) => {
      const call = [...SUDO, ...words, 'SSL', 'get_autossl_problems'];
      const environment = HOSTILE_ENVIRONMENT;
      const ended = await server.runAs('alice', call, { environment });
      expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
      expectNothingOfBob(ended);
    });

    test('a link of that name elsewhere runs nothing else', async () => {
      const link = server.at('home/alice/uapi-root');
      symlinkSync(UAPI_ROOT, link);
      symlinkSync('/home/alice/evil.cjs', server.at('home/alice/evil-root'));
      for (const path of ['/home/alice/uapi-root', '/home/alice/bin/uapi-root', '/home/alice/evil-root']) {
        expectNothingOfBob(await server.runAs('alice', [...SUDO, path, 'SSL', 'get_autossl_problems']));
      }
      rmSync(link);
      linkSync(server.at('opt/autossl/bin/uapi-root'), link);
      // Where a user may link what is root's, the program beside which it lies is the attacker's.
      mkdirSync(server.at('home/dist'), { recursive: true });
      writeFileSync(
        server.at('home/dist/uapi-root.js'),
        `import fs from 'node:fs'; fs.writeFileSync('/home/alice/evil-0', '');`,
      );
      expectNothingOfBob(
        await server.runAs('alice', [...SUDO, '/home/alice/uapi-root', 'SSL', 'get_autossl_problems']),
      );
      rmSync(link);
    });

    test('the account is that of sudo’s caller, not that of --user', async () => {
      const words = ['--user=bob', '--output=json', 'SSL', 'get_autossl_problems'];
      const ended = await server.runAs('alice', [...SUDO, UAPI_ROOT, ...words]);
      expect(resultOf(ended).data).toMatchObject([{ problem: 'a problem of alice' }]);
    });

    describe.each([
      ['beside our line', []],
      ['in place of our line', [`ALL ALL = (root) NOPASSWD: ${UAPI_ROOT}`]],
    ])('whatever an administrator lets sudo keep, %s', (_, lines) => {
      const CARELESS = 'etc/sudoers.d/00-careless';
      beforeAll(async () => {
        if (lines.length > 0) await letNobodyAsk();
        const careless = [
          'Defaults !env_reset, !secure_path',
          `Defaults env_keep += "${Object.keys(HOSTILE_ENVIRONMENT).join(' ')}"`,
          'Defaults umask=0777, umask_override',
          'Defaults env_file=/home/alice/environment',
          ...(lines.length > 0 ? lines : ['Defaults setenv']),
        ];
        writeFileSync(server.at(CARELESS), `${careless.join('\n')}\n`, { mode: 0o440 });
        plant('environment', 'NODE_OPTIONS=--require=/home/alice/evil.cjs\n');
        expect(await server.run(['visudo', '-c'])).toMatchObject({ exitCode: 0 });
      });
      afterAll(async () => {
        rmSync(server.at(CARELESS));
        await letAccountsAsk();
      });

      test('nothing of the caller’s runs as root, and the answer is its own', async () => {
        const call = [...SUDO, UAPI_ROOT, '--output=json', 'SSL', 'get_autossl_problems'];
        const environment = HOSTILE_ENVIRONMENT;
        const ended = await server.runAs('alice', call, { environment, cwd: '/home/alice' });
        expectNothingOfBob(ended);
        expect(resultOf(ended).data).toMatchObject([{ problem: 'a problem of alice' }]);
      });

      test('nobody says who called', async () => {
        const uid = `SUDO_UID=${server.uidOf('bob')}`;
        const ended = await server.runAs('alice', [...SUDO, uid, UAPI_ROOT, 'SSL', 'get_autossl_problems']);
        expect(ended).toMatchObject({ exitCode: lines.length > 0 ? 3 : 1, stdout: '' });
        expectNothingOfBob(ended);
      });

      test('what it writes has the modes that root’s have', async () => {
        expect(await asAlice('SSL', 'add_autossl_excluded_domains', 'domains=y.alice.test')).toMatchObject({
          exitCode: 0,
        });
        const written = listTree(server.at(`${OWN}/excludes`));
        expect(written.find((line) => line.startsWith('alice.json'))).toMatch(/^alice\.json 100600 0:0 /);
      });
    });

    describe('a check in the background', () => {
      const RECORD = 'var/cpanel/recorded.json';
      const CHECK = 'opt/autossl/bin/autossl_check';
      let program: string;
      /** In place of autossl_check: notes how it was started. */
      const RECORDER = `#!/usr/bin/env node
const fs = require('node:fs');
const facts = {
  argv: process.argv.slice(2), env: process.env, cwd: process.cwd(), nice: require('node:os').getPriority(),
  limits: fs.readFileSync('/proc/self/limits', 'latin1'), session: fs.readFileSync('/proc/self/stat', 'latin1').split(' ')[5] === String(process.pid),
  oom: fs.readFileSync('/proc/self/oom_score_adj', 'latin1').trim(),
  disks: require('node:child_process').execFileSync('ionice', ['-p', String(process.pid)], { encoding: 'latin1' }).trim(),
  scheduler: fs.readFileSync('/proc/self/stat', 'latin1').split(' ')[40],
  input: fs.readlinkSync('/proc/self/fd/0'), output: fs.readlinkSync('/proc/self/fd/1'), umask: process.umask(),
};
fs.writeFileSync('/${RECORD}.new', JSON.stringify(facts));
fs.renameSync('/${RECORD}.new', '/${RECORD}');
`;
      beforeAll(() => {
        writeFileSync(server.at('var/cpanel/autossl.json'), '{"provider":"LocalCA"}', { mode: 0o600 });
        program = readFileSync(server.at(CHECK), 'utf8');
        writeFileSync(server.at(CHECK), RECORDER);
      });
      afterAll(() => writeFileSync(server.at(CHECK), program));

      async function recorded(): Promise<Record<string, unknown>> {
        const path = server.at(RECORD);
        for (const deadline = Date.now() + PATIENCE_MS; !existsSync(path); await pause(POLL_MS)) {
          if (Date.now() > deadline) throw new Error('no check was started');
        }
        const facts = JSON.parse(readFileSync(path, 'utf8'));
        rmSync(path);
        return facts;
      }

      test('is of the caller’s account, and has nothing of the caller', async () => {
        const {
          PATH: _,
          AUTOSSL_ROOT: __,
          NODE_OPTIONS: ___,
          LD_PRELOAD: ____,
          ...environment
        } = HOSTILE_ENVIRONMENT;
        const ended = await server.runAs('alice', [UAPI, '--output=json', 'SSL', 'start_autossl_check'], {
          environment,
          cwd: '/home/alice',
          // Soft limits: to raise hard ones is denied to the root of some containers.
          through: [
            ...['prlimit', '--cpu=50:', '--fsize=100000000:', '--nofile=256:', 'nice', '-n', '15'],
            ...['ionice', '-c', '3', 'choom', '-n', '500', '--', 'chrt', '-i', '0'],
          ],
        });
        expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
        expect(resultOf(ended)).toMatchObject({ status: 1, data: null });
        const { limits, ...facts } = await recorded();
        expect(facts).toEqual({
          argv: ['--user=alice'],
          env: { PATH: expect.any(String), LANG: 'C', HOME: '/root' },
          cwd: '/',
          nice: 0,
          oom: '0',
          disks: 'none: prio 0',
          scheduler: '0',
          session: true,
          input: '/dev/null',
          output: '/dev/null',
          umask: 0o022,
        });
        const ofFirst = readFileSync('/proc/1/limits', 'latin1');
        for (const line of ['Max cpu time', 'Max file size']) {
          const value = (text: string) => new RegExp(`^${line} +(\\S+) +(\\S+)`, 'm').exec(text)?.slice(1);
          expect(value(String(limits))).toEqual(value(ofFirst));
        }
      });

      test('follows a change of the key type, of one’s own alone', async () => {
        const before = readFileSync(server.at('var/cpanel/users/bob'), 'utf8');
        const ended = await asAlice('SSL', 'set_default_key_type', 'type=ecdsa-secp384r1');
        expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
        expect((await recorded())['argv']).toEqual(['--user=alice']);
        expect(readFileSync(server.at('var/cpanel/users/alice'), 'utf8')).toContain(
          '\nSSL_DEFAULT_KEY_TYPE=ecdsa-secp384r1\n',
        );
        expect(readFileSync(server.at('var/cpanel/users/bob'), 'utf8')).toBe(before);
      });
    });

    test('a lock that cannot be made is told without its place', async () => {
      const ended = await server.runAs(
        'alice',
        [UAPI, '--output=json', 'SSL', 'add_autossl_excluded_domains', 'domains=fsize.alice.test'],
        { through: ['prlimit', '--fsize=0'] },
      );
      expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
      expect(ended.stderr).toContain('server cannot do it now (WRITE_FAILED)');
      expect(ended.stderr).not.toContain('/');
    });

    test('a call that was stopped holds up its own account alone: root is answered', async () => {
      // This process stands for a uapi-root that got its turn and was then stopped: it lives, and does nothing.
      const lock = await new FileLockKeeper(new Tree(server.folder)).acquire('uapi-SSL:alice', 'uapi');
      try {
        const words = ['SSL', 'add_autossl_excluded_domains', 'domains=stopped.alice.test'];
        const asRoot = await server.run([UAPI, '--output=json', '--user=alice', ...words]);
        expect(resultOf(asRoot)).toMatchObject({ status: 1 });
        expect(await asAlice(...words)).toMatchObject({ exitCode: 75, stdout: '' });
      } finally {
        await lock.release();
      }
    });

    test('what is wrong with the server is not told to accounts', async () => {
      const path = server.at('etc/autossl.yaml');
      writeFileSync(path, 'resolvers: the-secret-of-root\n', { mode: 0o600 });
      try {
        const ended = await asAlice('SSL', 'list_certs');
        expect(ended).toMatchObject({ exitCode: 1, stderr: '' });
        expect(ended.stdout).not.toContain('the-secret-of-root');
        expect(resultOf(ended).errors).toEqual([
          'This server cannot do it now (BAD_SETTING); its administrator sees why with: uapi --user.',
        ]);
      } finally {
        writeFileSync(path, SETTINGS, { mode: 0o600 });
      }
    });
  });
});
