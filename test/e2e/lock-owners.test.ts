import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { lockFolderName } from '../../src/adapters/system/locks/lock-names.js';
import { ownIdentity, type ProcessIdentity } from '../../src/adapters/system/process/process-identity.js';
import { PATHS } from '../support/acme-proxy.js';
import { faultsAfterKills } from '../support/after-crash.js';
import { buildPrograms } from '../support/bin-program.js';
import { accountingOf } from '../support/ca-accounting.js';
import { type CaSite, startCaSite } from '../support/ca-site.js';
import { holdAnswers } from '../support/held-answers.js';
import { type HostedWebsites, hostWebsites } from '../support/hosted-websites.js';
import { describeWithParts } from '../support/needs.js';
import { listingOf } from '../support/spoilt/faults-of-spoilt-tree.js';
import { startBin } from '../support/started-program.js';

const isLong = process.env['LONG'] === '1';
const TRY_AGAIN = 75;
const TOKEN = '0123456789abcdef0123456789abcdef';
/** The run does nothing meanwhile but wait for an answer. */
const NOTICED_WITHIN_MS = 5000;
const LONG_AGO_S = 1_500_000_000;

const here = (): ProcessIdentity & { readonly startTicks: number } => {
  const identity = ownIdentity();
  return { ...identity, startTicks: identity.startTicks ?? 0 };
};

/** A lock as a process with this identity would hold it, refreshed long ago. */
function leaveLock({ tree }: HostedWebsites, name: string, identity: ProcessIdentity): string {
  const path = join(tree.locks(), lockFolderName(name));
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const record = { identity, token: TOKEN, startedAt: '2026-01-01T00:00:00.000Z', note: 'a test' };
  writeFileSync(join(path, `${TOKEN}.json`), JSON.stringify(record), { mode: 0o600 });
  utimesSync(path, LONG_AGO_S, LONG_AGO_S);
  return path;
}

