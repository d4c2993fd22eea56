import { expect, test } from '@jest/globals';
import { noteOutage, outageSince } from '../../../../src/core/order/limits/outage.js';

const NOW = new Date('2026-11-22T03:00:00Z');
const HOUR_MS = 60 * 60_000;
const later = (hours: number): string => new Date(NOW.getTime() + hours * HOUR_MS).toISOString();
const EMPTY = {
  schemaVersion: 1,
  provider: 'LetsEncrypt',
  newOrders: [],
  stoppedUntil: null,
  stoppedBecause: null,
} as const;

test.each<[string, string | null, string | null, string | null]>([
  ['nothing is noted', null, null, null],
  ['seen an hour ago', later(-5), later(-1), later(-5)],
  ['seen last night', later(-48), later(-24.5), later(-48)],
  ['a failure long ago, and nobody asked since', later(-720), later(-720), null],
  ['a record of a former version, or a restored one', later(-720), null, null],
  ['noted by a clock that was ahead', later(5), later(5), null],
])('an outage: %s', (_, downSince, downSeenAt, expected) => {
  expect(outageSince({ downSince, downSeenAt }, NOW)?.toISOString() ?? null).toBe(expected);
  // One more failure goes on with it, or begins another.
  const noted = noteOutage({ ...EMPTY, downSince, downSeenAt }, 'no answer', NOW);
  expect(noted).toMatchObject({ downSince: expected ?? NOW.toISOString(), downSeenAt: NOW.toISOString() });
});
