import { printable } from '../../domain/name/names.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The documented day count: `(12.34 days from now)` or `(3.20 days ago)`. */
export function daysFrom(now: Date, instant: Date): string {
  const days = (instant.getTime() - now.getTime()) / DAY_MS;
  return days >= 0 ? `(${days.toFixed(2)} days from now)` : `(${(-days).toFixed(2)} days ago)`;
}

/** Values are set between curly quotes: readers of the documented logs depend on it. */
export function quoted(value: string): string {
  return `“${printable(value)}”`;
}

/** A sentence with the sentence of advice after it, if there is one. */
export function withAdvice(message: string, advice: string | null): string {
  if (advice === null) return message;
  return /[.!?…]$/.test(message) ? `${message} ${advice}` : `${message}. ${advice}`;
}

/** `1 website`, `2 websites`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** At most `limit` names, then how many more there are. */
export function listed(names: readonly string[], limit = 20): string {
  const shown = names
    .slice(0, limit)
    .map((name) => printable(name))
    .join(', ');
  return names.length > limit ? `${shown} and ${names.length - limit} more` : shown;
}

/** `5m`, `3h`, `12d`: minutes below an hour, hours below two days. */
export function spanOf(ms: number): string {
  if (ms < HOUR_MS) return `${Math.max(0, Math.floor(ms / MINUTE_MS))}m`;
  return ms < 2 * DAY_MS ? `${Math.floor(ms / HOUR_MS)}h` : `${Math.floor(ms / DAY_MS)}d`;
}
