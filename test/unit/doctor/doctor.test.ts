import { describe, expect, test } from '@jest/globals';
import { renderDoctor } from '../../../src/core/doctor/doctor-table.js';
import { type DoctorReport, eachOf, ok } from '../../../src/core/doctor/finding.js';
import {
  type AuthorityAnswer,
  doctorExitCode,
  judgeAuthority,
  judgeClock,
  judgeDaemons,
  judgeResolver,
  judgeRoom,
  judgeRooms,
  judgeSchedule,
} from '../../../src/core/doctor/judge.js';
import { StateError } from '../../../src/core/domain/autossl-error.js';
import { examine } from '../../../src/runs/doctor/examine.js';
import { expectGolden } from '../../support/golden.js';

const MINUTE = 60_000;
const GIB = 1024 ** 3;
const clock = { now: () => new Date('2026-05-29T02:14:00Z') };

describe('the clock', () => {
  test.each([
    ['nobody told the time', null, 'unknown'],
    ['a minute behind', MINUTE, 'ok'],
    ['five minutes ahead', -5 * MINUTE, 'warning'],
    ['an hour behind', 60 * MINUTE, 'fault'],
    ['two hours ahead', -120 * MINUTE, 'fault'],
  ])('%s', (_, offset, health) => {
    expect(judgeClock(offset).health).toBe(health);
  });
});

describe('room', () => {
  test.each([
    ['plenty', 100 * GIB, 1_000_000, 'ok'],
    ['a file system without inodes', 100 * GIB, null, 'ok'],
    ['little', GIB / 4, 1_000_000, 'warning'],
    ['none', 0, 1_000_000, 'fault'],
    ['few files', 100 * GIB, 5_000, 'warning'],
    ['no files', 100 * GIB, 0, 'fault'],
  ])('%s', (_, freeBytes, freeInodes, health) => {
    expect(judgeRoom({ folder: '/var', bytes: freeBytes, inodes: freeInodes }).health).toBe(health);
  });
});

test('folders of one file system are one finding, and none that says nothing is unknown', () => {
  const rooms = ['/var/cpanel/ssl/autossl', '/var/cpanel/ssl/apache_tls', '/var/cpanel/logs'].map(
    (folder, index) => ({ folder, bytes: index < 2 ? GIB : 0, inodes: null }),
  );
  expect(judgeRooms(rooms).map(({ health, message }) => [health, message])).toEqual([
    ['ok', 'room for 1024 MiB at /var/cpanel/ssl/autossl'],
    ['fault', 'room for only 0 MiB at /var/cpanel/logs'],
  ]);
  expect(judgeRooms([])).toMatchObject([{ code: 'ROOM', health: 'unknown' }]);
});

describe('the CA', () => {
  const name = 'Example CA';
  test.each<[string, AuthorityAnswer, string, RegExp]>([
    ['is not chosen', { state: 'no-provider' }, 'warning', /^no provider is in use/],
    ['is on this server', { state: 'not-asked', name, isHere: true }, 'ok', /on this server$/],
    ['is a program', { state: 'not-asked', name, isHere: false }, 'unknown', /only runs ask$/],
    ['answers', { state: 'answered', name }, 'ok', /answers$/],
    ['is away', { state: 'failed', name, why: 'away', advice: null }, 'fault', /cannot be used: away$/],
  ])('%s', (_, answer, health, message) => {
    expect(judgeAuthority(answer)).toMatchObject({ code: 'CA', health, isFixable: false });
    expect(judgeAuthority(answer).message).toMatch(message);
  });

  test('that is away: what its error advises is said', () => {
    const failed = { state: 'failed', name, why: 'why', advice: 'Set the clock.' } as const;
    expect(judgeAuthority(failed).advice).toBe('Nothing is ordered meanwhile. Set the clock.');
    expect(judgeAuthority({ ...failed, advice: null }).advice).toContain('firewall');
  });
});

