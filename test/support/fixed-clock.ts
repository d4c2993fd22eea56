import type { Clock } from '../../src/runs/ports/clock.js';

/** A clock that stands still until it is set. */
export function fixedClock(iso: string): Clock & { set(iso: string): void } {
  let now = new Date(iso);
  return {
    now: () => now,
    sleep: async () => undefined,
    set: (next) => {
      now = new Date(next);
    },
  };
}
