/** The seed of the random suites; `npm test -- --seed N` repeats one that failed. */
export const TEST_SEED = Number(process.env['TEST_SEED'] ?? 1);

/** Numbers in [0, 1) that follow from the seed and the salt alone (mulberry32). */
export function seededChance(salt = 0, seed = TEST_SEED): () => number {
  let state = (seed * 0x9e3779b1 + salt * 0x85ebca6b) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
