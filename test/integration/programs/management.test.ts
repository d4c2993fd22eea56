import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { identityWord, ownIdentity } from '../../../src/adapters/system/process/process-identity.js';
import { buildPrograms, runBin } from '../../support/bin-program.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';

const EVIL = 'evil\u001b[31mred\u202e';
const STARTED = '2026-03-03T23:26:01Z';
const RECORD = { timestamp: STARTED, type: 'out', indent: 0, pid: 1, partial: 0, contents: 'It began.\n' };
const ORDER = {
  schemaVersion: 1,
  id: '1764000000000-0123456789abcdef',
  account: 'alice',
  vhost: 'alice.test',
  provider: 'LetsEncrypt',
  directoryUrl: 'https://ca.test/dir',
  acmeAccountUrl: null,
  names: ['alice.test', 'www.alice.test'],
  keyType: 'rsa-2048',
  replaces: null,
  createdAt: '2026-03-03T23:27:05.000Z',
  phase: 'finalized',
  orderUrl: 'https://ca.test/order/1',
  expiresAt: null,
  challenges: [],
  pollAt: '2026-03-03T23:32:05.000Z',
  lastPolledAt: null,
  logStartedAt: STARTED,
  diedOf: null,
  because: ['CERTIFICATE_ABSENT'],
};

let built: BuiltTree;
const autossl = (...words: string[]) => runBin('autossl', words, built.root);
const json = async (...words: string[]) => JSON.parse((await autossl(...words, '--json')).stdout);
const log = (started: string) => built.path(`/var/cpanel/logs/autossl/${started}`);

beforeAll(() => {
  buildPrograms();
  built = aTree()
    .account('alice', { domain: 'alice.test', userLines: { MYKEY: 'stays' } })
    .account('bob', { domain: 'bob.test', suspended: true })
    .autosslJson({ provider: 'LetsEncrypt', vendor_key: { kept: true }, metadata: { vendor_flag: '1' } })
    .file(`/var/cpanel/logs/autossl/${STARTED}/json`, `${JSON.stringify(RECORD)}\n{"cut off`)
    .file(`/var/cpanel/logs/autossl/${STARTED}/txt`, `[${STARTED}] It began. ${EVIL}\n`)
    .file(`/var/cpanel/ssl/autossl/orders/${ORDER.id}.json`, JSON.stringify(ORDER), 0o600)
    .build();
  symlinkSync('LetsEncrypt', join(log(STARTED), 'provider'));
  symlinkSync('alice', join(log(STARTED), 'username'));
});
afterAll(() => built?.cleanUp());

describe('autossl options', () => {
  test('sets a level as whmapi1 would its keys; what others wrote stays', async () => {
    expect(await json('options', 'set', 'user-notices', '3')).toMatchObject({
      schemaVersion: 1,
      userNotices: 3,
      administratorNotices: 1,
    });
    const called = await runBin('whmapi1', ['--output=json', 'get_autossl_metadata'], built.root);
    expect(JSON.parse(called.stdout).data.payload).toMatchObject({
      notify_autossl_expiry_user: 1,
      notify_autossl_renewal_user: 0,
      notify_autossl_renewal: 1,
    });
    expect(JSON.parse(readFileSync(built.path('/var/cpanel/autossl.json'), 'utf8'))).toMatchObject({
      provider: 'LetsEncrypt',
      vendor_key: { kept: true },
      metadata: { vendor_flag: '1' },
    });
    expect(await json('options', 'set', 'notify_autossl_renewal_user', '1')).toMatchObject({
      userNotices: 'custom',
    });
  });

  test.each([
    ['a level that there is not', 'user-notices', '5', 'level from 1 to 4, not “5”'],
    [
      'a value that is no flag',
      'notify_autossl_expiry',
      'yes',
      'notify_autossl_expiry takes 1 or 0, not “yes”',
    ],
    ['an option that there is not', EVIL, '1', 'there is no option “evil\\u{1b}[31mred\\u{202e}”'],
  ])('refuses %s', async (_, key, value, why) => {
    const before = readFileSync(built.path('/var/cpanel/autossl.json'), 'utf8');
    const { exitCode, stdout, stderr } = await autossl('options', 'set', key, value);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(why);
    expect(readFileSync(built.path('/var/cpanel/autossl.json'), 'utf8')).toBe(before);
  });
});

