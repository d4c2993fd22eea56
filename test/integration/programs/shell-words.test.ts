import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { quoteForShell } from '../../../src/core/retry/shell-words.js';
import { anyWord } from '../../support/retry-plans.js';
import { TEST_SEED } from '../../support/seeded-chance.js';

/** Words in one command line: a shell is started for each list. */
const WORDS = 60;
const RUNS = 20;

test('a real shell reads the words that were written', () => {
  fc.assert(
    fc.property(fc.array(anyWord(), { minLength: WORDS, maxLength: WORDS }), (words) => {
      const script = `printf '%s\\0' ${quoteForShell(words)}\n`;
      // From its stdin, as atd gives it a job.
      const ended = spawnSync('/bin/sh', { input: script, encoding: 'utf8' });
      expect(ended.stderr).toBe('');
      expect(ended.stdout.split('\0').slice(0, -1)).toEqual(words);
    }),
    { numRuns: RUNS, seed: TEST_SEED },
  );
});
