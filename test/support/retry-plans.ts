import fc from 'fast-check';
import type { Command } from '../../src/core/retry/command.js';
import type { RetryPlan } from '../../src/core/retry/plan.js';

/** `--action a --check c`, with these differences. */
export function aPlan(different: Partial<RetryPlan> = {}): RetryPlan {
  return {
    action: { kind: 'script', text: 'a' },
    check: { kind: 'script', text: 'c' },
    actFinally: 'nothing',
    time: { kind: 'delay', minutes: 5 },
    maxRetries: 1,
    skipFirst: false,
    isQueued: false,
    ...different,
  };
}

/** Any text that a program can be given as a word: no NUL, and nothing that stands for bytes that were no text. */
export function anyWord(): fc.Arbitrary<string> {
  const pieces = [
    'a',
    ' ',
    "'",
    '"',
    '\\',
    '$',
    ';',
    '\n',
    '\r',
    '\t',
    '*',
    '-',
    '=',
    '#',
    'ä',
    '日',
    '🔒',
    '`',
    '\u001b',
  ];
  return fc.oneof(
    fc.string({ unit: fc.constantFrom(...pieces) }),
    fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '').replaceAll('\ufffd', '')),
    fc.constantFrom('# try-later', 'exec', 'done', '\ndone\nexec /usr/bin/env -i /x', "'\\''", 'EOF'),
  );
}

/** A command as the command line can say it. */
export function anyCommand(): fc.Arbitrary<Command> {
  const first = anyWord().filter((word) => word.trim() !== '' && !/^[-+\p{Pd}\u2212]/u.test(word));
  const later = anyWord().filter(
    (word) => (!word.startsWith('--') || word === '--') && !/^[\p{Pd}\u2212]{1,2}[a-z]/u.test(word),
  );
  return fc.oneof(
    first.map((text): Command => ({ kind: 'script', text })),
    fc
      .tuple(first, fc.array(later, { minLength: 1, maxLength: 5 }))
      .map(([word, words]): Command => ({ kind: 'words', words: [word, ...words] })),
  );
}

export function anyPlan(): fc.Arbitrary<RetryPlan> {
  const isNumber = (command: Command): boolean =>
    command.kind === 'script' && (command.text === '0' || command.text === '1');
  return fc
    .record({
      action: anyCommand(),
      check: anyCommand(),
      actFinally: fc.oneof(
        fc.constantFrom('nothing' as const, 'action' as const),
        anyCommand().filter((command) => !isNumber(command)),
      ),
      time: fc.oneof(
        fc.record({ kind: fc.constant('delay' as const), minutes: fc.nat(527_040) }),
        fc.record({
          kind: fc.constant('at' as const),
          words: fc.constantFrom(['now', '+', '1', 'minute'], ['noon'], ['10:00 2027-01-01']),
        }),
      ),
      maxRetries: fc.nat(100_000),
      skipFirst: fc.boolean(),
      isQueued: fc.boolean(),
    })
    .map((plan) => ({ ...plan, skipFirst: plan.skipFirst && plan.maxRetries > 0 }));
}
