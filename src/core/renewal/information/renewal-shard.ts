import { createHash } from 'node:crypto';

/**
 * Records lie in so many files: with 100,000 certificates about 400 in each, so that a turn of the poller rewrites little, and
 * with 10,000 a run over all websites opens a few hundred files in all.
 */
export const RENEWAL_SHARDS = 256;

/** Which file a record lies in, 0 to RENEWAL_SHARDS - 1. */
export function renewalShardOf(key: string): number {
  return createHash('sha256').update(key).digest()[0] ?? 0;
}

/** The phase of all records of a file: they are asked about, and written, together. */
export function renewalPhaseOf(key: string): number {
  return renewalShardOf(key) / RENEWAL_SHARDS;
}
