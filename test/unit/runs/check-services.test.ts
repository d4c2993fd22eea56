import { describe, expect, test } from '@jest/globals';
import { AcmeProtocolError, StateError } from '../../../src/core/domain/autossl-error.js';
import type { TlsObservation } from '../../../src/core/plan/served/served.js';
import { renderServicesReport } from '../../../src/core/report/services/services-report.js';
import { forecastServices } from '../../../src/runs/services/check-services.js';
import { runCheck } from '../../support/check-run.js';
import { FAKE_NOW } from '../../support/fake-host.js';
import {
  FAKE_HOSTNAME,
  type FakeServicesHost,
  runServices,
  servicesWithCa,
} from '../../support/fake-services.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const later = (ms: number): string => new Date(Date.parse(FAKE_NOW) + ms).toISOString();
const statesOf = ({ services }: Awaited<ReturnType<typeof runServices>>) =>
  Object.fromEntries(services.map(({ service, state }) => [service, state]));
const down = (): AcmeProtocolError => new AcmeProtocolError('UNREACHABLE', 'the CA is down');
const NO_ORDERS = '/var/cpanel/ssl/disable_auto_hostname_certificate';
const NO_REPLACEMENT = '/var/cpanel/ssl/disable_service_certificate_management';

/** Somebody else's or ours, with so many days left. */
function aged(daysLeft: number, isOurs = false): FakeServicesHost {
  const { host } = servicesWithCa('exim');
  return host.certificate('exim', { daysLeft, isOurs });
}

describe('one order for the hostname', () => {
  test('serves every service that needs it, and nothing else is touched', async () => {
    const { host, ca } = servicesWithCa('cpanel', 'exim', 'dovecot', 'ftp');
    host.certificate('ftp', { daysLeft: 300 }).certificate('dovecot', { flaws: ['SELF_SIGNED'] });
    const report = await runServices(host);
    expect(ca.ordered).toEqual([[FAKE_HOSTNAME]]);
    expect(statesOf(report)).toEqual({
      cpanel: 'replaced',
      exim: 'replaced',
      dovecot: 'replaced',
      ftp: 'kept',
    });
    const given = ['cpanel', 'exim', 'dovecot'].map((name) =>
      host.service(name as 'exim').given.map(({ fingerprint }) => fingerprint),
    );
    expect(new Set(given.flat()).size).toBe(1);
    expect(host.service('ftp').given).toEqual([]);
    expect(report).toMatchObject({ exitCode: 0, faults: [], problems: [], pending: [], retry: null });
    expect(host.orders.records.size).toBe(0);
    expect(host.mails).toEqual([]);
    expect(host.issued.records.get(FAKE_HOSTNAME)?.[0]?.account).toBe('@server');
    expect(host.locks.held).toEqual([]);
  });

  test('is not made when all is well', async () => {
    const host = aged(60);
    expect((await runServices(host)).services).toMatchObject([{ service: 'exim', state: 'kept' }]);
    expect(host.base.looked).toEqual([]);
  });

  test('is not made for a service that is better served by the certificate that another has', async () => {
    const { host, ca } = servicesWithCa('cpanel', 'exim');
    host.certificate('cpanel', { isOurs: true }).certificate('exim', { daysLeft: -1 });
    expect(statesOf(await runServices(host))).toEqual({ cpanel: 'kept', exim: 'reused' });
    expect(ca.calls).toEqual([]);
    expect(host.service('exim').present?.fingerprint).toBe(host.service('cpanel').present?.fingerprint);
  });

  test('is made where the other’s key is nobody’s we know', async () => {
    const { host, ca } = servicesWithCa('cpanel', 'exim');
    host.certificate('cpanel').certificate('exim', { daysLeft: -1 });
    expect(statesOf(await runServices(host))).toEqual({ cpanel: 'kept', exim: 'replaced' });
    expect(ca.ordered).toHaveLength(1);
  });

  test('is held back by the brake when the same went wrong a short while ago', async () => {
    const { host, ca } = servicesWithCa('exim');
    await runServices(host);
    host.service('exim').present = undefined;
    const report = await runServices(host);
    expect(ca.ordered).toHaveLength(1);
    expect(report).toMatchObject({ exitCode: 1, faults: [{ code: 'ISSUED_RECENTLY' }] });
    expect(statesOf(report)).toEqual({ exim: 'placeholder' });
  });

  test('goes on beside a website of the same name', async () => {
    const { host, ca } = servicesWithCa('exim');
    host.base.remember(
      FAKE_HOSTNAME,
      {
        names: [FAKE_HOSTNAME],
        notBefore: new Date(FAKE_NOW),
        notAfter: new Date(later(90 * DAY_MS)),
        fingerprint: 'a',
      },
      ['CERTIFICATE_ABSENT'],
    );
    expect(statesOf(await runServices(host))).toEqual({ exim: 'replaced' });
    expect(ca.ordered).toHaveLength(1);
  });

  test('holds no order of such a website back', async () => {
    const { host, ca } = servicesWithCa('exim');
    await runServices(host);
    host.base.account('alice', [[FAKE_HOSTNAME]]);
    expect((await runCheck(host.base)).counts.installed).toBe(1);
    expect(ca.ordered).toHaveLength(2);
  });

  test('asks for the present key where the setting wants that', async () => {
    const { host } = servicesWithCa('exim');
    host.certificate('exim', { isOurs: true, daysLeft: 10 });
    host.base.settings = { ...host.base.settings, reuseKey: true };
    const keys: (string | undefined)[] = [];
    const { makeKeyAndCsr } = host.base;
    host.base.makeKeyAndCsr = async (type: unknown, names: readonly string[], key?: string) => {
      keys.push(key);
      return makeKeyAndCsr.call(host.base, type, names);
    };
    await runServices(host);
    expect(keys).toEqual([expect.stringContaining('PRIVATE KEY')]);
  });
});

