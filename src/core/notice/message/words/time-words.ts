const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Below this, hours are counted: “in 47 hours”. */
const DAYS_FROM_MS = 2 * DAY_MS;

/** `in 3 days`, `5 hours ago`, `within the hour`. Parts of a day or hour are cut off: nobody is promised time he does not have. */
export function relativeWords(at: Date, now: Date): string {
  const ms = at.getTime() - now.getTime();
  const size = Math.abs(ms);
  if (size < HOUR_MS) return ms < 0 ? 'within the last hour' : 'within the hour';
  const span = spanWords(size);
  return ms < 0 ? `${span} ago` : `in ${span}`;
}

/** `3 days`, `1 hour`. */
export function spanWords(ms: number): string {
  const [count, unit] =
    ms < DAYS_FROM_MS ? [Math.floor(ms / HOUR_MS), 'hour'] : [Math.floor(ms / DAY_MS), 'day'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** `2026-11-25 04:00 UTC`. */
export function utcWords(at: Date): string {
  const text = at.toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 16)} UTC`;
}

/** Both: `in 3 days (2026-11-25 04:00 UTC)`. */
export function instantWords(at: Date, now: Date): string {
  return `${relativeWords(at, now)} (${utcWords(at)})`;
}
