import { expect, test } from '@jest/globals';
import { renderSni, type SniDaemonReport } from '../../../src/core/report/sni/sni-report.js';

const dovecot: SniDaemonReport = {
  service: 'dovecot',
  daemon: 'Dovecot',
  state: 'current',
  because: null,
  table: '/var/cpanel/ssl/sni/dovecot.conf',
  isNamed: true,
  names: 3,
  heldBack: 0,
  isServed: true,
  notServed: null,
  configuration: { place: 'at the end of dovecot.conf', lines: ['!include_try x'] },
  advice: [],
};
const said = (facts: Partial<SniDaemonReport>): string =>
  renderSni({
    schemaVersion: 1,
    exitCode: 0,
    hostname: 'host.test',
    names: 5,
    certificates: 5,
    daemons: [{ ...dovecot, ...facts }],
    faults: [],
  });

test.each<readonly [string, Partial<SniDaemonReport>]>([
  ['shows another certificate', { isServed: false, notServed: 'it shows another certificate' }],
  ['could not be asked', { isServed: null }],
  ['does not name the table', { isNamed: false, isServed: null }],
  ['is told to offer none', { state: 'off', because: 'sni is false', isServed: null }],
])('a daemon that %s is not said to answer for the names', (_, facts) => {
  expect(said(facts)).not.toContain('answers for them');
  expect(said(facts)).not.toContain('answers for 3');
});

test('a daemon that was seen to serve them answers for them, or for those that it has room for', () => {
  expect(said({})).toContain('Dovecot (dovecot): answers for them.');
  expect(said({ heldBack: 2 })).toContain('Dovecot (dovecot): answers for 3 of them.');
});

test('what else its configuration should say stands there line by line, though it names the table', () => {
  const lines = ['service config {', '  vsz_limit = 512M', '}'];
  const text = said({ advice: [{ because: '2 names are held back.', place: 'to dovecot.conf', lines }] });
  expect(text).toContain(
    '  2 names are held back.\n  Add to dovecot.conf:\n\n    service config {\n      vsz_limit = 512M\n    }\n',
  );
});

test('what a daemon showed cannot steer the terminal', () => {
  expect(said({ isServed: false, notServed: 'a\u001b[2Jb' })).not.toContain('\u001b');
});
