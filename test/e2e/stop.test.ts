import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { parseHostName } from '../../src/core/domain/name/names.js';
import { PATHS } from '../support/acme-proxy.js';
import { faultsAfterKills } from '../support/after-crash.js';
import { buildPrograms } from '../support/bin-program.js';
import { accountingOf } from '../support/ca-accounting.js';
import { type CaSite, startCaSite } from '../support/ca-site.js';
import { faultsOfDerivedSet } from '../support/derived-set.js';
import { type ChallengeMethod, type HostedWebsites, hostWebsites } from '../support/hosted-websites.js';
import { faultsOf, isPlaceholder } from '../support/installed-set.js';
import { leftoversIn } from '../support/leftovers.js';
import { describeWithParts } from '../support/needs.js';
import { type ProgramEnd, type StartedProgram, startBin } from '../support/started-program.js';

const WEBSITES = 6;

describeWithParts('a run that is told to stop', ['pebble', 'openssl'], () => {
  let site: CaSite;
  let folder: string;
  let trees = 0;
  beforeAll(async () => {
    buildPrograms();
    folder = mkdtempSync(join(tmpdir(), 'autossl-reloads-'));
    site = await startCaSite({ nonceReject: 20 });
  });
  beforeEach(() => site.proxy.beforeAnswer(undefined));
  afterAll(async () => {
    await site?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const host = (method: ChallengeMethod, more: object = {}): Promise<HostedWebsites> => {
    trees += 1;
    const settings = { concurrency: { orders: 2 }, ...more };
    return hostWebsites(site, `stop${trees}`, { method, websites: WEBSITES, settings });
  };
  const start = ({ root }: HostedWebsites): StartedProgram => startBin('autossl_check', ['--all'], root);

  /** Signals the run as the CA is about to give its nth good answer under that path. */
  function signalAt(path: string, nth: number, signal: () => void): void {
    let seen = 0;
    site.proxy.beforeAnswer((request) => {
      if (!request.path.startsWith(path) || (request.status ?? 500) >= 300) return;
      seen += 1;
      if (seen === nth) signal();
    });
  }

  async function expectNextRunCompletes(hosted: HostedWebsites): Promise<void> {
    site.proxy.beforeAnswer(undefined);
    const next: ProgramEnd = await start(hosted).ended;
    expect([next.exitCode, next.stderr]).toEqual([0, '']);
    expect(faultsAfterKills(site, hosted, 1)).toEqual([]);
  }

  test.each<[NodeJS.Signals, string, number, ChallengeMethod]>([
    ['SIGTERM', PATHS.newAccount, 1, 'shared-folder'],
    ['SIGTERM', PATHS.newOrder, 2, 'account-folder'],
    ['SIGINT', PATHS.challenge, 4, 'account-folder'],
    ['SIGINT', PATHS.finalize, 3, 'shared-folder'],
    ['SIGTERM', PATHS.certificate, 3, 'shared-folder'],
  ])(
    'by %s at %s (%i.) ends what is under way, exits 1, and the next run does the rest',
    async (signal, path, nth, method) => {
      const hosted = await host(method);
      const program = start(hosted);
      signalAt(path, nth, () => program.signal(signal));
      const end = await program.ended;
      expect(end.exitCode).toBe(1);
      expect(end.stdout).toContain(`stopped by ${signal}`);
      expect(end.stdout).toContain('waiting');
      expect(end.stderr).toBe('');
      for (const [vhost, names] of hosted.names) {
        if (!existsSync(hosted.tree.combined(parseHostName(vhost))) || isPlaceholder(hosted, vhost)) continue;
        expect(faultsOf(hosted, vhost, names, hosted.path('/etc/ssl/roots.pem'))).toEqual([]);
        expect(faultsOfDerivedSet(hosted, vhost, names)).toEqual([]);
      }
      // Orders under way stay in the journal, and challenges that the CA was asked to look at where they are.
      const journal = /\/(?:orders|staging)\/\d{13}-|\/placed\/|acme-challenge/;
      expect(
        leftoversIn(hosted).filter((left) => !journal.test(left) && !left.endsWith('.well-known/')),
      ).toEqual([]);
      const { placed } = accountingOf(site.proxy.requests, hosted.suffix, hosted);
      expect(placed.length).toBeLessThan(WEBSITES);
      await expectNextRunCompletes(hosted);
    },
  );

  test('twice is gone at once, and the next run makes up for the reload', async () => {
    const flag = join(folder, 'begun');
    // The first reload outlasts both signals, and ends with this suite.
    const wait = `while test -d ${folder}; do sleep 0.2; done`;
    const script = `test -e ${flag} && { : > ${flag}.again; exit 0; }; : > ${flag}; ${wait}`;
    const hosted = await host('shared-folder', { webServer: { reloadCommand: ['/bin/sh', '-c', script] } });
    const program = start(hosted);
    while (!existsSync(flag) && !program.hasEnded) await pause(5);
    program.signal('SIGTERM');
    // Two that wait to be taken are one.
    while (isTermPending(program.pid)) await pause(5);
    await pause(100);
    expect(program.hasEnded).toBe(false);
    program.signal('SIGTERM');
    expect((await program.ended).exitCode).toBe(143);
    await expectNextRunCompletes(hosted);
    expect(existsSync(`${flag}.again`)).toBe(true);
  });
});

/** Whether a SIGTERM was sent to the process that it did not take yet (proc(5): masks of pending signals, in hex). */
function isTermPending(pid: number): boolean {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const masks = [...status.matchAll(/^(?:Sig|Shd)Pnd:\t([0-9a-f]+)$/gm)].map(([, mask]) =>
    BigInt(`0x${mask}`),
  );
  return masks.some((mask) => (mask & (1n << BigInt(constants.signals.SIGTERM - 1))) !== 0n);
}
