import { existsSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { PATHS } from '../support/acme-proxy.js';
import { buildPrograms } from '../support/bin-program.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import { describeWithParts } from '../support/needs.js';
import { PrivateAt } from '../support/private-at.js';
import { lastRecords, logFolders } from '../support/run-logs.js';
import { canRead, DovecotRig, EximRig, PureFtpdRig } from '../support/service-rigs.js';
import { ServicesServer, statesOf } from '../support/services-server.js';

const NO_ORDERS = '/var/cpanel/ssl/disable_auto_hostname_certificate';
const NO_REPLACEMENT = '/var/cpanel/ssl/disable_service_certificate_management';
const ALL = ['cpanel', 'exim', 'dovecot', 'ftp'] as const;
/** More than any run asks for. */
const ALWAYS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const POLL_MS = 20;
/** Dovecot ends idle sessions ten seconds after a reload, unless it is told to let them be. */
const IDLE_MS = 12_500;

let ca: HostingCa;
beforeAll(async () => {
  buildPrograms();
});

describeWithParts(
  'checkallsslcerts on a fresh server',
  ['pebble', 'nginx', 'exim', 'dovecot', 'dovecot-pop3', 'pure-ftpd', 'openssl', 'root'],
  () => {
    let server: ServicesServer;
    const sessions: IdleSession[] = [];
    let reloadedAt = 0;
    beforeAll(async () => {
      ca = await startHostingCa();
      const rigs = { exim: EximRig, dovecot: DovecotRig, ftp: PureFtpdRig };
      server = await ServicesServer.open(ca, { label: 'fresh', rigs });
    });
    afterAll(async () => {
      for (const session of sessions) session.end();
      await server?.stop();
      await ca?.stop();
    });

    test('a dry run says what would be done and changes nothing', async () => {
      const { exitCode, stdout } = await server.run('checkallsslcerts', '--dry-run', '--json');
      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        hostname: server.hostname,
        orders: [server.hostname],
        services: ALL.map((service) => ({ service, kind: 'replace' })),
      });
      expect(existsSync(server.built.tree.logs())).toBe(false);
      expect(ca.proxy.requests).toEqual([]);
    });

    test('one run and one order: every port of every service serves the hostname’s certificate', async () => {
      for (const isInIdle of [false, true]) sessions.push(await openIdleSession(server, isInIdle));
      const { exitCode, report } = await server.check('--verbose');
      reloadedAt = Date.now();
      expect({ exitCode, faults: report.faults, problems: report.problems }).toEqual({
        exitCode: 0,
        faults: [],
        problems: [],
      });
      expect(statesOf(report)).toEqual(Object.fromEntries(ALL.map((name) => [name, 'replaced'])));
      expect(server.newOrders()).toBe(1);
      const leaf = server.lying('cpanel');
      for (const name of ALL) expect(new Set(server.shown(name))).toEqual(new Set([leaf]));
      expect(server.shown('dovecot')).toHaveLength(4);
      expect(server.takeMails()).toEqual([]);
    });

    test('“autossl services” says nothing of sessions where Dovecot lets them be, and the line to add where it does not', async () => {
      const { stdout } = await server.run('autossl', 'services');
      expect(stdout).not.toContain('shutdown_clients');
      const { dovecot } = server.rigs;
      const file = join(dovecot?.folder ?? '', 'dovecot.conf');
      const before = readFileSync(file, 'utf8');
      writeFileSync(file, before.replace('shutdown_clients = no\n', ''));
      for (const words of [[], ['--details', 'dovecot']]) {
        const said = await server.run('autossl', 'services', ...words);
        expect([words, said.stdout]).toEqual([words, expect.stringContaining('“shutdown_clients = no”')]);
      }
      writeFileSync(file, before);
    });

    test('keys are readable by exactly the daemon that needs them', () => {
      const readers = ['Debian-exim', 'dovecot', 'dovenull', 'nobody', 'www-data'];
      const open: string[] = [];
      for (const name of ALL) {
        const folder = server.built.tree.serviceTls(name);
        for (const file of readdirSync(folder).filter((one) => !one.endsWith('.crt'))) {
          const { mode, uid } = statSync(join(folder, file));
          expect([file, uid, mode & 0o7]).toEqual([file, 0, 0]);
          for (const user of readers) if (canRead(user, join(folder, file))) open.push(`${user} ${file}`);
        }
        expect(canRead('root', join(folder, 'combined'))).toBe(true);
        expect((statSync(join(folder, 'combined')).mode & 0o777).toString(8)).toBe('600');
      }
      // Exim reads as its own user; Dovecot, Pure-FTPd and nginx as root, before they take another.
      expect(open.sort()).toEqual(['Debian-exim exim.key', 'Debian-exim exim.pem']);
      expect((statSync(server.pemOf('exim')).mode & 0o777).toString(8)).toBe('640');
    });

    test('the log is the server’s own, and names what was installed', () => {
      expect(logFolders(server.built)).toHaveLength(1);
      const installed = lastRecords(server.built).filter(
        ({ code }) => code === 'SERVICE_CERTIFICATE_INSTALLED',
      );
      expect(installed.map(({ data }) => data?.['service'])).toEqual([...ALL]);
    });

    test('the next run has nothing to do', async () => {
      const { exitCode, stdout } = await server.run('checkallsslcerts');
      expect(exitCode).toBe(0);
      expect(stdout).toContain('4 services checked: nothing to do.');
      expect(server.newOrders()).toBe(1);
    });

    test('a nightly run of autossl_check leaves what is the server’s own alone', async () => {
      const { exitCode, stdout } = await server.run('autossl_check', '--all');
      expect({ exitCode, stdout }).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining('nothing to do'),
      });
      expect(existsSync(server.built.tree.orphans())).toBe(false);
    });

    test('a lost certificate is made good by that of another service, without an order', async () => {
      rmSync(server.built.tree.serviceTls('exim'), { recursive: true });
      const { report } = await server.check();
      expect(statesOf(report)).toMatchObject({ exim: 'reused', dovecot: 'kept' });
      expect(server.newOrders()).toBe(1);
      expect(new Set(server.shown('exim'))).toEqual(new Set([server.lying('cpanel')]));
    });

    test('sessions that were idle all the while outlived the reload', async () => {
      await pause(Math.max(0, reloadedAt + IDLE_MS - Date.now()));
      for (const session of sessions) expect(await session.ask()).toContain('last OK');
    });

    test('a service whose test fails after the change: the old one stays, the others are done, exit 1', async () => {
      const before = await server.place('exim', { daysLeft: 1 });
      for (const name of ['dovecot', 'cpanel', 'ftp'] as const) await server.place(name, { daysLeft: 1 });
      const isNotNew = [
        'sh',
        '-c',
        `cmp -s "$0" "$1"`,
        server.pemOf('exim'),
        server.built.path('/opt/former'),
      ];
      server.built.write('/opt/former', readPem(server, 'exim'), 0o600);
      server.configure({}, { exim: { testCommand: isNotNew } });
      const { exitCode, report } = await server.check();
      expect(exitCode).toBe(1);
      expect(statesOf(report)).toEqual({
        cpanel: 'replaced',
        exim: 'failed',
        dovecot: 'replaced',
        ftp: 'replaced',
      });
      expect(new Set(server.shown('exim'))).toEqual(new Set([before]));
      expect(new Set(server.shown('dovecot'))).toEqual(new Set([server.lying('cpanel')]));
      expect(report.faults.map(({ code }) => code)).toEqual(['CONFIG_TEST_FAILED']);
      expect(server.takeMails()).toHaveLength(1);
      server.configure({});
      expect(statesOf((await server.check()).report)).toMatchObject({ exim: 'reused' });
    });
  },
);

