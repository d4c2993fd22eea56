import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { splitCommandLine } from '../../../src/adapters/store/settings/command-line.js';
import { nearestKey } from '../../../src/core/domain/nearest-key.js';

describe('a command line is split without a shell', () => {
  test.each([
    ['at blanks', ' systemctl  reload\tnginx ', ['systemctl', 'reload', 'nginx']],
    ['not inside single quotes', "a 'b c' d", ['a', 'b c', 'd']],
    ['not inside double quotes', 'a "b c"d', ['a', 'b cd']],
    ['keeping an empty argument', "a ''", ['a', '']],
    ['with a backslash before a blank', 'a b\\ c', ['a', 'b c']],
    ['with a backslash before a quote in quotes', '"a\\"b"', ['a"b']],
    ['with a backslash as it is in single quotes', "'a\\b'", ['a\\b']],
    ['with shell characters inside quotes', "sh -c 'a | b; c'", ['sh', '-c', 'a | b; c']],
  ])('%s', (_, text, words) => {
    expect(splitCommandLine(text)).toEqual(words);
  });
  test.each([
    ['nothing', ''],
    ['blanks', '  '],
    ['an empty program', "'' a"],
    ['a pipe', 'a | b'],
    ['two commands', 'a; b'],
    ['a variable', 'a $HOME'],
    ['a substitution', 'a `b`'],
    ['a redirection', 'a > b'],
    ['a pattern', 'a *.pem'],
    ['a home folder', '~/reload'],
    ['a newline', 'a\nb'],
    ['a NUL in quotes', "'a\0b'"],
    ['an open quote', "a 'b"],
    ['a backslash at the end', 'a \\'],
  ])('and refused for %s', (_, text) => {
    expect(splitCommandLine(text)).toBeUndefined();
  });
  test('words written in single quotes come back as they were', () => {
    const word = fc.string({ minLength: 1 }).filter((text) => !/['\0]/.test(text));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
        expect(splitCommandLine(words.map((text) => `'${text}'`).join(' '))).toEqual(words);
      }),
    );
  });
});

describe('the nearest key', () => {
  test.each([
    ['prot', ['port', 'httpsPort'], 'port'],
    ['resolver', ['resolvers', 'providers'], 'resolvers'],
    ['PREFLIGHT', ['preflight'], 'preflight'],
    ['zzzz', ['port', 'http'], undefined],
    ['x'.repeat(1_000_000), ['port'], undefined],
    ['', ['port'], undefined],
  ])('to %j', (written, known, nearest) => {
    expect(nearestKey(written, known)).toBe(nearest);
  });
});
