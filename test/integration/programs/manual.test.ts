import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

/** Given by commander to every command and said once in each page. */
const EVERYWHERE = ['--help', '--version'];

function helpOf(program: string, words: readonly string[] = []): string {
  const { stdout, status } = spawnSync(process.execPath, [`bin/${program}`, ...words, '--help'], {
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  return stdout;
}

/** Options that a help text lists: the first word of a line. */
const optionsIn = (help: string): string[] =>
  [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option = '']) => option);

/** Long options that a manual page names: `.Fl -all` is printed as `--all`. */
const optionsOf = (page: string): string[] => [
  ...new Set([...page.matchAll(/\bFl -([a-z][a-z-]*)/g)].map(([, option]) => `--${option}`)),
];

const codesIn = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, code = '']) => code);

describe.each([
  ['autossl_check', [[]]],
  ['checkallsslcerts', [[]]],
  ['try-later', [[]]],
  ['uapi', [[]]],
  ['uapi-root', [[]]],
  [
    'autossl',
    [
      [],
      ['inspect'],
      ['problems'],
      ['why'],
      ['status'],
      ['verify'],
      ['rollback'],
      ['provider'],
      ['provider', 'list'],
      ['provider', 'show'],
      ['provider', 'use'],
      ['provider', 'disable'],
      ['provider', 'reset'],
      ['setup'],
      ['adopt'],
      ['sni'],
      ['services'],
      ['services', 'apply'],
      ['services', 'install'],
      ['services', 'list'],
      ['services', 'reset'],
      ['services', 'restart'],
      ['services', 'rollback'],
      ['completion'],
      ['doctor'],
      ['exclude'],
      ['exclude', 'add'],
      ['exclude', 'list'],
      ['exclude', 'set'],
      ['limits'],
      ['log'],
      ['logs'],
      ['options'],
      ['options', 'set'],
      ['plan'],
      ['queue'],
      ['rehearse'],
      ['users'],
      ['users', 'enable'],
      ['users', 'key-type'],
      ['users', 'list'],
      ['website'],
      ['website', 'add'],
      ['website', 'install'],
      ['website', 'list'],
      ['website', 'remove'],
    ],
  ],
] as const)('the manual page of %s', (program, commands) => {
  const page = readFileSync(`man/${program}.8`, 'utf8');

  test('names the options that --help lists, and no other', () => {
    const listed = new Set(commands.flatMap((words) => optionsIn(helpOf(program, words))));
    for (const option of EVERYWHERE) listed.add(option);
    expect(optionsOf(page).sort()).toEqual([...listed].sort());
  });

  test('names every command', () => {
    for (const words of commands) if (words.length > 0) expect(page).toContain(words.join(' '));
  });

  test('is named in the help', () => {
    expect(helpOf(program)).toContain(`${program}(8)`);
  });
});

test('the exit status of try-later is the same in --help and the manual page', () => {
  const codes = codesIn(helpOf('try-later'), /^ {2}(\d+) {2,}/gm);
  expect(codes).toEqual(['0', '1', '2', '3']);
  const page = /^\.Sh EXIT STATUS$([\s\S]*?)^\.Sh /m.exec(readFileSync('man/try-later.8', 'utf8'))?.[1];
  expect(codesIn(page ?? '', /^\.It (\d+)$/gm)).toEqual(codes);
});

describe('the exit status of autossl_check', () => {
  test('is the same in --help, the manual page and README.md', () => {
    const codes = codesIn(helpOf('autossl_check'), /^ {2}(\d+) {2,}/gm);
    expect(codes).toEqual(['0', '1', '2', '3', '75']);
    const page = /^\.Sh EXIT STATUS$([\s\S]*?)^\.Sh /m.exec(readFileSync('man/autossl_check.8', 'utf8'))?.[1];
    expect(codesIn(page ?? '', /^\.It (\d+)$/gm)).toEqual(codes);
    expect(codesIn(readFileSync('README.md', 'utf8'), /^\| (\d+) \|/gm)).toEqual(codes);
  });
});
