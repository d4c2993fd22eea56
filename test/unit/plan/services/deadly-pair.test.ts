import { expect, test } from '@jest/globals';
import { spareUntil } from '../../../../src/core/plan/services/deadly-pair.js';

const at = '2026-06-01T00:00:00.000Z';
const note = { fingerprint: 'a', at };

test.each([
  ['of nothing', null, 'a', at, null],
  ['of another one', note, 'b', at, null],
  ['of this one just now', note, 'a', at, '2026-06-08T00:00:00.000Z'],
  ['of this one six days ago', note, 'a', '2026-06-07T23:59:59.999Z', '2026-06-08T00:00:00.000Z'],
  ['of this one a week ago', note, 'a', '2026-06-08T00:00:00.000Z', null],
  ['of this one, by a clock that was ahead', note, 'a', '2026-05-31T00:00:00.000Z', null],
])('a daemon that died %s', (_, died, fingerprint, now, until) => {
  expect(spareUntil(died, fingerprint, new Date(now))?.toISOString() ?? null).toBe(until);
});
