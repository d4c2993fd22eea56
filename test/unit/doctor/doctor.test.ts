import { describe, expect, test } from '@jest/globals';
import { renderDoctor } from '../../../src/core/doctor/doctor-table.js';
import { type DoctorReport, eachOf, ok } from '../../../src/core/doctor/finding.js';
import {
  doctorExitCode,
  judgeClock,
  judgeDaemons,
  judgeResolver,
  judgeRoom,
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
    expect(judgeRoom({ path: '/var', freeBytes, freeInodes }).health).toBe(health);
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
      judgeRoom({ path: '/var/cpanel/ssl', freeBytes: GIB / 4, freeInodes: null }),
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
