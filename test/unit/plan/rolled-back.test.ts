import { expect, test } from '@jest/globals';
import { isRolledBack } from '../../../src/core/plan/rolled-back.js';

const NOW = new Date('2026-06-01T00:00:00Z');
const [good, over] = ['2026-08-01T00:00:00Z', '2026-05-31T00:00:00Z'] as const;
const issued = [
  { fingerprint: 'newest', notAfter: good },
  { fingerprint: 'older', notAfter: good },
];

test.each<[string, string | null, 'ok' | 'incomplete' | 'defective', boolean]>([
  ['a former certificate of ours', 'older', 'ok', true],
  ['one that lacks names', 'older', 'incomplete', true],
  ['one that has expired or is damaged: visitors are warned', 'older', 'defective', false],
  ['the newest of ours', 'newest', 'ok', false],
  ['somebody else’s', 'foreign', 'ok', false],
  ['nothing', null, 'defective', false],
])('in place lies %s', (_, fingerprint, tlsStatus, expected) => {
  expect(isRolledBack({ fingerprint, tlsStatus }, issued, NOW)).toBe(expected);
});

test('nobody went back from one that has expired', () => {
  const [newest, older] = issued;
  const expired = [
    { ...newest, fingerprint: 'newest', notAfter: over },
    ...(older === undefined ? [] : [older]),
  ];
  expect(isRolledBack({ fingerprint: 'older', tlsStatus: 'ok' }, expired, NOW)).toBe(false);
});
