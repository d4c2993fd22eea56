import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FileLockKeeper } from '../../src/adapters/system/locks/locks.js';
import { readCertificate } from '../../src/core/certificate/parse.js';
import type { ServiceName } from '../../src/core/domain/service/service-name.js';
import { buildPrograms } from '../support/bin-program.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import { describeWithParts } from '../support/needs.js';
import {
  aCertificate,
  anIntermediate,
  type CertificateOptions,
  type TestCertificate,
} from '../support/pki.js';
import { lastRecords, logFolders } from '../support/run-logs.js';
import { DovecotRig, EximRig } from '../support/service-rigs.js';
import { ServicesServer, statesOf } from '../support/services-server.js';

const DAY_MS = 86_400_000;
/** Nothing that must not hang takes longer, however busy the machine is. */
const PATIENCE_MS = 60_000;

let ca: HostingCa;
let server: ServicesServer;
let count = 0;

interface Given {
  readonly made: TestCertificate;
  readonly fingerprint: string;
  readonly crt: string;
  readonly key: string;
  readonly bundle: string;
}

/** Of 90 days, written as three files. */
function aGiven(options: CertificateOptions = {}): Given {
  count += 1;
  const notBefore = new Date(Date.now() - DAY_MS);
  const made = aCertificate({ names: [server.hostname], notBefore, ...options });
  const write = (name: string, text: string): string => {
    server.built.write(`/opt/given/${count}.${name}`, text, 0o600);
    return server.built.path(`/opt/given/${count}.${name}`);
  };
  return {
    made,
    fingerprint: readCertificate(made.der).fingerprint,
    crt: write('crt', made.certPem),
    key: write('key', made.keyPem),
    bundle: write('bundle', anIntermediate().certPem),
  };
}
const services = (...words: string[]) => server.run('autossl', 'services', ...words);
const install = ({ crt, key, bundle }: Given, ...names: string[]) =>
  services('install', '--certificate', crt, '--key', key, '--bundle', bundle, ...names);
const shown = (name: ServiceName) => new Set(server.shown(name));

