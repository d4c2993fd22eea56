import { expect, test } from '@jest/globals';
import {
  renderServicesChange,
  type ServicesChangeReport,
} from '../../../src/core/report/services/change-report.js';
import type { ServiceStatus, ServicesOverview } from '../../../src/core/report/services/service-status.js';
import {
  renderServiceDetails,
  renderServicesOverview,
} from '../../../src/core/report/services/service-table.js';
import { sessionAdvice } from '../../../src/core/sni/dovecot-sessions.js';
import { expectGolden } from '../../support/golden.js';

const AT = '2026-06-01T00:00:00.000Z';
const HOSTILE = 'Evil\u001b[2J CA';

const exim: ServiceStatus = {
  service: 'exim',
  daemon: 'Exim (/etc/exim4/exim4.conf)',
  file: '/var/cpanel/ssl/exim/combined',
  certificate: {
    fingerprint: 'ab'.repeat(32),
    domains: ['server.example.com', '*.mail.example.com', 'a.test', 'b.test', 'c.test'],
    subject: 'CN=server.example.com',
    issuer: `CN=R3,O=${HOSTILE}`,
    issuerName: HOSTILE,
    isSelfSigned: false,
    isPlaceholder: false,
    key: 'rsa 2048',
    signatureAlgorithm: 'sha256WithRSAEncryption',
    validationLevel: 'DV',
    notBefore: '2026-04-01T00:00:00.000Z',
    notAfter: '2026-08-01T00:00:00.000Z',
    daysLeft: 61,
    chain: ['CN=R3'],
  },
  plan: {
    service: 'exim',
    kind: 'keep',
    because: [{ code: 'VALID', message: 'The certificate is valid.' }],
    remarks: [{ code: 'CHAIN_UNTRUSTED', message: 'The chain ends at “CN=Root”, which is not trusted.' }],
    needsPlaceholder: false,
    ownership: 'foreign',
    dueAt: '2026-07-29T00:00:00.000Z',
    notAfter: '2026-08-01T00:00:00.000Z',
    fingerprint: 'ab'.repeat(32),
    isSelfSigned: false,
  },
  served: {
    at: AT,
    state: 'not-served',
    code: 'PREVIOUS_CERTIFICATE',
    message: '127.0.0.1:25 still serves the previous certificate',
    advice: 'Restart the service.',
    places: [],
    namesWithoutSite: [],
  },
  former: 2,
  advice: [],
};
const dovecot: ServiceStatus = {
  ...exim,
  service: 'dovecot',
  daemon: 'Dovecot',
  certificate: {
    ...(exim.certificate as NonNullable<ServiceStatus['certificate']>),
    domains: ['server.example.com'],
    issuerName: 'AutoSSL placeholder',
    isSelfSigned: true,
    isPlaceholder: true,
    key: 'ec prime256v1',
    daysLeft: -1.5,
  },
  plan: {
    ...exim.plan,
    kind: 'replace',
    remarks: [],
    because: [
      { code: 'SELF_SIGNED', message: 'The certificate is self-signed.' },
      { code: 'CERTIFICATE_EXPIRED', message: 'The certificate expired.' },
    ],
  },
  served: null,
  former: 0,
  advice: sessionAdvice('yes\n'),
};
const cpanel: ServiceStatus = {
  ...exim,
  service: 'cpanel',
  daemon: 'nginx',
  certificate: null,
  plan: {
    ...exim.plan,
    kind: 'replace',
    remarks: [],
    because: [{ code: 'CERTIFICATE_ABSENT', message: 'There is no certificate.' }],
  },
  served: null,
  former: 0,
  advice: [],
};
const overview: ServicesOverview = {
  schemaVersion: 1,
  exitCode: 0,
  at: AT,
  hostname: 'server.example.com',
  services: [cpanel, exim, dovecot],
  absent: [{ service: 'ftp', why: 'not installed: Pure-FTPd, ProFTPD, vsftpd' }],
};
const text = (width: number | null): string =>
  [...renderServicesOverview(overview, width, (_tone, line) => line)].map((line) => `${line}\n`).join('');

test('the table in a pipe', () => expectGolden('report/services-table-pipe.txt', text(null)));

test('the table on a terminal of 80 columns', () => {
  const table = text(80).split('\n').slice(0, 4);
  expect(table.every((line) => [...line].length <= 80)).toBe(true);
  expectGolden('report/services-table-80.txt', text(80));
});

test('each line has the tone of what it says', () => {
  const tones = [...renderServicesOverview(overview, null, (tone, line) => `${tone} ${line}`)];
  expect(tones.slice(1, 4).map((line) => line.split(' ')[0])).toEqual(['error', 'warn', 'error']);
});

test('a server without any service', () => {
  const none: ServicesOverview = {
    ...overview,
    services: [],
    absent: [{ service: 'ftp', why: 'not installed' }],
  };
  expect([...renderServicesOverview(none, null, (_tone, line) => line)]).toEqual([
    'Not on this server: ftp (not installed).',
  ]);
});

test('every detail of a service', () => {
  expectGolden('report/services-details.txt', [exim, dovecot, cpanel].map(renderServiceDetails).join('\n'));
});

test('what a change did, in a line a service', () => {
  const report: ServicesChangeReport = {
    schemaVersion: 1,
    exitCode: 1,
    command: 'install',
    hostname: 'server.example.com',
    log: AT,
    certificate: {
      fingerprint: 'ab'.repeat(32),
      names: ['server.example.com'],
      issuer: HOSTILE,
      isSelfSigned: false,
      notAfter: AT,
    },
    services: [
      { service: 'exim', daemon: 'Exim', state: 'served', code: null, message: null, advice: null },
      { service: 'cpanel', daemon: 'nginx', state: 'published', code: null, message: null, advice: null },
      {
        service: 'dovecot',
        daemon: 'Dovecot',
        state: 'unchanged',
        code: 'CONFIG_TEST_FAILED',
        message: `Dovecot refuses its new certificate: ${HOSTILE}`,
        advice: 'When that is mended, give the command again.',
      },
    ],
    refusals: [],
    warnings: [],
    faults: [{ code: 'RESTORE_FAILED', message: 'cannot write' }],
  };
  expectGolden('report/services-change.txt', renderServicesChange(report));
});