describe('when a certificate is replaced', () => {
  test.each([
    ['ours with 26 days left', aged(26, true), 'kept'],
    ['ours with 24 days left', aged(24, true), 'replaced'],
    ['somebody else’s with 10 days left', aged(10), 'kept'],
    ['somebody else’s with 2 days left', aged(2), 'replaced'],
  ])('%s', async (_, host, expected) => {
    host.base.ca = servicesWithCa().ca;
    expect(statesOf(await runServices(host))).toEqual({ exim: expected });
  });

  test.each([
    [true, 'replaced'],
    [false, 'kept'],
  ])(
    'for another name, with autoupdate_certificate_on_hostname_mismatch %s',
    async (followsHostname, expected) => {
      const { host } = servicesWithCa('exim');
      host.certificate('exim', { names: ['old.example.com'] });
      host.settings = { ...host.settings, followsHostname };
      expect(statesOf(await runServices(host))).toEqual({ exim: expected });
    },
  );
});

describe('a self-signed placeholder', () => {
  test.each([
    ['expired', -1],
    ['absent', null],
  ])(
    'comes when what lay there is %s and no certificate can be had; the next run replaces it',
    async (_, days) => {
      const { host, ca } = servicesWithCa('exim', 'ftp');
      host.certificate('ftp', { daysLeft: 2 });
      if (days !== null) host.certificate('exim', { daysLeft: days });
      ca.directoryError = down();
      const first = await runServices(host);
      expect(statesOf(first)).toEqual({ exim: 'placeholder', ftp: 'waiting' });
      expect(first.exitCode).toBe(1);
      expect(host.service('exim').present?.flaws).toEqual(['SELF_SIGNED']);
      expect(host.service('ftp').given).toEqual([]);
      expect(host.mails).toHaveLength(1);
      expect(host.mails[0]?.lines.join('\n')).toContain('the CA is down');
      ca.directoryError = null;
      const second = await runServices(host);
      expect(statesOf(second)).toEqual({ exim: 'replaced', ftp: 'replaced' });
      expect(second.exitCode).toBe(0);
      expect(host.mails.slice(1).map(({ subject }) => subject)).toEqual([
        expect.stringContaining('in order again'),
      ]);
    },
  );

  test('is not made anew while one lies there', async () => {
    const { host, ca } = servicesWithCa('exim');
    ca.directoryError = down();
    await runServices(host);
    const placed = host.service('exim').present;
    expect(statesOf(await runServices(host))).toEqual({ exim: 'waiting' });
    expect(host.service('exim').present).toBe(placed);
  });

  test('comes when AutoSSL is disabled, and no authority is asked', async () => {
    const { host, ca } = servicesWithCa('exim');
    host.ordering = null;
    const report = await runServices(host);
    expect(statesOf(report)).toEqual({ exim: 'placeholder' });
    expect(report).toMatchObject({
      exitCode: 0,
      provider: null,
      standstills: [{ code: 'AUTOSSL_DISABLED' }],
    });
    expect(ca.calls).toEqual([]);
    expect(host.mails).toHaveLength(1);
    await runServices(host);
    expect(host.mails).toHaveLength(1);
  });
});

