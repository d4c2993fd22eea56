import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { FileOrderStore } from '../../src/adapters/store/orders/orders.js';
import { FileLockKeeper } from '../../src/adapters/system/locks/locks.js';
import { parseHostName } from '../../src/core/domain/name/names.js';
import { installedFingerprint } from '../support/aged-set.js';
import { buildPrograms, runBin } from '../support/bin-program.js';
import { faultsOfDerivedSet } from '../support/derived-set.js';
import { faultsOf } from '../support/installed-set.js';
import { leftoversIn } from '../support/leftovers.js';
import { aRoot } from '../support/pki.js';
import { type ReplacedSet, replaceSets } from '../support/replaced-sets.js';
import { aTree, type BuiltTree } from '../support/tree-builder.js';

const SITE = 'example.test';
const NAMES = [SITE, `www.${SITE}`, `mail.${SITE}`];
/** Of another account, never secured. */
const NEW_SITE = 'new.test';
const LACKING = [SITE, `www.${SITE}`];

/** A server whose web server is known by its commands alone; its test passes until a test says otherwise. */
let server: BuiltTree;
beforeAll(buildPrograms);
beforeEach(() => {
  server = aTree()
    .account('alice', { domain: SITE, keyType: 'ecdsa-prime256v1' })
    .account('carol', { domain: NEW_SITE })
    .account('bob', { domain: 'other.test', keyType: 'ecdsa-prime256v1', suspended: true })
    .file('/etc/ssl/roots.pem', aRoot().certPem)
    .autosslJson({ provider: 'LocalCA' })
    .build();
  writeFileSync(
    server.path('/etc/autossl.yaml'),
    stringify({
      trustAnchors: '/etc/ssl/roots.pem',
      preflight: 'off',
      webServer: {
        kind: 'command',
        testCommand: ['/bin/sh', server.path('/etc/test-server')],
        reloadCommand: ['/bin/sh', '-c', `echo reload >> ${server.path('/etc/reloads')}`],
      },
    }),
    { mode: 0o600 },
  );
  serverTest('exit 0');
});
afterEach(() => server.cleanUp());

const rollback = (...words: string[]) => runBin('autossl', ['rollback', ...words], server.root);
const check = () => runBin('autossl_check', ['--user=alice', '--json'], server.root);
const serverTest = (script: string): void =>
  writeFileSync(server.path('/etc/test-server'), script, { mode: 0o700 });
const reloads = (): number =>
  existsSync(server.path('/etc/reloads'))
    ? readFileSync(server.path('/etc/reloads'), 'utf8').split('\n').length - 1
    : 0;
const inPlace = (): string => installedFingerprint(server, SITE);
const replaced = (...sets: readonly ReplacedSet[]): Promise<string[]> =>
  replaceSets(server, { vhost: SITE, account: 'alice' }, sets);
const orders = async () => new FileOrderStore(server.tree).list();