describeWithParts('whose lock it is', ['pebble', 'openssl'], () => {
  let site: CaSite;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite();
  });
  afterAll(() => site?.stop());
  const host = (name: string): Promise<HostedWebsites> =>
    hostWebsites(site, name, {
      websites: 2,
      settings: { concurrency: { orders: 1 } },
      furnish: (builder) => builder.file('/etc/hostname', `server.${name}.test\n`),
    });

  const dead: readonly (readonly [string, string, () => ProcessIdentity])[] = [
    ['a process that is gone', 'gone', () => ({ ...here(), pid: spawnSync('true').pid })],
    [
      'one whose pid another process has now',
      'reused',
      () => ({ ...here(), startTicks: here().startTicks - 1 }),
    ],
    ['one of an earlier boot', 'boot', () => ({ ...here(), bootId: '00000000-0000-0000-0000-000000000000' })],
  ];
  // The two others are looked at by the same lines, and by the tests of locks themselves.
  test.each(isLong ? dead : dead.slice(0, 1))(
    'of %s: it is taken over at once',
    async (_, label, identity) => {
      const hosted = await host(label);
      const websites = [...hosted.names.keys()].map((vhost) => `website:${vhost}`);
      const ofOthers = [
        'run:user0',
        'run:services',
        'queue',
        'autossl-json',
        'due-index',
        'install:web',
        'excludes:user0',
      ];
      for (const name of [
        'run',
        ...(label === 'gone' ? ofOthers : ['install:web', 'due-index']),
        ...websites,
      ])
        leaveLock(hosted, name, identity());
      const lines: readonly [string, ...string[]][] = [
        ['autossl_check', '--all'],
        ['autossl_check', '--user=user0'],
        ['autossl_check_queue', '--force'],
        ['checkallsslcerts', '--no-retry'],
        ['whmapi1', 'set_autossl_metadata_key', 'key=notify_autossl_expiry', 'value=0'],
        ['uapi', '--user=user0', 'SSL', 'add_autossl_excluded_domains', `domains=mail.site0.${label}.test`],
      ];
      // They all take locks the same way: what is true of one owner is true of the others.
      for (const [program, ...words] of label === 'gone' ? lines : lines.slice(0, 1)) {
        const { exitCode, stderr } = await hosted.run(program, ...words);
        expect([program, exitCode, stderr]).toEqual([program, 0, '']);
      }
      expect(faultsAfterKills(site, hosted, 0)).toEqual([]);
      expect(readdirSync(hosted.tree.locks())).toEqual([]);
    },
  );

  test('of one that lives is nobody else’s, however old it looks', async () => {
    const hosted = await host('live');
    const paths = ['run', 'run:services', 'queue', 'website:site0.live.test'].map((name) =>
      leaveLock(hosted, name, here()),
    );
    for (const [program, ...words] of [
      ['autossl_check', '--all'],
      ['checkallsslcerts', '--no-retry'],
    ] as const) {
      const { exitCode, stderr } = await hosted.run(program, ...words);
      expect([program, exitCode]).toEqual([program, TRY_AGAIN]);
      expect(stderr).toContain(`process ${process.pid}`);
    }
    rmSync(paths[0] ?? '', { recursive: true });
    await hosted.run('autossl_check', '--all');
    expect((await hosted.run('autossl_check_queue', '--force')).exitCode).toBe(TRY_AGAIN);
    expect(readdirSync(hosted.tree.issued())).toEqual(['site1.live.test.json']);
    expect(accountingOf(site.proxy.requests, hosted.suffix, hosted).placed).toHaveLength(1);
    for (const path of paths.slice(1)) expect(readdirSync(path)).toEqual([`${TOKEN}.json`]);
  });

  test('of a writer that lives is waited for', async () => {
    const hosted = await host('waited');
    const path = leaveLock(hosted, 'autossl-json', here());
    const before = readFileSync(hosted.tree.autosslJson(), 'utf8');
    const words = ['set_autossl_metadata_key', 'key=notify_autossl_expiry', 'value=0'];
    const writer = startBin('whmapi1', words, hosted.root);
    await pause(1500);
    expect([writer.hasEnded, readFileSync(hosted.tree.autosslJson(), 'utf8')]).toEqual([false, before]);
    rmSync(path, { recursive: true });
    expect((await writer.ended).exitCode).toBe(0);
    expect(readFileSync(hosted.tree.autosslJson(), 'utf8')).not.toBe(before);
  });

  const lost: readonly (readonly [string, string, (vhost: string) => string, string])[] = [
    ['a website’s, at its order', 'order', (vhost) => `website:${vhost}`, PATHS.newOrder],
    ['a website’s, at its certificate', 'cert', (vhost) => `website:${vhost}`, PATHS.finalize],
    ['the run’s own', 'run', () => 'run', PATHS.newOrder],
  ];
  test.each(isLong ? lost : lost.slice(0, 1))(
    'lost to another while at work, %s: nothing more is written',
    async (_, label, lockOf, path) => {
      const hosted = await host(`lost${label}`);
      const [vhost = '', other = ''] = [...hosted.names.keys()];
      const held = holdAnswers(site.proxy, path);
      const run = startBin('autossl_check', ['--all'], hosted.root);
      await held.reached;
      const lock = join(hosted.tree.locks(), lockFolderName(lockOf(vhost)));
      expect(readdirSync(lock)).toHaveLength(1);
      rmSync(lock, { recursive: true });
      leaveLock(hosted, lockOf(vhost), here());
      const [id = ''] = readdirSync(hosted.tree.orders()).map((file) => file.replace(/\.json$/, ''));
      const state = (): readonly unknown[] => [
        readFileSync(join(hosted.tree.orders(), `${id}.json`), 'utf8'),
        listingOf(join(hosted.tree.staging(), id)),
        existsSync(join(hosted.tree.issued(), `${vhost}.json`)),
      ];
      const before = label === 'run' ? null : state();
      // It looks after its own lock each second, and after a website's at each write.
      if (label === 'run') await pause(NOTICED_WITHIN_MS);
      held.release();
      const end = await run.ended;
      expect(end.exitCode).toBe(label === 'run' ? 3 : 1);
      expect(end.stdout + end.stderr).toContain('was taken from this run');
      if (before !== null) expect(state()).toEqual(before);
      // The other website’s lock was not lost, but the whole run’s would have been.
      expect(existsSync(join(hosted.tree.issued(), `${other}.json`))).toBe(label !== 'run');
      expect(readdirSync(lock)).toEqual([`${TOKEN}.json`]);
      rmSync(lock, { recursive: true });
      site.proxy.beforeAnswer(() => undefined);
      expect((await hosted.run('autossl_check', '--all')).exitCode).toBe(0);
      expect(faultsAfterKills(site, hosted, 1)).toEqual([]);
    },
  );
});
