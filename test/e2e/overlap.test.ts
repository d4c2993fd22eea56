import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PATHS } from '../support/acme-proxy.js';
import { faultsAfterKills } from '../support/after-crash.js';
import { buildPrograms } from '../support/bin-program.js';
import { accountingOf } from '../support/ca-accounting.js';
import { type CaSite, startCaSite } from '../support/ca-site.js';
import { holdAnswers } from '../support/held-answers.js';
import { type HostedWebsites, hostWebsites } from '../support/hosted-websites.js';
import { describeWithParts } from '../support/needs.js';
import { type StartedProgram, startBin } from '../support/started-program.js';

const TRY_AGAIN = 75;

describeWithParts('runs that overlap', ['pebble', 'openssl'], () => {
  let site: CaSite;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite({ nonceReject: 20 });
  });
  afterAll(() => site?.stop());

  const all = ({ root }: HostedWebsites): StartedProgram => startBin('autossl_check', ['--all'], root);
  const one = ({ root }: HostedWebsites, user: string): StartedProgram =>
    startBin('autossl_check', ['--user', user], root);

  test('a second one for all exits 75 and names process, start and deadline of the first', async () => {
    const hosted = await hostWebsites(site, 'second');
    const held = holdAnswers(site.proxy, PATHS.newAccount);
    const first = all(hosted);
    await held.reached;
    const second = await all(hosted).ended;
    expect(second.exitCode).toBe(TRY_AGAIN);
    expect(second.stdout).toBe('');
    const instant = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
    expect(second.stderr).toMatch(
      new RegExp(
        `^autossl_check: another run is under way: process ${first.pid}, started ${instant} \\(autossl_check --all, ends by ${instant}\\)[^\n]*\n$`,
      ),
    );
    held.release();
    expect((await first.ended).exitCode).toBe(0);
    expect(faultsAfterKills(site, hosted, 0)).toEqual([]);
  });

  test('a stopped one keeps its lock; a dead one’s is taken at once', async () => {
    const hosted = await hostWebsites(site, 'stopped');
    const held = holdAnswers(site.proxy, PATHS.newOrder);
    const first = all(hosted);
    await held.reached;
    first.signal('SIGSTOP');
    expect((await all(hosted).ended).exitCode).toBe(TRY_AGAIN);
    first.signal('SIGKILL');
    await first.ended;
    held.release();
    const next = await all(hosted).ended;
    expect([next.exitCode, next.stderr]).toEqual([0, '']);
    expect(faultsAfterKills(site, hosted, 1)).toEqual([]);
  });

  test('runs for single users go beside the one for all, and no website is ordered for twice', async () => {
    const hosted = await hostWebsites(site, 'beside', {
      websites: 6,
      settings: { concurrency: { orders: 2 } },
    });
    const users = ['user1', 'user3', 'user5'];
    const programs = [all(hosted), ...users.map((user) => one(hosted, user))];
    const ends = await Promise.all(programs.map(({ ended }) => ended));
    expect(ends.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(ends.map(() => [0, '']));
    const { placed } = accountingOf(site.proxy.requests, hosted.suffix, hosted);
    expect(placed).toHaveLength(6);
    expect(faultsAfterKills(site, hosted, 0)).toEqual([]);
  });

  test('a run for one user that began first keeps its website from the one for all', async () => {
    const hosted = await hostWebsites(site, 'first');
    const held = holdAnswers(site.proxy, PATHS.finalize);
    const user = one(hosted, 'user0');
    await held.reached;
    const allEnded = all(hosted).ended;
    // The run for all orders for the two others and is held back at their end too.
    while (held.count() < hosted.names.size) await pause(20);
    const again = await one(hosted, 'user0').ended;
    expect(again.exitCode).toBe(TRY_AGAIN);
    expect(again.stderr).toContain(`process ${user.pid}`);
    held.release();
    expect((await user.ended).exitCode).toBe(0);
    expect((await allEnded).exitCode).toBe(0);
    expect(faultsAfterKills(site, hosted, 0)).toEqual([]);
  });
});
