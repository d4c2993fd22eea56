import type { RenewalRecord } from '../renewal/information/renewal-record.js';
import { type DueIndex, type DueWebsite, withinBounds } from './due-website.js';

/** The index with websites whose CA named another instant: each once, at the earlier of its instants, the new ones last. */
export function broughtForward(index: DueIndex, records: readonly RenewalRecord[]): DueIndex {
  const named = new Map(
    records.flatMap(({ account, vhost, info }) =>
      info === null ? [] : [[vhost, { account, vhost, dueAt: info.selectedAt.toISOString() }] as const],
    ),
  );
  const known = index.websites.map((one): DueWebsite => {
    const dueAt = named.get(one.vhost)?.dueAt;
    named.delete(one.vhost);
    return dueAt !== undefined && dueAt < one.dueAt ? { ...one, dueAt } : one;
  });
  const added = [...named.values()].map(
    (one): DueWebsite => ({ ...one, emergencyAt: null, logStartedAt: null }),
  );
  return { ...index, websites: withinBounds([...known, ...added]) };
}