describe('autossl users', () => {
  const fileOf = (user: string): string => readFileSync(built.path(`/var/cpanel/users/${user}`), 'utf8');

  test('switches accounts off and on, and lets their list decide again; what others wrote stays', async () => {
    expect((await json('users')).users).toMatchObject([
      { account: 'alice', state: 'checked', feature: 'list', websites: 1 },
      { account: 'bob', state: 'suspended', feature: 'list', websites: null },
    ]);
    expect((await json('users', 'disable', 'alice', 'bob')).users).toMatchObject([
      { account: 'alice', state: 'no-autossl-feature', feature: 'disabled' },
      { account: 'bob', state: 'suspended', feature: 'disabled' },
    ]);
    expect(fileOf('alice')).toMatch(/^FEATURE-AUTOSSL=0$/m);
    await autossl('users', 'enable', 'alice');
    expect(fileOf('alice')).toMatch(/^FEATURE-AUTOSSL=1$/m);
    await autossl('users', 'reset', 'alice', 'bob');
    expect(fileOf('alice')).not.toContain('FEATURE-AUTOSSL');
    expect(fileOf('alice')).toMatch(/^MYKEY=stays$/m);
  });

  test('says which key type there is not, and which is used instead', async () => {
    const before = ['alice', 'bob'].map((user) => [user, fileOf(user)] as const);
    for (const [user, text] of before) {
      built.write(`/var/cpanel/users/${user}`, `${text}SSL_DEFAULT_KEY_TYPE=garbage\n`);
    }
    const { exitCode, stdout } = await autossl('users');
    for (const [user, text] of before) built.write(`/var/cpanel/users/${user}`, text);
    expect(exitCode).toBe(1);
    for (const user of ['alice', 'bob']) {
      expect(stdout).toMatch(
        new RegExp(
          `^fault: ${user}: .*SSL_DEFAULT_KEY_TYPE=“garbage” is not a key type; rsa-2048 is used$`,
          'm',
        ),
      );
    }
  });

  test('changes none when one is unknown', async () => {
    const before = fileOf('alice');
    const { exitCode, stderr } = await autossl('users', 'disable', 'alice', 'nobody-here');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('there is no account “nobody-here”');
    expect(fileOf('alice')).toBe(before);
  });

  test('writes a key type and says what it costs', async () => {
    const before = fileOf('alice');
    expect(await json('users', 'key-type', 'alice', 'ecdsa-prime256v1', '--dry-run')).toEqual({
      schemaVersion: 1,
      isDone: false,
      costs: [
        {
          account: 'alice',
          keyType: 'ecdsa-prime256v1',
          isLookedAt: true,
          notLookedAt: null,
          certificates: 0,
          orders: 0,
          firstAt: null,
          lastAt: null,
          isChanged: false,
        },
      ],
    });
    expect(fileOf('alice')).toBe(before);
    expect(await autossl('users', 'key-type', 'alice', 'bob', 'ecdsa-prime256v1')).toMatchObject({
      exitCode: 0,
      stdout:
        'alice: ecdsa-prime256v1: no certificate has another key.\nbob: ecdsa-prime256v1: nothing is ordered, as the account is suspended.\n',
    });
    expect(fileOf('bob')).toMatch(/^SSL_DEFAULT_KEY_TYPE=ecdsa-prime256v1$/m);
    expect((await json('users', 'list', 'alice')).users[0]).toMatchObject({
      keyType: 'ecdsa-prime256v1',
      isKeyTypeOwn: true,
    });
    await autossl('users', 'key-type', 'alice', 'bob', 'system');
    expect((await json('users', 'list', 'alice')).users[0]).toMatchObject({ isKeyTypeOwn: false });
    expect((await autossl('users', 'key-type', 'alice', 'rsa-1024')).exitCode).toBe(2);
    expect((await autossl('users', 'key-type', 'alice')).exitCode).toBe(2);
  });
});

describe('autossl exclude', () => {
  test('adds, tells who and when, removes, and says what no website has', async () => {
    const added = await autossl('exclude', 'add', 'alice', 'WWW.alice.test', 'typo.test');
    expect(added).toMatchObject({ exitCode: 0, stderr: '' });
    expect(added.stdout).toContain('note: no website of alice is called typo.test');
    const { exclusions } = await json('exclude');
    expect(exclusions).toMatchObject([
      { account: 'alice', name: 'typo.test', by: 'root' },
      { account: 'alice', name: 'www.alice.test', by: 'root', at: expect.stringMatching(/Z$/) },
    ]);
    expect((await json('exclude', 'remove', 'alice', 'typo.test')).exclusions).toHaveLength(1);
    for (const words of [[], ['x.alice.test', '--none'], ['']]) {
      expect(await autossl('exclude', 'set', 'alice', ...words)).toMatchObject({ exitCode: 2, stdout: '' });
    }
    expect((await json('exclude')).exclusions).toHaveLength(1);
    expect((await json('exclude', 'set', 'alice', '--none')).exclusions).toEqual([]);
    expect((await autossl('exclude', 'list', 'alice')).stdout).toBe('No name is excluded.\n');
    expect((await autossl('exclude', 'add', 'alice', 'no name')).exitCode).toBe(2);
  });

  test('a list that cannot be understood is told, and the others too', async () => {
    const file = built.path('/var/cpanel/ssl/autossl/excludes/bob.json');
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, 'no JSON');
    const told = await autossl('exclude');
    rmSync(file);
    expect(told.exitCode).toBe(1);
    expect(told.stdout).toMatch(/^fault: .*bob\.json/m);
  });
});

