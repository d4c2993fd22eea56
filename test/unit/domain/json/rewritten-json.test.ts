import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rewrittenJson } from '../../../../src/core/domain/json/rewritten-json.js';
import { findSourceFault, sourceItems } from '../../../../src/core/domain/json/source-items.js';

/** JSON text as other programs write it: odd numbers, escapes, white space; no name twice in one object. */
const space = fc.string({ unit: fc.constantFrom(' ', '\n', '\t', '\r'), maxLength: 3 });
const oddNumber = fc.constantFrom(
  '12345678901234567890',
  '1e400',
  '-1e400',
  '1.0',
  '-0',
  '1E5',
  '0.1e-7',
  '-0.0',
);
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }).map((value) => JSON.stringify(value)),
  fc.constantFrom(
    '"\\u0041"',
    '"\\/"',
    '"\\\\"',
    '"\\"}"',
    '"[{,:"',
    '"\\ud800"',
    '"__proto__"',
    '"toJSON"',
    '"1"',
  ),
);
const { value: jsonText, members } = fc.letrec<{ value: string; members: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'json' },
    text,
    oddNumber,
    fc.constantFrom('true', 'false', 'null', '0', '17'),
    tie('members'),
    fc
      .tuple(fc.array(fc.tuple(space, tie('value'), space), { maxLength: 4, depthIdentifier: 'json' }), space)
      .map(
        ([items, empty]) => `[${items.length === 0 ? empty : items.map((item) => item.join('')).join(',')}]`,
      ),
  ),
  members: fc
    .tuple(
      fc.uniqueArray(fc.tuple(space, text, space, space, tie('value'), space), {
        selector: ([, key]) => JSON.parse(key),
        maxLength: 5,
        depthIdentifier: 'json',
      }),
      space,
    )
    .map(([items, empty]) =>
      items.length === 0
        ? `{${empty}}`
        : `{${items.map(([lead, key, a, b, value, trail]) => `${lead}${key}${a}:${b}${value}${trail}`).join(',')}}`,
    ),
}));

describe('the items of JSON text', () => {
  test('are the members that JSON.parse finds, each with the text of its value', () => {
    fc.assert(
      fc.property(members, (source) => {
        const parsed = JSON.parse(source) as Record<string, unknown>;
        const items = sourceItems(source, 0);
        expect(new Set(items.map(({ key }) => key))).toEqual(new Set(Object.keys(parsed)));
        for (const { key = '', valueStart, valueEnd } of items) {
          expect(JSON.parse(source.slice(valueStart, valueEnd))).toEqual(parsed[key]);
        }
        // Nothing is between them but commas.
        expect(`{${items.map(({ start, end }) => source.slice(start, end)).join(',')}}`.length).toBe(
          items.length === 0 ? 2 : source.length,
        );
      }),
    );
  });

  test.each([
    ['{"a":1,"b":{"c":[{"d":1,"d":2}]}}', { kind: 'twice', key: 'd' }],
    ['{"a":1,"\\u0061":2}', { kind: 'twice', key: 'a' }],
    ['{"":1,"":2}', { kind: 'twice', key: '' }],
    [`${'['.repeat(11)}${']'.repeat(11)}`, { kind: 'too-deep' }],
    ['{"a":{"a":{"a":["a","a"]}},"b":["b","b"],"c":"c"}', undefined],
    [`${'['.repeat(10)}${']'.repeat(10)}`, undefined],
  ] as const)('a fault in %s is found, and nothing else', (source, fault) => {
    expect(findSourceFault(source, 10)).toEqual(fault);
  });

  test('nesting of a hundred thousand levels is a fault and no crash', () => {
    const depth = 100_000;
    expect(findSourceFault(`${'[{"a":'.repeat(depth)}1${'}]'.repeat(depth)}`, 200)).toEqual({
      kind: 'too-deep',
    });
  });

  test('JSON without a name that stands twice has no fault', () => {
    fc.assert(fc.property(jsonText, (source) => expect(findSourceFault(source, 50)).toBeUndefined()));
  });
});

describe('rewriting JSON', () => {
  test('as it is leaves every letter', () => {
    fc.assert(
      fc.property(jsonText, (source) => expect(rewrittenJson(source, JSON.parse(source))).toBe(source)),
    );
  });

  test('says the new value, whatever was there', () => {
    fc.assert(
      fc.property(jsonText, fc.jsonValue({ maxDepth: 3 }), (source, value) => {
        const wanted: unknown = JSON.parse(JSON.stringify(value));
        expect(JSON.parse(rewrittenJson(source, wanted))).toEqual(wanted);
      }),
    );
  });

  test('with members changed, added and removed keeps the text of all others, in their order', () => {
    fc.assert(
      fc.property(members, fc.nat(), fc.constantFrom('change', 'remove', 'add'), (source, pick, how) => {
        const value = JSON.parse(source) as Record<string, unknown>;
        const items = sourceItems(source, 0);
        const name = how === 'add' ? 'a new name' : items[pick % Math.max(items.length, 1)]?.key;
        if (name === undefined) return;
        if (how === 'remove') delete value[name];
        else
          Object.defineProperty(value, name, {
            value: 'new',
            enumerable: true,
            configurable: true,
            writable: true,
          });
        const result = rewrittenJson(source, value);
        expect(JSON.parse(result)).toEqual(value);
        const rawOf = (text: string): [string | undefined, string][] =>
          sourceItems(text, 0)
            .filter(({ key }) => key !== name)
            .map(({ key, valueStart, valueEnd }) => [key, text.slice(valueStart, valueEnd)]);
        expect(rawOf(result)).toEqual(rawOf(source));
      }),
    );
  });

  test.each([
    [
      'a nested one',
      '{"a":{"x":1.0,"y":2},"b":1e400}',
      { a: { x: 1, y: 3 }, b: Infinity },
      '{"a":{"x":1.0,"y":3},"b":1e400}',
    ],
    ['numbers as names', '{"10":-0,"2":1E5}', { 10: -0, 2: 1e5, p: null }, '{"10":-0,"2":1E5,"p":null}'],
    ['what went first', '{ "a": 1 , "b": 2.0 }', { b: 2 }, '{ "b": 2.0 }'],
    [
      'lines',
      '{\n  "a": 1.0,\n  "b": {}\n}\n',
      { a: 1, b: {}, c: { d: 1 } },
      '{\n  "a": 1.0,\n  "b": {},\n  "c": {\n    "d": 1\n  }\n}\n',
    ],
    [
      'a list that grew',
      '[{"n":1.0},{"n":2.0}]',
      [{ n: 3 }, { n: 1 }, { n: 2 }],
      '[{"n":3},{"n":1.0},{"n":2.0}]',
    ],
    ['a zero that changed its sign', '{"a":-0}', { a: 0 }, '{"a":0}'],
    ['all removed', '{"a":1}', {}, '{}'],
    ['a name that stood twice', '{"a":1,"a":2.0,"b":1}', { a: 2, b: 5 }, '{"a":2.0,"b":5}'],
  ])('keeps its manner: %s', (_, source, value, expected) => {
    expect(rewrittenJson(source, value)).toBe(expected);
  });
});
