import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UsageError } from '../../../src/core/domain/autossl-error.js';
import { argumentsOf, parseArguments } from '../../../src/core/retry/arguments.js';
import type { RetryPlan } from '../../../src/core/retry/plan.js';
import { anyPlan, aPlan } from '../../support/retry-plans.js';

function planOf(argv: readonly string[]): RetryPlan {
  const request = parseArguments(argv);
  if (request.kind !== 'try') throw new Error(`a request for ${request.kind}`);
  return request.plan;
}

test('the documented recipe', () => {
  const plan = planOf([
    ...['--action', '/usr/local/cpanel/bin/checkallsslcerts --no-retry', '--check', '/bin/sh -c exit 1'],
    ...['--delay', '60', '--max-retries', '1', '--skip-first'],
  ]);
  expect(plan).toEqual(
    aPlan({
      action: { kind: 'script', text: '/usr/local/cpanel/bin/checkallsslcerts --no-retry' },
      check: { kind: 'script', text: '/bin/sh -c exit 1' },
      time: { kind: 'delay', minutes: 60 },
      skipFirst: true,
    }),
  );
});

test('the other documented example: words up to the next option', () => {
  const line =
    '--action /usr/local/cpanel/scripts/enable_spf_dkim_globally -x --max-retries 1 --delay 1 --check /bin/sh -c exit 1 --at now + 1 minute --act-finally 0';
  expect(planOf(line.split(' '))).toEqual(
    aPlan({
      action: { kind: 'words', words: ['/usr/local/cpanel/scripts/enable_spf_dkim_globally', '-x'] },
      check: { kind: 'words', words: ['/bin/sh', '-c', 'exit', '1'] },
      // --delay overrides --at.
      time: { kind: 'delay', minutes: 1 },
    }),
  );
});

describe('what is left out', () => {
  const plan = planOf(['--action', 'a', '--check', 'c']);
  test('the delay is 5 minutes, one retry, the first check at once, nothing finally', () => {
    expect(plan).toEqual(aPlan({ time: { kind: 'delay', minutes: 5 }, maxRetries: 1, skipFirst: false }));
  });
});

describe('--act-finally', () => {
  test.each<[string, readonly string[], RetryPlan['actFinally']]>([
    ['0 is nothing', ['0'], 'nothing'],
    ['1 is the action', ['1'], 'action'],
    ['other text is a script', ['echo 1'], { kind: 'script', text: 'echo 1' }],
    ['another number is a script too', ['01'], { kind: 'script', text: '01' }],
    ['words are a command', ['0', '1'], { kind: 'words', words: ['0', '1'] }],
  ])('%s', (_, words, expected) => {
    expect(planOf(['--action', 'a', '--check', 'c', '--act-finally', ...words]).actFinally).toEqual(expected);
  });
});

describe('--at', () => {
  test.each([
    ['several words', ['now', '+', '12', 'minutes']],
    ['one quoted word', ['now + 12 minutes']],
  ])('%s', (_, words) => {
    expect(planOf(['--action', 'a', '--check', 'c', '--at', ...words]).time).toEqual({ kind: 'at', words });
  });
});

test('a value may be joined by =; what follows is no part of it', () => {
  const plan = planOf(
    ['--action=a=b c', '--check=c', '--delay=7', '--act-finally=', '--max-retries=3'].slice(0, 3),
  );
  expect(plan).toMatchObject({ action: { text: 'a=b c' }, time: { minutes: 7 } });
  expect(() => planOf(['--action=a', 'b', '--check=c'])).toThrow('“b” belongs to no option');
});

test.each([
  ['one hyphen', ['-x', '--check', 'c'], ['a', '-x']],
  ['two hyphens alone', ['--', '-x', '--check', 'c'], ['a', '--', '-x']],
  ['a dash that begins no option', ['–', '—delays', '--check', 'c'], ['a', '–', '—delays']],
  ['nothing in it', ['', '--check', 'c'], ['a', '']],
])('a word with %s belongs to the command', (_, words, expected) => {
  expect(planOf(['--action', 'a', ...words]).action).toEqual({ kind: 'words', words: expected });
});

describe('--has-jobs', () => {
  test.each([
    [['--has-jobs'], { action: null, isJson: false }],
    [['--has-jobs', '--json'], { action: null, isJson: true }],
    [['--has-jobs', '--action', 'a', 'b'], { action: { kind: 'words', words: ['a', 'b'] }, isJson: false }],
  ])('%j', (argv, expected) => {
    expect(parseArguments(argv)).toEqual({ kind: 'has-jobs', ...expected });
  });
});

