import { printable } from '../domain/names.js';

const DAY_MS = 86_400_000;

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