describeWithParts(
  'checkallsslcerts where nothing lies yet',
  ['pebble', 'nginx', 'exim', 'pure-ftpd', 'openssl', 'root'],
  () => {
    let server: ServicesServer;
    beforeAll(async () => {
      ca = await startHostingCa();
      const rigs = { exim: EximRig, ftp: PureFtpdRig };
      server = await ServicesServer.open(ca, { label: 'bare', rigs, isBare: true });
    });
    afterAll(async () => {
      await server?.stop();
      await ca?.stop();
    });

    test('one run lays out what no daemon could be started without; nginx, whose test it failed, serves it at once', async () => {
      expect(existsSync(server.built.tree.serviceTls('cpanel'))).toBe(false);
      const { exitCode, report } = await server.check();
      expect({ exitCode, faults: report.faults }).toEqual({ exitCode: 0, faults: [] });
      expect(statesOf(report)).toMatchObject({ cpanel: 'replaced', exim: 'replaced', ftp: 'replaced' });
      expect(report.warnings.map(({ code }) => code)).toEqual(['SERVICE_NOT_RUNNING', 'SERVICE_NOT_RUNNING']);
      expect(server.newOrders()).toBe(1);
      expect(server.shown('cpanel')).toEqual([server.lying('cpanel')]);
      await server.startDaemons();
      for (const name of ['exim', 'ftp'] as const)
        expect(new Set(server.shown(name))).toEqual(new Set([server.lying('cpanel')]));
      expect(server.takeMails()).toEqual([]);
    });
  },
);

