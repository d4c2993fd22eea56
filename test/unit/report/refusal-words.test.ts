import { expect, test } from '@jest/globals';
import { problemOf } from '../../../src/core/order/problem-type.js';
import { refusalWords, storedRefusalWords } from '../../../src/core/report/events/refusal-words.js';

test.each([
  ['no', 'it refuses: “no” (unauthorized)'],
  ['', 'it refuses without giving a reason (unauthorized)'],
  [' \n', 'it refuses without giving a reason (unauthorized)'],
])('what the CA says (%j) is told as its words', (detail, words) => {
  expect(refusalWords('it refuses', problemOf('unauthorized', detail))).toBe(words);
});

test('words that would steer the terminal cannot', () => {
  expect(refusalWords('it refuses', { type: '\u001b[31m', detail: '\u001b[2J' })).not.toContain('\u001b');
});

test.each([
  ['rateLimited: ', 'it stopped us without giving a reason (rateLimited)'],
  ['rateLimited: too many: see x', 'it stopped us: “too many: see x” (rateLimited)'],
  ['about:blank: no', 'it stopped us: “no” (about:blank)'],
  [null, 'it stopped us without giving a reason'],
])('what the ledger kept (%j) is told in the same way', (stored, words) => {
  expect(storedRefusalWords('it stopped us', stored)).toBe(words);
});
