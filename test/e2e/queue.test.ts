import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { readRunLog } from '../../src/adapters/journal/log-reading.js';
import { parseHostName } from '../../src/core/domain/name/names.js';
import type { OrderRecord } from '../../src/core/order/record.js';
import type { CheckReport } from '../../src/core/report/check/check-report.js';
import type { QueueReport } from '../../src/core/report/queue-report.js';
import type { ProgramResult } from '../demo/program.js';
import { PATHS } from '../support/acme-proxy.js';
import { faultsAfterKills } from '../support/after-crash.js';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, startCaSite } from '../support/ca-site.js';
import { listTree } from '../support/file-tree.js';
import { type HostedWebsites, type HostedWebsitesOptions, hostWebsites } from '../support/hosted-websites.js';
import { runBinLater } from '../support/moved-clock.js';
import { describeWithParts } from '../support/needs.js';
import { logFolders, recordsOf } from '../support/run-logs.js';
import { holdInProcessing } from '../support/slow-ca.js';
import { type StartedProgram, startBin } from '../support/started-program.js';

const TRY_AGAIN = 75;
const HOUR = 60;
const DAY = 24 * HOUR;
/** More than any test asks for. */
const ALWAYS = 9999;
/** Enough for a validation; a slow CA keeps a run waiting no longer. */
const PATIENCE_SECONDS = 1;
const SILENCE: ProgramResult = { exitCode: 0, stdout: '', stderr: '' };