describeWithParts(
  'checkallsslcerts as certificates age',
  ['pebble', 'nginx', 'exim', 'openssl', 'root'],
  () => {
    let server: ServicesServer;
    let count = 0;
    beforeAll(async () => {
      ca = await startHostingCa();
    });
    afterAll(() => ca?.stop());
    beforeEach(async () => {
      count += 1;
      server = await ServicesServer.open(ca, { label: `aged${count}`, rigs: { exim: EximRig } });
      await server.place('cpanel', { daysLeft: 60 });
    });
    afterEach(async () => {
      ca.proxy.clear();
      await server?.stop();
    });
    const touch = (path: string): void => server.built.write(path, '');

    test('expired, and a CA that is down: a placeholder is served, one mail; the next run replaces it', async () => {
      await server.place('exim', { daysLeft: -1 });
      ca.proxy.fault(PATHS.directory, { kind: 'close' }, ALWAYS);
      const down = await server.check();
      expect(down.exitCode).toBe(1);
      expect(statesOf(down.report)).toMatchObject({ cpanel: 'kept', exim: 'placeholder' });
      const placeholder = server.lying('exim');
      expect(new Set(server.shown('exim'))).toEqual(new Set([placeholder]));
      const mails = server.takeMails();
      expect(mails).toHaveLength(1);
      expect(mails[0]).toMatch(/^To: root$/m);
      expect(mails[0]).toContain(`Subject: Service certificates of ${server.hostname}`);
      ca.proxy.clear();
      const { exitCode, report } = await server.check();
      expect(exitCode).toBe(0);
      expect(statesOf(report)).toMatchObject({ exim: 'replaced' });
      expect(server.lying('exim')).not.toBe(placeholder);
      expect(new Set(server.shown('exim'))).toEqual(new Set([server.lying('exim')]));
      expect(server.takeMails()).toMatchObject([expect.stringContaining('in order again')]);
    });

    test('somebody else’s with 10 days left is untouched and told; with 2 days it is replaced', async () => {
      const bought = await server.place('exim', { daysLeft: 10 });
      expect(statesOf((await server.check()).report)).toMatchObject({ exim: 'kept' });
      expect(new Set(server.shown('exim'))).toEqual(new Set([bought]));
      expect(server.newOrders()).toBe(0);
      const [mail] = server.takeMails();
      expect(mail).toContain('The certificate of exim expires at');
      const late = await server.place('exim', { daysLeft: 2 });
      expect(statesOf((await server.check()).report)).toMatchObject({ exim: 'replaced' });
      expect(server.shown('exim')).not.toContain(late);
      expect(server.newOrders()).toBe(1);
      expect(server.takeMails()).toMatchObject([expect.stringContaining('in order again')]);
    });

    test('ours with 26 days left stays, with 24 it is renewed', async () => {
      await server.place('exim', { daysLeft: 26, isOurs: true });
      expect(statesOf((await server.check()).report)).toMatchObject({ exim: 'kept' });
      await server.place('exim', { daysLeft: 24, isOurs: true });
      expect(statesOf((await server.check()).report)).toMatchObject({ exim: 'replaced' });
    });

    test('disable_auto_hostname_certificate: nothing is ordered, and an expired one gets a placeholder', async () => {
      await server.place('exim', { daysLeft: -1 });
      touch(NO_ORDERS);
      const { exitCode, report } = await server.check();
      expect(exitCode).toBe(0);
      expect(report.standstills).toMatchObject([{ message: expect.stringContaining(NO_ORDERS) }]);
      expect(statesOf(report)).toMatchObject({ exim: 'placeholder' });
      expect(report.services.find(({ service }) => service === 'exim')).toMatchObject({ isSelfSigned: true });
      expect(new Set(server.shown('exim'))).toEqual(new Set([server.lying('exim')]));
      expect(server.newOrders()).toBe(0);
      // That is told once; of certificates that stay as they are nobody hears.
      const mails = server.takeMails();
      expect(mails).toHaveLength(1);
      expect(mails[0]).toContain('1 self-signed certificate put in place');
      const placeholder = server.lying('exim');
      expect(await server.check()).toMatchObject({ exitCode: 0 });
      expect(new Set(server.shown('exim'))).toEqual(new Set([placeholder]));
      expect(server.takeMails()).toEqual([]);
    });

    test('disable_auto_hostname_certificate: what is due stays as it is, and nobody is told', async () => {
      const due = await server.place('exim', { daysLeft: 20, isOurs: true });
      touch(NO_ORDERS);
      expect(statesOf((await server.check()).report)).toMatchObject({ exim: 'waiting' });
      expect(new Set(server.shown('exim'))).toEqual(new Set([due]));
      expect(server.newOrders()).toBe(0);
      expect(server.takeMails()).toEqual([]);
    });

    test.each([
      ['disable_service_certificate_management', [NO_REPLACEMENT]],
      ['both', [NO_REPLACEMENT, NO_ORDERS]],
    ])('%s: what is served stays as it is, and nobody is told', async (_, files) => {
      const expired = await server.place('exim', { daysLeft: -1 });
      for (const file of files) touch(file);
      const { exitCode, report, stderr } = await server.check();
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(report.standstills).toHaveLength(files.length);
      const { stdout } = await server.run('checkallsslcerts');
      for (const file of files) expect(stdout).toContain(file);
      expect(new Set(server.shown('exim'))).toEqual(new Set([expired]));
      expect(server.newOrders()).toBe(0);
      expect(server.takeMails()).toEqual([]);
    });

    test('a hostname that no certificate can name is one sentence, and nothing is ordered', async () => {
      await server.place('exim', { daysLeft: 30, issuer: 'self' });
      server.built.write('/etc/hostname', 'server.local\n');
      const { exitCode, stdout } = await server.run('checkallsslcerts');
      expect(exitCode).toBe(0);
      expect(stdout).toContain('The hostname “server.local” is under .local');
      expect(server.newOrders()).toBe(0);
      expect(server.takeMails()).toEqual([]);
    });

    test('a hostname that leads elsewhere is told with advice, in the output and in a mail', async () => {
      await server.place('exim', { daysLeft: 30, issuer: 'self' });
      ca.dns.zones.delete(server.hostname);
      const { exitCode, report } = await server.check();
      expect(exitCode).toBe(0);
      expect(report.problems).toMatchObject([
        { code: 'NXDOMAIN', advice: expect.stringContaining('A (or AAAA)') },
      ]);
      expect(server.newOrders()).toBe(0);
      expect(server.takeMails()).toHaveLength(1);
    });

    test('autossl_check_queue goes on with what pends, and gives it to the services', async () => {
      await server.place('exim', { daysLeft: 1 });
      server.configure({ run: { patienceSeconds: 1 } });
      ca.proxy.fault(PATHS.order, { kind: 'change', members: { status: 'processing' } }, ALWAYS);
      ca.proxy.fault(PATHS.finalize, { kind: 'change', members: { status: 'processing' } }, ALWAYS);
      expect((await server.check()).report.pending).toHaveLength(1);
      ca.proxy.clear();
      const { exitCode } = await server.run('autossl_check_queue', '--force');
      expect(exitCode).toBe(0);
      const { report } = await server.check();
      expect(statesOf(report)).toMatchObject({ exim: 'kept' });
      expect(report.pending).toEqual([]);
      expect(server.newOrders()).toBe(0);
      expect(new Set(server.shown('exim'))).toEqual(new Set([server.lying('exim')]));
    });
  },
);