describe('what this machine calls itself', () => {
  test.each(['server.local', 'server', 'localhost.localdomain', '192.0.2.1', ''])(
    '“%s” is told in one sentence, and nothing is ordered',
    async (hostname) => {
      const { host, ca } = servicesWithCa('exim');
      host.certificate('exim', { flaws: ['SELF_SIGNED'] });
      host.settings = { ...host.settings, hostname };
      const report = await runServices(host);
      expect(ca.calls).toEqual([]);
      expect(report).toMatchObject({ exitCode: 0, problems: [], faults: [] });
      expect(report.warnings.map(({ code }) => code)).toEqual([expect.stringMatching(/^HOSTNAME_/)]);
      expect(statesOf(report)).toEqual({ exim: 'waiting' });
      expect(host.mails).toEqual([]);
    },
  );

  test('is validated from here first: what fails is for the administrator, and no order is made', async () => {
    const { host, ca } = servicesWithCa('exim');
    host.base.unknownNames.add(FAKE_HOSTNAME);
    const report = await runServices(host);
    expect(ca.ordered).toEqual([]);
    expect(report).toMatchObject({ exitCode: 0, problems: [{ code: 'NXDOMAIN' }] });
    const [problem] = report.problems;
    expect(problem?.advice).toContain(`A (or AAAA) record for ${FAKE_HOSTNAME}`);
    expect(problem?.advice).not.toContain('exclude');
    expect(host.base.logged.find(({ code }) => code === 'ADVICE')?.contents).toBe(problem?.advice);
    expect(renderServicesReport(report)).toMatch(/^admin {2}/m);
    expect(statesOf(report)).toEqual({ exim: 'placeholder' });
    expect(host.mails[0]).toMatchObject({ subject: `Service certificates of ${FAKE_HOSTNAME}: 1 error` });
  });
});

describe('the touch files', () => {
  test('disable_auto_hostname_certificate: nothing is ordered, expired ones get a placeholder, expiry is told', async () => {
    const { host, ca } = servicesWithCa('exim', 'ftp');
    host.certificate('exim', { daysLeft: -1 }).certificate('ftp', { daysLeft: 2 });
    host.touch = { ...host.touch, noOrders: NO_ORDERS };
    const report = await runServices(host);
    expect(ca.calls).toEqual([]);
    expect(statesOf(report)).toEqual({ exim: 'placeholder', ftp: 'waiting' });
    expect(report.exitCode).toBe(0);
    expect(report.standstills.map(({ message }) => message)).toEqual([expect.stringContaining(NO_ORDERS)]);
    expect(report.warnings.map(({ code }) => code)).toEqual(['SERVICE_CERTIFICATE_EXPIRES']);
    expect(host.mails).toHaveLength(1);
  });

  test('disable_auto_hostname_certificate: a placeholder that had to be put in place is told once, and no more', async () => {
    const { host } = servicesWithCa('exim', 'ftp');
    host.certificate('exim', { daysLeft: -1 }).certificate('ftp', { daysLeft: 500 });
    host.touch = { ...host.touch, noOrders: NO_ORDERS };
    await runServices(host);
    expect(host.mails.map(({ subject }) => subject)).toEqual([
      `Service certificates of ${FAKE_HOSTNAME}: 1 self-signed certificate put in place`,
    ]);
    expect(host.mails[0]?.lines.join('\n')).toContain('told once');
    for (const days of [1, 300, 360, 364]) {
      host.clock.set(later(days * DAY_MS));
      const report = await runServices(host);
      expect(report).toMatchObject({ exitCode: 0, warnings: [] });
    }
    expect(host.mails).toHaveLength(1);
    host.clock.set(later(366 * DAY_MS));
    expect(statesOf(await runServices(host))).toMatchObject({ exim: 'placeholder' });
    expect(host.mails).toHaveLength(2);
  });

  test('disable_auto_hostname_certificate: of what does not change nobody is mailed', async () => {
    const { host } = servicesWithCa('exim', 'ftp');
    host.certificate('exim', { flaws: ['SELF_SIGNED'] }).certificate('ftp', { daysLeft: 20, isOurs: true });
    host.touch = { ...host.touch, noOrders: NO_ORDERS };
    for (const days of [0, 1, 2]) {
      host.clock.set(later(days * DAY_MS));
      expect(statesOf(await runServices(host))).toEqual({ exim: 'waiting', ftp: 'waiting' });
    }
    expect(host.mails).toEqual([]);
  });

  test('disable_service_certificate_management: nothing is replaced and nobody is told of expiries', async () => {
    const { host, ca } = servicesWithCa('exim', 'ftp');
    host.certificate('ftp', { daysLeft: -1 });
    host.touch = { ...host.touch, noReplacement: NO_REPLACEMENT };
    const report = await runServices(host);
    expect(ca.calls).toEqual([]);
    expect(host.services.flatMap(({ given }) => given)).toEqual([]);
    expect(report).toMatchObject({ exitCode: 0, warnings: [] });
    expect(report.standstills.map(({ message }) => message)).toEqual([
      expect.stringContaining(NO_REPLACEMENT),
    ]);
    expect(host.mails).toEqual([]);
  });

  test('both are named', async () => {
    const { host } = servicesWithCa('exim');
    host.touch = { noOrders: NO_ORDERS, noReplacement: NO_REPLACEMENT };
    const { standstills } = await runServices(host);
    expect(standstills.map(({ code }) => code)).toEqual([
      'SERVICE_MANAGEMENT_DISABLED',
      'HOSTNAME_CERTIFICATE_DISABLED',
    ]);
  });
});

