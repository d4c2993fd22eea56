import { createHash } from 'node:crypto';

/** How much of a life a renewal may be drawn earlier at most, so that renewals spread out (design 5.2). */
export const SPREAD_RATIO = 1 / 10;
const HASH_RANGE = 2 ** 32;

/**
 * A website's own share of that, from 0 up to but not including 1: always the same for the same name, evenly spread over
 * names. Since it stays the same, websites that were ordered at once drift apart by a tenth of a life at each renewal;
 * shares drawn anew each time would keep them together.
 */
export function spreadShareOf(vhost: string): number {
  return createHash('sha256').update(`renewal ${vhost}`).digest().readUInt32BE(0) / HASH_RANGE;
}
