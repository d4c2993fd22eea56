import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import yaml from 'yaml';
import { renderAnswer } from '../../../src/api/output.js';
import { plainYaml } from '../../../src/api/plain-yaml.js';

describe('an answer as text', () => {
  const answer = { metadata: { version: 1, result: 1 }, data: { b: '1', a: [{ z: null, ssl: 'no' }] } };

  test('JSON on one line, members in the order of their names', async () => {
    expect(await renderAnswer(answer, 'json')).toBe(
      '{"data":{"a":[{"ssl":"no","z":null}],"b":"1"},"metadata":{"result":1,"version":1}}\n',
    );
  });

  test('YAML, in which text stays text', async () => {
    expect(await renderAnswer(answer, 'yaml')).toBe(
      '---\ndata:\n  a:\n    - ssl: "no"\n      z: null\n  b: "1"\nmetadata:\n  result: 1\n  version: 1\n',
    );
  });

  test('plain words and numbers come out as the library writes them', () => {
    const words = fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9 _.,:/()~#-]{0,12}$/),
      fc.constantFrom(
        'yes',
        'No',
        'null',
        'Let us',
        'a, b',
        'n',
        'true',
        'x-',
        'a  b',
        'OK',
        '',
        'e1',
        'Infinity',
      ),
    );
    const keys = fc.oneof(
      fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.]{0,5}$/),
      fc.constantFrom('y', 'no', 'null'),
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        words,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(keys, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    let written = 0;
    fc.assert(
      fc.property(fc.dictionary(keys, tree, { maxKeys: 3, noNullPrototype: true }), (value) => {
        const text = plainYaml(value);
        if (text === undefined) return;
        written += 1;
        const document = new yaml.Document(value, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
        expect(text).toBe(document.toString({ lineWidth: 0 }));
      }),
      { numRuns: 3000 },
    );
    expect(written).toBeGreaterThan(20);
  });

  test.each(['yaml', 'json', 'jsonpretty'] as const)(
    '%s gives back what went in, and nothing that a terminal obeys',
    async (format) => {
      const texts = fc.string({
        unit: fc.oneof(
          fc.constantFrom(
            '\u001b[31m',
            '\u009b',
            '\u007f',
            '\u202e',
            '\u2028',
            '\r',
            '\n',
            '"',
            '\\',
            ': ',
            '- ',
          ),
          fc.string({ minLength: 1, maxLength: 1 }),
        ),
        maxLength: 12,
      });
      await fc.assert(
        fc.asyncProperty(texts, async (text) => {
          const printed = await renderAnswer({ data: { text } }, format);
          const back = format === 'yaml' ? yaml.parse(printed) : JSON.parse(printed);
          expect(back).toEqual({ data: { text } });
          expect(printed.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e\u2028]/u);
        }),
      );
    },
  );
});