describe('an order that is not ready', () => {
  async function pendingRun(isRetryAllowed = false) {
    const { host, ca } = servicesWithCa('exim', 'ftp');
    ca.finalStatus = 'processing';
    host.certificate('exim', { isOurs: true, daysLeft: 20 });
    host.certificate('ftp', { daysLeft: -1 });
    return { host, ca, report: await runServices(host, { isRetryAllowed }) };
  }

  test('pends: exit 0, and who can be used by nobody has a placeholder', async () => {
    const { host, report } = await pendingRun();
    expect(report).toMatchObject({ exitCode: 0, pending: [{ vhost: FAKE_HOSTNAME }], retry: null });
    expect(statesOf(report)).toEqual({ exim: 'waiting', ftp: 'placeholder' });
    expect(host.retries).toBe(0);
    expect(host.mails).toEqual([]);
  });

  test('is looked at by the next run whenever that is, and no other is made', async () => {
    const { host, ca } = await pendingRun();
    const waiting = await runServices(host);
    expect(waiting.pending).toHaveLength(1);
    ca.finalStatus = 'valid';
    const report = await runServices(host);
    expect(ca.ordered).toHaveLength(1);
    expect(statesOf(report)).toEqual({ exim: 'replaced', ftp: 'replaced' });
    expect(report.pending).toEqual([]);
    expect(host.orders.records.size).toBe(0);
  });

  test('is not looked at before the instant that the authority asked for', async () => {
    const { host, ca } = await pendingRun();
    const [record] = [...host.orders.records.values()];
    if (record === undefined) throw new Error('no order pends');
    await host.orders.update({ ...record, pollAt: later(HOUR_MS), lastPolledAt: FAKE_NOW });
    ca.finalStatus = 'valid';
    const before = ca.calls.length;
    expect((await runServices(host)).pending).toMatchObject([{ pollAt: later(HOUR_MS) }]);
    expect(ca.calls).toHaveLength(before);
    host.clock.set(later(HOUR_MS));
    expect((await runServices(host)).pending).toEqual([]);
  });

  test('has the program run once more in an hour with --allow-retry', async () => {
    const { host, report } = await pendingRun(true);
    expect(host.retries).toBe(1);
    expect(report.retry).toContain('job 7 of at');
    expect(report.exitCode).toBe(0);
  });

  test('whose retry cannot be scheduled is a warning', async () => {
    const { host } = await pendingRun();
    host.retry = { state: 'failed', why: 'at is not there' };
    const report = await runServices(host, { isRetryAllowed: true });
    expect(report.exitCode).toBe(0);
    expect(report.warnings.map(({ code }) => code)).toContain('RETRY_NOT_SCHEDULED');
  });

  test('is dropped when this server is called otherwise by now', async () => {
    const { host, ca } = await pendingRun();
    ca.finalStatus = 'valid';
    host.settings = { ...host.settings, hostname: 'new.example.com' };
    const report = await runServices(host);
    expect(host.codes).toContain('HOSTNAME_ORDER_DROPPED');
    expect(ca.ordered.at(-1)).toEqual(['new.example.com']);
    expect(statesOf(report)).toEqual({ exim: 'replaced', ftp: 'replaced' });
  });

  test('that another process works on is left to that', async () => {
    const { host, ca } = await pendingRun();
    host.locks.holdElsewhere(`website:${FAKE_HOSTNAME}`, {
      pid: 4711,
      startedAt: FAKE_NOW,
      note: 'a poller',
    });
    ca.finalStatus = 'valid';
    const report = await runServices(host);
    expect(report.pending).toMatchObject([{ trouble: 'process 4711 works on it' }]);
    expect(ca.ordered).toHaveLength(1);
  });
});

