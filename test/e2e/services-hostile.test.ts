import { createPrivateKey, createPublicKey } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { printable } from '../../src/core/domain/name/names.js';
import { PATHS } from '../support/acme-proxy.js';
import { buildPrograms } from '../support/bin-program.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import { describeWithParts } from '../support/needs.js';
import { EximRig } from '../support/service-rigs.js';
import { type ServicesPlan, ServicesServer, statesOf } from '../support/services-server.js';
import { type StartedProgram, startBin } from '../support/started-program.js';

const TRY_AGAIN = 75;
/** More than any run asks for. */
const ALWAYS = 1000;

describeWithParts(
  'checkallsslcerts among others',
  ['pebble', 'nginx', 'exim', 'at', 'mounts', 'openssl', 'root'],
  () => {
    let ca: HostingCa;
    let server: ServicesServer;
    let count = 0;
    beforeAll(async () => {
      buildPrograms();
      ca = await startHostingCa();
    });
    afterAll(() => ca?.stop());
    const open = async (plan: Partial<ServicesPlan> = {}): Promise<void> => {
      count += 1;
      server = await ServicesServer.open(ca, { label: `hostile${count}`, rigs: { exim: EximRig }, ...plan });
    };
    afterEach(async () => {
      ca?.proxy.clear();
      await server?.stop();
    });
    const leavesShown = () => new Set([...server.shown('exim'), ...server.shown('cpanel')]);

    test('a customer’s website of the hostname’s name: neither has the other’s key or order', async () => {
      await open({ customer: 'alice' });
      await server.run('autossl_check', '--all');
      const website = server.built.tree.combined(server.hostname);
      const theirs = publicKeyIn(website);
      expect(server.newOrders()).toBe(1);
      const { exitCode, report } = await server.check();
      expect({ exitCode, states: statesOf(report) }).toMatchObject({
        exitCode: 0,
        states: { cpanel: 'replaced', exim: 'replaced' },
      });
      expect(server.newOrders()).toBe(2);
      const own = publicKeyIn(server.pemOf('exim'));
      expect(own).not.toBe(theirs);
      expect(leavesShown()).toEqual(new Set([server.lying('exim')]));
      // What is lost comes from another service, never from the website; what the website lost is none of ours.
      rmSync(server.built.tree.serviceTls('exim'), { recursive: true });
      expect(statesOf((await server.check()).report)).toMatchObject({ exim: 'reused' });
      expect(publicKeyIn(server.pemOf('exim'))).toBe(own);
      expect(publicKeyIn(website)).toBe(theirs);
    });

    test('a hostname that changes between two runs: one order for the new name, the old one is dropped', async () => {
      await open({ settings: { run: { patienceSeconds: 1 } } });
      for (const path of [PATHS.order, PATHS.finalize])
        ca.proxy.fault(path, { kind: 'change', members: { status: 'processing' } }, ALWAYS);
      expect((await server.check()).report.pending).toHaveLength(1);
      ca.proxy.clear();
      const name = `new.${server.hostname}`;
      server.rename(name);
      server.configure({ run: { patienceSeconds: 60 } });
      const { exitCode, report } = await server.check();
      expect({ exitCode, pending: report.pending, states: statesOf(report) }).toMatchObject({
        exitCode: 0,
        pending: [],
        states: { cpanel: 'replaced', exim: 'replaced' },
      });
      expect(readdirSync(server.built.tree.orders()).filter((file) => file.endsWith('.json'))).toEqual([]);
      expect(leavesShown()).toEqual(new Set([server.lying('exim')]));
      expect((await server.check()).report).toMatchObject({ exitCode: 0, hostname: name });
    });

    test.each([
      ['control characters', '\u001b[31mevil\u0007.example.com\u009b2J\n'],
      ['a megabyte', 'a.'.repeat(500_000)],
    ])('a hostname of %s is one sentence; nothing is ordered, what is served stays', async (_, contents) => {
      await open();
      const before = leavesShown();
      server.built.write('/etc/hostname', contents);
      const text = await server.run('checkallsslcerts', '--verbose');
      expect(text.exitCode).toBe(0);
      expect(text.stdout).toMatch(/^warns {2}The hostname “/m);
      for (const said of [text.stdout, text.stderr]) {
        const line = said.replaceAll('\n', ' ');
        expect(printable(line)).toBe(line);
        expect(said.length).toBeLessThan(10_000);
      }
      expect(server.newOrders()).toBe(0);
      expect(leavesShown()).toEqual(before);
      expect(server.takeMails()).toEqual([]);
    });

    test('a second one at once ends with 75 and names the first', async () => {
      await open();
      const held = holdAt(PATHS.certificate);
      const first = startBin('checkallsslcerts', [], server.built.root);
      await held.reached;
      const second = await server.run('checkallsslcerts', '--allow-retry');
      expect(second).toMatchObject({ exitCode: TRY_AGAIN, stdout: '' });
      expect(second.stderr).toContain(`process ${first.pid}`);
      held.release();
      expect((await first.ended).exitCode).toBe(0);
      expect(server.newOrders()).toBe(1);
    });

    test('without at(1) an order that pends is no failure, and it is said that nobody looks again', async () => {
      await open({ settings: { run: { patienceSeconds: 1 } } });
      for (const path of [PATHS.order, PATHS.finalize])
        ca.proxy.fault(path, { kind: 'change', members: { status: 'processing' } }, ALWAYS);
      const { exitCode, report } = await server.checkBehind(
        'for at in /usr/bin/at /bin/at; do [ ! -e $at ] || mount --bind /dev/null $at; done',
        '--allow-retry',
      );
      expect(exitCode).toBe(0);
      expect(report.pending).toHaveLength(1);
      expect(report.warnings).toMatchObject([
        { code: 'RETRY_NOT_SCHEDULED', message: expect.stringContaining('next regular run') },
      ]);
    });

    describe('kill -9 just when', () => {
      const points: readonly (readonly [
        string,
        () => { readonly path: string } | { readonly file: string },
      ])[] = [
        ['the order is made and unread', () => ({ path: PATHS.newOrder })],
        ['the CA has issued and nobody read it', () => ({ path: PATHS.certificate })],
        [
          'the first service has its files',
          () => ({ file: join(server.built.tree.serviceTls('cpanel'), 'combined') }),
        ],
        [
          'the last service has its files',
          () => ({ file: join(server.built.tree.serviceTls('exim'), 'combined') }),
        ],
      ];

      test.each(points)('%s: the next run finishes it, with one certificate', async (_, pointOf) => {
        await open();
        const point = pointOf();
        if ('file' in point) rmSync(point.file);
        const program = startBin('checkallsslcerts', [], server.built.root);
        await killAt(point, program);
        // A busy machine may notice a file too late: then the run was over, which must come to the same.
        if ('path' in point) expect((await program.ended).exitCode).toBeNull();
        const { exitCode, report } = await server.check();
        expect({ exitCode, faults: report.faults, pending: report.pending }).toEqual({
          exitCode: 0,
          faults: [],
          pending: [],
        });
        expect(leavesShown()).toEqual(new Set([server.lying('exim')]));
        expect(server.certificates()).toBe(1);
        expect(report.services.filter(({ state }) => state !== 'absent')).toMatchObject([
          { isSelfSigned: false, served: 'served' },
          { isSelfSigned: false, served: 'served' },
        ]);
        expect((await server.check()).report.services.map(({ state }) => state).slice(0, 2)).toEqual([
          'kept',
          'kept',
        ]);
      });
    });

    async function killAt(
      point: { readonly path: string } | { readonly file: string },
      program: StartedProgram,
    ): Promise<void> {
      if ('file' in point) {
        while (!existsSync(point.file) && !program.hasEnded) await pause(1);
        program.signal('SIGKILL');
      } else {
        ca.proxy.beforeAnswer(async ({ path }) => {
          if (!path.startsWith(point.path)) return;
          program.signal('SIGKILL');
          await program.ended;
        });
      }
      await program.ended;
      ca.proxy.beforeAnswer(undefined);
    }

    /** Answers whose path begins so are held back until `release`. */
    function holdAt(path: string): { readonly reached: Promise<void>; readonly release: () => void } {
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      const reached = new Promise<void>((resolve) => {
        ca.proxy.beforeAnswer(async (seen) => {
          if (!seen.path.startsWith(path)) return;
          resolve();
          await released;
        });
      });
      return { reached, release };
    }
  },
);

/** Of the key in a PEM file, what anybody may know. */
function publicKeyIn(path: string): string {
  const key = createPrivateKey(readFileSync(path));
  return createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString();
}
