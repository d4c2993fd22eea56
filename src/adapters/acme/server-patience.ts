import type { AcmeProblem } from '../../core/order/resources.js';

/** Times that one request is sent again to a CA that says that it cannot now. */
const MOST_REPEATS = 3;
/** The waits of our own, where the CA names none. */
const FIRST_WAIT_MS = 500;
/** The CA's own wait is obeyed here up to this; a longer one is for the queue, which holds nobody up. */
const LONGEST_WAIT_MS = 15_000;
/** Overloads and faults of servers on the way (RFC 9110 section 15.6). */
const SERVER_TROUBLE: ReadonlySet<number> = new Set([500, 502, 503, 504]);
const TOO_MANY_REQUESTS = 429;

/**
 * How long to wait, in ms, before the same request is sent again after the nth such answer (n from 1); null: not here. A
 * server's fault passes by itself in seconds as a rule. Of a 429 only its own, short Retry-After is waited for: without one
 * nobody knows when it ends (design 5.18).
 */
export function waitBeforeRepeat(
  problem: Pick<AcmeProblem, 'status' | 'retryAt'>,
  repeat: number,
  now: Date,
): number | null {
  if (repeat > MOST_REPEATS) return null;
  const isLimit = problem.status === TOO_MANY_REQUESTS;
  if (!isLimit && !SERVER_TROUBLE.has(problem.status ?? 0)) return null;
  if (problem.retryAt === null) return isLimit ? null : FIRST_WAIT_MS * 2 ** (repeat - 1);
  const asked = problem.retryAt.getTime() - now.getTime();
  return asked > LONGEST_WAIT_MS ? null : Math.max(FIRST_WAIT_MS, asked);
}