describe('one service never stops another', () => {
  test('whose configuration is broken as found: it waits, the others are done, exit 1', async () => {
    const { host } = servicesWithCa('cpanel', 'exim', 'ftp');
    host.service('exim').daemon.configFault = 'a typo in line 3';
    const report = await runServices(host);
    expect(statesOf(report)).toEqual({ cpanel: 'replaced', exim: 'failed', ftp: 'replaced' });
    expect(report).toMatchObject({ exitCode: 1, faults: [{ code: 'SERVER_CONFIG_BROKEN' }] });
    // It may be broken only because the file that it names is not there.
    expect(host.services.map(({ laid }) => laid)).toEqual([0, 1, 0]);
    expect(host.service('exim').given).toEqual([]);
    expect(host.mails).toHaveLength(1);
  });

  test('and is given the certificate of the others as soon as it is mended, without another order', async () => {
    const { host, ca } = servicesWithCa('cpanel', 'exim');
    host.service('exim').daemon.configFault = 'a typo in line 3';
    await runServices(host);
    host.service('exim').daemon.configFault = null;
    expect(statesOf(await runServices(host))).toEqual({ cpanel: 'kept', exim: 'reused' });
    expect(ca.ordered).toHaveLength(1);
  });

  test('when none takes it the pair stays staged, and the next run tries again without another order', async () => {
    const { host, ca } = servicesWithCa('exim');
    host.certificate('exim', { isOurs: true, daysLeft: 20 });
    host.service('exim').daemon.reloadFault = 'it does not want to';
    const former = host.service('exim').present;
    const report = await runServices(host);
    expect(report.exitCode).toBe(1);
    expect(statesOf(report)).toEqual({ exim: 'failed' });
    expect(host.service('exim').present).toEqual(former);
    expect([...host.orders.records.values()]).toMatchObject([{ phase: 'downloaded' }]);
    host.service('exim').daemon.reloadFault = null;
    expect(statesOf(await runServices(host))).toEqual({ exim: 'replaced' });
    expect(ca.ordered).toHaveLength(1);
    expect(host.orders.records.size).toBe(0);
  });

  test('what one cannot be given of another costs no order, and is not tried twice in a run', async () => {
    const { host, ca } = servicesWithCa('cpanel', 'exim');
    host.certificate('cpanel', { isOurs: true }).certificate('exim', { daysLeft: 2 });
    host.service('exim').daemon.reloadFault = 'it does not want to';
    for (const reloads of [1, 2]) {
      const report = await runServices(host);
      expect(statesOf(report)).toEqual({ cpanel: 'kept', exim: 'failed' });
      expect(report.faults).toHaveLength(1);
      expect(host.service('exim').daemon.reloads).toBe(reloads);
    }
    expect(ca.ordered).toEqual([]);
  });

  test('whose daemon dies of its certificate keeps the old, and is not killed again each night', async () => {
    const { host, ca } = servicesWithCa('cpanel', 'exim');
    const exim = host.certificate('exim', { daysLeft: 2 }).service('exim');
    exim.isMortal = true;
    const former = exim.present;
    const first = await runServices(host);
    expect(first).toMatchObject({ exitCode: 1, faults: [{ code: 'RELOAD_FAILED' }] });
    expect(first.faults[0]?.message).toContain('started again');
    expect(statesOf(first)).toEqual({ cpanel: 'replaced', exim: 'failed' });
    const second = await runServices(host);
    expect(second).toMatchObject({ exitCode: 1, faults: [{ code: 'SERVICE_DIED_OF_IT' }] });
    expect(statesOf(second)).toEqual({ cpanel: 'kept', exim: 'failed' });
    expect([exim.present, exim.deathCount, ca.ordered.length]).toEqual([former, 1, 1]);
    exim.isMortal = false;
    host.clock.set(later(8 * DAY_MS));
    exim.install.clock.sleep(8 * DAY_MS);
    expect(statesOf(await runServices(host))).toEqual({ cpanel: 'kept', exim: 'reused' });
    expect(ca.ordered).toHaveLength(1);
  });

  test('and what a killed run put in place and no daemon took yet is taken', async () => {
    const { host } = servicesWithCa('cpanel', 'exim');
    host.certificate('cpanel').certificate('exim');
    host.service('exim').daemon.isReloadOwed = true;
    await runServices(host);
    expect(host.services.map(({ daemon }) => daemon.reloads)).toEqual([0, 1]);
  });

  test('and what is not on this server is named', async () => {
    const { host } = servicesWithCa('exim');
    host.absent.push({ name: 'ftp', why: 'no FTP server is installed' });
    const { services } = await runServices(host);
    expect(services).toMatchObject([
      { service: 'exim' },
      { service: 'ftp', state: 'absent', daemon: null, because: [{ message: 'no FTP server is installed' }] },
    ]);
  });
});