describeWithParts(
  'checkallsslcerts when the CA keeps the order',
  ['pebble', 'nginx', 'exim', 'openssl', 'at', 'mounts', 'faketime', 'root'],
  () => {
    let server: ServicesServer;
    let at: PrivateAt;
    beforeAll(async () => {
      ca = await startHostingCa();
    });
    afterAll(() => ca?.stop());
    let count = 0;
    beforeEach(async () => {
      count += 1;
      at = await PrivateAt.open();
      const settings = { run: { patienceSeconds: 1 } };
      server = await ServicesServer.open(ca, {
        label: `kept${count}`,
        rigs: { exim: EximRig },
        settings,
      });
      await server.place('cpanel', { daysLeft: 60 });
      await server.place('exim', { daysLeft: 1 });
      ca.proxy.fault(PATHS.order, { kind: 'change', members: { status: 'processing' } }, ALWAYS);
      ca.proxy.fault(PATHS.finalize, { kind: 'change', members: { status: 'processing' } }, ALWAYS);
    });
    afterEach(async () => {
      ca.proxy.clear();
      await server?.stop();
      await at?.close();
    });
    const environment = () => ({
      PATH: process.env['PATH'] ?? '',
      HOME: '/root',
      AUTOSSL_ROOT: server.built.root,
    });
    const check = (...words: string[]) =>
      at.runBin('checkallsslcerts', words, { environment: environment() });

    test('exit 0 and pending; one job for an hour later, and never two; it installs what is ready then', async () => {
      const began = Date.now();
      const first = await check('--allow-retry');
      const ended = Date.now();
      expect(first).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('1 order pending') });
      expect(at.jobs()).toEqual(['1']);
      const second = await check('--allow-retry', '--json');
      expect(JSON.parse(second.stdout)).toMatchObject({
        exitCode: 0,
        pending: [{ vhost: server.hostname }],
        retry: expect.stringContaining('job 1 of at'),
      });
      expect(at.jobs()).toEqual(['1']);
      // To the minute, as at(1) counts.
      const [runsAt = 0] = at.instants();
      expect(runsAt).toBeGreaterThan(began + HOUR_MS - MINUTE_MS);
      expect(runsAt).toBeLessThanOrEqual(ended + HOUR_MS);
      const script = await at.scriptOf('1');
      expect(script).toContain('checkallsslcerts --no-retry');
      expect(server.newOrders()).toBe(1);
      // However the program is called.
      const link = server.built.path('/opt/bin');
      symlinkSync(join(process.cwd(), 'bin'), link);
      const asLinked = await at.run(
        [process.execPath, join(link, 'checkallsslcerts'), '--allow-retry', '--json'],
        { environment: { ...environment(), AUTOSSL_ROOT: `${server.built.root}/` } },
      );
      expect(JSON.parse(asLinked.stdout)).toMatchObject({ retry: expect.stringContaining('job 1 of at') });
      expect(at.jobs()).toEqual(['1']);
      ca.proxy.clear();
      server.takeMails();
      await at.runJobsAfter(61);
      await at.untilEmpty();
      // What was about to expire is over; of the job itself nobody is mailed.
      expect(server.takeMails()).toMatchObject([expect.stringContaining('in order again')]);
      expect(at.takeMails()).toEqual([]);
      const { report } = await server.check();
      expect(statesOf(report)).toMatchObject({ exim: 'kept' });
      expect(server.newOrders()).toBe(0);
      expect(new Set(server.shown('exim'))).toEqual(new Set([server.lying('exim')]));
    });

    test('the job works from an empty environment', async () => {
      await check('--allow-retry');
      ca.proxy.clear();
      const script = await at.scriptOf('1');
      const ended = await at.run(['env', '-i', '/bin/sh'], { input: script });
      expect(ended).toEqual({ exitCode: 0, stdout: '', stderr: '' });
      const { report } = await server.check();
      expect(statesOf(report)).toMatchObject({ exim: 'kept' });
    });

    test('what fails in the job is told in one mail, which is ours', async () => {
      await check('--allow-retry');
      ca.proxy.clear();
      server.configure({}, { exim: { testCommand: 'false' } });
      server.takeMails();
      await at.runJobsAfter(61);
      await at.untilEmpty();
      const mails = server.takeMails();
      expect([mails.length, at.takeMails()]).toEqual([1, []]);
      expect(mails[0]).toContain('FAULT');
    });

    test('without the wish, or against it, there is no job', async () => {
      for (const words of [
        ['--no-retry'],
        ['--allow-retry', '--no-retry'],
        ['--no-retry', '--allow-retry'],
        [],
      ]) {
        const ended = await check('--json', ...words);
        expect(JSON.parse(ended.stdout)).toMatchObject({ exitCode: 0, pending: [{}], retry: null });
        expect([words, at.jobs()]).toEqual([words, []]);
      }
      expect(server.newOrders()).toBe(1);
    });
  },
);

