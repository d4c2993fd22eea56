import { describe, expect, test } from '@jest/globals';
import { readWords } from '../../../src/api/arguments.js';
import { modifyRows, readModifiers } from '../../../src/api/modifiers.js';

const ROWS = [
  { domain: 'b.test', user: 'bob', days: 9 },
  { domain: 'a.test', user: 'alice', days: 10 },
  { domain: 'c.test', user: 'bob', days: null },
];
const shown = (...words: string[]): string =>
  modifyRows(ROWS, readModifiers(readWords(words)))
    .map((row) => Object.values(row).join('/'))
    .join(' ');

describe('what is shown of rows', () => {
  test.each([
    ['without modifiers all of them', [], 'b.test/bob/9 a.test/alice/10 c.test/bob/'],
    [
      'a filter that is not enabled does nothing',
      ['api.filter.a.field=user', 'api.filter.a.arg0=bob'],
      'b.test/bob/9 a.test/alice/10 c.test/bob/',
    ],
    [
      'equal',
      ['api.filter.enable=1', 'api.filter.a.field=user', 'api.filter.a.type=eq', 'api.filter.a.arg0=bob'],
      'b.test/bob/9 c.test/bob/',
    ],
    [
      'two filters: both hold',
      [
        'api.filter.enable=1',
        ...['api.filter.a.field=user', 'api.filter.a.arg0=bob'],
        ...['api.filter.b.field=domain', 'api.filter.b.type=begins', 'api.filter.b.arg0=c'],
      ],
      'c.test/bob/',
    ],
    [
      'numbers are compared as such',
      ['api.filter.enable=1', 'api.filter.a.field=days', 'api.filter.a.type=lt', 'api.filter.a.arg0=10'],
      'b.test/bob/9 c.test/bob/',
    ],
    ['sorted', ['api.sort.enable=1', 'api.sort.a.field=domain'], 'a.test/alice/10 b.test/bob/9 c.test/bob/'],
    [
      'sorted by numbers, the other way round',
      ['api.sort.enable=1', 'api.sort.a.field=days', 'api.sort.a.reverse=1'],
      'a.test/alice/10 b.test/bob/9 c.test/bob/',
    ],
    [
      'the second key decides where the first is equal',
      ['api.sort.enable=1', ...['api.sort.a.field=user', 'api.sort.b.field=domain', 'api.sort.b.reverse=1']],
      'a.test/alice/10 c.test/bob/ b.test/bob/9',
    ],
    ['columns', ['api.columns.enable=1', 'api.columns.a=user'], 'bob alice bob'],
    ['a chunk', ['api.chunk.enable=1', 'api.chunk.start=2', 'api.chunk.size=1'], 'a.test/alice/10'],
    [
      'filtered, then sorted, then cut, then narrowed',
      [
        ...['api.filter.enable=1', 'api.filter.a.field=user', 'api.filter.a.arg0=bob'],
        ...['api.sort.enable=1', 'api.sort.a.field=domain', 'api.sort.a.reverse=1'],
        ...['api.chunk.enable=1', 'api.chunk.size=1', 'api.columns.enable=1', 'api.columns.a=domain'],
      ],
      'c.test',
    ],
  ])('%s', (_, words, expected) => {
    expect(shown(...words)).toBe(expected);
  });

  test.each([
    [
      'a sort key that is not displayed (behaviour 9.1)',
      ['api.columns.enable=1', 'api.columns.a=user', 'api.sort.enable=1', 'api.sort.a.field=days'],
      'The sort key “days” is not among the displayed columns.',
    ],
    [
      'a filter type that there is not',
      ['api.filter.enable=1', 'api.filter.a.field=user', 'api.filter.a.type=constructor'],
      'The filter type “constructor” is not known',
    ],
    ['a chunk of nothing', ['api.chunk.enable=1', 'api.chunk.size=0'], '“api.chunk.size” must be a number'],
    ['a modifier that there is not', ['api.colums.enable=1'], '“api.colums.enable” is not known'],
    ['a mistyped switch', ['api.filter.enabel=1'], '“api.filter.enabel” is not known'],
    [
      'a mistyped part',
      ['api.filter.enable=1', 'api.filter.a.feild=user'],
      '“api.filter.a.feild” is not known',
    ],
    ['a switch in words', ['api.filter.enable=yes'], '“api.filter.enable” must be 1 or 0'],
    [
      'a field that no row has',
      ['api.filter.enable=1', 'api.filter.a.field=usr', 'api.filter.a.arg0=bob'],
      'No row has a field “usr”; there are days, domain, user.',
    ],
  ])('refuses %s', (_, words, reason) => {
    expect(() => shown(...words)).toThrow(reason);
  });
});