describe('whether it is served', () => {
  /** A service whose certificate is good, and what its port shows. */
  function asked(shown: () => Partial<TlsObservation>): FakeServicesHost {
    const host = aged(60);
    host.service('exim').answers = shown;
    return host;
  }
  const own = (host: FakeServicesHost) => ({
    fingerprint: host.service('exim').present?.fingerprint ?? null,
  });
  const other = { fingerprint: 'b'.repeat(64), names: ['old.example.com'] };

  test('is asked at every run, once at each port, and said in the report', async () => {
    const host = asked(() => own(host));
    for (const handshakes of [1, 2]) {
      const report = await runServices(host);
      expect(report).toMatchObject({ exitCode: 0, services: [{ state: 'kept', served: 'served' }] });
      expect(host.service('exim').handshakes).toBe(handshakes);
    }
    expect(host.mails).toEqual([]);
  });

  test('and a daemon that was pinned to another file is a fault of every run and mailed once, until it is mended', async () => {
    const host = asked(() => other);
    for (const _run of [1, 2]) {
      const report = await runServices(host);
      expect(report).toMatchObject({
        exitCode: 1,
        faults: [{ code: 'PUBLISHED_NOT_SERVED' }],
        services: [{ state: 'kept', served: 'not-served' }],
      });
      expect(report.faults[0]?.message).toContain('for old.example.com');
      expect(report.faults[0]?.message).toContain('/var/cpanel/ssl/exim/exim.pem');
      expect(report.faults[0]?.message).toContain('services.exim.kind: none');
      expect(host.mails).toHaveLength(1);
    }
    host.service('exim').answers = () => own(host);
    expect(await runServices(host)).toMatchObject({ exitCode: 0, services: [{ served: 'served' }] });
    expect(host.codes.filter((code) => code === 'SERVICE_NOW_SERVED')).toHaveLength(1);
    expect(host.mails.map(({ subject }) => subject)).toEqual([
      `Service certificates of ${FAKE_HOSTNAME}: 1 error`,
      `Service certificates of ${FAKE_HOSTNAME}: in order again`,
    ]);
    await runServices(host);
    expect(host.mails).toHaveLength(2);
    expect(host.codes.filter((code) => code === 'SERVICE_NOW_SERVED')).toHaveLength(1);
  });

  test('is waited for where a daemon is about to take what lies there', async () => {
    let isTaken = false;
    const host = asked(() => {
      const shown = isTaken ? own(host) : { error: 'ECONNREFUSED' };
      isTaken = true;
      return shown;
    });
    expect(await runServices(host)).toMatchObject({ exitCode: 0, services: [{ served: 'served' }] });
  });

  test('is not asked of a daemon that does not run: a warning, and no mail', async () => {
    const host = asked(() => ({ error: 'ECONNREFUSED' }));
    host.service('exim').daemon.isServerDown = true;
    const report = await runServices(host);
    expect(report).toMatchObject({ exitCode: 0, faults: [], services: [{ state: 'kept', served: null }] });
    expect(report.warnings.map(({ code }) => code)).toEqual(['SERVICE_NOT_RUNNING']);
    expect(host.service('exim').handshakes).toBe(0);
    expect(host.mails).toEqual([]);
  });

  test('is one warning, too, where what was just installed waits for the start of its daemon', async () => {
    const { host } = servicesWithCa('exim');
    host.service('exim').answers = () => ({ error: 'ECONNREFUSED' });
    host.service('exim').daemon.isServerDown = true;
    const report = await runServices(host);
    expect(report).toMatchObject({ exitCode: 0, faults: [], services: [{ state: 'replaced' }] });
    expect(report.warnings.map(({ code }) => code)).toEqual(['SERVICE_NOT_RUNNING']);
    expect(host.mails).toEqual([]);
  });

  test('is nobody’s business while the touch file is there', async () => {
    const host = asked(() => other);
    host.touch = { ...host.touch, noReplacement: NO_REPLACEMENT };
    expect(await runServices(host)).toMatchObject({ exitCode: 0, services: [{ served: null }] });
    expect(host.service('exim').handshakes).toBe(0);
  });

  test('is asked by no dry run', async () => {
    const host = asked(() => other);
    await forecastServices(host, () => undefined);
    expect(host.service('exim').handshakes).toBe(0);
  });
});

