import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { FileOrderStore } from '../../src/adapters/store/orders/orders.js';
import { FileNameMemory } from '../../src/adapters/store/records/names.js';
import { FileLockKeeper } from '../../src/adapters/system/locks/locks.js';
import { parseAccountName } from '../../src/core/domain/account/account-name.js';
import type { WhyReport } from '../../src/core/report/why/why-report.js';
import type { HeldLock } from '../../src/runs/ports/locks.js';
import { placeAgedSet } from '../support/aged-set.js';
import { buildPrograms, runBin } from '../support/bin-program.js';
import { type EmbeddedDns, startEmbeddedDns } from '../support/embedded-dns.js';
import { type EmbeddedWeb, startEmbeddedWeb } from '../support/embedded-web.js';
import { listTree } from '../support/file-tree.js';
import { LOOPBACK } from '../support/loopback.js';
import { aRoot } from '../support/pki.js';
import { aTree, type BuiltTree } from '../support/tree-builder.js';

const HOUR_MS = 3_600_000;
const pollAt = new Date(Date.now() + HOUR_MS).toISOString();
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const from = (hours: number): string => new Date(Date.now() + hours * HOUR_MS).toISOString();

/** A server whose nightly run was yesterday, and another run is under way. */
describe('autossl why', () => {
  let built: BuiltTree;
  let dns: EmbeddedDns;
  let web: EmbeddedWeb;
  let run: HeldLock;
  const ask = (...words: string[]) => runBin('autossl', ['why', ...words], built.root);
  const why = async (name: string, ...words: string[]): Promise<WhyReport & { readonly lines: string[] }> => {
    const [text, json] = [await ask(name, ...words), await ask(name, '--json', ...words)];
    expect([text.stderr, json.stderr]).toEqual(['', '']);
    const report = JSON.parse(json.stdout) as WhyReport;
    expect([text.exitCode, json.exitCode]).toEqual([report.exitCode, report.exitCode]);
    const lines = text.stdout.split('\n').slice(0, -1);
    expect(
      lines.filter((line) => ([...line].length > 80 && !line.includes(built.root)) || STEERING.test(line)),
    ).toEqual([]);
    expect(lines.length).toBeLessThanOrEqual(24);
    return { ...report, lines };
  };

  beforeAll(async () => {
    buildPrograms();
    const account = (domain: string, subs: readonly string[] = []) => ({
      domain,
      subs,
      keyType: 'ecdsa-prime256v1',
    });
    built = aTree()
      .account('alice', account('fine.test'))
      .account('bob', account('shop.test', ['gone.shop.test', 'wrong.shop.test', 'round.shop.test']))
      .account('carol', {
        ...account('carol.test', ['pends.carol.test', 'late.carol.test']),
        exclude: ['mail.carol.test'],
      })
      .account('dave', { ...account('dave.test'), suspended: true })
      .autosslJson({ provider: 'LocalCA' })
      .file('/etc/hostname', 'server1.hoster.test\n')
      .file(
        '/etc/cron.d/cpanel_autossl',
        '14 2 * * * root node /x/autossl_check --all\n*/5 * * * * root node /x/autossl_check_queue\n',
      )
      .file('/etc/ssl/roots.pem', aRoot().certPem)
      .build();
    dns = await startEmbeddedDns(
      ['fine.test', '*.fine.test', 'shop.test', '*.shop.test', 'carol.test', '*.carol.test'].map((name) => [
        name,
        { A: ['127.0.0.1'] },
      ]),
    );
    dns.zones.delete('*.shop.test');
    for (const name of ['www', 'mail', 'wrong', 'www.wrong', 'round', 'www.round'])
      dns.zones.set(`${name}.shop.test`, { A: ['127.0.0.1'] });
    web = await startEmbeddedWeb({ tree: built.tree });
    for (const name of ['wrong.shop.test', 'www.wrong.shop.test']) {
      web.behaviours.set(name, (_request, response) => response.end('Welcome \u001b[31mto my shop'));
    }
    for (const name of ['round.shop.test', 'www.round.shop.test']) {
      web.behaviours.set(name, (request, response) => {
        response.writeHead(302, { location: `${request.url?.slice(0, 60)}x` });
        response.end();
      });
    }
    built.write(
      '/etc/autossl.yaml',
      stringify({
        resolvers: [dns.server],
        http: { port: web.httpPort, httpsPort: web.httpsPort, privateNetworks: [...LOOPBACK] },
        webServer: { reloadCommand: [process.execPath, '--version'] },
        trustAnchors: '/etc/ssl/roots.pem',
      }),
      0o600,
    );
    await new FileOrderStore(built.tree).create(
      {
        schemaVersion: 1,
        id: `${String(Date.now()).padStart(13, '0')}-0123456789abcdef`,
        account: 'carol',
        vhost: 'pends.carol.test',
        provider: 'LocalCA',
        directoryUrl: '',
        acmeAccountUrl: null,
        names: ['pends.carol.test', 'www.pends.carol.test'],
        keyType: 'ecdsa-prime256v1',
        replaces: null,
        createdAt: from(-1),
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
    placeAgedSet(built, {
      account: 'alice',
      vhost: 'fine.test',
      names: ['fine.test', 'www.fine.test', 'mail.fine.test'],
      daysLeft: 60,
      provider: 'LocalCA',
    });
    await new FileNameMemory(built.tree).write({
      schemaVersion: 1,
      name: 'late.carol.test',
      lastPassedAt: null,
      consecutiveFailures: 2,
      caFailures: [{ at: from(-1), provider: 'LocalCA', code: 'unauthorized' }],
      lastFailure: { at: from(-1), code: 'unauthorized', message: 'it got a page', source: 'ca' },
      nextAttemptAt: from(5),
    });
    expect(await runBin('autossl_check', ['--user=bob'], built.root)).toMatchObject({ exitCode: 0 });
    const lock = await new FileLockKeeper(built.tree).tryAcquire('run', 'a run under way');
    if ('heldBy' in lock) throw new Error('the lock is held');
    run = lock;
  }, 60_000);
  afterAll(async () => {
    await run?.release();
    await web?.close();
    await dns?.close();
    await built?.cleanUp();
  });

  test('of a name that is well', async () => {
    const { lines, ...report } = await why('fine.test');
    expect(report).toMatchObject({
      exitCode: 0,
      verdict: { code: 'SECURED', isSecured: true },
      account: 'alice',
      website: 'fine.test',
      issued: { covers: true, issuerName: 'Test Authority' },
      seen: {
        state: 'looked',
        method: 'http-01',
        places: [{ address: '127.0.0.1', isOurs: true, result: 'passed' }],
      },
      next: { action: 'renew' },
      advice: { owner: null, root: null },
    });
    expect(lines[0]).toMatch(/^fine\.test is secured until \d{4}-/);
  });

  test('of a name that does not exist: what to create, and which log tells of it', async () => {
    const { lines, ...report } = await why('gone.shop.test');
    expect(report).toMatchObject({
      exitCode: 1,
      verdict: { code: 'FAILS_NOW' },
      problem: { code: 'NXDOMAIN', about: 'name', fault: 'owner' },
      seen: { lookupError: 'ENOTFOUND', outcome: { code: 'NXDOMAIN' } },
      next: { action: 'replace', at: expect.any(String), because: 'NEXT_RUN' },
      advice: { owner: expect.stringContaining('Create an A (or AAAA) record for gone.shop.test') },
    });
    const { log } = report.problem ?? {};
    expect(readdirSync(log ?? '')).toEqual(expect.arrayContaining(['json', 'txt']));
    expect(lines[0]).toBe('gone.shop.test is not secured: it does not exist in DNS (NXDOMAIN).');
    expect(lines).toContain(`  log       ${log}`);
  });

  test('of a website that answers the test file with a page of its own', async () => {
    const { lines, ...report } = await why('wrong.shop.test');
    expect(report).toMatchObject({
      exitCode: 1,
      verdict: { code: 'FAILS_NOW' },
      seen: { places: [{ result: 'failed', code: 'WRONG_BODY' }], outcome: { code: 'WRONG_BODY' } },
    });
    expect(lines.join(' ')).toContain('\\u{1b}[31mto my shop');
  });

  test('of a redirect that leads in a circle: every hop', async () => {
    const { lines, ...report } = await why('round.shop.test');
    expect(report).toMatchObject({ exitCode: 1, seen: { outcome: { code: 'REDIRECT_LOOP' } } });
    expect(lines.filter((line) => / 302 http:\/\/round\.shop\.test\//.test(line))).not.toEqual([]);
  });

  test('of a name that is left out: who left it out, and since when', async () => {
    expect(await why('mail.carol.test')).toMatchObject({
      exitCode: 0,
      verdict: { code: 'EXCLUDED' },
      exclusion: { file: built.tree.exclusionsOf(parseAccountName('carol')), by: null },
      seen: { whyNotTried: 'it is excluded', addresses: [{ address: '127.0.0.1' }] },
    });
    const words = ['add_autossl_user_excluded_domains', 'username=carol', 'domain=www.carol.test'];
    expect(await runBin('whmapi1', words, built.root)).toMatchObject({ exitCode: 0 });
    const { lines } = await why('www.carol.test', '--no-look');
    expect(lines.join(' ')).toMatch(
      /^www\.carol\.test is excluded by root, since \d{4}-[^ ]*: no certificate/,
    );
  });

  test('of a name whose order is under way: when it is asked for again', async () => {
    expect(await why('pends.carol.test')).toMatchObject({
      exitCode: 0,
      verdict: { code: 'ORDER_PENDING' },
      order: { provider: 'LocalCA', phase: 'placed' },
      next: { action: 'await-order', at: pollAt, because: 'ORDER_PENDING' },
    });
  });

  test('of a name that the provider refused: what it said, and when it is tried again', async () => {
    const { lines, ...report } = await why('late.carol.test');
    expect(report).toMatchObject({
      exitCode: 1,
      verdict: { code: 'PUT_ASIDE' },
      refusals: { inARow: 2, last: { code: 'unauthorized' } },
      limits: [{ code: 'BACKOFF' }],
      next: { because: 'BACKOFF' },
      advice: { owner: expect.stringContaining('from outside this network') },
    });
    expect(lines[0]).toMatch(/^late\.carol\.test is not secured: the provider could not validate it, at/);
  });

  test.each<[string, string, number, object]>([
    ['a suspended account', 'www.dave.test', 0, { verdict: { code: 'SUSPENDED' }, account: 'dave' }],
    ['the server itself', 'server1.hoster.test', 0, { verdict: { code: 'HOSTNAME' } }],
    [
      'nobody',
      'fien.test',
      2,
      { verdict: { code: 'NOBODY' }, nearest: { website: 'fine.test', account: 'alice' } },
    ],
  ])('of a name of %s', async (_, name, exitCode, expected) => {
    expect(await why(name)).toMatchObject({ exitCode, ...expected });
  });

  test.each([['FINE.test.'], ['https://www.fine.test/cart?x=1'], ['mail.fine.test:443']])(
    '%s is understood',
    async (typed) => {
      const { stdout, exitCode } = await ask(typed, '--no-look');
      expect([exitCode, stdout]).toEqual([0, expect.stringContaining('  website   fine.test (alice)\n')]);
    },
  );

  test('what is no name is wrong usage', async () => {
    expect(await ask('http://192.0.2.1/')).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining('IP address'),
    });
  });

  test('writes nothing and leaves nothing behind, beside a run under way; --no-look asks nobody', async () => {
    const before = listTree(built.root);
    await ask('fine.test');
    await ask('wrong.shop.test');
    expect(listTree(built.root)).toEqual(before);
    const asked = dns.questions.length + web.requests.length;
    expect((await why('gone.shop.test', '--no-look')).verdict.code).toBe('FAILED_LAST');
    expect(dns.questions.length + web.requests.length).toBe(asked);
  });

  test('of a provider that has a name in CAA records: what they say, up to the top', async () => {
    built.write('/var/cpanel/autossl.json', JSON.stringify({ provider: 'LetsEncrypt' }), 0o600);
    try {
      const { lines, ...report } = await why('fine.test');
      expect(report.caa).toMatchObject({
        isPermitted: true,
        path: [
          { domain: 'fine.test', answer: 'no records' },
          { domain: 'test', answer: 'no records' },
        ],
      });
      expect(lines.join(' ')).toMatch(/ {2}CAA {7}no records: every provider may certify the name/);
    } finally {
      built.write('/var/cpanel/autossl.json', JSON.stringify({ provider: 'LocalCA' }), 0o600);
    }
  });

  test('autossl problems lists what the run found, for one name too', async () => {
    const all = await runBin('autossl', ['problems', '--json'], built.root);
    const { problems } = JSON.parse(all.stdout) as { problems: { code: string }[] };
    expect([all.exitCode, new Set(problems.map(({ code }) => code))]).toEqual([
      0,
      new Set(['NXDOMAIN', 'WRONG_BODY', 'REDIRECT_LOOP', 'TOTAL_DCV_FAILURE']),
    ]);
    const one = await runBin('autossl', ['problems', '--domain', 'www.Wrong.shop.test'], built.root);
    expect(one.stdout).toMatch(
      /\n\S+ {2}www\.wrong\.shop\.test {2}WRONG_BODY {2}.*\n1 problem of 1 account: 1 for the owners\.\n$/,
    );
  });
});
