import { describe, expect, test } from '@jest/globals';
import { retryScheduled } from '../../../src/core/report/events/service-events.js';
import { servicesMail } from '../../../src/core/report/services/services-mail.js';
import {
  renderServicesReport,
  type ServicesReport,
} from '../../../src/core/report/services/services-report.js';
import { expectGolden } from '../../support/golden.js';

const EXPIRY = { code: 'SERVICE_CERTIFICATE_EXPIRES', message: 'The certificate of ftp expires soon.' };
const QUIET: ServicesReport = {
  schemaVersion: 1,
  exitCode: 0,
  provider: 'LetsEncrypt',
  hostname: 'server.example.com',
  log: '2026-06-01T00:00:00Z',
  services: [],
  standstills: [],
  pending: [],
  waiting: [],
  faults: [],
  problems: [],
  warnings: [],
  retry: null,
};
const BUSY: ServicesReport = {
  ...QUIET,
  exitCode: 1,
  services: [
    {
      service: 'cpanel',
      daemon: 'nginx',
      state: 'replaced',
      because: [{ code: 'RENEWAL_DUE', message: 'Renewal is due.' }],
      notAfter: '2026-08-30T00:00:00.000Z',
      fingerprint: 'aa',
      isSelfSigned: false,
      served: 'served',
    },
    {
      service: 'exim',
      daemon: 'Exim',
      state: 'placeholder',
      because: [{ code: 'CERTIFICATE_EXPIRED', message: 'It expired.' }],
      notAfter: '2027-06-01T00:00:00.000Z',
      fingerprint: 'bb',
      isSelfSigned: true,
      served: 'served',
    },
    {
      service: 'dovecot',
      daemon: 'Dovecot',
      state: 'kept',
      because: [{ code: 'VALID', message: 'The certificate is valid.' }],
      notAfter: '2026-08-01T00:00:00.000Z',
      fingerprint: 'cc',
      isSelfSigned: false,
      served: 'served',
    },
    {
      service: 'ftp',
      daemon: null,
      state: 'absent',
      because: [{ code: 'SERVICE_ABSENT', message: 'not installed: Pure-FTPd, ProFTPD, vsftpd' }],
      notAfter: null,
      fingerprint: null,
      isSelfSigned: false,
      served: 'served',
    },
  ],
  standstills: [{ code: 'HOSTNAME_CERTIFICATE_DISABLED', message: '/var/cpanel/ssl/x is there: no order.' }],
  pending: [
    { account: '@server', vhost: 'server.example.com', pollAt: '2026-06-01T00:05:00.000Z', trouble: null },
  ],
  waiting: [{ code: 'BUDGET_SPENT', message: 'our own limit is reached.', until: null, websites: 1 }],
  faults: [{ code: 'CONFIG_TEST_FAILED', message: 'exim: the test\u001b[31m failed.' }],
  problems: [{ code: 'NXDOMAIN', message: 'it does not resolve.', advice: 'Create an A record.' }],
  warnings: [EXPIRY],
  retry: 'checkallsslcerts runs again at 2026-06-01T01:00:00.000Z (job 7 of at).',
};

test('a run is told in a line for each service and each thing that needs somebody', () => {
  expectGolden('report/services.txt', renderServicesReport(BUSY));
});

test('what is said of the retry is said once, and ends with one full stop', () => {
  const warning =
    'atd is not running: job 7 waits until it is. Start it, for example by "systemctl start atd".';
  const runsAt = new Date('2026-06-01T01:00:00Z');
  const { code, contents } = retryScheduled({ state: 'scheduled', job: '7', runsAt, warning });
  const text = renderServicesReport({ ...QUIET, warnings: [{ code, message: contents }], retry: contents });
  expect(text.split('runs again at')).toHaveLength(2);
  expect(text).toContain('systemctl start atd".\n');
});

describe('the mail', () => {
  test('is none when nothing failed and nothing expires', () => {
    expect(servicesMail(QUIET)).toBeNull();
    expect(servicesMail({ ...QUIET, warnings: [{ code: 'HOSTNAME_LOCAL', message: 'x' }] })).toBeNull();
    expect(servicesMail({ ...QUIET, pending: BUSY.pending })).toBeNull();
    expect(servicesMail({ ...QUIET, services: BUSY.services })).toBeNull();
  });

  test.each([
    ['a fault', { faults: BUSY.faults }, '1 error'],
    ['what the administrator must mend', { problems: BUSY.problems }, '1 error'],
    ['what is about to expire', { warnings: [EXPIRY, EXPIRY] }, '2 expiring certificates'],
    [
      'a placeholder that nothing will replace',
      { services: BUSY.services, standstills: BUSY.standstills },
      '1 self-signed certificate put in place',
    ],
    ['all of it', BUSY, '2 errors, 1 expiring certificate, 1 self-signed certificate put in place'],
  ])('tells of %s', (_, more, subject) => {
    const mail = servicesMail({ ...QUIET, ...more });
    expect(mail?.subject).toBe(`Service certificates of server.example.com: ${subject}`);
    expect(mail?.lines.join('\n')).toContain('/var/cpanel/logs/autossl/2026-06-01T00:00:00Z/txt');
  });
});
