import { isServersOwn } from '../domain/account/hostname-owner.js';
import type { RenewalRecord } from '../renewal/information/renewal-record.js';
import { type DueIndex, type DueWebsite, withHostnameDue, withinBounds } from './due-website.js';

/** The index with those of whose certificates the CA named another instant: each website once, at the earlier of its instants, the new ones last. */
export function broughtForward(index: DueIndex, records: readonly RenewalRecord[]): DueIndex {
  const named = new Map(
    records.flatMap(({ account, vhost, info }) =>
      info === null || isServersOwn({ account })
        ? []
        : [[vhost, { account, vhost, dueAt: info.selectedAt.toISOString() }] as const],
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
  const brought = { ...index, websites: withinBounds([...known, ...added]) };
  const instants = records.flatMap((one) =>
    one.info !== null && isServersOwn(one) ? [one.info.selectedAt] : [],
  );
  const [first] = [...instants, ...hostnameInstant(index)].sort((a, b) => a.getTime() - b.getTime());
  return first === undefined ? brought : withHostnameDue(brought, first);
}

function hostnameInstant({ hostnameDueAt }: DueIndex): readonly Date[] {
  return hostnameDueAt === undefined ? [] : [new Date(hostnameDueAt)];
}
