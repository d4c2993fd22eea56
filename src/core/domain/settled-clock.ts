const DAY_MS = 86_400_000;
/** The span before now in which the runs of a server are looked for: as long as what is kept by age is kept. */
const SPAN_MS = 30 * DAY_MS;
/** Runs on so many days (UTC) of it: a clock that was set far ahead, and a server that was off for months, have none there. */
const RUN_DAYS = 3;

/**
 * Whether our clock may decide what is removed for its age: this server ran on three days of the last thirty, today's included, by
 * the instants at which its runs began. One night with a clock that is a year ahead removes nothing so.
 */
export function isClockSettled(ranAt: readonly Date[], now: Date): boolean {
  return new Set(lately(ranAt, now).map((at) => Math.floor(at.getTime() / DAY_MS))).size >= RUN_DAYS;
}

/** Whether the clock came here by a leap: no run but the present one began in the last thirty days, and some did before. */
export function hasClockLeapt(ranAt: readonly Date[], now: Date): boolean {
  return ranAt.some((at) => at.getTime() < now.getTime() - SPAN_MS) && lately(ranAt, now).length <= 1;
}

function lately(ranAt: readonly Date[], now: Date): readonly Date[] {
  return ranAt.filter((at) => at <= now && at.getTime() >= now.getTime() - SPAN_MS);
}