describeWithParts('autossl_check_queue', ['pebble', 'openssl'], () => {
  let site: CaSite;
  let folder: string;
  let serial = 0;
  beforeAll(async () => {
    buildPrograms();
    folder = mkdtempSync(join(tmpdir(), 'autossl-queue-'));
    site = await startCaSite({ nonceReject: 20 });
  });
  afterEach(() => site?.proxy.clear());
  afterAll(async () => {
    await site?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const host = (options: HostedWebsitesOptions = {}): Promise<HostedWebsites> => {
    serial += 1;
    const { settings = {}, ...rest } = options;
    return hostWebsites(site, `queue${serial}`, {
      websites: 1,
      ...rest,
      settings: { run: { patienceSeconds: PATIENCE_SECONDS }, ...settings },
    });
  };
  const check = (hosted: HostedWebsites): Promise<ProgramResult> =>
    hosted.run('autossl_check', '--all', '--json');
  const queue = (hosted: HostedWebsites, ...words: string[]): Promise<ProgramResult> =>
    hosted.run('autossl_check_queue', ...words);
  const queueJson = async (hosted: HostedWebsites, ...words: string[]): Promise<QueueReport> => {
    const ended = await queue(hosted, '--json', ...words);
    expect(ended.stderr).toBe('');
    const report = JSON.parse(ended.stdout) as QueueReport;
    expect(report.exitCode).toBe(ended.exitCode);
    return report;
  };

  /** Until the CA has taken all requests, however slowly it validates. */
  async function finalizeAll(hosted: HostedWebsites): Promise<void> {
    while (ordersOf(hosted).some(({ phase }) => phase === 'placed')) {
      expect((await queue(hosted, '--force')).exitCode).toBe(0);
    }
  }
  /** A server whose nightly run ended with pending orders; what the CA was asked is forgotten. */
  async function withParkedOrders(options: HostedWebsitesOptions = {}): Promise<HostedWebsites> {
    const hosted = await host(options);
    holdInProcessing(site.proxy);
    const ended = await check(hosted);
    const websites = options.websites ?? 1;
    expect(JSON.parse(ended.stdout)).toMatchObject({
      exitCode: 0,
      counts: { pending: websites, installed: 0 },
      faults: [],
      problems: [],
    });
    await finalizeAll(hosted);
    return hosted;
  }

  test('goes on with what a nightly run parked, at its instant and not before, in the log of that run', async () => {
    const hosted = await host();
    holdInProcessing(site.proxy);
    const nightly = await hosted.run('autossl_check', '--all');
    expect(nightly).toMatchObject({ exitCode: 0, stderr: '' });
    expect(nightly.stdout).toMatch(
      /^pends {2}user0 {2}site0\.\S+, looked at again from \S+ on\n1 website of 1 user checked: 1 order pending\.\n$/,
    );
    await finalizeAll(hosted);
    const [before] = ordersOf(hosted);
    expect(before).toMatchObject({ phase: 'finalized', logStartedAt: expect.any(String) });
    expect(Date.parse(before?.pollAt ?? '')).toBeGreaterThan(Date.now() + 4 * HOUR * 1000);

    const tree = listTree(hosted.root);
    const asked = site.proxy.requests.length;
    expect(await queue(hosted)).toEqual(SILENCE);
    expect(await queueJson(hosted)).toMatchObject({
      ...{ exitCode: 0, busy: false, polled: [], installed: [], next: before?.pollAt },
      pending: [
        { account: 'user0', phase: 'finalized', pollAt: before?.pollAt, createdAt: before?.createdAt },
      ],
    });
    expect(listTree(hosted.root)).toEqual(tree);
    expect(site.proxy.requests).toHaveLength(asked);

    site.proxy.lift();
    changeOrders(hosted, { pollAt: new Date(Date.now() - 1000).toISOString() });
    const turn = await queue(hosted);
    expect(turn).toMatchObject({ exitCode: 0, stderr: '' });
    expect(turn.stdout).toMatch(
      /^new {4}user0 {2}site0\.\S+ until \S+\n1 order looked at, 1 certificate installed, 0 orders pending\.\n$/,
    );
    expect(faultsAfterKills(site, hosted, 0)).toEqual([]);
    const [log, ...more] = logFolders(hosted);
    expect(more).toEqual([]);
    const codes = recordsOf(log ?? '').map(({ code }) => code);
    expect(codes).toContain('RUN_FINISHED');
    expect(codes.slice(-4)).toEqual([
      'ORDER_RESUMED',
      'CERTIFICATE_DOWNLOADED',
      'SERVER_RELOADED',
      'CERTIFICATE_INSTALLED',
    ]);
    expect(readFileSync(join(log ?? '', 'txt'), 'utf8')).toMatch(/has a new certificate until .*\n$/);
    expect(readdirSync(log ?? '').sort()).toEqual(['json', 'provider', 'txt', 'upid', 'username']);
    expect(await queue(hosted)).toEqual(SILENCE);
  });

  test('--force does not wait for the instant', async () => {
    const hosted = await withParkedOrders({ websites: 3 });
    expect((await queueJson(hosted, '--force')).pending).toHaveLength(3);
    site.proxy.lift();
    const report = await queueJson(hosted, '--force');
    expect(report).toMatchObject({ exitCode: 0, installed: { length: 3 }, pending: [] });
    expect(logFolders(hosted)).toHaveLength(1);
    // One transaction, one reload.
    expect(
      recordsOf(logFolders(hosted)[0] ?? '').filter(({ code }) => code === 'SERVER_RELOADED'),
    ).toHaveLength(1);
    expect(faultsAfterKills(site, hosted, 0)).toEqual([]);
  });

  test('takes a Retry-After of a day for a hint: an hour at most for this provider', async () => {
    const hosted = await host();
    holdInProcessing(site.proxy, {}, '86400');
    await check(hosted);
    await finalizeAll(hosted);
    const wait = Date.parse(ordersOf(hosted)[0]?.pollAt ?? '') - Date.now();
    expect(wait).toBeGreaterThan(4 * HOUR * 1000);
    expect(wait).toBeLessThanOrEqual(HOUR * HOUR * 1000);
  });

  test('gives an order up that the CA does not finish in its time; the next run orders again', async () => {
    const hosted = await withParkedOrders();
    const expires = new Date(Date.now() - 60_000).toISOString();
    site.proxy.lift();
    site.proxy.fault(PATHS.order, { kind: 'change', members: { status: 'pending', expires } }, ALWAYS);
    changeOrders(hosted, { phase: 'placed', expiresAt: expires, pollAt: expires });
    const ended = await queue(hosted);
    expect(ended).toMatchObject({ exitCode: 1, stderr: '' });
    expect(ended.stdout).toMatch(
      /^FAULT {2}user0 {2}“site0\.\S+”: the order of \S+ is given up: the provider did not finish it in its time, which ended \S+\. The next run of autossl_check orders again\.\n1 order looked at, 0 orders pending\.\n$/,
    );
    expect(recordsOf(logFolders(hosted)[0] ?? '').at(-1)).toMatchObject({
      code: 'ORDER_EXPIRED',
      fault: 'ours',
    });
    expect(logFolders(hosted)).toHaveLength(1);
    expect(ordersOf(hosted)).toEqual([]);
    expect(await queue(hosted)).toEqual(SILENCE);
    site.proxy.lift();
    expect(JSON.parse((await check(hosted)).stdout)).toMatchObject({ exitCode: 0 });
  });

  test('drops the order of a website that is gone', async () => {
    const hosted = await withParkedOrders({ websites: 2 });
    rmSync(hosted.path('/var/cpanel/users/user1'));
    rmSync(hosted.path('/var/cpanel/userdata/user1'), { recursive: true });
    site.proxy.lift();
    const report = await queueJson(hosted, '--force');
    expect(report).toMatchObject({
      exitCode: 0,
      givenUp: [{ account: 'user1', code: 'ORDER_WEBSITE_GONE' }],
      installed: [{ account: 'user0' }],
      pending: [],
    });
  });

  describe('where the log of the run', () => {
    test('was compressed, it goes on behind that', async () => {
      const hosted = await withParkedOrders();
      const [log = ''] = logFolders(hosted);
      const first = readFileSync(join(log, 'json'));
      for (const file of ['json', 'txt']) {
        writeFileSync(join(log, `${file}.gz`), gzipSync(readFileSync(join(log, file))));
        rmSync(join(log, file));
      }
      site.proxy.lift();
      await queueJson(hosted, '--force');
      expect(logFolders(hosted)).toEqual([log]);
      const whole = await readRunLog(hosted.tree, ordersLog(log), 'json');
      expect(whole?.startsWith(first.toString())).toBe(true);
      expect(whole).toContain('CERTIFICATE_INSTALLED');
    });

    test('is gone, it begins one of its own, to which the order keeps', async () => {
      const hosted = await withParkedOrders();
      rmSync(hosted.tree.logs(), { recursive: true });
      for (let turn = 0; turn < 2; turn += 1)
        expect((await queueJson(hosted, '--force')).pending).toHaveLength(1);
      const [own = '', ...more] = logFolders(hosted);
      expect(more).toEqual([]);
      expect(ordersOf(hosted)[0]?.logStartedAt).toBe(ordersLog(own));
      site.proxy.lift();
      await queueJson(hosted, '--force');
      expect(logFolders(hosted)).toEqual([own]);
      expect(recordsOf(own).at(-1)).toMatchObject({ code: 'CERTIFICATE_INSTALLED' });
    });
  });

  /** Answers whose path begins so are held back until `release`. */
  function holdAt(path: string): { readonly reached: Promise<void>; readonly release: () => void } {
    let reach = (): void => undefined;
    let release = (): void => undefined;
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    site.proxy.beforeAnswer(async (seen) => {
      if (!seen.path.startsWith(path)) return;
      reach();
      await released;
    });
    return { reached, release };
  }

  test('works never twice at once: the second one ends in silence, or with 75 where somebody insists', async () => {
    const hosted = await withParkedOrders();
    site.proxy.lift();
    const held = holdAt(PATHS.certificate);
    const first = startBin('autossl_check_queue', ['--force'], hosted.root);
    await held.reached;
    changeOrders(hosted, { pollAt: null });
    expect(await queue(hosted)).toEqual(SILENCE);
    expect(await queueJson(hosted)).toMatchObject({
      busy: true,
      polled: [],
      pending: [{ account: 'user0' }],
    });
    const insisting = await queue(hosted, '--force');
    expect(insisting).toMatchObject({ exitCode: TRY_AGAIN, stdout: '' });
    expect(insisting.stderr).toContain(`process ${first.pid}`);
    held.release();
    expect((await first.ended).exitCode).toBe(0);
    expect(faultsAfterKills(site, hosted, 0)).toEqual([]);
  });

  test('leaves to a nightly run the websites that this works on, without a word', async () => {
    const hosted = await host({ settings: { run: { patienceSeconds: 60 } } });
    const held = holdAt(PATHS.certificate);
    const nightly = startBin('autossl_check', ['--all'], hosted.root);
    await held.reached;
    const asked = site.proxy.requests.length;
    expect(await queue(hosted)).toEqual(SILENCE);
    expect(await queue(hosted, '--force')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(site.proxy.requests).toHaveLength(asked);
    held.release();
    expect((await nightly.ended).exitCode).toBe(0);
    expect(logFolders(hosted)).toHaveLength(1);
    expect(faultsAfterKills(site, hosted, 0)).toEqual([]);
  });

  describe('kill -9 just when', () => {
    const VHOST = parseHostName('vhost.placeholder');
    type Point =
      | { readonly before: string }
      | { readonly after: string }
      | { readonly appears: (hosted: HostedWebsites) => string };
    const POINTS: readonly (readonly [string, Point])[] = [
      ['the CA told that the order is ready, unread', { before: PATHS.order }],
      ['the CA sent the certificate, unread', { before: PATHS.certificate }],
      ['the certificate arrived', { after: PATHS.certificate }],
      ['the certificate is on record', { appears: ({ tree }) => join(tree.issued(), `${VHOST}.json`) }],
      ['combined is in place', { appears: ({ tree }) => join(tree.websiteTls(VHOST), 'combined') }],
      ['the web server is being reloaded', { appears: () => 'RELOAD.begun' }],
    ];

    async function killAt(
      point: Point,
      hosted: HostedWebsites,
      program: StartedProgram,
      reload: string,
    ): Promise<void> {
      if ('appears' in point) {
        const [vhost = ''] = hosted.names.keys();
        const path = point.appears(hosted).replace(VHOST, vhost).replace('RELOAD', reload);
        while (!existsSync(path) && !program.hasEnded) await pause(1);
        program.signal('SIGKILL');
      } else {
        const isBefore = 'before' in point;
        const path = isBefore ? point.before : point.after;
        let isDone = false;
        site.proxy.beforeAnswer(async (seen) => {
          if (isDone || !seen.path.startsWith(path) || (seen.status ?? 500) >= 300) return;
          isDone = true;
          if (isBefore) {
            program.signal('SIGKILL');
            await program.ended;
          } else setTimeout(() => program.signal('SIGKILL'), 3);
        });
      }
      await program.ended;
      site.proxy.beforeAnswer(undefined);
    }

    test.each(POINTS)('%s: the next one finishes it, without an order', async (_, point) => {
      const reload = join(folder, String(serial));
      const hosted = await host({
        websites: 2,
        settings: {
          placeholders: false,
          webServer: {
            reloadCommand: ['/bin/sh', '-c', `: > ${reload}.begun; sleep 0.3; : > ${reload}.done`],
          },
        },
      });
      holdInProcessing(site.proxy);
      expect((await check(hosted)).exitCode).toBe(0);
      await finalizeAll(hosted);
      site.proxy.lift();
      for (const end of ['begun', 'done']) rmSync(`${reload}.${end}`, { force: true });
      const program = startBin('autossl_check_queue', ['--force'], hosted.root);
      await killAt(point, hosted, program, reload);
      expect((await program.ended).exitCode).toBeNull();

      const next = await queueJson(hosted, '--force');
      expect(next).toMatchObject({ exitCode: 0, pending: [], problems: [], faults: [] });
      expect(faultsAfterKills(site, hosted, 0)).toEqual([]);
      expect(existsSync(`${reload}.done`)).toBe(true);
      expect(logFolders(hosted)).toHaveLength(1);
      expect(await queue(hosted)).toEqual(SILENCE);
      const nightly = JSON.parse((await check(hosted)).stdout) as CheckReport;
      expect(nightly).toMatchObject({ exitCode: 0, counts: { kept: 2, installed: 0 } });
    });
  });
});

describeWithParts('autossl_check_queue as days go by', ['pebble', 'openssl', 'faketime'], () => {
  let site: CaSite;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite();
  });
  afterEach(() => site?.proxy.clear());
  afterAll(() => site?.stop());

  /** The CA's clock goes with ours. */
  const moveCa = (minutes: number): void => {
    site.proxy.lift();
    const value = new Date(Date.now() + minutes * 60_000).toUTCString();
    site.proxy.fault(PATHS.directory, { kind: 'date', value }, ALWAYS);
  };

  test('keeps the ladder for three days, with one order a website', async () => {
    const hosted = await hostWebsites(site, 'ladder', {
      websites: 2,
      settings: { run: { patienceSeconds: PATIENCE_SECONDS } },
    });
    holdInProcessing(site.proxy);
    expect((await hosted.run('autossl_check', '--all')).exitCode).toBe(0);
    while (ordersOf(hosted).some(({ phase }) => phase === 'placed')) {
      expect((await hosted.run('autossl_check_queue', '--force')).exitCode).toBe(0);
    }
    const seen = (): number => site.proxy.requests.filter(({ path }) => path.startsWith(PATHS.order)).length;
    /** Minutes after the nightly run at which cron calls, and whether both orders are looked at then. */
    const calls: readonly (readonly [number, boolean])[] = [
      ...([
        [2, false],
        [8, true],
        [10, false],
        [16, true],
        [DAY - 30, true],
        [DAY - 28, false],
      ] as const),
      ...([
        [DAY + 10, true],
        [DAY + 60, false],
        [DAY + 80, true],
        [2 * DAY - 30, true],
      ] as const),
      ...([
        [2 * DAY + 20, false],
        [2 * DAY + 40, true],
        [3 * DAY + 30, false],
        [3 * DAY + 50, true],
      ] as const),
    ];
    for (const [minutes, isPolled] of calls) {
      const before = seen();
      const ended = await runBinLater(minutes, 'autossl_check_queue', [], hosted.root);
      expect([minutes, ended.exitCode, ended.stderr, seen() - before]).toEqual([
        minutes,
        0,
        '',
        isPolled ? 2 : 0,
      ]);
      expect(ended.stdout === '').toBe(!isPolled);
    }
    expect(site.proxy.newOrders()).toBe(2);
    expect(logFolders(hosted)).toHaveLength(1);

    const waiting = ordersOf(hosted).map(({ id }) => id);
    expect(waiting).toHaveLength(2);
    site.proxy.clear();
    moveCa(4 * DAY + 60);
    const last = await runBinLater(4 * DAY + 60, 'autossl_check_queue', ['--json'], hosted.root);
    // By our clock they may be due again at once: this CA's certificates may live for a week.
    const report = JSON.parse(last.stdout) as { readonly installed: readonly { readonly orderId: string }[] };
    expect(report).toMatchObject({ exitCode: 0, pending: [] });
    expect(report.installed.map(({ orderId }) => orderId)).toEqual(expect.arrayContaining(waiting));
  });

  test('orders for those that waited for our own limit, when it opens', async () => {
    const hosted = await hostWebsites(site, 'budget', {
      websites: 5,
      settings: { limits: { newOrdersPer3Hours: 2 } },
    });
    const first = JSON.parse((await hosted.run('autossl_check', '--all', '--json')).stdout) as CheckReport;
    expect(first).toMatchObject({
      exitCode: 0,
      counts: { installed: 2, waiting: 3 },
      waiting: [{ code: 'BUDGET_SPENT', websites: 3 }],
    });
    const tree = listTree(hosted.root);
    const asked = site.proxy.requests.length;
    // One of the two is refilled after an hour and a half.
    for (const minutes of [5, 1.5 * HOUR - 10]) {
      expect(await runBinLater(minutes, 'autossl_check_queue', [], hosted.root)).toEqual(SILENCE);
    }
    expect(listTree(hosted.root)).toEqual(tree);
    expect(site.proxy.requests).toHaveLength(asked);

    const later = async (minutes: number): Promise<QueueReport> => {
      moveCa(minutes);
      const ended = await runBinLater(minutes, 'autossl_check_queue', ['--json'], hosted.root);
      expect(ended.stderr).toBe('');
      return JSON.parse(ended.stdout) as QueueReport;
    };
    expect(await later(3 * HOUR + 5)).toMatchObject({ exitCode: 0, installed: { length: 2 } });
    expect(site.proxy.newOrders()).toBe(4);
    expect(await later(3 * HOUR + 10)).toMatchObject({ exitCode: 0, installed: [] });
    expect(site.proxy.newOrders()).toBe(4);
    expect(await later(6 * HOUR + 15)).toMatchObject({ exitCode: 0, installed: { length: 1 }, next: null });
    expect(site.proxy.newOrders()).toBe(5);
    expect(logFolders(hosted)).toHaveLength(1);
    expect(recordsOf(logFolders(hosted)[0] ?? '').at(-1)).toMatchObject({ code: 'CERTIFICATE_INSTALLED' });
    expect(await runBinLater(6 * HOUR + 20, 'autossl_check_queue', [], hosted.root)).toEqual(SILENCE);
  });
});

function ordersOf(hosted: HostedWebsites): OrderRecord[] {
  const folder = hosted.tree.orders();
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as OrderRecord);
}

/** As if time had gone by, or a run had left them so. */
function changeOrders(hosted: HostedWebsites, change: Partial<OrderRecord>): void {
  for (const record of ordersOf(hosted)) {
    writeFileSync(join(hosted.tree.orders(), `${record.id}.json`), JSON.stringify({ ...record, ...change }));
  }
}

/** The name of a log, of its folder. */
function ordersLog(folder: string): string {
  return folder.slice(folder.lastIndexOf('/') + 1);
}
