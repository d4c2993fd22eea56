const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** First waits after a failure, from Let's Encrypt's integration guide; then the ceiling of `longestRetryMs`. */
const FIRST_RETRIES_MS = [MINUTE_MS, 10 * MINUTE_MS, 100 * MINUTE_MS] as const;
/** Every wait is drawn this far to both sides, so that many failures do not come back together. */
const JITTER = 0.25;
/** A wait must stay an order of magnitude below the life of what it is for. */
const SHARE_OF_LIFE = 10;
/** A rate limit that names no instant: the shortest refill that the large CAs document is minutes, the longest hours. */
export const UNNAMED_RATE_LIMIT_MS = HOUR_MS;

/** No wait that is drawn here is longer, in ms: with what is drawn to both sides. */
export const LONGEST_RETRY_DELAY_MS = DAY_MS * (1 + JITTER);

/** Drawn by the caller, evenly from 0 up to but not including 1. */
export type Fraction = number;

/** The longest wait between two attempts: a day, less for short lives. @param lifeMs certificate's life, null = unknown */
export function longestRetryMs(lifeMs: number | null): number {
  return lifeMs === null ? DAY_MS : Math.min(DAY_MS, Math.max(MINUTE_MS, lifeMs / SHARE_OF_LIFE));
}

/**
 * The wait in ms after the nth failure in a row (n from 1): 1, 10, 100 min, then min(24 h, life/10), each ±25 % by the
 * fraction. Never above that ceiling +25 %, never below 45 s.
 */
export function retryDelayMs(failures: number, lifeMs: number | null, fraction: Fraction): number {
  const ceiling = longestRetryMs(lifeMs);
  const step = FIRST_RETRIES_MS[Math.max(1, Math.floor(failures)) - 1] ?? ceiling;
  return Math.round(Math.min(step, ceiling) * (1 - JITTER + 2 * JITTER * fraction));
}
