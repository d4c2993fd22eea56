import { describe, expect, test } from '@jest/globals';
import { applyCertificate } from '../../../../src/runs/services/manage/apply-certificate.js';
import { installCertificate } from '../../../../src/runs/services/manage/install-certificate.js';
import { listServices } from '../../../../src/runs/services/manage/list-services.js';
import { resetServices } from '../../../../src/runs/services/manage/reset-services.js';
import { restartServices } from '../../../../src/runs/services/manage/restart-services.js';
import { rollBackService } from '../../../../src/runs/services/manage/roll-back-service.js';
import { FakeManageHost } from '../../../support/fake-manage.js';
import { FAKE_HOSTNAME, runServices } from '../../../support/fake-services.js';

const ELSEWHERE = { pid: 7, startedAt: '2026-06-01T00:00:00Z', note: 'checkallsslcerts' };
const nothing = { certificate: Buffer.alloc(0), key: null, bundle: null };

describe('resetting', () => {
  test('puts a self-signed certificate in place of a good one, in the named services only', async () => {
    const host = new FakeManageHost('cpanel', 'exim', 'dovecot');
    for (const name of ['cpanel', 'exim', 'dovecot'] as const) host.certificate(name);
    const before = host.service('dovecot').present;
    const report = await resetServices(['exim', 'cpanel', 'exim'], host.call());
    expect(report).toMatchObject({ exitCode: 0, command: 'reset', refusals: [], warnings: [], faults: [] });
    expect(report.services).toEqual([
      { service: 'exim', daemon: 'the exim daemon', state: 'published', ...FINE },
      { service: 'cpanel', daemon: 'the cpanel daemon', state: 'published', ...FINE },
    ]);
    const placed = (['exim', 'cpanel'] as const).map((name) => host.service(name).present);
    expect(placed.map((one) => one?.flaws)).toEqual([['SELF_SIGNED'], ['SELF_SIGNED']]);
    expect(new Set(placed.map((one) => one?.fingerprint)).size).toBe(2);
    expect(host.service('dovecot').present).toBe(before);
    expect(host.locks.held).toEqual([]);
    expect(host.base.tidied).toBe(1);
  });

  test('is logged line by line, from who asked for it to its end', async () => {
    const host = new FakeManageHost('exim');
    const { log } = await resetServices(['exim'], host.call());
    expect(host.base.journals).toBe(1);
    expect(log).toBe(host.clock.now().toISOString());
    expect(host.codes).toEqual([
      'SERVICES_CHANGE_STARTED',
      'SERVER_RELOADED',
      'SERVICE_CERTIFICATE_INSTALLED',
      'RUN_FINISHED',
    ]);
  });

  test('is followed by a real certificate at the next checkallsslcerts', async () => {
    const host = new FakeManageHost('exim').certificate('exim', { daysLeft: 300 });
    await resetServices(['exim'], host.call());
    host.ordering = null;
    const { services } = await runServices(host);
    expect(services).toMatchObject([
      { service: 'exim', state: 'waiting', because: [{ code: 'SELF_SIGNED' }] },
    ]);
  });

  test('of one whose daemon refuses it leaves what lay there, and the others are done', async () => {
    const host = new FakeManageHost('exim', 'dovecot').certificate('exim').certificate('dovecot');
    const [before, { daemon }] = [host.service('exim').present, host.service('exim')];
    daemon.configFault = 'line 3 is wrong';
    const report = await resetServices(['exim', 'dovecot'], host.call());
    expect(report).toMatchObject({
      exitCode: 1,
      services: [
        { service: 'exim', state: 'unchanged', code: 'CONFIG_BROKEN_BEFORE', message: 'line 3 is wrong' },
        { service: 'dovecot', state: 'published', code: null },
      ],
    });
    expect(host.service('exim').present).toEqual(before);
    expect(report.services[0]?.advice).toBe('When that is mended, give the command again.');
    expect(JSON.stringify([report, host.base.logged])).not.toContain('next run');
  });
});

