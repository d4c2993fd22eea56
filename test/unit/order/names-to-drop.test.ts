import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nameOf, namesToDrop } from '../../../src/core/order/names-to-drop.js';
import { problemOf } from '../../../src/core/order/problem-type.js';
import type { AcmeProblem } from '../../../src/core/order/resources.js';

const dns = (value: string): AcmeProblem['identifier'] => ({ type: 'dns', value });
const sub = (code: string, name: string): AcmeProblem => problemOf(code, 'why', { identifier: dns(name) });
const NAMES = ['a.test', 'www.a.test', '*.wild.test', 'b.test'];

describe('the names that a problem blames', () => {
  test.each<[string, AcmeProblem, string[]]>([
    [
      'each subproblem’s',
      problemOf('compound', '', { subproblems: [sub('caa', 'a.test'), sub('dns', 'b.test')] }),
      ['a.test', 'b.test'],
    ],
    [
      'each once',
      problemOf('compound', '', { subproblems: [sub('caa', 'a.test'), sub('dns', 'a.test')] }),
      ['a.test'],
    ],
    ['its own identifier’s', sub('rejectedIdentifier', 'b.test'), ['b.test']],
    ['a wildcard named with its star', sub('caa', '*.wild.test'), ['*.wild.test']],
    ['a wildcard named without its star', sub('caa', 'wild.test'), ['*.wild.test']],
    ['whatever the case', sub('caa', 'WWW.A.test'), ['www.a.test']],
    ['none that was not asked for', sub('caa', 'stranger.test'), []],
    ['none for a rate limit', sub('rateLimited', 'a.test'), []],
    ['none for the CA’s own trouble', sub('serverInternal', 'a.test'), []],
    [
      'the one that the text quotes',
      problemOf(
        'rejectedIdentifier',
        'Order included an identifier for which issuance is forbidden by policy: "b.test"',
      ),
      ['b.test'],
    ],
    [
      'the one at the end of a sentence',
      problemOf('caa', 'CAA record for www.a.test. Contact your registrar.'),
      ['www.a.test'],
    ],
    ['none when the text quotes two', problemOf('caa', 'a.test and b.test'), []],
    [
      'none when it quotes only part of a longer name',
      problemOf('caa', 'CAA record for sub.b.test forbids'),
      [],
    ],
    ['none from the text of a general error', problemOf('malformed', 'b.test'), []],
  ])('are %s', (_which, problem, expected) => {
    expect(namesToDrop(problem, NAMES).map((one) => one.name)).toEqual(expected);
  });

  test('carry the subproblem’s own code and words', () => {
    const problem = problemOf('compound', 'several', { subproblems: [sub('caa', 'a.test')] });
    expect(namesToDrop(problem, NAMES)).toEqual([{ name: 'a.test', code: 'caa', detail: 'why' }]);
  });

  test('only ever leave names that were asked for, whatever a CA says', () => {
    const text = fc.oneof(fc.string(), fc.constantFrom(...NAMES, 'wild.test'));
    const problem = fc.record({
      code: fc.constantFrom('caa', 'rejectedIdentifier', 'malformed'),
      detail: text,
      value: text,
    });
    fc.assert(
      fc.property(fc.array(problem), text, (parts, detail) => {
        const subproblems = parts.map((one) =>
          problemOf(one.code, one.detail, { identifier: dns(one.value) }),
        );
        const dropped = namesToDrop(problemOf('caa', detail, { subproblems }), NAMES).map((one) => one.name);
        expect(dropped.every((name) => NAMES.includes(name))).toBe(true);
        expect(new Set(dropped).size).toBe(dropped.length);
      }),
    );
  });
});

test.each<[string, boolean, string | undefined]>([
  ['a.test', false, 'a.test'],
  ['wild.test', true, '*.wild.test'],
  ['a.test', true, undefined],
  ['other.test', false, undefined],
])('authorization for %s (wildcard %s) stands for %s', (value, isWildcard, expected) => {
  expect(nameOf({ type: 'dns', value }, ['a.test', '*.wild.test'], isWildcard)).toBe(expected);
});
