import type { Clock } from '../../runs/ports/clock.js';

/** setTimeout's longest delay in ms (2^31 - 1); beyond it node fires at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

const NS_PER_MS = 1e6;
const MS_PER_SECOND = 1000;

/** The monotonic clock in ms. node's `performance` would cost every start two of them. */
function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * MS_PER_SECOND + nanoseconds / NS_PER_MS;
}

/** What the wall clock said when this program began, less what the monotonic clock said, in ms. */
const beganAtMs = Date.now() - monotonicMs();

/**
 * One time for a whole program: what the wall clock said when it began, and what has passed since by the monotonic clock.
 * Whoever sets the wall clock meanwhile makes nothing expire or come due.
 */
export const systemClock: Clock = {
  now: () => new Date(beganAtMs + monotonicMs()),
  aheadMs: () => Date.now() - beganAtMs - monotonicMs(),
  sleep: async (ms, signal) => {
    for (let left = Math.max(0, ms); ; left -= LONGEST_TIMER_MS) {
      await sleepOnce(Math.min(left, LONGEST_TIMER_MS), signal);
      if (left <= LONGEST_TIMER_MS) return;
    }
  },
};

function sleepOnce(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const wake = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', wake);
      resolve();
    }, ms);
    signal?.addEventListener('abort', wake, { once: true });
  });
}
