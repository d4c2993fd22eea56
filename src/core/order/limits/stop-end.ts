import { UNNAMED_RATE_LIMIT_MS } from '../backoff.js';
import { classifyProblem } from '../classification.js';
import type { AcmeProblem } from '../resources.js';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
/** No limit of a large CA takes longer to refill (protocol C2); the hour is what two clocks may be apart. */
const LONGEST_RATE_LIMIT_MS = 7 * DAY_MS + HOUR_MS;
/** An overload ends sooner; whoever is still overloaded then says so again. */
const LONGEST_OVERLOAD_MS = DAY_MS;
/** An order that a CA will not show now is asked for at least so often. */
const LONGEST_POLL_WAIT_MS = DAY_MS;
/** And so often where its website is in a hurry. */
const HURRIED_POLL_WAIT_MS = HOUR_MS;
/** A poll leaves the rest of the present certificate's life to the order. */
const SHARE_OF_REMAINING = 10;

/** The longest that any answer of a CA is obeyed, in ms: what lasts longer was not written by a clock that is right. */
export const LONGEST_STOP_MS = LONGEST_RATE_LIMIT_MS;

/** How long an answer of this kind holds orders back at most, in ms. */
export function longestStopMs(problem: AcmeProblem): number {
  return classifyProblem(problem) === 'rate-limited' ? LONGEST_RATE_LIMIT_MS : LONGEST_OVERLOAD_MS;
}

/**
 * Until when an answer of a CA holds orders back: its own instant up to the bound of its kind, else `untoldMs` from now on. One
 * slip of a CA must not silence us for long.
 */
export function stopEnd(
  problem: AcmeProblem,
  now: Date,
  toldAt: Date | null = problem.retryAt,
  untoldMs = UNNAMED_RATE_LIMIT_MS,
): Date {
  const latest = now.getTime() + longestStopMs(problem);
  return new Date(Math.min(toldAt?.getTime() ?? now.getTime() + untoldMs, latest));
}

/** The instant that a CA named and that is not obeyed; null: it named none, or is obeyed. */
export function disobeyedInstant(
  problem: AcmeProblem,
  now: Date,
  toldAt: Date | null = problem.retryAt,
): Date | null {
  return toldAt !== null && toldAt > stopEnd(problem, now, toldAt) ? toldAt : null;
}

/**
 * When an order is looked at again after a rate limit: the CA's instant, within a day, and within an hour where its website has
 * no certificate or would be without one soon. @param neededBy when one is needed, ISO; absent: not known
 */
export function limitedPollAt(retryAt: Date | null, neededBy: string | undefined, now: Date): Date {
  const told = (retryAt?.getTime() ?? now.getTime() + UNNAMED_RATE_LIMIT_MS) - now.getTime();
  return new Date(now.getTime() + Math.min(told, longestPollWaitMs(neededBy, now)));
}

function longestPollWaitMs(neededBy: string | undefined, now: Date): number {
  if (neededBy === undefined) return LONGEST_POLL_WAIT_MS;
  const remainingMs = Date.parse(neededBy) - now.getTime();
  const share = remainingMs / SHARE_OF_REMAINING;
  return Math.min(LONGEST_POLL_WAIT_MS, Math.max(HURRIED_POLL_WAIT_MS, share));
}