describe('autossl queue', () => {
  test('tells an order with its log, filtered by what is asked for', async () => {
    expect((await json('queue')).orders).toEqual([
      {
        id: ORDER.id,
        account: 'alice',
        website: 'alice.test',
        provider: 'LetsEncrypt',
        phase: 'finalized',
        names: ORDER.names,
        requestedAt: ORDER.createdAt,
        lastPolledAt: null,
        pollAt: ORDER.pollAt,
        log: log(STARTED),
      },
    ]);
    const counts = async (...words: string[]) => (await json('queue', ...words)).orders.length;
    expect(await counts('--user', 'alice', '--state', 'pending', '--provider', 'letsencrypt')).toBe(1);
    expect(await counts('--domain', 'WWW.alice.test', '--sort', 'poll')).toBe(1);
    expect(await counts('--domain', 'other.test')).toBe(0);
    expect(await counts('--user', 'bob')).toBe(0);
    expect(await counts('--state', 'install')).toBe(0);
    const unknown = await autossl('queue', '--user', 'nosuch');
    expect(unknown).toMatchObject({ exitCode: 2, stdout: '' });
    expect(unknown.stderr).toMatch(/^autossl: there is no user “nosuch” on this server\. [^\n]+\n$/);
    expect((await autossl('queue', '--sort', 'colour')).stderr).toContain('--sort takes requested, poll');
  });
});

describe('autossl logs and log', () => {
  test('the catalogue, filtered', async () => {
    const all = { start: STARTED, state: 'ended', user: 'alice', provider: 'LetsEncrypt' };
    expect((await json('logs')).logs).toEqual([all]);
    expect((await json('logs', '--user', 'alice', '--state', 'ended')).logs).toEqual([all]);
    expect((await json('logs', '--user', 'bob')).logs).toEqual([]);
    expect((await json('logs', '--user', '*')).logs).toEqual([]);
    const unknown = await autossl('logs', '--user', 'nosuch');
    expect(unknown).toMatchObject({ exitCode: 2, stdout: '' });
    expect(unknown.stderr).toMatch(/^autossl: there is no user “nosuch” on this server\. [^\n]+\n$/);
    expect((await json('logs', '--state', 'running')).logs).toEqual([]);
  });

  test('one log is safe for a terminal, and its records are JSON lines', async () => {
    expect(await autossl('log')).toEqual({
      exitCode: 0,
      stdout: `[${STARTED}] It began. evil\\u{1b}[31mred\\u{202e}\n`,
      stderr: '',
    });
    expect(await autossl('log', STARTED, '--json')).toEqual({
      exitCode: 0,
      stdout: `${JSON.stringify(RECORD)}\n`,
      stderr: '',
    });
    expect((await autossl('log', '2026-03-03T23:26:02Z')).exitCode).toBe(2);
    expect((await autossl('log', '../../etc')).exitCode).toBe(2);
  });

  test('a compressed one, with what a poller added after that', async () => {
    const started = '2026-03-01T00:00:00Z';
    mkdirSync(log(started));
    writeFileSync(join(log(started), 'txt.gz'), gzipSync('first\nsecond\n'));
    writeFileSync(join(log(started), 'txt'), 'third\n');
    const { stdout } = await autossl('log', started, '--follow');
    rmSync(log(started), { recursive: true });
    expect(stdout).toBe('first\nsecond\nthird\n');
  });

  test('one that grows is followed until its run ends', async () => {
    const started = '2026-03-05T00:00:00Z';
    const file = join(log(started), 'txt');
    mkdirSync(log(started));
    writeFileSync(file, 'first\nsec');
    // This very process is the run.
    symlinkSync(identityWord(ownIdentity()), join(log(started), 'upid'));
    const follower = spawn(process.execPath, ['bin/autossl', 'log', '--follow'], {
      env: { ...process.env, AUTOSSL_ROOT: built.root },
    });
    let seen = '';
    const until = (text: string) =>
      new Promise<void>((resolve) => {
        if (seen.includes(text)) resolve();
        follower.stdout.on('data', () => seen.includes(text) && resolve());
      });
    follower.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString('utf8');
    });
    const ended = new Promise<number | null>((resolve) => {
      follower.once('close', (code) => resolve(code));
    });
    await until('first\n');
    expect(seen).toBe('first\n');
    appendFileSync(file, 'ond\nthird\n');
    await until('third\n');
    rmSync(join(log(started), 'upid'));
    appendFileSync(file, 'the end');
    expect(await ended).toBe(0);
    expect(seen).toBe('first\nsecond\nthird\nthe end\n');
    rmSync(log(started), { recursive: true });
  });
});

