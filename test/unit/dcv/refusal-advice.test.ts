import { describe, expect, test } from '@jest/globals';
import { adviceForRefusal } from '../../../src/core/dcv/refusal-advice.js';

describe('advice to the owner of a name that a CA refused', () => {
  test.each([
    ['caa', 'Let the CAA records of a.test'],
    ['dns', 'Look up a.test from outside'],
    ['connection', 'Open port 80 of every address of a.test'],
    ['unauthorized', 'Look at a.test from outside'],
    ['incorrectResponse', 'Look at a.test from outside'],
    ['rejectedIdentifier', 'Exclude a.test from AutoSSL'],
    ['unsupportedIdentifier', 'Exclude a.test from AutoSSL'],
  ])('%s: a sentence that begins with what to do', (type, beginning) => {
    const advice = adviceForRefusal(type, 'a.test');
    expect(advice).toContain(beginning);
    expect(advice).toMatch(/\.$/);
  });

  test.each(['serverInternal', 'constructor', '', 'CHALLENGE_NOT_PLACED'])('%s: none', (type) => {
    expect(adviceForRefusal(type, 'a.test')).toBeNull();
  });
});
