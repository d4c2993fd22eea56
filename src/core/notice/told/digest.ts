import type { NoticeAudience } from '../../domain/notice-level.js';
import type { ToldEntry } from './told-record.js';

/** How often people are told again of what stays as it is. */
export type NoticeRepeat = 'weekly' | 'every-run' | 'never';

/** A week, less six hours: runs begin in the same night, not at the same second. In ms. */
const DIGEST_AFTER_MS = 7 * 86_400_000 - 6 * 3_600_000;

/** Whether it is time to list what stays as it was told, or listed, at `mentionedAt`. */
export function isDigestDue(mentionedAt: string, repeat: NoticeRepeat, now: Date): boolean {
  if (repeat === 'never') return false;
  return repeat === 'every-run' || now.getTime() - Date.parse(mentionedAt) >= DIGEST_AFTER_MS;
}

/** The entries once all that stays was listed to this audience. `vhosts`: those that were. */
export function mentioned(
  entries: readonly ToldEntry[],
  audience: NoticeAudience,
  isListed: (entry: ToldEntry) => boolean,
  now: Date,
): readonly ToldEntry[] {
  const mentionedAt = now.toISOString();
  return entries.map((entry) =>
    entry.audience === audience && isListed(entry) ? { ...entry, mentionedAt } : entry,
  );
}
