import { lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { StateError } from '../../../src/core/domain/autossl-error.js';
import { reasonOf, reasonOfEnd, wordsOfCode } from '../../../src/core/domain/system-fault.js';

const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('why something failed', () => {
  test.each<[string, () => unknown, string]>([
    ['a file that is not there', () => readFileSync('/nonexistent/file'), 'it does not exist'],
    ['a folder read as a file', () => readFileSync('/'), 'it is a folder'],
    ['a file listed as a folder', () => readdirSync('/etc/passwd'), 'it is not a folder'],
    ['a folder that is there already', () => mkdirSync('/etc'), 'something lies there already'],
    ['a name of 300 characters', () => lstatSync(`/${'x'.repeat(300)}`), 'the name is too long'],
  ])('%s is said in words', (_, work, words) => {
    expect(reasonOf(thrownBy(work))).toBe(words);
  });

  test('a connection that nobody takes is said in words', async () => {
    const error = await new Promise((resolve) => connect(1, '127.0.0.1').once('error', resolve));
    expect(reasonOf(error)).toBe('the connection is refused');
  });

  test('an error of ours speaks for itself', () => {
    expect(reasonOf(new StateError('LOCKED', 'somebody works on it'))).toBe('somebody works on it');
  });

  test.each([
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_WRONG_VERSION_NUMBER'],
    ['E\u001b[31m', 'E\\u{1b}[31m'],
  ])('a code that has no words, %j, is given as it is, made printable', (code, words) => {
    expect(wordsOfCode(code)).toBe(words);
  });

  test.each([[new TypeError('x is not a function')], ['text'], [null], [undefined]])(
    'what nobody foresaw, %p, is said to be a mistake of ours',
    (error) => {
      expect(reasonOf(error)).toMatch(/^unexpected error, please report it: /);
    },
  );
});

describe('why a program ended', () => {
  test.each<[string, unknown, string]>([
    [
      'an error of ours speaks for itself',
      new StateError('LOCKED', 'somebody works on it'),
      'somebody works on it',
    ],
    [
      'the system’s, which nobody foresaw, has its path, its reason and its mark',
      thrownBy(() => readFileSync('/nonexistent/file')),
      '“/nonexistent/file” cannot be worked with: it does not exist (UNFORESEEN_SYSTEM_ERROR)',
    ],
    [
      'anything else is a mistake of ours',
      new TypeError('x is not a function'),
      'internal error: x is not a function',
    ],
  ])('%s', (_, error, words) => {
    expect(reasonOfEnd(error)).toBe(words);
  });
});
