/** A run begins in the same night, not at the same second, in ms. */
const JITTER_MS = 6 * 3_600_000;
const DAY_MS = 86_400_000;
/** What lasts, or is gone, for so long has settled; what changes sooner comes and goes, in ms. */
export const SETTLED_MS = 7 * DAY_MS - JITTER_MS;

/** How much of a thing is news: so many times at once, and then once in each `everyMs`. */
export interface Allowance {
  readonly atOnce: number;
  readonly everyMs: number;
}

/** Of one website in one matter: that it is so, that it is over; after that once a week. */
export const WEBSITE_ALLOWANCE: Allowance = { atOnce: 2, everyMs: 7 * DAY_MS };
/**
 * Of all websites of one account, to administrators: nights in which something of it changed. What its owner causes, and be it
 * by a hundred websites that take turns, is no mail to root every night.
 */
export const ACCOUNT_ALLOWANCE: Allowance = { atOnce: 4, everyMs: 3 * DAY_MS };

/** Whether something may be told now. `fullAt`: when the whole allowance is there again; null: it is. */
export function isAllowed(fullAt: string | null, { atOnce, everyMs }: Allowance, now: Date): boolean {
  return owedMs(fullAt, { atOnce, everyMs }, now) <= (atOnce - 1) * everyMs + JITTER_MS;
}

/** When the allowance is whole again once something more was told. ISO 8601. */
export function spent(fullAt: string | null, allowance: Allowance, now: Date): string {
  const owed = owedMs(fullAt, allowance, now) + allowance.everyMs;
  return new Date(now.getTime() + Math.min(owed, longestMs(allowance))).toISOString();
}

/** Whether the instant is so long ago; one that lies ahead is of a clock that was wrong. */
export function isPast(at: string, ms: number, now: Date): boolean {
  const age = now.getTime() - Date.parse(at);
  return age < 0 || age >= ms;
}

function longestMs({ atOnce, everyMs }: Allowance): number {
  return atOnce * everyMs;
}

/** What lies further ahead than can be owed was written by a clock that was wrong. */
function owedMs(fullAt: string | null, allowance: Allowance, now: Date): number {
  if (fullAt === null) return 0;
  const owed = Date.parse(fullAt) - now.getTime();
  return owed > longestMs(allowance) + JITTER_MS ? 0 : Math.max(0, owed);
}
