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
        const { nightly: entries, ...rest } = readCronEntries(cronFile(places(programs), nightly) ?? '');
        const times = { minutes: new Set([nightly.minute]), hours: new Set([nightly.hour]) };
        expect(entries).toMatchObject([
          { fields: `${nightly.minute} ${nightly.hour} * * *`, times, zone: null },
        ]);
        expect(rest).toEqual({ isPolled });
      }),
    );
  });

  test.each<[string, string, readonly string[], boolean]>([
    ['nothing', '', [], false],
    ['nothing, of a comment', '# 1 2 * * * root /bin/autossl_check --all', [], false],
    ['nothing, of one account’s run', '1 2 * * * root /bin/autossl_check --user=x', [], false],
    [
      'both of two',
      '1  2 * * sun root /bin/autossl_check --all\n@daily root /bin/autossl_check --all',
      ['1 2 * * sun', '@daily'],
      false,
    ],
    ['the poller alone', '*/5 * * * * root node /bin/autossl_check_queue >/dev/null', [], true],
  ])('is %s', (_, text, entries, isPolled) => {
    const read = readCronEntries(text);
    expect({ entries: read.nightly.map(({ fields }) => fields), isPolled: read.isPolled }).toEqual({
      entries,
      isPolled,
    });
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
      runAtOrAfter: expect.any(Function),
      entries: [],
      unclear: [],
      zones: [],
      isPolled: false,
    });
  });

  // The first of June 2026 is a Monday.
  test.each<[string, string, readonly (readonly [number, number, number])[]]>([
    [
      'every three hours',
      '7 */3 * * *',
      [
        [1, 12, 7],
        [1, 15, 7],
      ],
    ],
    [
      'every three hours from one on',
      '7 1-23/3 * * *',
      [
        [1, 13, 7],
        [1, 16, 7],
      ],
    ],
    [
      'from an hour on, with a step',
      '0 20/2 * * *',
      [
        [1, 20, 0],
        [1, 22, 0],
      ],
    ],
    [
      'a word',
      '@daily',
      [
        [2, 0, 0],
        [3, 0, 0],
      ],
    ],
    [
      'another word',
      '@hourly',
      [
        [1, 11, 0],
        [1, 12, 0],
      ],
    ],
    [
      'a week',
      '@weekly',
      [
        [7, 0, 0],
        [14, 0, 0],
      ],
    ],
    [
      'days of the week',
      '1 2 * * 0,wed',
      [
        [3, 2, 1],
        [7, 2, 1],
      ],
    ],
    [
      'Sunday by its other number',
      '1 2 * * 7',
      [
        [7, 2, 1],
        [14, 2, 1],
      ],
    ],
    [
      'workdays',
      '30 9 * * mon-fri',
      [
        [2, 9, 30],
        [3, 9, 30],
      ],
    ],
    [
      'a day, or a day of the week',
      '0 3 5 * 6',
      [
        [5, 3, 0],
        [6, 3, 0],
      ],
    ],
    [
      'a day that is a day of the week',
      '0 3 */2 * 6',
      [
        [13, 3, 0],
        [27, 3, 0],
      ],
    ],
    ['months', '0 3 1 jul *', [[31, 3, 0]]],
    [
      'several entries',
      '0 23 * * *|0 12 * * 2',
      [
        [1, 23, 0],
        [2, 12, 0],
        [2, 23, 0],
      ],
    ],
    ['one of which nobody knows it', '@reboot|0 23 * * *', [[1, 23, 0]]],
    ['none that there is', '0 3 31 2 *', []],
    ['nonsense', '61 2 * * *', []],
    ['more nonsense', '5-1 2 * * *', []],
    ['a step of nothing', '*/0 2 * * *', []],
  ])('by %s', async (_, fields, runs) => {
    const lines = fields.split('|').map((one) => `${one} root /x/autossl_check --all\n`);
    built = aTree().file('/etc/cron.d/cpanel_autossl', lines.join('')).build();
    const { nextRunAt, runAtOrAfter } = await readRunSchedule(built.tree, new Date(2026, 5, 1, 10, 7, 30));
    let at = nextRunAt;
    if (runs.length === 0) expect(at).toBeNull();
    for (const [day, hour, minute] of runs) {
      expect(at).toEqual(new Date(2026, 5, day, hour, minute));
      expect(at && runAtOrAfter?.(at)).toEqual(at);
      at = runAtOrAfter?.(new Date((at?.getTime() ?? 0) + 20_000)) ?? null;
    }
  });

  test('by another zone than the server’s, across the change of its clocks', async () => {
    const line = '30 2 * * * root /x/autossl_check --all\n';
    built = aTree().file('/etc/cron.d/cpanel_autossl', `CRON_TZ=America/New_York\n${line}`).build();
    const at = new Date('2026-03-07T12:00:00Z');
    const { nextRunAt, runAtOrAfter, zones } = await readRunSchedule(built.tree, at);
    // On the eighth that hour is left out.
    expect(nextRunAt?.toISOString()).toBe('2026-03-09T06:30:00.000Z');
    expect(runAtOrAfter?.(new Date('2026-11-01T00:00:00Z'))?.toISOString()).toBe('2026-11-01T07:30:00.000Z');
    expect(zones).toEqual(['America/New_York']);
  });

  test('is unknown where the zone is', async () => {
    const text = 'CRON_TZ="Mars/Olympus"\n0 3 * * * root /x/autossl_check --all\n';
    built = aTree().file('/etc/cron.d/cpanel_autossl', text).build();
    expect(await readRunSchedule(built.tree, new Date())).toMatchObject({
      nextRunAt: null,
      entries: ['0 3 * * *'],
      unclear: ['0 3 * * *'],
    });
  });
});
