import type { Clock } from '../../src/runs/ports/clock.js';

/** A clock on which sleeping takes no time, but moves it. */
export function runningClock(iso: string): Clock {
  let now = new Date(iso).getTime();
  return {
    now: () => new Date(now),
    sleep: async (ms) => {
      now += ms;
    },
  };
}
