import { expect, test } from '@jest/globals';
import type { DcvOutcome } from '../../../src/core/dcv/outcome.js';
import { weighOutcomes } from '../../../src/core/plan/unsure-names.js';
import { wantedNames } from '../../support/fake-certificate.js';

/** `ok`, `bad` (conclusive) or `odd` (inconclusive) for each name. */
const outcomes = (words: string): DcvOutcome[] =>
  words.split(' ').map((word, index): DcvOutcome => {
    const [name] = wantedNames(`n${index}.test`);
    if (name === undefined) throw new Error('no name');
    return word === 'ok'
      ? { name, passed: true, warnings: [] }
      : {
          name,
          passed: false,
          code: 'UNREACHABLE',
          message: '',
          advice: '',
          fault: 'owner',
          isConclusive: word === 'bad',
        };
  });

test.each([
  ['what passed passes, whatever may be taken', 'ok ok', 0, 'yes yes'],
  ['what failed for sure stays out', 'bad ok bad', 9, 'no yes no'],
  ['what failed inconclusively passes as unsure', 'odd ok odd', 9, 'unsure yes unsure'],
  ['the most important come first', 'odd bad odd odd', 2, 'unsure no unsure no'],
  ['none is left to take', 'odd ok', 0, 'no yes'],
])('%s', (_, words, allowed, expected) => {
  const told = weighOutcomes(outcomes(words), allowed).map(({ passed, isUnsure }) =>
    isUnsure ? `${passed ? '' : 'not '}unsure` : passed ? 'yes' : 'no',
  );
  expect(told.join(' ')).toBe(expected);
});
