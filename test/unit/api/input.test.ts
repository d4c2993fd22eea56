import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Arguments, readWords } from '../../../src/api/arguments.js';
import { readInput, takeInput, wordsOfInput } from '../../../src/api/input.js';
import { optional, type Parameter, repeated } from '../../../src/api/parameter.js';

const PARAMETERS: readonly Parameter[] = [
  optional('key', 'a text'),
  optional('value', 'a flag', 'flag'),
  optional('features', 'JSON', 'json'),
  repeated(optional('domain', 'names')),
];
const read = (input: string): Arguments => new Arguments(readInput(input, PARAMETERS), PARAMETERS);

describe('parameters as JSON', () => {
  test('texts as they are, numbers, lists of a repeated one, JSON for JSON', () => {
    const given = read('{"key":"100%25\\n+","value":1,"domain":["a.test","b.test"],"features":["autossl"]}');
    expect(given.text('key')).toBe('100%25\n+');
    expect(given.flag('value')).toBe(true);
    expect(given.all('domain')).toEqual(['a.test', 'b.test']);
    expect(given.json('features')).toEqual(['autossl']);
    expect(read('{"features":"{\\"autossl\\":1}","value":false}').json('features')).toEqual({ autossl: 1 });
    expect(read('{"domain-1":"b.test","domain":"a.test"}').all('domain')).toEqual(['a.test', 'b.test']);
  });

  test.each([
    ['{', 'The input is not valid JSON.'],
    ['', 'The input is not valid JSON.'],
    ['["key"]', 'The input is not a JSON object of parameters.'],
    ['null', 'The input is not a JSON object of parameters.'],
    ['{"key":"a","key":"b"}', 'The input names “key” twice in one object.'],
    ['{"key":{"a":1}}', 'The parameter “key” is no text.'],
    ['{"key":null}', 'The parameter “key” is null.'],
    ['{"key":["a","b"]}', 'The parameter “key” was given more than once.'],
    ['{"kye":"a"}', 'The parameter “kye” is not known to this function.'],
    ['{"value":"true"}', 'The parameter “value” must be 1 or 0, not “true”.'],
    [`{"key":"${'x'.repeat(5 * 1024 * 1024)}"}`, 'The value of “key” is longer than'],
  ])('is refused with a reason: %.40s', (input, reason) => {
    expect(() => read(input)).toThrow(reason);
  });

  test('as words of a command line they say the same', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string({ unit: 'grapheme' })), (key, domain) => {
        const input = JSON.stringify({ key, domain });
        const given = new Arguments(readWords(wordsOfInput(input, PARAMETERS)), PARAMETERS);
        expect([given.text('key'), given.all('domain')]).toEqual([key, domain]);
      }),
    );
  });

  test('come from standard input, so much and no more', async () => {
    expect(await takeInput(undefined, Readable.from(['never read']))).toBeNull();
    expect(await takeInput('json', Readable.from([Buffer.from('{"a":"'), 'ä"}']))).toBe('{"a":"ä"}');
    await expect(takeInput('xml', Readable.from([]))).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    const endless = (function* () {
      for (;;) yield Buffer.alloc(1024 * 1024);
    })();
    await expect(takeInput('json', Readable.from(endless))).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });
});