describeWithParts(
  'the certificates of services, by hand',
  ['pebble', 'nginx', 'exim', 'dovecot', 'dovecot-pop3', 'openssl', 'root'],
  () => {
    beforeAll(async () => {
      buildPrograms();
      ca = await startHostingCa();
      const rigs = { exim: EximRig, dovecot: DovecotRig };
      server = await ServicesServer.open(ca, { label: 'manage', rigs });
      mkdirSync(server.built.path('/opt/given'));
    });
    afterAll(async () => {
      await server?.stop();
      await ca?.stop();
    });

    describe('looking', () => {
      test('the table has each service in a line, warns of self-signed ones, and names what is not here', async () => {
        const { exitCode, stdout, stderr } = await services();
        expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
        const [title, cpanel, exim, dovecot] = stdout.split('\n');
        expect(title).toMatch(/^Service +Daemon +Domains +Expires +Days +Key +Issuer$/);
        for (const [line, name] of [
          [cpanel, 'cpanel'],
          [exim, 'exim'],
          [dovecot, 'dovecot'],
        ])
          expect(line).toMatch(new RegExp(`^${name} .*${server.hostname}.* 30 +ec prime256v1 +self-signed$`));
        expect(stdout).toContain('exim: the certificate is self-signed, clients are warned of it.');
        expect(stdout).toContain('Not on this server: ftp (');
      });

      test('as JSON, and one service with every detail', async () => {
        const { stdout } = await services('--json');
        expect(JSON.parse(stdout)).toMatchObject({
          schemaVersion: 1,
          hostname: server.hostname,
          services: [
            { service: 'cpanel' },
            { service: 'exim', plan: { kind: 'replace' } },
            { service: 'dovecot' },
          ],
          absent: [{ service: 'ftp' }],
        });
        const details = await services('list', '--details', 'exim');
        expect(details.stdout).toMatch(/^exim \(Exim \(.*\n {2}file +.*\/exim\/combined\n/);
        expect(details.stdout).toContain(server.lying('exim'));
      });
    });

    describe('installing', () => {
      test('gives a certificate to all that are named: every port shows it', async () => {
        const given = aGiven();
        const { exitCode, stdout, stderr } = await install(given, 'exim', 'dovecot', 'cpanel');
        expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
        expect(stdout.match(/ served /g)).toHaveLength(3);
        for (const name of ['exim', 'dovecot', 'cpanel'] as const)
          expect(shown(name)).toEqual(new Set([given.fingerprint]));
        const records = lastRecords(server.built).map(({ code }) => code);
        expect(records.filter((code) => code === 'SERVICE_CERTIFICATE_INSTALLED')).toHaveLength(3);
        expect(records.at(-1)).toBe('RUN_FINISHED');
      });

      test('is left alone by checkallsslcerts as somebody else’s', async () => {
        const { exitCode, report } = await server.check();
        expect(exitCode).toBe(0);
        expect(statesOf(report)).toMatchObject({ cpanel: 'kept', exim: 'kept', dovecot: 'kept' });
        expect(server.newOrders()).toBe(0);
        expect(JSON.parse((await services('--json')).stdout).services).toMatchObject(
          ['cpanel', 'exim', 'dovecot'].map((service) => ({ service, plan: { ownership: 'foreign' } })),
        );
      });

      test('takes a key from standard input, and the issuer from what is on this server', async () => {
        const { crt, made, fingerprint } = aGiven();
        const words = ['services', 'install', '--certificate', crt, '--key', '-', 'exim'];
        expect(await runWithInput(words, made.keyPem)).toMatchObject({ exitCode: 0, stderr: '' });
        expect(shown('exim')).toEqual(new Set([fingerprint]));
      });

      test('takes one file with all, of Windows, given twice; a key that all may read is warned of', async () => {
        const { made, fingerprint, crt } = aGiven();
        writeFileSync(crt, `\ufeff${made.combined.replaceAll('\n', '\r\n')}`);
        chmodSync(crt, 0o644);
        const ended = await services('install', '--certificate', crt, '--key', crt, 'exim');
        expect(ended).toMatchObject({
          exitCode: 0,
          stderr: expect.stringContaining('warning: The mode of the key'),
        });
        expect(shown('exim')).toEqual(new Set([fingerprint]));
      });
    });

    describe('refusing', () => {
      let before: string;
      beforeAll(() => {
        before = server.lying('exim');
      });
      const unchanged = (): void => {
        expect(server.lying('exim')).toBe(before);
        expect(shown('exim')).toEqual(new Set([before]));
      };
      const encrypted = ({ made, key }: Given): void => {
        const options = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
        writeFileSync(key, made.privateKey.export(options));
      };

      test.each<[string, RegExp, (given: Given) => void, CertificateOptions]>([
        ['a key with a passphrase', /encrypted with a passphrase/, encrypted, {}],
        ['another key', /does not belong/, ({ key }) => writeFileSync(key, aGiven().made.keyPem), {}],
        [
          'certificate and key swapped',
          /are swapped/,
          ({ crt, key, made }) => {
            writeFileSync(crt, made.keyPem);
            writeFileSync(key, made.certPem);
          },
          {},
        ],
        ['garbage', /no certificate in it/, ({ crt }) => writeFileSync(crt, Buffer.alloc(5000, 7)), {}],
        ['an empty file', /it is empty/, ({ crt }) => writeFileSync(crt, ''), {}],
        ['an expired one', /expired at/, () => undefined, { notBefore: new Date(Date.now() - 100 * DAY_MS) }],
        ['a weak one', /1024 bits/, () => undefined, { keyType: 'rsa-1024' }],
        [
          'a bundle of somebody else',
          /bundle cannot be used/,
          ({ bundle }) => writeFileSync(bundle, 'no'),
          {},
        ],
      ])('%s: one line, exit 1, no log, and the former one is served', async (_case, why, spoil, options) => {
        const given = aGiven(options);
        spoil(given);
        const logs = logFolders(server.built).length;
        const { exitCode, stdout, stderr } = await install(given, 'exim', 'dovecot');
        expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
        expect(stderr).toMatch(/^autossl: refused: .*\n$/);
        expect(stderr).toMatch(why);
        expect(logFolders(server.built)).toHaveLength(logs);
        unchanged();
      });

      test.each<[string, RegExp, (path: string) => void]>([
        ['a file that is not there', /does not exist/, () => undefined],
        ['a folder', /not a regular file/, (path) => mkdirSync(path)],
        ['a FIFO that nobody writes to', /not a regular file/, (path) => execFileSync('mkfifo', [path])],
        [
          'a huge file',
          /larger than/,
          (path) => {
            writeFileSync(path, '');
            truncateSync(path, 2 ** 40);
          },
        ],
      ])(
        '%s: wrong usage, at once',
        async (_case, why, make) => {
          const given = aGiven();
          const path = server.built.path(`/opt/given/odd-${count}`);
          make(path);
          for (const one of [
            { ...given, crt: path },
            { ...given, key: path },
            { ...given, bundle: path },
          ]) {
            const { exitCode, stderr } = await install(one, 'exim');
            expect(exitCode).toBe(2);
            expect(stderr).toMatch(why);
          }
          unchanged();
        },
        PATIENCE_MS,
      );

      test.each<[string, RegExp]>([
        ['imap', /Use dovecot instead/],
        ['courier', /Use dovecot instead/],
        ['pop3', /Use dovecot instead/],
        ['mail_apns', /no longer supported/],
        ['nonsense', /There are: cpanel, exim, dovecot, ftp/],
        ['ftp', /this server has no service ftp/],
      ])('the service %s: wrong usage', async (name, why) => {
        const { exitCode, stderr } = await install(aGiven(), 'exim', name);
        expect(exitCode).toBe(2);
        expect(stderr).toMatch(why);
        unchanged();
      });

      test('an unknown command', async () => {
        const { exitCode, stderr } = await services('instal');
        expect({ exitCode, stderr }).toEqual({
          exitCode: 2,
          stderr: expect.stringContaining('There are: list,'),
        });
      });

      test('a change while somebody else is at it: exit 75', async () => {
        const lock = await new FileLockKeeper(server.built.tree).acquire('run:services', 'the test');
        try {
          const { exitCode, stderr } = await install(aGiven(), 'exim');
          expect({ exitCode, stderr }).toEqual({ exitCode: 75, stderr: expect.stringContaining('the test') });
        } finally {
          await lock.release();
        }
        unchanged();
      });

      test('one that the daemon’s test refuses: put back, the other services done, exit 1', async () => {
        const given = aGiven();
        server.built.write('/opt/former', readFileSync(server.pemOf('exim'), 'utf8'), 0o600);
        const isFormer = ['cmp', '-s', server.pemOf('exim'), server.built.path('/opt/former')];
        server.configure({}, { exim: { testCommand: isFormer } });
        const { exitCode, stdout } = await install(given, 'exim', 'dovecot');
        server.configure({});
        expect(exitCode).toBe(1);
        expect(stdout).toMatch(/^exim +unchanged .*give the command again/m);
        expect(stdout).toMatch(/^dovecot +served /m);
        expect(shown('dovecot')).toEqual(new Set([given.fingerprint]));
        unchanged();
      });
    });

    test('applying gives another service what one has', async () => {
      const mail = aGiven();
      await install(mail, 'exim');
      expect(await services('apply', 'exim', 'dovecot', 'cpanel')).toMatchObject({ exitCode: 0, stderr: '' });
      for (const name of ['dovecot', 'cpanel'] as const)
        expect(shown(name)).toEqual(new Set([mail.fingerprint]));
    });

    describe('resetting', () => {
      test('without --yes only says what would be replaced', async () => {
        const before = server.lying('exim');
        const { exitCode, stderr } = await services('reset', 'exim');
        expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining('add --yes') });
        expect(shown('exim')).toEqual(new Set([before]));
      });

      test('has a self-signed one served, which may be taken back', async () => {
        const before = server.lying('exim');
        expect(await services('reset', '--yes', 'exim')).toMatchObject({ exitCode: 0, stderr: '' });
        const own = server.lying('exim');
        expect(own).not.toBe(before);
        expect(shown('exim')).toEqual(new Set([own]));
        expect((await services()).stdout).toMatch(/^exim .* self-signed$/m);
        expect(await services('rollback', 'exim')).toMatchObject({ exitCode: 0 });
        expect(shown('exim')).toEqual(new Set([before]));
      });

      test('is followed by a real one at the next checkallsslcerts', async () => {
        await services('reset', '--yes', 'exim');
        const { exitCode, report } = await server.check();
        expect(exitCode).toBe(0);
        expect(statesOf(report)).toMatchObject({ exim: 'replaced', dovecot: 'kept', cpanel: 'kept' });
        expect(server.newOrders()).toBe(1);
        expect(shown('exim')).toEqual(new Set([server.lying('exim')]));
      });
    });

    describe('restarting', () => {
      test('ends the daemons and starts them: other processes, the same certificates', async () => {
        const { exim, dovecot } = server.rigs;
        const before = [exim?.pid, dovecot?.pid];
        const { exitCode, stdout } = await services('restart', 'exim', 'dovecot');
        expect({ exitCode, stdout }).toEqual({
          exitCode: 0,
          stdout: expect.stringMatching(/exim +restarted/),
        });
        const now = [exim?.pid, dovecot?.pid];
        expect(now.every((pid, index) => pid !== before[index])).toBe(true);
        for (const name of ['exim', 'dovecot'] as const)
          expect(shown(name)).toEqual(new Set([server.lying(name)]));
      });

      test('reloads the web server behind a panel', async () => {
        expect(await services('restart', 'cpanel')).toMatchObject({
          exitCode: 0,
          stdout: expect.stringMatching(/^cpanel +reloaded/),
        });
        expect(shown('cpanel')).toEqual(new Set([server.lying('cpanel')]));
      });

      test('starts a daemon that does not run', async () => {
        process.kill(server.rigs.dovecot?.pid ?? 0, 'SIGTERM');
        await until(() => server.rigs.dovecot?.isRunning === false);
        expect(await services('restart', 'dovecot')).toMatchObject({
          exitCode: 0,
          stdout: expect.stringMatching(/^dovecot +started/),
        });
        expect(shown('dovecot')).toEqual(new Set([server.lying('dovecot')]));
      });

      test('leaves one alone whose configuration is broken, and says why', async () => {
        server.configure({}, { exim: { testCommand: ['sh', '-c', 'echo line 3 >&2; exit 1'] } });
        const before = server.rigs.exim?.pid;
        const { exitCode, stdout } = await services('restart', 'exim');
        server.configure({});
        expect({ exitCode, stdout }).toEqual({
          exitCode: 1,
          stdout: expect.stringMatching(/^exim +unchanged.*line 3/),
        });
        expect(server.rigs.exim?.pid).toBe(before);
        expect(server.rigs.exim?.isRunning).toBe(true);
      });
    });
  },
);

/** As `server.run`, with something on standard input. */
function runWithInput(
  words: readonly string[],
  input: string,
): Promise<{ exitCode: number | null; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [`${process.cwd()}/bin/autossl`, ...words], {
      env: { PATH: process.env['PATH'] ?? '', AUTOSSL_ROOT: server.built.root },
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      stderr += part;
    });
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stderr }));
    child.stdin.end(input);
  });
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error('it does not come about');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