function readPem(server: ServicesServer, service: 'exim'): Buffer {
  return readFileSync(server.pemOf(service));
}

interface IdleSession {
  /** Ends IDLE where it is so; the server's answer to the next command. */
  ask(): Promise<string>;
  end(): void;
}

/** An IMAP session over TLS that says nothing after it selected its folder, or after IDLE, until it is asked. */
async function openIdleSession(server: ServicesServer, isInIdle: boolean): Promise<IdleSession> {
  const port = server.rigs.dovecot?.ports[1]?.port ?? 0;
  const socket: TLSSocket = tlsConnect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  let received = '';
  socket.on('error', () => undefined);
  socket.setEncoding('utf8').on('data', (part: string) => {
    received += part;
  });
  const until = async (what: RegExp): Promise<string> => {
    while (!what.test(received)) {
      if (socket.destroyed || /^\* BYE/m.test(received)) throw new Error(`the session ended: ${received}`);
      await pause(POLL_MS);
    }
    const text = received;
    received = '';
    return text;
  };
  const say = (line: string, answer = new RegExp(`^${line.split(' ')[0]} `, 'm')): Promise<string> => {
    socket.write(`${line}\r\n`);
    return until(answer);
  };
  await until(/^\* OK/m);
  await say('first LOGIN u p');
  await say('second SELECT INBOX');
  if (isInIdle) await say('third IDLE', /^\+ /m);
  return {
    ask: async () => {
      if (isInIdle) await say('DONE', /^third /m);
      return await say('last NOOP');
    },
    end: () => socket.destroy(),
  };
}
