import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import type { CheckReport } from '../../src/core/report/check/check-report.js';
import { type Fault, PATHS } from '../support/acme-proxy.js';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, type HostedTree, PEBBLE_TERMS, startCaSite } from '../support/ca-site.js';
import { listTree } from '../support/file-tree.js';
import { describeWithParts } from '../support/needs.js';
import { freePort } from '../support/ports.js';

/** More than any test asks for. */
const ALWAYS = 99;
const HTML = '<html><body><h1>Bad \u001b[31mGateway</h1></body></html>';
const TRUSTING = { providers: { CustomACME: { caBundle: '/etc/ssl/ca-transport.pem' } } };
/** In seconds: long enough for a request that is answered, on any machine. */
const SHORT_TIMEOUT_SECONDS = 3;
/** Three websites of two accounts. */
const ACCOUNTS = {
  alice: { domain: 'alice.test', keyType: 'ecdsa-prime256v1', subs: ['sub.alice.test'] },
  bob: { domain: 'bob.test', keyType: 'ecdsa-prime256v1' },
};
const WEBSITES = 3;

describeWithParts('a CA that is no help', ['pebble'], () => {
  let site: CaSite;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite();
  });
  afterEach(() => site?.proxy.clear());
  afterAll(async () => site?.stop());

  /** A server on which CustomACME was chosen. */
  const aServer = (
    directoryUrl = site.proxy.directoryUrl,
    settings: Readonly<Record<string, unknown>> = TRUSTING,
  ): Promise<HostedTree> =>
    site.host(ACCOUNTS, {
      settings: {
        // What a failing CA leaves is compared file by file.
        placeholders: false,
        ...settings,
      },
      furnish: (builder) =>
        builder.autosslJson({
          provider: 'CustomACME',
          provider_properties: {
            CustomACME: { terms_of_service_accepted: PEBBLE_TERMS, directory_url: directoryUrl },
          },
        }),
    });
  const check = async (hosted: HostedTree) => {
    const ended = await hosted.run('autossl_check', '--all', '--json');
    expect(ended.stderr).toBe('');
    const report = JSON.parse(ended.stdout) as CheckReport;
    expect(report.exitCode).toBe(ended.exitCode);
    return report;
  };
  /** All that the run did is undone by nothing: the next one gets every website its certificate. */
  const expectRecovery = async (hosted: HostedTree): Promise<void> => {
    site.proxy.clear();
    const report = await check(hosted);
    expect(report).toMatchObject({ exitCode: 0, counts: { installed: WEBSITES, waiting: 0 } });
    expect(site.proxy.newOrders()).toBe(WEBSITES);
  };

  // One server goes through all of it: what one fault left behind would show at the next, or in the recovery at the end.
  describe('from its directory on', () => {
    let hosted: HostedTree;
    beforeAll(async () => {
      hosted = await aServer();
    });
    test.each<[string, Fault, string, string]>([
      [
        'speaks garbage',
        { kind: 'garbage', body: '\u0000\u0001{', contentType: 'application/json' },
        'BAD_ANSWER',
        'JSON',
      ],
      ['sends a web page', { kind: 'garbage', body: HTML }, 'BAD_ANSWER', 'JSON'],
      [
        'sends an error page',
        { kind: 'garbage', status: 502, body: HTML },
        'PROBLEM',
        'gives no directory now (status 502)',
      ],
      ['sends a page of its limits', { kind: 'garbage', status: 429, body: HTML }, 'PROBLEM', '(status 429)'],
      [
        'sends a directory without resources',
        { kind: 'garbage', body: '{}', contentType: 'application/json' },
        'BAD_ANSWER',
        'newNonce',
      ],
      ['does not answer in time', { kind: 'hang' }, 'TIMED_OUT', 'did not answer GET /dir in time'],
      ['closes every connection', { kind: 'close' }, 'UNREACHABLE', 'cannot be reached (GET /dir)'],
      ['sends without end', { kind: 'large', bytes: 2 ** 21 }, 'ANSWER_TOO_LARGE', 'more than 1024 KiB'],
    ])('%s: said in one line with who waits, exit 1, nothing lost', async (_, fault, code, line) => {
      if (fault.kind === 'hang') shortenTimeout(hosted, true);
      const before = ofAccounts(hosted);
      site.proxy.fault(PATHS.directory, fault, ALWAYS);
      const report = await check(hosted);
      expect(report).toMatchObject({
        exitCode: 1,
        faults: [{ code }],
        problems: [],
        waiting: [{ code: 'PROVIDER_UNREACHABLE', websites: WEBSITES }],
        counts: { websites: WEBSITES, installed: 0, waiting: WEBSITES },
      });
      expect(report.faults[0]?.message).toContain(line);
      expect(report.faults[0]?.message).not.toMatch(/\p{Cc}/u);
      expect(site.proxy.requests.every(({ path }) => path === PATHS.directory)).toBe(true);
      expect(ofAccounts(hosted)).toEqual(before);
      if (fault.kind === 'hang') shortenTimeout(hosted, false);
    });

    test('the same for people: the fault, who waits, one summary line', async () => {
      site.proxy.fault(PATHS.directory, { kind: 'garbage', body: HTML }, ALWAYS);
      const ended = await hosted.run('autossl_check', '--all');
      expect(ended).toMatchObject({ exitCode: 1, stderr: '' });
      expect(ended.stdout.split('\n')).toEqual([
        expect.stringMatching(/^FAULT {2}The provider cannot be used now: the CA at 127\.0\.0\.1:\d+ .*\.$/),
        'waits  3 websites: the provider cannot be used now.',
        '3 websites of 2 users checked: 3 websites waiting, 1 fault on this side.',
        '',
      ]);
    });

    test('after all of that the next run gets every website its certificate', () => expectRecovery(hosted));

    test.each<[string, (port: number) => string, string, string]>([
      ['is not there', (port) => `https://127.0.0.1:${port}/dir`, 'UNREACHABLE', 'the connection is refused'],
      ['does not resolve', () => 'https://ca.invalid/dir', 'UNREACHABLE', 'ca.invalid'],
    ])('%s: the same', async (_, directoryOf, code, line) => {
      const report = await check(await aServer(directoryOf(await freePort())));
      expect(report).toMatchObject({ exitCode: 1, faults: [{ code }], counts: { waiting: WEBSITES } });
      expect(report.faults[0]?.message).toContain(line);
    });

    test('is another daemon that does not speak TLS: the same', async () => {
      const port = await freePort();
      const server = createServer((socket) =>
        socket
          .on('error', () => undefined)
          .resume()
          .end('220 mail.test ESMTP\r\n'),
      );
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      try {
        const report = await check(await aServer(`https://127.0.0.1:${port}/dir`));
        expect(report).toMatchObject({ exitCode: 1, faults: [{ code: 'BAD_ANSWER' }] });
        expect(report.faults[0]?.message).toContain('does not speak HTTP over TLS');
      } finally {
        await new Promise((resolve) => server.close(resolve));
      }
    });

    test('shows a certificate of a root that nobody trusts: said with what to do, nothing is sent to it', async () => {
      const hosted = await aServer(site.proxy.directoryUrl, {});
      const report = await check(hosted);
      expect(report).toMatchObject({ exitCode: 1, faults: [{ code: 'UNTRUSTED_SERVER' }] });
      expect(report.faults[0]?.message).toContain('--ca-bundle FILE');
      expect(site.proxy.requests).toEqual([]);
    });
  });

  describe('when it is asked for an order', () => {
    let hosted: HostedTree;
    beforeAll(async () => {
      hosted = await aServer();
    });
    test.each<[string, Fault, string, number]>([
      [
        'speaks garbage',
        { kind: 'garbage', status: 201, body: '{"status":', contentType: 'application/json' },
        'BAD_ANSWER',
        3,
      ],
      ['sends an error page', { kind: 'garbage', status: 404, body: HTML }, 'BAD_ANSWER', 3],
      ['does not answer in time', { kind: 'hang' }, 'TIMED_OUT', 1],
      ['closes the connection', { kind: 'close' }, 'UNREACHABLE', 3],
      ['sends the page of a broken server', { kind: 'garbage', status: 500, body: HTML }, 'ORDER_REFUSED', 4],
      [
        'refuses it',
        { kind: 'problem', status: 400, type: 'malformed', detail: 'no \u001b[31mthanks' },
        'ORDER_REFUSED',
        1,
      ],
    ])('%s: one line for each website, exit 1, nothing lost', async (_, fault, code, asked) => {
      if (fault.kind === 'hang') shortenTimeout(hosted, true);
      const before = ofAccounts(hosted);
      site.proxy.fault(PATHS.newOrder, fault, ALWAYS);
      const report = await check(hosted);
      expect(report).toMatchObject({ exitCode: 1, faults: [], counts: { installed: 0, pending: 0 } });
      expect(report.problems.map((problem) => problem.code)).toEqual(Array(WEBSITES).fill(code));
      for (const { message } of report.problems) expect(message).not.toMatch(/\p{Cc}/u);
      expect(site.proxy.newOrders()).toBe(WEBSITES * asked);
      expect(ofAccounts(hosted)).toEqual(before);
      if (fault.kind === 'hang') shortenTimeout(hosted, false);
    });

    test('after all of that the next run gets every website its certificate', () => expectRecovery(hosted));
  });

  describe('that limits our rate', () => {
    const HOUR_MS = 3_600_000;
    const inAnHour = (): string => new Date(Date.now() + HOUR_MS).toUTCString();

    test.each<[string, () => Fault]>([
      ['with Retry-After in seconds', () => limited('3600')],
      ['with Retry-After as a date', () => limited(inAnHour())],
      [
        'by an overload that names its end',
        () => ({ ...limited('3600'), status: 503, type: 'serverInternal' }),
      ],
    ])('%s: is asked once, not again before, and then gives what was wanted', async (_, faultOf) => {
      const hosted = await aServer();
      // A date tells whole seconds.
      const begunAt = Date.now() - 1000;
      site.proxy.fault(PATHS.newOrder, faultOf(), ALWAYS);
      const first = await check(hosted);
      expect(site.proxy.newOrders()).toBe(1);
      expect(first).toMatchObject({
        exitCode: 1,
        problems: [{ fault: 'ours' }],
        counts: { waiting: WEBSITES - 1 },
      });
      const until = Date.parse(stoppedUntil(hosted) ?? '');
      expect(until).toBeGreaterThanOrEqual(begunAt + HOUR_MS);
      expect(until).toBeLessThanOrEqual(Date.now() + HOUR_MS);

      site.proxy.clear();
      const second = await check(hosted);
      expect(site.proxy.requests).toEqual([]);
      expect(second).toMatchObject({
        exitCode: 0,
        waiting: [{ code: 'STOPPED_BY_CA', websites: WEBSITES, until: new Date(until).toISOString() }],
      });

      letItEnd(hosted);
      await expectRecovery(hosted);
    });

    test.each<[string, Fault]>([
      ['without Retry-After', { kind: 'problem', status: 429, type: 'rateLimited' }],
      [
        'with a Retry-After of no meaning',
        { kind: 'problem', status: 429, type: 'rateLimited', retryAfter: 'later' },
      ],
      ['by a web page', { kind: 'garbage', status: 429, body: HTML }],
    ])('%s: is left alone for an hour', async (_, fault) => {
      const hosted = await aServer();
      const begunAt = Date.now();
      site.proxy.fault(PATHS.newOrder, fault, ALWAYS);
      await check(hosted);
      expect(site.proxy.newOrders()).toBe(1);
      const until = Date.parse(stoppedUntil(hosted) ?? '');
      expect(until).toBeGreaterThanOrEqual(begunAt + HOUR_MS);
      expect(until).toBeLessThanOrEqual(Date.now() + HOUR_MS);
      site.proxy.clear();
      expect((await check(hosted)).counts.waiting).toBe(WEBSITES);
      expect(site.proxy.requests).toEqual([]);
    });

    test('at the registration: is left alone too, and provider use says what it said', async () => {
      const hosted = await aServer();
      site.proxy.fault(PATHS.newAccount, limited('3600'), ALWAYS);
      const report = await check(hosted);
      expect(report).toMatchObject({ exitCode: 1, faults: [{ code: 'ACCOUNT_REFUSED' }] });
      const use = await site.choose(hosted);
      expect(use).toMatchObject({ exitCode: 1, stdout: '' });
      expect(use.stderr).toMatch(/^autossl: CustomACME refuses to register us: too many .*rateLimited\)\n$/);
      site.proxy.clear();
      await check(hosted);
      expect(site.proxy.requests).toEqual([]);
    });
  });

  test('a wrong clock of ours stops the run before an order: exit 3, one line', async () => {
    const hosted = await aServer();
    site.proxy.fault(
      PATHS.directory,
      { kind: 'date', value: new Date(Date.now() + 7_500_000).toUTCString() },
      ALWAYS,
    );
    const ended = await hosted.run('autossl_check', '--all', '--json');
    expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
    expect(ended.stderr).toMatch(
      /^autossl_check: our clock is 12[45] minutes behind the provider's; nothing is ordered\. Set the clock .*\n$/,
    );
    expect(site.proxy.newOrders()).toBe(0);
    const anyway = await hosted.run('autossl_check', '--all', '--json', '--yes-really');
    expect(JSON.parse(anyway.stdout)).toMatchObject({ exitCode: 0, counts: { installed: WEBSITES } });
  });
});