describe('the resolver', () => {
  const servers = ['192.0.2.53'];
  test.each([
    ['silent, as without an internet', false, null, 'unknown'],
    ['validating', true, true, 'ok'],
    ['not validating', true, false, 'warning'],
    ['answering, and the rest is not known', true, null, 'ok'],
  ])('%s', (_, isAnswering, refusesBadSignatures, health) => {
    expect(judgeResolver({ servers, isAnswering, refusesBadSignatures }).health).toBe(health);
  });
});

describe('what starts us', () => {
  test.each([
    ['all', true, true, ['ok']],
    ['no nightly run', false, true, ['fault']],
    ['nothing', false, false, ['fault', 'fault']],
  ])('%s', (_, isNightly, isPolled, healths) => {
    expect(judgeSchedule({ isNightly, isPolled }).map(({ health }) => health)).toEqual(healths);
  });

  test('daemons', () => {
    expect(judgeDaemons(null)).toMatchObject([{ health: 'unknown' }]);
    expect(judgeDaemons({ cron: true, at: true })).toMatchObject([{ health: 'ok' }]);
    expect(judgeDaemons({ cron: false, at: false })).toMatchObject([
      { health: 'warning' },
      { health: 'warning' },
    ]);
  });
});

describe('examining', () => {
  test('what breaks is unknown and ends nothing', async () => {
    const report = await examine(
      [
        { code: 'PAIRS', look: () => Promise.reject(new Error('bad\u001bthing')) },
        { code: 'ROOM', look: async () => [ok('ROOM', 'fine')] },
      ],
      true,
      clock,
    );
    expect(report.findings.map(({ health }) => health)).toEqual(['unknown', 'ok']);
    expect(report.findings[0]?.message).not.toContain('\u001b');
    expect(doctorExitCode(report.findings)).toBe(0);
  });

  test('only what is fixable is mended, and looked at again', async () => {
    let isBroken = true;
    const fault = {
      code: 'MODES',
      health: 'fault',
      message: 'loose',
      advice: null,
      isFixable: true,
    } as const;
    const examiner = {
      code: 'MODES' as const,
      look: async () => (isBroken ? [fault] : [ok('MODES', 'tight')]),
      mend: async () => {
        isBroken = false;
        return ['tightened'];
      },
    };
    const looked = await examine([examiner], false, clock);
    expect(doctorExitCode(looked.findings)).toBe(1);
    const mended = await examine([examiner], true, clock);
    expect(mended).toMatchObject({ findings: [{ health: 'ok' }], mended: ['tightened'] });
  });

  test('what cannot be mended is said beside the fault', async () => {
    const fault = {
      code: 'MODES',
      health: 'fault',
      message: 'loose',
      advice: null,
      isFixable: true,
    } as const;
    const mend = () => Promise.reject(new StateError('WRITE_FAILED', 'read-only'));
    const { findings } = await examine([{ code: 'MODES', look: async () => [fault], mend }], true, clock);
    expect(findings.map(({ message }) => message)).toEqual(['loose', 'this could not be mended: read-only']);
  });
});

test.each([80, 160])('the table, %d columns', (width) => {
  const copies = Array.from(
    { length: 22 },
    (_, index) =>
      `/var/cpanel/ssl/domain_tls/site${index}.example.com/combined does not follow from combined`,
  );
  const report: DoctorReport = {
    schemaVersion: 1,
    at: '2026-05-29T02:14:00.000Z',
    findings: [
      ok('PAIRS', '12 websites: key and certificate match'),
      ...eachOf(
        'COPIES',
        copies,
        { health: 'fault', advice: 'Run: autossl doctor --fix', isFixable: true },
        '',
      ),
      ...judgeSchedule({ isNightly: false, isPolled: true }),
      judgeRoom({ folder: '/var/cpanel/ssl', bytes: GIB / 4, inodes: null }),
      judgeResolver({ servers: ['192.0.2.53'], isAnswering: false, refusesBadSignatures: null }),
      judgeClock(2 * 60 * MINUTE),
    ],
    mended: ['the lock run was freed'],
  };
  const lines = [...renderDoctor(report, width)];
  const table = lines.slice(0, lines.indexOf(''));
  expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(width);
  expectGolden(`report/doctor-${width}.txt`, `${lines.join('\n')}\n`);
});