describe('the mail', () => {
  test('tells of what is about to expire, and is one', async () => {
    const { host } = servicesWithCa('exim', 'ftp');
    host.certificate('exim', { daysLeft: 10 }).certificate('ftp', { daysLeft: 9 });
    const report = await runServices(host);
    expect(report.exitCode).toBe(0);
    expect(host.mails).toHaveLength(1);
    expect(host.mails[0]?.subject).toContain('2 expiring certificates');
    expect(host.mails[0]?.lines.join('\n')).toContain(`replaces it from ${later(7 * DAY_MS)} on`);
  });

  test('that cannot be sent is a warning, changes nothing else, and is tried again', async () => {
    const host = aged(10);
    host.mailFault = 'no such program';
    const report = await runServices(host);
    expect(report.exitCode).toBe(0);
    expect(report.warnings.map(({ code }) => code)).toContain('MAIL_NOT_SENT');
    host.mailFault = null;
    await runServices(host);
    await runServices(host);
    expect(host.mails).toHaveLength(2);
  });

  test.each([
    ['weekly', [0, 7, 14]],
    ['every-run', [0, 1, 6, 7, 8, 13, 14]],
    ['never', [0]],
  ] as const)('of what stays as it is comes again as the setting says: %s', async (repeatMails, days) => {
    const { host } = servicesWithCa('exim');
    host.settings = { ...host.settings, repeatMails };
    host.base.unknownNames.add(FAKE_HOSTNAME);
    const mailed: number[] = [];
    for (const day of [0, 1, 6, 7, 8, 13, 14]) {
      host.clock.set(later(day * DAY_MS));
      const before = host.mails.length;
      await runServices(host);
      if (host.mails.length > before) mailed.push(day);
    }
    expect(mailed).toEqual([...days]);
  });

  test('is not repeated, nor said to be over, while a touch file forbids everything', async () => {
    const host = aged(10);
    await runServices(host);
    host.touch = { ...host.touch, noReplacement: '/var/cpanel/ssl/disable_service_certificate_management' };
    host.clock.set(later(8 * DAY_MS));
    await runServices(host);
    expect(host.mails).toHaveLength(1);
    expect(host.toldServices?.troubles).toHaveLength(1);
  });

  test('comes when the run itself is ended by the clock’s brake', async () => {
    const { host, ca } = servicesWithCa('exim');
    ca.clockOffsetMs = 2 * HOUR_MS;
    await expect(runServices(host)).rejects.toMatchObject({ code: 'BRAKE' });
    expect(host.mails).toHaveLength(1);
    expect(host.service('exim').given).toEqual([]);
    expect(host.locks.held).toEqual([]);
  });
});

describe('a disk that takes no more', () => {
  const full = () =>
    new StateError('NO_SPACE', '16 lines of the log could not be written', {
      advice: 'Free some space on that file system.',
    });
  const said = {
    code: 'LOG_NOT_WRITTEN',
    message: '16 lines of the log could not be written. Free some space on that file system.',
  };

  test.each(['logFault', 'logOpenFault'] as const)(
    'for the log (%s) hides nothing of what was done: result, one mail, exit 1',
    async (fault) => {
      const { host, ca } = servicesWithCa('exim');
      host.base[fault] = full();
      const report = await runServices(host);
      expect(report).toMatchObject({ exitCode: 1, faults: [said] });
      expect(statesOf(report)).toEqual({ exim: 'replaced' });
      expect(ca.ordered).toHaveLength(1);
      expect(host.mails).toHaveLength(1);
      expect(host.mails[0]?.lines.join('\n')).toContain(said.message);
      expect(host.mails[0]?.lines.join('\n')).toContain('1 certificate installed');
      expect(renderServicesReport(report)).toContain(`FAULT  ${said.message}\n`);
      expect(host.locks.held).toEqual([]);
    },
  );

  test('for the log does not stand before what ended the run', async () => {
    const { host, ca } = servicesWithCa('exim');
    host.base.logFault = full();
    ca.clockOffsetMs = 2 * HOUR_MS;
    await expect(runServices(host)).rejects.toMatchObject({ code: 'BRAKE' });
    expect(host.mails).toHaveLength(1);
  });

  test('for orders: nothing is ordered, an expired one gets its placeholder, one mail, exit 1', async () => {
    const { host, ca } = servicesWithCa('exim');
    host.certificate('exim', { daysLeft: -1 });
    host.orders.create = () => Promise.reject(new StateError('NO_SPACE', 'the journal cannot be written'));
    const report = await runServices(host);
    expect(report).toMatchObject({ exitCode: 1, faults: [{ code: 'NO_SPACE' }] });
    expect(statesOf(report)).toEqual({ exim: 'placeholder' });
    expect([ca.ordered, host.mails.length]).toEqual([[], 1]);
  });

  test('and has too little for an order: none is begun, the CA is not asked, an expired one gets its placeholder', async () => {
    const { host, ca } = servicesWithCa('exim');
    host.certificate('exim', { daysLeft: -1 });
    host.base.rooms = [{ folder: '/var/cpanel/ssl/autossl', bytes: 1024 * 1024, inodes: null }];
    const report = await runServices(host);
    expect(report).toMatchObject({
      exitCode: 1,
      faults: [
        { code: 'NO_SPACE', message: expect.stringMatching(/^1\.0 MiB are free for .*nothing is ordered/) },
      ],
    });
    expect(statesOf(report)).toEqual({ exim: 'placeholder' });
    expect([ca.calls, host.mails.length]).toEqual([[], 1]);
  });

  test('for the hostname’s lock: what needs it is left, and that is said once', async () => {
    const { host, ca } = servicesWithCa('exim');
    refuseLock(host, `website:${FAKE_HOSTNAME}`);
    const report = await runServices(host);
    expect(report).toMatchObject({ exitCode: 1, faults: [{ code: 'WRITE_FAILED' }] });
    expect(statesOf(report)).toEqual({ exim: 'waiting' });
    expect([ca.ordered, host.mails.length]).toEqual([[], 1]);
  });

  test('for the run’s own lock: it cannot run, and the administrator is told', async () => {
    const { host } = servicesWithCa('exim');
    refuseLock(host, 'run:services');
    await expect(runServices(host)).rejects.toMatchObject({ code: 'WRITE_FAILED' });
    expect(host.mails.map(({ lines }) => lines.join('\n'))).toEqual([
      expect.stringContaining('FAULT  cannot make the lock'),
    ]);
  });

  function refuseLock(host: FakeServicesHost, refused: string): void {
    const tryAcquire = host.locks.tryAcquire.bind(host.locks);
    host.locks.tryAcquire = async (name, note) => {
      if (name === refused) throw new StateError('WRITE_FAILED', `cannot make the lock ${name}`);
      return await tryAcquire(name, note);
    };
  }
});

