import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseHostName } from '../../src/core/domain/name/names.js';
import { PATHS } from '../support/acme-proxy.js';
import { faultsAfterKills } from '../support/after-crash.js';
import { buildPrograms } from '../support/bin-program.js';
import { accountingOf } from '../support/ca-accounting.js';
import { type CaSite, startCaSite } from '../support/ca-site.js';
import { type HostedWebsites, hostWebsites } from '../support/hosted-websites.js';
import { describeWithParts } from '../support/needs.js';
import { TEST_SEED } from '../support/seeded-chance.js';
import { type StartedProgram, startBin } from '../support/started-program.js';

/** How often a kill that came after the end of its run is made again. */
const ATTEMPTS = 5;
/** Ms after which “just after” an answer is over: the client has read it and begun what follows. */
const JUST_AFTER_MS = 3;

/** Where in its way a run is killed. */
type Point =
  | { readonly before: string; readonly wastes?: true }
  | { readonly after: string }
  | { readonly appears: (hosted: HostedWebsites) => string; readonly placeholders?: true }
  /** After the reload; nothing holds the run back any more, which may be quicker than the kill. */
  | { readonly when: (hosted: HostedWebsites) => boolean };

/** Stands for the website’s name, which each tree has of its own. */
const VHOST = parseHostName('vhost.placeholder');

const POINTS: readonly (readonly [string, Point])[] = [
  ['the CA made the account, its answer unread', { before: PATHS.newAccount }],
  ['the CA made the order, its answer unread', { before: PATHS.newOrder, wastes: true }],
  ['the answer to newOrder arrived', { after: PATHS.newOrder }],
  ['the CA was asked to validate', { before: PATHS.challenge }],
  ['the CA took the request, its answer unread', { before: PATHS.finalize }],
  ['the answer to finalize arrived', { after: PATHS.finalize }],
  ['the CA sent the certificate, unread', { before: PATHS.certificate }],
  ['the certificate arrived', { after: PATHS.certificate }],
  [
    'a placeholder is in place',
    { appears: ({ tree }) => join(tree.websiteTls(VHOST), 'combined'), placeholders: true },
  ],
  ['the certificate is on record', { appears: ({ tree }) => join(tree.issued(), `${VHOST}.json`) }],
  ['combined is in place', { appears: ({ tree }) => join(tree.websiteTls(VHOST), 'combined') }],
  ['certificates is in place', { appears: ({ tree }) => join(tree.websiteTls(VHOST), 'certificates') }],
  ['a copy by name is in place', { appears: ({ tree }) => join(tree.domainTls(VHOST), 'combined') }],
  ['the last order is closed', { when: isAllClosed }],
  ['the web server is being reloaded', { appears: () => 'RELOADS.begun' }],
];
/** Every second one; which, the seed says. */
const TRIED =
  process.env['LONG'] === '1' ? POINTS : POINTS.filter((_, number) => (number + TEST_SEED) % 2 === 0);

function isAllClosed({ tree, names }: HostedWebsites): boolean {
  const isPublished = [...names.keys()].every((vhost) => existsSync(tree.combined(parseHostName(vhost))));
  return isPublished && existsSync(tree.orders()) && readdirSync(tree.orders()).length === 0;
}

describeWithParts('kill -9 just when', ['pebble', 'openssl'], () => {
  let site: CaSite;
  let folder: string;
  beforeAll(async () => {
    buildPrograms();
    folder = mkdtempSync(join(tmpdir(), 'autossl-reloads-'));
    site = await startCaSite({ nonceReject: 20 });
  });
  afterAll(async () => {
    await site?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Kills the program at the point; gives when it is dead. */
  async function killAt(
    point: Point,
    hosted: HostedWebsites,
    program: StartedProgram,
    reloads: string,
  ): Promise<void> {
    if ('when' in point) {
      while (!point.when(hosted) && !program.hasEnded) await pause(1);
      program.signal('SIGKILL');
    } else if ('appears' in point) {
      const [vhost = ''] = hosted.names.keys();
      const path = point.appears(hosted).replace(VHOST, vhost).replace('RELOADS', reloads);
      while (!existsSync(path) && !program.hasEnded) await pause(1);
      program.signal('SIGKILL');
    } else {
      const isBefore = 'before' in point;
      const path = isBefore ? point.before : point.after;
      let isDone = false;
      site.proxy.beforeAnswer(async (seen) => {
        // A rejected nonce is no answer yet.
        if (isDone || !seen.path.startsWith(path) || (seen.status ?? 500) >= 300) return;
        isDone = true;
        if (isBefore) {
          program.signal('SIGKILL');
          await program.ended;
        } else setTimeout(() => program.signal('SIGKILL'), JUST_AFTER_MS);
      });
    }
    await program.ended;
    site.proxy.beforeAnswer(undefined);
  }

  test.each(TRIED)('%s', async (title, point) => {
    const number = POINTS.findIndex(([one]) => one === title);
    let hosted: HostedWebsites;
    let reloads: string;
    for (let attempt = 1; ; attempt += 1) {
      const name = `point${number}x${attempt}`;
      reloads = join(folder, name);
      // A run that shall be killed before its reload ends does not get beyond it, however late the kill.
      if ('when' in point) writeFileSync(`${reloads}.go`, '');
      const wait = `while test -d ${folder} -a ! -e ${reloads}.go; do sleep 0.1; done`;
      const reloadCommand = ['/bin/sh', '-c', `: > ${reloads}.begun; ${wait}; : > ${reloads}.done`];
      hosted = await hostWebsites(site, name, {
        websites: 2,
        // Where `combined` tells of the certificate, nothing else may lie there.
        settings: { webServer: { reloadCommand }, placeholders: 'placeholders' in point },
      });
      const program = startBin('autossl_check', ['--all'], hosted.root);
      await killAt(point, hosted, program, reloads);
      if ((await program.ended).exitCode === null) break;
      expect(attempt).toBeLessThan('when' in point ? ATTEMPTS : 1);
    }
    writeFileSync(`${reloads}.go`, '');

    const next = await startBin('autossl_check', ['--all'], hosted.root).ended;
    expect([next.exitCode, next.stderr]).toEqual([0, '']);
    expect(faultsAfterKills(site, hosted, 1)).toEqual([]);
    const { wasted } = accountingOf(site.proxy.requests, hosted.suffix, hosted);
    // Whatever the point, the other website's newOrder may be on its way; that is the one which a kill may cost.
    expect(wasted.length).toBeGreaterThanOrEqual('wastes' in point ? 1 : 0);
    expect(wasted.length).toBeLessThanOrEqual(1);
    for (const vhost of hosted.names.keys()) {
      const combined = statSync(hosted.tree.combined(parseHostName(vhost)));
      expect(statSync(`${reloads}.done`).mtimeMs).toBeGreaterThanOrEqual(combined.mtimeMs);
    }
    const third = await startBin('autossl_check', ['--all'], hosted.root).ended;
    expect(third.stdout).toContain('nothing to do');
  });
});