describe('autossl limits', () => {
  test('tells the budget, what was stopped, and names that are put aside', async () => {
    const now = Date.now();
    const ago = (minutes: number): string => new Date(now - minutes * 60_000).toISOString();
    const stoppedUntil = new Date(now + 3_600_000).toISOString();
    const ledger = '/var/cpanel/ssl/autossl/ledger';
    mkdirSync(built.path(ledger), { recursive: true });
    const record = { schemaVersion: 1, provider: 'ZeroSSL', newOrders: [ago(400), ago(5)], stoppedUntil };
    const stopped = { ...record, stoppedBecause: `rateLimited: slow down ${EVIL}` };
    built.write(`${ledger}/ZeroSSL.json`, JSON.stringify(stopped), 0o600);
    mkdirSync(built.path('/var/cpanel/ssl/autossl/names'), { recursive: true });
    const failures = [1, 2, 3].map((minutes) => ({ at: ago(minutes), provider: 'ZeroSSL', code: 'dns' }));
    const name = { schemaVersion: 1, name: 'www.alice.test', lastPassedAt: null, consecutiveFailures: 3 };
    built.write(
      '/var/cpanel/ssl/autossl/names/www.alice.test.json',
      JSON.stringify({ ...name, caFailures: failures, lastFailure: null, nextAttemptAt: null }),
      0o600,
    );
    expect(await json('limits')).toMatchObject({
      schemaVersion: 1,
      accounts: [
        { provider: 'LetsEncrypt', isActive: true, newOrders: 0, cap: 150, opensAt: null },
        {
          provider: 'ZeroSSL',
          isActive: false,
          newOrders: expect.any(Number),
          cap: 150,
          stoppedUntil,
          stoppedBecause: expect.stringContaining('slow down'),
        },
      ],
      names: { hourlyLimit: 1, backoff: 0, firstAt: ago(3 - 60) },
      websites: [],
      faults: [],
    });
    const { exitCode, stdout } = await autossl('limits');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('stopped by the provider: “slow down evil\\u{1b}[31mred\\u{202e}”');
    built.write(`${ledger}/ZeroSSL.json`, 'no JSON', 0o600);
    const faulty = await autossl('limits');
    rmSync(built.path(`${ledger}/ZeroSSL.json`));
    rmSync(built.path('/var/cpanel/ssl/autossl/names/www.alice.test.json'));
    expect(faulty.exitCode).toBe(1);
    expect(faulty.stdout).toMatch(/^fault: .*ZeroSSL\.json/m);
  });
});

test('autossl plan says what autossl_check --dry-run plans', async () => {
  const planned = await json('plan');
  const checked = await runBin('autossl_check', ['--all', '--dry-run', '--json'], built.root);
  expect(planned.plan).toEqual(JSON.parse(checked.stdout).plan);
  expect(planned.plan.actions).toHaveLength(1);
  const { exitCode, stdout } = await autossl('plan', '--user', 'alice');
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^alice +alice\.test +await-order /m);
});

describe('tables are fitted to the terminal', () => {
  const LONG = 'a-website-with-a-very-long-name-indeed.and-a-long-domain.example';
  const shown = (width: number, ...words: string[]): readonly string[] => {
    const line = ['stty', 'cols', String(width), '&&', process.execPath, 'bin/autossl', ...words].join(' ');
    const { stdout } = spawnSync('script', ['-qec', line, '/dev/null'], {
      encoding: 'utf8',
      env: { ...process.env, AUTOSSL_ROOT: built.root, NO_COLOR: '1', TERM: 'xterm' },
    });
    return stdout.split(/\r?\n/).filter((one) => one !== '');
  };

  test.each([80, 160])('of %d columns', async (width) => {
    const long = { ...ORDER, id: '1764000000001-0123456789abcdef', vhost: LONG, names: [LONG] };
    const file = `/var/cpanel/ssl/autossl/orders/${long.id}.json`;
    built.write(file, JSON.stringify(long), 0o600);
    const queue = shown(width, 'queue');
    const limits = shown(width, 'limits');
    rmSync(built.path(file));
    expect(queue[0]).toMatch(/^Account +Website +Names +Provider/);
    expect(queue.filter((line) => [...line].length > width)).toEqual([]);
    // At 160 the whole name has room.
    expect(queue.some((line) => line.includes(LONG))).toBe(width === 160);
    expect(limits[0]).toMatch(/^Provider +Orders/);
    expect(limits.filter((line) => [...line].length > width)).toEqual([]);
  });
});