describe('autossl rollback', () => {
  test('puts the former certificate back with one reload, and the same again the newer one', async () => {
    const [older = '', newer = ''] = await replaced(
      { names: LACKING, daysLeft: 50 },
      { names: NAMES, daysLeft: 80, because: ['NAMES_MISSING'] },
    );
    const listed = JSON.parse((await rollback(SITE, '--list', '--json')).stdout);
    expect(listed).toMatchObject({
      schemaVersion: 1,
      account: 'alice',
      website: SITE,
      present: { fingerprint: newer, names: NAMES },
      former: [{ fingerprint: older, names: LACKING }],
    });
    expect([inPlace(), reloads()]).toEqual([newer, 0]);

    const back = await rollback(SITE, '--json');
    expect(back.exitCode).toBe(0);
    expect(JSON.parse(back.stdout)).toMatchObject({
      exitCode: 0,
      outcome: 'published',
      was: { fingerprint: newer },
      former: { fingerprint: older },
      is: { fingerprint: older },
      code: null,
    });
    expect([inPlace(), reloads()]).toEqual([older, 1]);
    const root = server.path('/etc/ssl/roots.pem');
    expect(faultsOf(server, SITE, LACKING, root)).toEqual([]);
    expect(faultsOfDerivedSet(server, SITE, LACKING)).toEqual([]);

    const forth = await rollback(SITE);
    expect(forth).toMatchObject({ exitCode: 0, stderr: '' });
    expect(forth.stdout).toContain(`${SITE} has its former certificate again; nobody could be asked`);
    expect(forth.stdout).toContain(`  was  ${older.slice(0, 16)}, ends `);
    expect(forth.stdout).toContain(`  is   ${newer.slice(0, 16)}, ends `);
    expect([inPlace(), reloads()]).toEqual([newer, 2]);
    expect(faultsOf(server, SITE, NAMES, root)).toEqual([]);
    expect(faultsOfDerivedSet(server, SITE, NAMES)).toEqual([]);
    expect(leftoversIn(server)).toEqual([]);
  });

  test('takes the one that is named, of three', async () => {
    const [first = '', second = '', third = ''] = await replaced(
      { names: NAMES, daysLeft: 45 },
      { names: NAMES, daysLeft: 50 },
      { names: NAMES, daysLeft: 60 },
    );
    expect((await rollback(SITE, '--list')).stdout).toMatch(
      new RegExp(
        `2 former certificates are kept\n  ${second.slice(0, 16)}.*\n  ${first.slice(0, 16)}.*\nin place: ${third.slice(0, 16)}`,
      ),
    );
    const colons = first.slice(0, 12).toUpperCase().match(/../g)?.join(':') ?? '';
    expect(await rollback(SITE, '--to', colons)).toMatchObject({ exitCode: 0 });
    expect(inPlace()).toBe(first);
  });

  test('the next run leaves a former certificate that is good', async () => {
    const [older] = await replaced({ names: NAMES, daysLeft: 50 }, { names: NAMES, daysLeft: 80 });
    const back = await rollback(SITE);
    expect(back).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/^autossl: warning: It ends .*, 30\.0 days before the one in place\.\n$/),
    });
    const report = JSON.parse((await check()).stdout);
    expect(report).toMatchObject({
      exitCode: 0,
      counts: { websites: 1, kept: 1 },
      problems: [],
      waiting: [],
    });
    expect([inPlace(), await orders()]).toEqual([older, []]);
  });

  test('where it is due for renewal it says so, and the next run waits with that and calls it no fault', async () => {
    const [older] = await replaced(
      { names: NAMES, daysLeft: 20 },
      { names: NAMES, daysLeft: 89, because: ['RENEWAL_DUE'] },
    );
    const back = await rollback(SITE);
    expect(back.exitCode).toBe(0);
    expect(back.stderr).toMatch(
      /warning: A run will order a new certificate in its place, but not before \d{4}-.*Renewal has been due since/,
    );
    const report = JSON.parse((await check()).stdout);
    expect(report.waiting).toEqual([
      expect.objectContaining({ code: 'ROLLED_BACK', message: expect.stringContaining('autossl rollback') }),
    ]);
    expect(report).toMatchObject({ exitCode: 0, problems: [], installed: [] });
    expect([inPlace(), await orders()]).toEqual([older, []]);
  });

  test('what the server refuses is taken back: nothing is reloaded, exit 1', async () => {
    const [older = '', newer] = await replaced(
      { names: NAMES, daysLeft: 50 },
      { names: NAMES, daysLeft: 80 },
    );
    await rollback(SITE);
    const pem = readFileSync(server.tree.combined(parseHostName(SITE)), 'utf8');
    const [, line = ''] = pem.split('\n');
    await rollback(SITE);
    expect([inPlace(), reloads()]).toEqual([newer, 2]);
    serverTest(
      `! grep -qF '${line}' ${server.tree.combined(parseHostName(SITE))} || { echo bad key >&2; exit 1; }`,
    );
    const refused = await rollback(SITE, '--json');
    expect(refused.exitCode).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      outcome: 'restored',
      code: 'CONFIG_TEST_FAILED',
      message: expect.stringContaining('bad key'),
      was: { fingerprint: newer },
      former: { fingerprint: older },
      is: { fingerprint: newer },
    });
    expect([inPlace(), reloads()]).toEqual([newer, 2]);
    expect((await rollback(SITE, '--list')).stdout).toContain(older.slice(0, 16));
  });

  test('a configuration that is broken already is not touched, exit 1', async () => {
    const [, newer] = await replaced({ names: NAMES, daysLeft: 50 }, { names: NAMES, daysLeft: 80 });
    serverTest('echo broken by hand >&2; exit 1');
    const held = await rollback(SITE);
    expect(held.exitCode).toBe(1);
    expect(held.stdout).toMatch(/example\.test was not touched: .*broken by hand.* give the command again/);
    expect([inPlace(), reloads()]).toEqual([newer, 0]);
  });

  test('an order that is not over is named: its certificate will come instead', async () => {
    await replaced({ names: NAMES, daysLeft: 50 }, { names: NAMES, daysLeft: 50.5 });
    const id = `${String(Date.now()).padStart(13, '0')}-0123456789abcdef`;
    await new FileOrderStore(server.tree).create(
      {
        schemaVersion: 1,
        id,
        account: 'alice',
        vhost: SITE,
        provider: 'LocalCA',
        directoryUrl: '',
        acmeAccountUrl: null,
        names: NAMES,
        keyType: 'ecdsa-prime256v1',
        replaces: null,
        createdAt: new Date().toISOString(),
        phase: 'downloaded',
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
    const back = await rollback(SITE);
    expect(back.exitCode).toBe(0);
    expect(back.stderr).toContain(
      `warning: The next run will put another one in its place: the certificate of the order ${id} waits to be installed.`,
    );
  });

  test('while a run works on the website: exit 75, naming it', async () => {
    const [, newer] = await replaced({ names: NAMES, daysLeft: 50 }, { names: NAMES, daysLeft: 80 });
    const lock = await new FileLockKeeper(server.tree).tryAcquire(`website:${SITE}`, 'a test');
    const refused = await rollback(SITE);
    if ('release' in lock) await lock.release();
    expect(refused).toMatchObject({
      exitCode: 75,
      stdout: '',
      stderr: `autossl: process ${process.pid} works on ${SITE} (a test): try again later\n`,
    });
    expect(inPlace()).toBe(newer);
  });

  test.each<[string, readonly string[], number, string]>([
    ['a website that nobody has', ['gone.test'], 2, 'no account has a website “gone.test”'],
    ['a website of a suspended account', ['other.test'], 2, 'accounts that are suspended are not looked at'],
    ['a name of a website', [`www.${SITE}`], 2, `It is a name of the website ${SITE}.`],
    ['a website that nothing is kept of', [NEW_SITE], 3, `no former certificate of ${NEW_SITE} is kept`],
    ['what is no name', ['../etc'], 2, 'not a domain name'],
    ['what is no fingerprint', [SITE, '--to', 'xyzw'], 2, 'hexadecimal'],
    ['a fingerprint that nothing has', [SITE, '--to', '00000000'], 2, 'no former certificate begins'],
    ['--list with --to', [SITE, '--list', '--to', '0000'], 2, 'contradict'],
    ['no website', [], 2, 'missing required argument'],
  ])('%s: one line, nothing is touched', async (_, words, exitCode, expected) => {
    const [, newer] = await replaced({ names: NAMES, daysLeft: 50 }, { names: NAMES, daysLeft: 80 });
    const refused = await rollback(...words);
    expect(refused).toMatchObject({ exitCode, stdout: '' });
    expect(refused.stderr).toContain(expected);
    expect(refused.stderr.split('\n')).toHaveLength(2);
    expect([inPlace(), reloads()]).toEqual([newer, 0]);
  });

  test('the one that lies in place already is named', async () => {
    const [, newer = ''] = await replaced({ names: NAMES, daysLeft: 50 }, { names: NAMES, daysLeft: 80 });
    const refused = await rollback(SITE, '--to', newer.slice(0, 8));
    expect(refused).toMatchObject({
      exitCode: 2,
      stderr: `autossl: the certificate ${newer.slice(0, 8)} of ${SITE} lies in place already\n`,
    });
  });

  test('asking what is kept writes nothing', async () => {
    expect(await rollback(NEW_SITE, '--list')).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `${NEW_SITE}: no former certificate is kept\nin place: no certificate\n`,
    });
    expect(readdirSync(server.path('/var/cpanel'))).not.toContain('ssl');
  });
});