test.each([
  [['--help'], 'help'],
  [['-h'], 'help'],
  [['--action', 'a', '--help'], 'help'],
  [['--version'], 'version'],
])('%j asks for no work', (argv, kind) => {
  expect(parseArguments(argv)).toEqual({ kind });
});

describe('is refused:', () => {
  const BOTH = ['--action', 'a', '--check', 'c'];
  test.each<[string, readonly string[], string, string | null]>([
    ['nothing at all', [], '--action is missing', 'See "try-later --help".'],
    ['no check', ['--action', 'a'], '--check is missing', 'See "try-later --help".'],
    ['an action without words', ['--action', '--check', 'c'], '--action needs a command', null],
    ['an empty action', ['--action', ' ', '--check', 'c'], '--action needs a command', null],
    [
      'a command that begins with an option',
      ['--action', '-x', 'a', '--check', 'c'],
      '--action needs a command, and “-x” is none',
      null,
    ],
    [
      'a script that the shell would take for its options',
      ['--action', 'a', '--check', '+e; a'],
      '--check needs a command, and “+e; a” is none',
      null,
    ],
    ['an option twice', [...BOTH, '--action', 'b'], '--action is given twice', null],
    ['a word before all options', ['a', ...BOTH], '“a” belongs to no option', null],
    ['a word after a switch', [...BOTH, '--skip-first', '1'], '“1” belongs to no option', null],
    ['a switch with a value', [...BOTH, '--skip-first=1'], '--skip-first takes no value', null],
    ['an unknown option', ['--retries', '1'], 'there is no option “--retries”', 'See "try-later --help".'],
    [
      'an option of the command among its words',
      ['--action', '/x/checkallsslcerts', '--no-retry'],
      'there is no option “--no-retry”',
      'If it belongs to the command of --action, write that whole command as one quoted word.',
    ],
    [
      'the en dash of the documentation',
      ['--action', 'a', '--check', '/bin/sh -c exit 1', '–delay', '60'],
      '“–delay” is written with a dash that is no hyphen',
      'Write --delay, with two hyphens.',
    ],
    [
      'an em dash',
      [...BOTH, '—max-retries=1'],
      '“—max-retries=1” is written with a dash that is no hyphen',
      'Write --max-retries, with two hyphens.',
    ],
    [
      'a hyphen that does not break',
      [...BOTH, '--max\u2011retries', '1'],
      '“--max\u2011retries” is written with a dash that is no hyphen',
      'Write --max-retries, with two hyphens.',
    ],
    ['no number', [...BOTH, '--delay'], '--delay takes a whole number up to 527040, not nothing', null],
    [
      'a unit after a number',
      [...BOTH, '--delay', '5', 'minutes'],
      '--delay takes a whole number up to 527040, not “5 minutes”',
      null,
    ],
    [
      'a negative number',
      [...BOTH, '--max-retries', '-1'],
      '--max-retries takes a whole number up to 100000, not “-1”',
      null,
    ],
    [
      'a number that is too large',
      [...BOTH, '--max-retries', '100001'],
      '--max-retries takes a whole number up to 100000, not “100001”',
      null,
    ],
    ['an empty time', [...BOTH, '--at', ''], '--at needs a time, such as: now + 12 minutes', null],
    ['no time', [...BOTH, '--at'], '--at needs a time, such as: now + 12 minutes', null],
    [
      'nothing to check ever',
      [...BOTH, '--skip-first', '--max-retries', '0'],
      'with --skip-first and --max-retries 0 nothing would ever be checked',
      null,
    ],
    [
      'bytes that are no text',
      [...BOTH, '--act-finally', 'x\ufffd'],
      '“x\ufffd” has bytes that are not UTF-8',
      null,
    ],
    ['JSON of nothing', [...BOTH, '--json'], '--json goes with --has-jobs only', null],
    ['a delay of --has-jobs', ['--has-jobs', '--delay', '1'], '--delay does not go with --has-jobs', null],
  ])('%s', (_, argv, message, advice) => {
    let thrown: unknown;
    try {
      parseArguments(argv);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(UsageError);
    expect(thrown).toMatchObject({ code: 'BAD_ARGUMENT', message, advice });
  });
});

test('what is handed on is read back as it was', () => {
  fc.assert(
    fc.property(anyPlan(), (plan) => {
      expect(planOf(argumentsOf(plan))).toEqual(plan);
    }),
  );
});