describe('a run', () => {
  test('is refused while another is under way', async () => {
    const { host } = servicesWithCa('exim');
    host.locks.holdElsewhere('run:services', { pid: 4711, startedAt: FAKE_NOW, note: 'checkallsslcerts' });
    await expect(runServices(host)).rejects.toMatchObject({ code: 'LOCKED' });
    expect(host.base.journals).toBe(0);
  });

  test('that is told to stop begins nothing more and says so', async () => {
    const { host, ca } = servicesWithCa('exim');
    const report = await runServices(host, { signal: AbortSignal.abort(new Error('stopped by SIGTERM')) });
    expect(ca.ordered).toEqual([]);
    expect(report.exitCode).toBe(1);
    expect(report.faults.map(({ code }) => code)).toEqual(['RUN_STOPPED']);
  });
});

describe('a dry run', () => {
  test('says what would be done and touches nothing', async () => {
    const { host, ca } = servicesWithCa('exim', 'ftp');
    host.certificate('ftp', { daysLeft: 10 });
    const forecast = await forecastServices(host, () => undefined);
    expect(forecast).toMatchObject({
      exitCode: 0,
      hostname: FAKE_HOSTNAME,
      services: [
        { service: 'exim', kind: 'replace', needsPlaceholder: true },
        { service: 'ftp', kind: 'keep' },
      ],
      orders: [FAKE_HOSTNAME],
      warnings: [{ code: 'SERVICE_CERTIFICATE_EXPIRES' }],
    });
    expect([ca.calls, host.mails, host.base.looked, host.locks.held]).toEqual([[], [], [], []]);
    expect([host.base.journals, host.base.tidied, host.retries]).toEqual([0, 0, 0]);
    expect(host.service('exim').given).toEqual([]);
  });

  test('names an earlier order by its own name, and orders for the present one', async () => {
    const { host, ca } = servicesWithCa('exim');
    ca.finalStatus = 'processing';
    await runServices(host);
    host.settings = { ...host.settings, hostname: 'new.example.com' };
    const said: string[] = [];
    const forecast = await forecastServices(host, ({ contents }) => said.push(contents));
    expect(forecast).toMatchObject({ orders: ['new.example.com'], pending: [] });
    expect(said.filter((line) => line.includes(FAKE_HOSTNAME))).toEqual([
      expect.stringContaining('this server is called “new.example.com” now'),
    ]);
    host.touch = { ...host.touch, noOrders: NO_ORDERS };
    expect(await forecastServices(host, () => undefined)).toMatchObject({
      orders: [],
      pending: [{ vhost: FAKE_HOSTNAME }],
    });
  });

  test('orders nothing that a touch file forbids, or that pends', async () => {
    const { host, ca } = servicesWithCa('exim');
    host.touch = { ...host.touch, noOrders: NO_ORDERS };
    expect(await forecastServices(host, () => undefined)).toMatchObject({ orders: [] });
    host.touch = { ...host.touch, noOrders: null };
    ca.finalStatus = 'processing';
    await runServices(host);
    expect(await forecastServices(host, () => undefined)).toMatchObject({
      orders: [],
      pending: [{ vhost: FAKE_HOSTNAME }],
    });
  });
});
