import { describe, expect, test } from '@jest/globals';
import { cruisedModules } from '../../../.ci/checks.mjs';
import { isGoNewEnough } from '../../../.ci/pebble.mjs';
import { phasesOf } from '../../../.ci/phases.mjs';
import { addTallies, countsLine, tallyOf, tallyOfCrash } from '../../../.ci/tally.mjs';

describe('test files run', () => {
  const files = [
    'test/architecture/house.test.ts',
    'test/contract/store.test.ts',
    'test/e2e/demo.test.ts',
    'test/integration/pebble.test.ts',
    'test/odd/x.test.ts',
    'test/unit/core/names.test.ts',
    'test/unit/core/website.test.ts',
  ];
  const names = (options?: Parameters<typeof phasesOf>[1]): string[] =>
    phasesOf(files, options).map(({ name }) => name);

  test('quick ones first, slow ones last, a folder nobody foresaw between them', () => {
    expect(names()).toEqual(['unit', 'contract', 'architecture', 'odd', 'integration', 'e2e']);
    expect(
      phasesOf(files)
        .flatMap((phase) => phase.files)
        .sort(),
    ).toEqual(files);
  });
  test('only the quick ones with --unit', () => {
    expect(names({ isQuick: true })).toEqual(['unit', 'architecture']);
  });
  test('only those that the filter names', () => {
    expect(phasesOf(files, { filters: ['./test/unit/core/n', 'pebble'] })).toEqual([
      { name: 'unit', files: ['test/unit/core/names.test.ts'] },
      { name: 'integration', files: ['test/integration/pebble.test.ts'] },
    ]);
  });
});

describe('the counts', () => {
  const result = (status: string, ...titles: string[]) => ({
    status,
    fullName: titles.join(' '),
    ancestorTitles: titles.slice(0, -1),
  });
  const report = {
    numPassedTests: 1,
    numFailedTests: 1,
    numPendingTests: 3,
    numTodoTests: 1,
    testResults: [
      {
        name: '/p/a.test.ts',
        status: 'failed',
        assertionResults: [result('passed', 'a'), result('failed', 'b', 'c')],
      },
      {
        name: '/p/b.test.ts',
        status: 'passed',
        assertionResults: [
          result('pending', 'SKIPPED pebble orders: missing pebble', 'one'),
          result('pending', 'SKIPPED pebble orders: missing pebble', 'two'),
          result('todo', 'three'),
          result('pending', 'as root', 'four'),
        ],
      },
      { name: '/p/broken.test.ts', status: 'failed', assertionResults: [] },
    ],
  };

  test('take a file that could not be run for a failure', () => {
    expect(tallyOf(report)).toEqual({
      passed: 1,
      failed: 2,
      skipped: 4,
      failures: ['/p/broken.test.ts (could not be run)', '/p/a.test.ts › b c'],
      skippedSuites: ['SKIPPED pebble orders: missing pebble', 'SKIPPED 1 of the tests in /p/b.test.ts'],
    });
  });
  test('take a run without report for a failure', () => {
    const total = addTallies(tallyOf(report), tallyOfCrash('integration', 'SIGKILL'));
    expect(total.failures.at(-1)).toBe('integration: SIGKILL');
    expect(countsLine(total)).toBe('1 passed, 3 failed, 4 skipped');
  });
});

test.each([
  ['✔ no dependency violations found (24 modules, 33 dependencies cruised)', 24],
  ['✔ no dependency violations found (0 modules, 0 dependencies cruised)', 0],
  ['x 2 dependency violations (2 errors, 0 warnings). 130 modules, 400 dependencies cruised.', 130],
  ['some other words', 0],
])('“%s” means %i modules', (output, expected) => {
  expect(cruisedModules(`\n  ${output}\n`)).toBe(expected);
});

test.each([
  ['go version go1.26.8 linux/amd64', true],
  ['go version go1.24 linux/amd64', true],
  ['go version go1.19.8 linux/amd64', false],
  ['go version go2.0.1 linux/amd64', true],
  ['go version devel +abc', false],
])('“%s” can build the newer Pebble: %s', (answer, expected) => {
  expect(isGoNewEnough(answer)).toBe(expected);
});
