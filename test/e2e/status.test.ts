import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FileOrderStore } from '../../src/adapters/store/orders/orders.js';
import { FileProblemStore } from '../../src/adapters/store/records/problems.js';
import { FileServedStore } from '../../src/adapters/store/records/served.js';
import { FileLockKeeper } from '../../src/adapters/system/locks/locks.js';
import type { HeldLock } from '../../src/runs/ports/locks.js';
import { placeAgedSet } from '../support/aged-set.js';
import { buildPrograms, runBin } from '../support/bin-program.js';
import { listTree } from '../support/file-tree.js';
import { aCertificate, aRoot } from '../support/pki.js';
import { runShell } from '../support/shell.js';
import { aPlace } from '../support/status-input.js';
import { aTree, type BuiltTree } from '../support/tree-builder.js';

const HOUR_MS = 3_600_000;
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const EVIL = '\u001b[31mred\u0007\u202etset.live';
const ago = (hours: number): string => new Date(Date.now() - hours * HOUR_MS).toISOString();

/** A server with a website in every state, a broken account, a damaged record, and a run under way. */
describe('autossl status', () => {
  let built: BuiltTree;
  let run: HeldLock;
  const status = (...words: string[]) => runBin('autossl', ['status', ...words], built.root);
  const json = async (...words: string[]) => {
    const ended = await status('--json', ...words);
    return { ...ended, document: JSON.parse(ended.stdout) };
  };
  const shown = async (...words: string[]): Promise<readonly string[]> =>
    (await json(...words)).document.websites.map(({ website }: { website: string }) => website);

  beforeAll(async () => {
    buildPrograms();
    const account = (domain: string, ...subs: string[]) => ({
      domain,
      subs,
      keyType: 'ecdsa-prime256v1',
      userLines: {},
    });
    built = aTree()
      .account('alice', account('fine.test', 'stale.fine.test', 'hurt.fine.test'))
      .account('bob', account('lacks.test', 'gone.lacks.test', 'late.lacks.test', 'new.lacks.test'))
      .account('carol', account('bought.test', 'evil.bought.test', 'pends.bought.test'))
      .account('dave', { ...account('dave.test'), suspended: true })
      .autosslJson({ provider: 'LocalCA' })
      .settings({ trustAnchors: '/etc/roots.pem' })
      .file('/etc/roots.pem', aRoot().certPem)
      .file('/var/cpanel/users/eve', `DNS=${EVIL}\n`)
      .file('/var/cpanel/userdata/eve/main', JSON.stringify({ main_domain: EVIL }))
      .build();
    const all = (name: string): string[] => [name, `www.${name}`, `mail.${name}`];
    const place = (account: string, vhost: string, daysLeft: number, provider: string | null = 'LocalCA') =>
      placeAgedSet(built, { account, vhost, names: all(vhost), daysLeft, provider });
    const prints = {
      fine: place('alice', 'fine.test', 60),
      stale: place('alice', 'stale.fine.test', 70),
      hurt: place('alice', 'hurt.fine.test', 50),
    };
    placeAgedSet(built, {
      account: 'bob',
      vhost: 'lacks.test',
      names: ['lacks.test'],
      daysLeft: 65,
      provider: 'LocalCA',
    });
    place('bob', 'gone.lacks.test', -3);
    place('bob', 'late.lacks.test', 2);
    place('carol', 'bought.test', 40, null);
    place('carol', 'pends.bought.test', 55);
    const evil = aCertificate({
      names: ['evil.bought.test', EVIL],
      issuer: 'self',
      subject: { '2.5.4.3': EVIL, '2.5.4.10': EVIL },
      notBefore: ago(1),
    });
    mkdirSync(built.path('/var/cpanel/ssl/apache_tls/evil.bought.test'), { recursive: true });
    writeFileSync(built.path('/var/cpanel/ssl/apache_tls/evil.bought.test/combined'), evil.combined);

    const { tree } = built;
    const served = new FileServedStore(tree);
    const record = (vhost: string, fingerprint: string) => ({
      account: 'alice',
      vhost,
      wanted: all(vhost),
      issued: { fingerprint, names: all(vhost), notAfter: ago(-24) },
      served: {
        at: ago(3),
        state: 'served' as const,
        code: null,
        message: null,
        advice: null,
        places: [aPlace(fingerprint)],
        namesWithoutSite: [],
      },
    });
    await served.write(record('fine.test', prints.fine));
    const { served: seen, ...stale } = record('stale.fine.test', prints.stale);
    const message = '127.0.0.1:443 still serves the previous certificate';
    await served.write({
      ...stale,
      served: {
        ...seen,
        state: 'not-served',
        code: 'PREVIOUS_CERTIFICATE',
        message,
        advice: 'Reload the web server.',
        places: [aPlace('e'.repeat(64))],
      },
    });
    writeFileSync(join(tree.issued(), 'hurt.fine.test.json'), '{');
    await new FileProblemStore(tree).write('carol', [
      {
        domain: 'bought.test',
        vhost: 'bought.test',
        code: 'X',
        message: `it failed ${EVIL}`,
        advice: EVIL,
        fault: 'owner',
        at: ago(5),
        logStartedAt: null,
      },
    ]);
    const pollAt = ago(-1);
    await new FileOrderStore(tree).create(
      {
        schemaVersion: 1,
        id: `${String(Date.now()).padStart(13, '0')}-0123456789abcdef`,
        account: 'carol',
        vhost: 'pends.bought.test',
        provider: 'LocalCA',
        directoryUrl: '',
        acmeAccountUrl: null,
        names: ['pends.bought.test'],
        keyType: 'ecdsa-prime256v1',
        replaces: null,
        createdAt: ago(1),
        phase: 'placed',
        orderUrl: 'local:order/1',
        expiresAt: null,
        challenges: [],
        pollAt,
        lastPolledAt: null,
        diedOf: null,
        logStartedAt: null,
        because: [],
      },
      { keyPem: 'KEY', csrDer: new Uint8Array([1]) },
    );
    const lock = await new FileLockKeeper(tree).tryAcquire('run', 'a run under way');
    if ('heldBy' in lock) throw new Error('the lock is held');
    run = lock;
  });
  afterAll(async () => {
    await run.release();
    await built.cleanUp();
  });

  test('shows every website in a line, what is missing, and one summary', async () => {
    const { stdout, stderr, exitCode } = await status();
    const lines = stdout.split('\n');
    // A broken account and a damaged record are failures of this server.
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
    const line = (website: string): string => lines.find((one) => one.split(/ +/)[1] === website) ?? '';
    expect(lines[0]).toMatch(/^Account +Website +Names +Issuer +Days +TLS +Served +Next$/);
    expect(line('fine.test')).toMatch(/^alice +fine\.test +3: .* ok +yes \(3h\) +renew in \d+d$/);
    expect(line('stale.fine.test')).toMatch(/ ok +no: old certificate \(3h\) +renew in /);
    expect(line('hurt.fine.test')).toMatch(/ unknown +- +-$/);
    expect(line('gone.lacks.test')).toMatch(/ -3\.0 +defective +not asked yet +replace due$/);
    expect(line('late.lacks.test')).toMatch(/ 2\.0 +ok +not asked yet +renew due$/);
    expect(line('new.lacks.test')).toMatch(/ - +- +none +- +order due$/);
    expect(line('lacks.test')).toMatch(/ 1\/3: .* incomplete .* replace due$/);
    expect(line('bought.test')).toMatch(/ Test Authority .* ok +not asked yet +-$/);
    expect(line('evil.bought.test')).toMatch(/ self-signed .* defective .* replace due$/);
    expect(line('pends.bought.test')).toMatch(/ poll in \d+m$/);
    expect(lines.filter((one) => one.startsWith('eve '))).toHaveLength(1);
    expect(lines.filter((one) => one.startsWith('left out: '))).toMatchObject([
      expect.stringMatching(/^left out: dave: suspended$/),
      expect.stringMatching(/^left out: eve: .*users\/eve: .*\[31mred/),
    ]);
    expect(lines.at(-2)).toBe(
      '10 websites: 3 ok, 1 incomplete, 1 expired, 1 expiring, 5 failing, 1 not-served, 1 pending, 1 foreign, 1 broken account.',
    );
  });

  test('writes nothing, locks nothing, and asks nobody, though a run is under way', async () => {
    const before = listTree(built.root);
    await status();
    await status('--json', '--sort', 'expiry');
    await status('fine.test');
    expect(listTree(built.root)).toEqual(before);
  });

  test.each<[string[], string[]]>([
    [['expired'], ['gone.lacks.test']],
    [['expiring'], ['late.lacks.test']],
    [['not-served'], ['stale.fine.test']],
    [['pending'], ['pends.bought.test']],
    [['foreign'], ['bought.test']],
    [['incomplete'], ['lacks.test']],
    [
      ['ok', '--user', 'carol'],
      ['bought.test', 'pends.bought.test'],
    ],
    [
      ['failing'],
      ['hurt.fine.test', 'stale.fine.test', 'gone.lacks.test', 'new.lacks.test', 'evil.bought.test'],
    ],
    [['expired,expiring'], ['gone.lacks.test', 'late.lacks.test']],
    [
      ['expired', '--only', 'foreign'],
      ['gone.lacks.test', 'bought.test'],
    ],
  ])('--only %j', async (words, expected) => {
    expect([...(await shown('--only', ...words))].sort()).toEqual([...expected].sort());
  });

  test.each<[string, string[]]>([
    ['account', ['alice', 'bob', 'carol']],
    ['website', []],
  ])('--sort %s', async (sort, accounts) => {
    const { document } = await json('--sort', sort);
    const websites = document.websites as { account: string; website: string }[];
    if (sort === 'account') expect([...new Set(websites.map(({ account }) => account))]).toEqual(accounts);
    else expect(websites).toEqual([...websites].sort((a, b) => (a.website < b.website ? -1 : 1)));
    expect(websites).toHaveLength(10);
  });

  test('--sort expiry has the soonest first, and what never expires last', async () => {
    expect(await shown('--sort', 'expiry', '--user', 'bob')).toEqual([
      'gone.lacks.test',
      'late.lacks.test',
      'lacks.test',
      'new.lacks.test',
    ]);
  });

  test('--sort next has what is due first, and where nothing is foreseen last', async () => {
    const order = await shown('--sort', 'next', '--user', 'carol');
    expect(order).toEqual(['evil.bought.test', 'pends.bought.test', 'bought.test']);
  });

  test('the table is sorted as the document is', async () => {
    const { stdout } = await status('--sort', 'expiry', '--user', 'bob');
    const websites = stdout
      .split('\n')
      .slice(1, 5)
      .map((line) => line.split(/ +/)[1]);
    expect(websites).toEqual(await shown('--sort', 'expiry', '--user', 'bob'));
  });

  test.each<[string[], number]>([
    [['--user', 'bob'], 0],
    [['--user', 'bob', '--fail-on', 'expired'], 1],
    [['--user', 'bob', '--fail-on', 'expiring'], 1],
    [['--user', 'bob', '--fail-on', 'failing'], 1],
    [['--user', 'carol', '--fail-on', 'expired,expiring'], 0],
    [['--user', 'carol', '--fail-on', 'failing'], 1],
    [['fine.test', '--fail-on', 'expired', '--fail-on', 'expiring,failing'], 0],
    [['stale.fine.test', '--fail-on', 'expired'], 0],
    [['stale.fine.test', '--fail-on', 'failing'], 1],
    [['--user', 'bob', '--only', 'ok', '--fail-on', 'expired'], 1],
    [['hurt.fine.test'], 1],
    [['--user', 'dave'], 0],
    [['--user', 'eve'], 1],
  ])('%j exits %d', async (words, exitCode) => {
    expect(await status(...words)).toMatchObject({ exitCode, stderr: '' });
    expect(await json(...words)).toMatchObject({ exitCode, stderr: '' });
  });

  test('--json tells every fact', async () => {
    const { document } = await json();
    expect(Object.keys(document)).toEqual([
      'schemaVersion',
      'at',
      'provider',
      'websites',
      'leftOut',
      'faults',
      'isComplete',
      'counts',
    ]);
    expect(document).toMatchObject({
      schemaVersion: 1,
      provider: 'LocalCA',
      isComplete: false,
      leftOut: [
        { account: 'dave', why: 'suspended', message: null },
        { account: 'eve', why: 'broken', message: expect.stringContaining('users/eve') },
      ],
      counts: {
        websites: 10,
        shown: 10,
        ok: 3,
        incomplete: 1,
        expired: 1,
        expiring: 1,
        failing: 5,
        notServed: 1,
        pending: 1,
        foreign: 1,
        brokenAccounts: 1,
      },
    });
    const of = (website: string) =>
      document.websites.find((one: { website: string }) => one.website === website);
    for (const website of document.websites) {
      expect(Object.keys(website).sort()).toEqual(
        [
          ...['account', 'because', 'certificate', 'conditions', 'daysLeft', 'defects', 'excluded', 'fault'],
          ...['issued', 'next', 'order', 'ownership', 'placeholder', 'problems', 'served', 'tls', 'wanted'],
          'website',
        ].sort(),
      );
    }
    const stale = of('stale.fine.test');
    expect(stale).toMatchObject({
      account: 'alice',
      wanted: ['stale.fine.test', 'www.stale.fine.test'],
      certificate: built.path('/var/cpanel/ssl/apache_tls/stale.fine.test/combined'),
      tls: 'ok',
      ownership: 'ours',
      placeholder: false,
      daysLeft: expect.closeTo(70, 1),
      issued: { names: ['stale.fine.test', 'www.stale.fine.test', 'mail.stale.fine.test'], missing: [] },
      served: {
        state: 'not-served',
        code: 'PREVIOUS_CERTIFICATE',
        places: [{ address: '127.0.0.1', port: 443, fingerprint: 'e'.repeat(64), names: ['old.example'] }],
      },
      because: [{ code: 'VALID' }],
      next: { action: 'renew', at: expect.any(String) },
      order: null,
      conditions: ['failing', 'not-served'],
    });
    expect(stale.served.expected).toBe(stale.issued.fingerprint);
    expect(of('hurt.fine.test')).toMatchObject({
      tls: 'unknown',
      fault: { code: 'CORRUPT_RECORD', message: expect.stringContaining('hurt.fine.test.json') },
    });
    expect(of('bought.test')).toMatchObject({ ownership: 'foreign', next: { action: 'none', at: null } });
    expect(of('bought.test').problems).toMatchObject([{ code: 'X', fault: 'owner' }]);
    expect(of('pends.bought.test')).toMatchObject({
      next: { action: 'await-order' },
      order: { provider: 'LocalCA', phase: 'placed' },
    });
    expect(of('new.lacks.test')).toMatchObject({ tls: 'none', issued: null, daysLeft: null });
  });

  test('what others wrote steers no terminal', async () => {
    const ends = [await status(), await status('bought.test', 'evil.bought.test'), await json()];
    for (const { stdout } of ends) {
      expect(stdout.split('\n').filter((line) => STEERING.test(line))).toEqual([]);
      expect(stdout).toContain('evil.bought.test');
    }
    expect(ends[1]?.stdout).toContain('\\u{1b}[31mred');
  });

  test('a website that is asked for by one of its names comes with its details', async () => {
    const { stdout } = await status('www.stale.fine.test');
    expect(stdout).toContain('\nstale.fine.test (alice)\n');
    expect(stdout).toMatch(
      /served +no, asked at .*: 127\.0\.0\.1:443 still serves the previous certificate\. Reload the web server\.\n/,
    );
    expect(stdout).toMatch(/\n1 website: 0 ok, 1 failing, 1 not-served\.\n$/);
  });

  test.each<[string[], string]>([
    [['nobody.test'], 'autossl: no account has a website “nobody.test”'],
    [['fine.test', '--user', 'bob'], 'autossl: the account bob has no website “fine.test”'],
    [['--user', 'nobody'], 'autossl: there is no user “nobody” on this server'],
    [['--user', '../x'], 'not an account name'],
    [['a_b.test'], 'not a domain name'],
    [['--only', 'healthy'], 'autossl: --only takes ok, '],
    [['--fail-on', 'ok'], 'autossl: --fail-on takes expired, expiring, failing, not “ok”'],
    [['--sort', `x${EVIL}`], 'autossl: --sort takes account, website, expiry, next, not “x\\u{1b}'],
  ])('%j is wrong usage: one line and nothing else', async (words, message) => {
    for (const more of [[], ['--json']]) {
      const { exitCode, stdout, stderr } = await status(...words, ...more);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toContain(message);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    }
  });
});

describe('autossl status on other servers', () => {
  test('without accounts there is nothing to tell', async () => {
    const bare = aTree()
      .settings({ trustAnchors: '/etc/roots.pem' })
      .file('/etc/roots.pem', aRoot().certPem)
      .build();
    try {
      expect(await runBin('autossl', ['status'], bare.root)).toEqual({
        exitCode: 0,
        stderr: '',
        stdout:
          'No provider is active: nothing is ordered. To choose one: autossl provider list\n0 websites: 0 ok.\n',
      });
      const { stdout } = await runBin('autossl', ['status', '--json'], bare.root);
      expect(JSON.parse(stdout)).toMatchObject({ provider: null, websites: [], isComplete: true });
    } finally {
      await bare.cleanUp();
    }
  });

  test('a record of what was served that is damaged costs that website its line only', async () => {
    const tree = aTree()
      .account('alice', { domain: 'a.test', subs: ['b.a.test'] })
      .settings({ trustAnchors: '/etc/roots.pem' })
      .file('/etc/roots.pem', aRoot().certPem)
      .file('/var/cpanel/ssl/autossl/served/a.test.json', '[]', 0o600)
      .build();
    try {
      const ended = await runBin('autossl', ['status', '--json'], tree.root);
      expect(ended.exitCode).toBe(1);
      const { websites } = JSON.parse(ended.stdout);
      expect(websites.map((one: { tls: string }) => one.tls)).toEqual(['unknown', 'none']);
      expect(websites[0].fault.message).toContain('served/a.test.json');
    } finally {
      await tree.cleanUp();
    }
  });

  test('output that nobody takes is no error, output that does not fit is one, said once', async () => {
    const subs = Array.from({ length: 400 }, (_, index) => `part${index}.many.test`);
    const many = aTree()
      .withoutDocumentRoots()
      .account('alice', { domain: 'many.test', subs })
      .settings({ trustAnchors: '/etc/roots.pem' })
      .file('/etc/roots.pem', aRoot().certPem)
      .build();
    const shell = (script: string) => runShell(script, { AUTOSSL_ROOT: many.root });
    try {
      const left = shell('{ autossl status --json; echo "exit $?" >&2; } | head -c 10');
      expect(left).toMatchObject({ stdout: '{"schemaVe', stderr: 'exit 0\n' });
      const full = shell('autossl status --json > /dev/full');
      expect(full.exitCode).toBe(1);
      expect(full.stderr).toMatch(/^autossl: the output cannot be written: no space is left\n$/);
    } finally {
      await many.cleanUp();
    }
  });
});
