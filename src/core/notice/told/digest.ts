import { isPast, SETTLED_MS } from './allowance.js';
import { keyOf, type ToldEntry } from './told-record.js';

/** How often people are told again of what stays as it is. */
export type NoticeRepeat = 'weekly' | 'every-run' | 'never';

/** Whether it is time to list what stays as it was told, or listed, at `mentionedAt`. */
export function isDigestDue(mentionedAt: string, repeat: NoticeRepeat, now: Date): boolean {
  if (repeat === 'never') return false;
  return repeat === 'every-run' || isPast(mentionedAt, SETTLED_MS, now);
}

/** The entries once these were listed. */
export function mentioned(entries: readonly ToldEntry[], listed: readonly ToldEntry[]): readonly ToldEntry[] {
  const byKey = new Map(listed.map((entry) => [keyOf(entry), entry]));
  return entries.map((entry) => byKey.get(keyOf(entry)) ?? entry);
}
