import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { buildPrograms } from '../support/bin-program.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import { runBinBehind } from '../support/mounted-program.js';
import { describeWithParts } from '../support/needs.js';
import { programPath } from '../support/parts.js';
import { aHostCertificate } from '../support/service-install.js';
import { EximRig, PureFtpdRig } from '../support/service-rigs.js';
import { ServicesServer, statesOf } from '../support/services-server.js';

let ca: HostingCa;
let server: ServicesServer;
beforeAll(() => buildPrograms());

/** At SIGHUP it runs itself anew by a script, which ends where another certificate lies there than in the file `former`. */
class MortalEximRig extends EximRig {
  readonly former = join(this.folder, 'former');

  override async configure(pem: string): Promise<void> {
    await super.configure(pem);
    const itself = this.write(
      'itself',
      `#!/bin/sh\n[ ! -e ${this.former} ] || cmp -s ${this.former} ${pem} || exit 1\nexec ${programPath('exim4')} "$@"\n`,
      0o755,
    );
    writeFileSync(this.configFile, `exim_path = ${itself}\n${readFileSync(this.configFile, 'utf8')}`);
  }
}

describeWithParts(
  'checkallsslcerts while a service is in trouble',
  ['pebble', 'nginx', 'exim', 'pure-ftpd', 'openssl', 'mounts', 'root'],
  () => {
    beforeAll(async () => {
      ca = await startHostingCa();
      server = await ServicesServer.open(ca, {
        label: 'trouble',
        rigs: { exim: MortalEximRig, ftp: PureFtpdRig },
      });
    });
    afterAll(async () => {
      await server?.stop();
      await ca?.stop();
    });
    afterEach(() => {
      server?.configure({});
      server?.takeMails();
      server?.forgetTold();
    });
    const exim = (): MortalEximRig => server.rigs.exim as MortalEximRig;
    const ftp = (): PureFtpdRig => server.rigs.ftp as PureFtpdRig;
    const shownOf = (name: 'exim' | 'ftp' | 'cpanel') => new Set(server.shown(name));

    test('a daemon that dies of its reload: started again with the old one, the others are done, exit 1', async () => {
      const before = await server.place('exim', { daysLeft: 1 });
      const { pid } = exim();
      writeFileSync(exim().former, readFileSync(server.pemOf('exim')), { mode: 0o600 });
      const { exitCode, report } = await server.check();
      expect({ exitCode, states: statesOf(report) }).toEqual({
        exitCode: 1,
        states: { cpanel: 'replaced', exim: 'failed', ftp: 'replaced', dovecot: 'absent' },
      });
      expect(report.faults).toMatchObject([
        { code: 'RELOAD_FAILED', message: expect.stringMatching(/died.*it was started again/) },
      ]);
      expect(exim().pid).not.toBe(pid);
      expect(exim().isRunning).toBe(true);
      expect(shownOf('exim')).toEqual(new Set([before]));
      for (const name of ['cpanel', 'ftp'] as const)
        expect(shownOf(name)).toEqual(new Set([server.lying('cpanel')]));
      expect(server.takeMails()).toHaveLength(1);
      const second = exim().pid;
      expect(await server.check()).toMatchObject({
        exitCode: 1,
        report: { faults: [{ code: 'SERVICE_DIED_OF_IT' }] },
      });
      expect(exim().pid).toBe(second);
      rmSync(exim().former);
      rmSync(join(server.built.tree.ofService('exim').own(), 'died-of.json'));
      expect(statesOf((await server.check()).report)).toMatchObject({ exim: 'reused' });
      expect(shownOf('exim')).toEqual(new Set([server.lying('cpanel')]));
      expect(server.newOrders()).toBe(1);
    });

    test('a daemon that was stopped, with a stale pid file: its certificate is laid out, no fault, no mail', async () => {
      await server.place('ftp', { daysLeft: 1 });
      await ftp().stop();
      const stranger = spawn('sleep', ['600'], { stdio: 'ignore' });
      try {
        writeFileSync(ftp().pidFile, `${stranger.pid}\n`);
        for (const state of ['reused', 'kept']) {
          const { exitCode, report } = await server.check();
          expect({ exitCode, faults: report.faults, state: statesOf(report)['ftp'] }).toEqual({
            exitCode: 0,
            faults: [],
            state,
          });
          expect(report.warnings.map(({ code }) => code)).toEqual(['SERVICE_NOT_RUNNING']);
          expect(server.takeMails()).toEqual([]);
        }
        expect(stranger.exitCode).toBeNull();
        expect(stranger.signalCode).toBeNull();
      } finally {
        stranger.kill();
        rmSync(ftp().pidFile, { force: true });
      }
      await ftp().start();
      expect(shownOf('ftp')).toEqual(new Set([server.lying('cpanel')]));
    });

    test('a daemon that somebody pinned to another file is a fault of every run, mailed once, and asked for again', async () => {
      const { configFile } = exim();
      const text = readFileSync(configFile, 'utf8');
      const other = aHostCertificate();
      const pinned = exim().write('pinned.pem', other.combined, 0o644);
      const reconfigure = async (contents: string, shown: string): Promise<void> => {
        writeFileSync(configFile, contents);
        process.kill(exim().pid, 'SIGHUP');
        while (!server.shown('exim').every((one) => one === shown)) await pause(50);
      };
      await reconfigure(
        text.replace(/^tls_certificate = .*$/m, `tls_certificate = ${pinned}`),
        other.fingerprint,
      );
      for (const mails of [1, 0]) {
        const { exitCode, report } = await server.check();
        expect(exitCode).toBe(1);
        expect(report.faults).toMatchObject([
          { code: 'PUBLISHED_NOT_SERVED', message: expect.stringContaining(server.pemOf('exim')) },
        ]);
        expect(report.services.find(({ service }) => service === 'exim')).toMatchObject({
          state: 'kept',
          served: 'not-served',
        });
        expect(server.takeMails()).toHaveLength(mails);
      }
      await reconfigure(text, server.lying('exim'));
      const { exitCode, report } = await server.check();
      expect(exitCode).toBe(0);
      expect(report.services.map(({ served }) => served)).toEqual(['served', 'served', 'served', null]);
      expect(server.takeMails()).toMatchObject([expect.stringContaining('in order again')]);
    });

    test.each([
      ['is full', 'mount -t tmpfs -o size=4k full "$FOLDER" && head -c 4096 /dev/zero > "$FOLDER/fill"'],
      ['is read-only', 'mount --bind "$FOLDER" "$FOLDER" && mount -o remount,ro,bind "$FOLDER"'],
    ])('a folder that %s: that service waits, the others are done, exit 1', async (_, mount) => {
      const before = await server.place('ftp', { daysLeft: 1 });
      await server.place('exim', { daysLeft: 1 });
      const folder = server.built.tree.serviceTls('ftp');
      const { exitCode, report, stderr } = await server.checkBehind(mount.replaceAll('$FOLDER', folder));
      expect({ exitCode, stderr, states: statesOf(report) }).toMatchObject({
        exitCode: 1,
        stderr: '',
        states: { exim: 'reused', ftp: 'failed' },
      });
      expect(report.faults).toMatchObject([
        { message: expect.stringMatching(/^ftp: .*(?:space|read-only)/) },
      ]);
      expect(shownOf('ftp')).toEqual(new Set([before]));
      expect(server.newOrders()).toBe(1);
      expect(statesOf((await server.check()).report)).toMatchObject({ ftp: 'reused' });
      expect(shownOf('ftp')).toEqual(new Set([server.lying('cpanel')]));
    });

    const full = (size: string, fill: string) =>
      `mkdir -p "$FOLDER" && cp -a "$FOLDER" "$COPY" && mount -t tmpfs -o size=${size} full "$FOLDER" && cp -a "$COPY/." "$FOLDER" && ${fill}`;
    const FILL = '{ cat /dev/zero > "$FOLDER/fill"; } 2>/dev/null || true';
    const mounted = (mount: string, folder: string) =>
      mount.replaceAll('$FOLDER', folder).replaceAll('$COPY', server.built.path(`/opt/copy${Date.now()}`));

    test.each([
      ['fills up on the way', full('4k', 'true')],
      ['is full', full('400k', FILL)],
      ['is read-only', 'mount --bind "$FOLDER" "$FOLDER" && mount -o remount,ro,bind "$FOLDER"'],
    ])('a folder of the logs that %s: all is done, told and mailed, exit 1', async (_, mount) => {
      rmSync(server.built.tree.logs(), { recursive: true, force: true });
      mkdirSync(server.built.tree.logs(), { mode: 0o700 });
      const before = await server.place('ftp', { daysLeft: 1 });
      const { exitCode, report, stderr } = await server.checkBehind(
        mounted(mount, server.built.tree.logs()),
        '--verbose',
      );
      expect({ exitCode, states: statesOf(report) }).toMatchObject({
        exitCode: 1,
        states: { ftp: 'reused' },
      });
      expect(report.faults).toMatchObject([{ code: 'LOG_NOT_WRITTEN' }]);
      expect(stderr).toContain(report.faults[0]?.message ?? 'a fault');
      expect(shownOf('ftp')).not.toEqual(new Set([before]));
      expect(server.takeMails()).toMatchObject([expect.stringContaining(report.faults[0]?.message ?? '')]);
    });

    test('a folder of ours on which no lock can be made: nothing is done, and that is mailed, exit 3', async () => {
      const before = await server.place('ftp', { daysLeft: 1 });
      const mount = mounted(full('4m', FILL), server.built.tree.own());
      const ended = await runBinBehind(mount, 'checkallsslcerts', [], server.built.root);
      expect(ended).toMatchObject({ exitCode: 3, stdout: '', stderr: expect.stringContaining('lock') });
      expect(shownOf('ftp')).toEqual(new Set([before]));
      expect(server.takeMails()).toMatchObject([expect.stringContaining('cannot make the lock')]);
      expect(statesOf((await server.check()).report)).toMatchObject({ ftp: 'reused' });
    });

    test('a mail program that is not there is a warning', async () => {
      const before = await server.place('exim', { daysLeft: 10 });
      server.configure({ mail: { sendmail: '/opt/nothing' } });
      const { exitCode, report } = await server.check();
      expect(exitCode).toBe(0);
      expect(report.warnings.map(({ code }) => code)).toEqual([
        'SERVICE_CERTIFICATE_EXPIRES',
        'MAIL_NOT_SENT',
      ]);
      expect(shownOf('exim')).toEqual(new Set([before]));
    });
  },
);
