import type { DueIndex, DueWebsite } from '../due-website.js';
import { withinBounds } from '../due-website.js';

/**
 * The index after certificates were installed for these websites: that the former ones were called back is over, and each is looked
 * at when the renewal of its new one begins, or before where it is due for something else.
 */
export function withInstalled(
  index: DueIndex,
  installed: ReadonlySet<string>,
  renewals: readonly DueWebsite[],
): DueIndex {
  const left = index.websites.filter((one) => one.isCalledBack !== true || !installed.has(one.vhost));
  if (renewals.length === 0 && left.length === index.websites.length) return index;
  return { ...index, websites: withinBounds(withRenewals(left, renewals)) };
}

/** Each website once, at the earlier of its instants; new ones last, the earliest first. */
export function withRenewals(
  websites: readonly DueWebsite[],
  renewals: readonly DueWebsite[],
): readonly DueWebsite[] {
  const begins = new Map(renewals.map((one) => [one.vhost, one]));
  const known = websites.map((one): DueWebsite => {
    const renewal = begins.get(one.vhost);
    begins.delete(one.vhost);
    return renewal !== undefined && renewal.dueAt < one.dueAt ? { ...one, dueAt: renewal.dueAt } : one;
  });
  const added = [...begins.values()].sort((a, b) => Date.parse(a.dueAt) - Date.parse(b.dueAt));
  return [...known, ...added];
}
