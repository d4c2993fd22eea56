import { expect, test } from '@jest/globals';
import { isRolledBack } from '../../../src/core/plan/rolled-back.js';

const issued = [{ fingerprint: 'newest' }, { fingerprint: 'older' }];

test.each<[string, string | null, 'ok' | 'incomplete' | 'defective', boolean]>([
  ['a former certificate of ours', 'older', 'ok', true],
  ['one that lacks names', 'older', 'incomplete', true],
  ['one that has expired or is damaged: visitors are warned', 'older', 'defective', false],
  ['the newest of ours', 'newest', 'ok', false],
  ['somebody else’s', 'foreign', 'ok', false],
  ['nothing', null, 'defective', false],
])('in place lies %s', (_, fingerprint, tlsStatus, expected) => {
  expect(isRolledBack({ fingerprint, tlsStatus }, issued)).toBe(expected);
});
