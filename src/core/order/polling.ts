import { isInstantDue } from '../domain/stored-instant.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What a provider says of waiting (its description), in ms. */
export interface PollLimits {
  /** How long an order may keep a run waiting after each step forward. */
  readonly patienceMs: number;
  /** Bounds put on Retry-After, and the first wait without one. */
  readonly minPollMs: number;
  readonly maxPollMs: number;
  /** How long after it was made an order may wait for validation before its challenges count as stuck. */
  readonly validationDeadlineMs: number;
}

/** Without Retry-After the wait doubles from `minPollMs` up to this. */
const LONGEST_UNTOLD_WAIT_MS = 15_000;
/** An `api` CA validates within seconds; some leave a failed challenge `processing` for ever (protocol C4). */
const API_VALIDATION_DEADLINE_MS = HOUR_MS;
/** Documented worst case of queue delivery. */
const QUEUE_VALIDATION_DEADLINE_MS = 48 * HOUR_MS;
/** An order without `expires`, or still `processing` after it, is given up when this old (behaviour.md section 5). */
export const LONGEST_ORDER_LIFE_MS = 7 * DAY_MS;

/** The longest that an order is put off for, by the ladder, by a trial that failed here, or because its CA is at its limits. */
const LONGEST_POLL_WAIT_MS = DAY_MS;

/** Whether a parked order is due by its `pollAt` (ISO; null: it is): one further ahead was written by a clock that was wrong. */
export function isPollInstantDue(pollAt: string | null, now: Date): boolean {
  return pollAt === null || isInstantDue(new Date(pollAt), LONGEST_POLL_WAIT_MS, now);
}

/** The limits of a provider's description. */
export function pollLimitsOf(provider: {
  readonly patienceMs: number;
  readonly minPollMs: number;
  readonly maxPollMs: number;
  readonly deliveryMethod: 'api' | 'queue';
}): PollLimits {
  return {
    patienceMs: provider.deliveryMethod === 'queue' ? 0 : provider.patienceMs,
    minPollMs: provider.minPollMs,
    maxPollMs: provider.maxPollMs,
    validationDeadlineMs:
      provider.deliveryMethod === 'queue' ? QUEUE_VALIDATION_DEADLINE_MS : API_VALIDATION_DEADLINE_MS,
  };
}

/** When to look again: the CA's Retry-After within the clamp, else doubling from `minPollMs`. @param polls made so far */
export function nextPollAt(retryAt: Date | null, polls: number, limits: PollLimits, now: Date): Date {
  const untold = Math.min(limits.minPollMs * 2 ** Math.min(polls, 20), LONGEST_UNTOLD_WAIT_MS);
  const wanted = retryAt === null ? untold : retryAt.getTime() - now.getTime();
  return new Date(now.getTime() + Math.min(Math.max(wanted, limits.minPollMs), limits.maxPollMs));
}

/**
 * The documented ladder of a parked order: under a day old every 5 minutes, under two every hour, then every day. The
 * CA's Retry-After may put it off, within the provider's clamp (protocol B-18).
 */
export function parkedPollAt(createdAt: Date, retryAt: Date | null, limits: PollLimits, now: Date): Date {
  const told = retryAt === null ? 0 : Math.min(retryAt.getTime() - now.getTime(), limits.maxPollMs);
  return new Date(now.getTime() + Math.max(rungMs(createdAt, now), told));
}

/**
 * When the poller tries again to put in place what could not be: where only this server's state is in the way and
 * nothing was touched, by the same ladder; else after a day, for each trial reloads the servers. A run does not wait for it.
 */
export function installRetryAt(createdAt: Date, isTouched: boolean, now: Date): Date {
  return isTouched ? new Date(now.getTime() + DAY_MS) : nextRungAt(createdAt, now);
}

/** The ladder alone: for an order that nobody asked the CA about. */
export function nextRungAt(createdAt: Date, now: Date): Date {
  return new Date(now.getTime() + rungMs(createdAt, now));
}

function rungMs(createdAt: Date, now: Date): number {
  const age = now.getTime() - createdAt.getTime();
  return age < DAY_MS ? 5 * MINUTE_MS : age < 2 * DAY_MS ? HOUR_MS : DAY_MS;
}

/**
 * Whether a parked order waits because the CA asked for it (Retry-After), and not by the ladder alone: then it is not
 * looked at earlier, whoever wants it.
 */
export function isWaitAsked(
  order: { readonly createdAt: string; readonly lastPolledAt: string | null; readonly pollAt: string | null },
  limits: PollLimits,
): boolean {
  if (order.pollAt === null || order.lastPolledAt === null) return false;
  const rung = parkedPollAt(new Date(order.createdAt), null, limits, new Date(order.lastPolledAt));
  return Date.parse(order.pollAt) > rung.getTime();
}