function limited(retryAfter: string): Extract<Fault, { kind: 'problem' }> {
  return { kind: 'problem', status: 429, type: 'rateLimited', detail: 'too many orders', retryAfter };
}

const ledgerOf = (hosted: HostedTree): string => join(hosted.tree.own(), 'ledger/CustomACME.json');

function stoppedUntil(hosted: HostedTree): string | null {
  return (JSON.parse(readFileSync(ledgerOf(hosted), 'utf8')) as { stoppedUntil: string | null }).stoppedUntil;
}

/** As if the time that the CA named had come just now. */
function letItEnd(hosted: HostedTree): void {
  const ledger = JSON.parse(readFileSync(ledgerOf(hosted), 'utf8'));
  const stoppedUntil = new Date().toISOString();
  writeFileSync(ledgerOf(hosted), JSON.stringify({ ...ledger, stoppedUntil }), { mode: 0o600 });
}

/** For a CA that does not answer, and back: other requests are given the time that they need. */
function shortenTimeout(hosted: HostedTree, isShort: boolean): void {
  const path = hosted.path('/etc/autossl.yaml');
  const { acme: _, ...settings } = parse(readFileSync(path, 'utf8'));
  const acme = isShort ? { acme: { timeoutSeconds: SHORT_TIMEOUT_SECONDS } } : {};
  writeFileSync(path, stringify({ ...settings, ...acme }), { mode: 0o600 });
}

/** What belongs to the accounts and to whoever serves them: all but our own memory and logs. */
function ofAccounts(hosted: HostedTree): string[] {
  return [
    ...listTree(hosted.path('/home')),
    ...listTree(hosted.path('/etc')),
    ...listTree(hosted.path('/var/cpanel')),
  ].filter((line) => !/^(?:logs|acme-challenge|ssl\/autossl)[/ ]|^ssl /.test(line));
}