describe('changing services', () => {
  test.each(['run:services', `website:${FAKE_HOSTNAME}`])(
    'is not begun while another process holds %s: that is named, and nothing is touched',
    async (name) => {
      const host = new FakeManageHost('exim').certificate('exim');
      const before = host.service('exim').present;
      host.locks.holdElsewhere(name, ELSEWHERE);
      await expect(resetServices(['exim'], host.call())).rejects.toMatchObject({
        code: 'LOCKED',
        message: expect.stringContaining('process 7'),
      });
      await expect(restartServices(['exim'], host.call())).rejects.toMatchObject({ code: 'LOCKED' });
      expect(host.service('exim').present).toBe(before);
      expect(host.base.journals).toBe(0);
      expect(host.locks.held).toEqual([name]);
    },
  );

  test.each([
    ['reset', (host: FakeManageHost) => resetServices(['exim', 'ftp'], host.call())],
    ['restart', (host: FakeManageHost) => restartServices(['exim', 'ftp'], host.call())],
    ['apply', (host: FakeManageHost) => applyCertificate({ from: 'exim', to: ['ftp'] }, host.call())],
    ['rollback', (host: FakeManageHost) => rollBackService({ service: 'ftp', to: null }, host.call())],
    [
      'install',
      (host: FakeManageHost) =>
        installCertificate({ services: ['exim', 'ftp'], files: nothing, warnings: [] }, host.call()),
    ],
    ['list', (host: FakeManageHost) => listServices(['ftp'], host)],
  ])('that are not here is wrong usage, before anything is done (%s)', async (_command, change) => {
    const host = new FakeManageHost('exim').certificate('exim');
    host.absent.push({ name: 'ftp', why: 'not installed: Pure-FTPd' });
    await expect(change(host)).rejects.toMatchObject({
      name: 'UsageError',
      message: 'this server has no service ftp: not installed: Pure-FTPd',
    });
    expect(host.base.journals).toBe(0);
    expect(host.service('exim').daemon.reloads).toBe(0);
    expect(host.locks.held).toEqual([]);
  });

  test('is told to stop while another installation is waited for: said, and all locks are given back', async () => {
    const host = new FakeManageHost('exim');
    host.service('exim').daemon.locks.holdElsewhere('install:exim', ELSEWHERE);
    const stop = new AbortController();
    const call = resetServices(['exim'], host.call(stop.signal));
    setImmediate(() => stop.abort(new Error('SIGTERM')));
    await expect(call).rejects.toMatchObject({ code: 'LOCKED' });
    expect(host.locks.held).toEqual([]);
  });
});

describe('restarting', () => {
  test('takes the configuration anew where only that is known', async () => {
    const host = new FakeManageHost('exim');
    const report = await restartServices(['exim'], host.call());
    expect(report).toMatchObject({
      exitCode: 0,
      services: [{ service: 'exim', state: 'reloaded', code: null }],
    });
    expect(host.service('exim').daemon.reloads).toBe(1);
    expect(host.codes).toContain('SERVICE_RESTARTED');
  });

  test('leaves a daemon alone whose configuration does not pass its test', async () => {
    const host = new FakeManageHost('exim');
    const { daemon } = host.service('exim');
    daemon.configFault = 'line 3 is wrong';
    expect(await restartServices(['exim'], host.call())).toMatchObject({
      exitCode: 1,
      services: [
        { state: 'unchanged', code: 'CONFIG_BROKEN_BEFORE', message: expect.stringContaining('line 3') },
      ],
    });
    expect(daemon.reloads).toBe(0);
  });

  test('says why it failed', async () => {
    const host = new FakeManageHost('exim');
    host.service('exim').daemon.reloadFault = 'it hangs';
    expect(await restartServices(['exim'], host.call())).toMatchObject({
      exitCode: 1,
      services: [
        { state: 'unchanged', code: 'RESTART_FAILED', message: expect.stringContaining('it hangs') },
      ],
    });
  });
});

describe('looking', () => {
  test('locks, logs and changes nothing, whoever holds the lock', async () => {
    const host = new FakeManageHost('exim').certificate('exim', { daysLeft: 10 });
    host.locks.holdElsewhere('run:services', ELSEWHERE);
    host.absent.push({ name: 'ftp', why: 'not installed' });
    expect(await listServices([], host)).toMatchObject({
      exitCode: 0,
      hostname: FAKE_HOSTNAME,
      services: [
        { service: 'exim', daemon: 'the exim daemon', plan: { kind: 'keep' }, served: null, former: 0 },
      ],
      absent: [{ service: 'ftp', why: 'not installed' }],
    });
    expect(host.base.journals).toBe(0);
  });

  test('has no certificate to show where none lies, and says so', async () => {
    const { services } = await listServices([], new FakeManageHost('exim'));
    expect(services).toMatchObject([
      { certificate: null, plan: { because: [{ code: 'CERTIFICATE_ABSENT' }] } },
    ]);
  });
});

test('one service has no former certificate to go back to, which is no wrong usage', async () => {
  const host = new FakeManageHost('exim').certificate('exim');
  await expect(rollBackService({ service: 'exim', to: null }, host.call())).rejects.toMatchObject({
    code: 'NOTHING_ARCHIVED',
  });
});

test('a service is not given its own certificate', async () => {
  const host = new FakeManageHost('exim').certificate('exim');
  await expect(applyCertificate({ from: 'exim', to: ['exim'] }, host.call())).rejects.toMatchObject({
    code: 'BAD_ARGUMENT',
  });
});

const FINE = { code: null, message: null, advice: null };
