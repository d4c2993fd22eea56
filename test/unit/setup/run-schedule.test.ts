import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readRunSchedule } from '../../../src/adapters/setup/run-schedule.js';
import { cronFile, nightlyTimeFrom, readCronEntries } from '../../../src/core/plan/setup/setup-files.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';

const PROGRAMS = new Map([
  ['autossl_check', '/opt/auto ssl/bin/autossl_check'],
  ['autossl_check_queue', '/opt/auto ssl/bin/autossl_check_queue'],
  ['checkallsslcerts', '/opt/auto ssl/bin/checkallsslcerts'],
]);
const places = (programs: ReadonlyMap<string, string>) => ({
  node: '/usr/bin/node',
  programs,
  root: '/srv/x',
});

describe('what a cron file of ours starts', () => {
  test('is what it was written for', () => {
    fc.assert(
      fc.property(fc.nat(), fc.boolean(), (random, isPolled) => {
        const nightly = nightlyTimeFrom(random);
        const programs = new Map(PROGRAMS);
        if (!isPolled) programs.delete('autossl_check_queue');
        expect(readCronEntries(cronFile(places(programs), nightly) ?? '')).toEqual({
          nightly,
          fields: `${nightly.minute} ${nightly.hour} * * *`,
          isPolled,
        });
      }),
    );
  });

  test.each<[string, string, object]>([
    ['nothing', '', { nightly: null, fields: null, isPolled: false }],
    [
      'nothing, of a comment',
      '# 1 2 * * * root /bin/autossl_check --all',
      { nightly: null, fields: null, isPolled: false },
    ],
    [
      'nothing, of one account’s run',
      '1 2 * * * root /bin/autossl_check --user=x',
      { nightly: null, fields: null, isPolled: false },
    ],
    [
      'nothing at one time, of several',
      '1 2,3 * * * root /bin/autossl_check --all',
      { nightly: null, fields: '1 2,3 * * *', isPolled: false },
    ],
    [
      'nothing at one time, of some days',
      '1  2 * * 0 root /bin/autossl_check --all',
      { nightly: null, fields: '1 2 * * 0', isPolled: false },
    ],
    [
      'nothing at no time of day',
      '61 2 * * * root /bin/autossl_check --all',
      { nightly: null, fields: '61 2 * * *', isPolled: false },
    ],
    [
      'the first of two',
      '1 2 * * * root /bin/autossl_check --all\n3 4 * * * root /bin/autossl_check --all',
      { nightly: { hour: 2, minute: 1 }, fields: '1 2 * * *', isPolled: false },
    ],
    [
      'the poller alone',
      '*/5 * * * * root node /bin/autossl_check_queue >/dev/null',
      { nightly: null, fields: null, isPolled: true },
    ],
  ])('%s', (_, text, entries) => {
    expect(readCronEntries(text)).toEqual(entries);
  });
});

describe('the next nightly run', () => {
  let built: BuiltTree | undefined;
  afterEach(async () => built?.cleanUp());

  test.each<[string, [number, number], [number, number, number]]>([
    ['is tonight', [1, 0], [1, 2, 14]],
    ['is tomorrow, once it has begun', [2, 14], [2, 2, 14]],
    ['is tomorrow, once it is past', [23, 59], [2, 2, 14]],
  ])('%s', async (_, [hour, minute], [day, atHour, atMinute]) => {
    built = aTree().file('/etc/cron.d/cpanel_autossl', '14 2 * * * root /x/autossl_check --all\n').build();
    const { nextRunAt } = await readRunSchedule(built.tree, new Date(2026, 5, 1, hour, minute));
    expect(nextRunAt).toEqual(new Date(2026, 5, day, atHour, atMinute));
  });

  test('is unknown without cron’s file', async () => {
    built = aTree().build();
    expect(await readRunSchedule(built.tree, new Date())).toEqual({
      nextRunAt: null,
      fields: null,
      isPolled: false,
    });
  });
});
