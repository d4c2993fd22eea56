const RANGE = 2 ** 32;

/** Numbers in [0, 1) that follow from the seed alone, so that a rehearsal can be repeated. */
export type Chance = () => number;

/** Chance from a seed (mulberry32). */
export function seededChance(seed: number): Chance {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / RANGE;
  };
}
