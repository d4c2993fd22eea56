import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Arguments, readWords } from '../../../src/api/arguments.js';
import { optional, type Parameter, repeated, required } from '../../../src/api/parameter.js';

const PARAMETERS: readonly Parameter[] = [
  required('user', 'whose'),
  repeated(optional('domain', 'names')),
  optional('value', 'a flag', 'flag'),
  optional('days', 'a number', 'integer'),
  optional('features', 'an object', 'json'),
  optional('x_*', 'of the provider'),
];
const read = (...words: string[]): Arguments => new Arguments(readWords(words), PARAMETERS);

describe('words of a call', () => {
  test.each([
    ['a plain value', 'user=bob', 'bob'],
    ['a value with an equals sign', 'user=a=b', 'a=b'],
    ['URI escapes are decoded (behaviour 9.1)', 'user=a%20b%3D%C3%A4', 'a b=ä'],
    ['a plus stays one: certificates hold it', 'user=a+b', 'a+b'],
    ['a percent that begins no escape stays', 'user=100%', '100%'],
    ['an escape is decoded once', 'user=%2525', '%25'],
    ['newlines of a PEM text', 'user=-----BEGIN%0AMIIB+/==%0A', '-----BEGIN\nMIIB+/==\n'],
    ['nothing after the sign', 'user=', ''],
    ['no sign at all', 'user', ''],
  ])('%s', (_, word, expected) => {
    expect(read(word).text('user')).toBe(expected);
  });

  test.each([
    ['a parameter that is missing', ['domain=a.test'], 'The parameter “user” is required.'],
    ['a mistyped one', ['user=bob', 'domian=a'], 'The parameter “domian” is not known to this function.'],
    ['one given twice', ['user=a', 'user=b'], 'The parameter “user” was given more than once.'],
    ['a number on one that is not repeatable', ['user-1=a'], 'The parameter “user-1” is not known'],
    ['a boolean in words', ['user=a', 'value=true'], 'The parameter “value” must be 1 or 0, not “true”.'],
    ['a negative number', ['user=a', 'days=-1'], 'The parameter “days” must be a whole number'],
    ['broken JSON', ['user=a', 'features={'], 'The parameter “features” is not valid JSON.'],
    [
      'JSON that says a thing twice',
      ['user=a', 'features={"x":1,"x":0}'],
      'The parameter “features” names “x” twice in one object.',
    ],
    [
      'JSON of lists in lists',
      ['user=a', `features=${'['.repeat(99)}${']'.repeat(99)}`],
      'nested too deeply',
    ],
    ['an escape that is no UTF-8', ['user=%FF'], 'holds an escape that is no UTF-8: “%FF”'],
    ['no name', ['=x'], 'has no parameter name'],
    ['control characters in a name', ['\u001b[31m=x', 'user=a'], '\\u{1b}'],
  ])('are refused with a reason: %s', (_, words, reason) => {
    expect(() => read(...words)).toThrow(reason);
  });

  test('repeated and numbered parameters keep their order (behaviour 9.1)', () => {
    const given = read('domain-2=c', 'user=a', 'domain=a', 'domain-10=d', 'domain-1=b');
    expect(given.all('domain')).toEqual(['a', 'b', 'c', 'd']);
    expect(read('user=a', 'domain=a', 'domain=b').all('domain')).toEqual(['a', 'b']);
  });

  test.each([
    [['user=a'], []],
    [
      ['user=a', 'domain= b ', 'domain-1=a'],
      ['b', 'a'],
    ],
  ])('names of %j', (words, names) => {
    expect(read(...words).names('domain')).toEqual(names);
  });

  test.each([['domain='], ['domain=%20'], ['domain'], ['domain=a', 'domain-1=']])(
    'an empty name is refused, not passed over: %s',
    (...words) => {
      expect(() => read('user=a', ...words).names('domain')).toThrow('“domain” holds an empty name');
    },
  );

  test.each(['', ',', 'a,', ',a', 'a,,b', 'a, ,b'])('an empty name in a list is refused: “%s”', (list) => {
    expect(() => read('user=a', `domain=${list}`).names('domain', ',')).toThrow('holds an empty name');
    expect(read('user=a', 'domain=a, b').names('domain', ',')).toEqual(['a', 'b']);
  });

  test('those of a family are told by their beginning', () => {
    const given = read('user=a', 'x_terms_of_service_accepted=https://ca.test/tos', 'x_b=2');
    expect(Object.fromEntries(given.beginning('x_'))).toEqual({
      x_terms_of_service_accepted: 'https://ca.test/tos',
      x_b: '2',
    });
  });

  test('any value arrives as it was encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        fc.pre(!/[\ud800-\udfff]/.test(value.replace(/[\ud800-\udbff][\udc00-\udfff]/g, '')));
        expect(read(`user=${encodeURIComponent(value)}`).text('user')).toBe(value);
      }),
    );
  });
});
