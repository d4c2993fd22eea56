import { isServersOwn } from '../domain/account/hostname-owner.js';
import { isCalledBack, type RenewalRecord } from '../renewal/information/renewal-record.js';
import { type DueIndex, type DueWebsite, withHostnameDue, withinBounds } from './due-website.js';

/**
 * The index with those of whose certificates the CA named another instant: each website once, at the earlier of its instants. Those
 * that are called back come first, the other new ones last.
 */
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
  const pressing = withCalledBack({ ...index, websites: [...known, ...added] }, records);
  const brought = { ...index, websites: withinBounds(pressing.websites) };
  const instants = records.flatMap((one) =>
    one.info !== null && isServersOwn(one) ? [one.info.selectedAt] : [],
  );
  const [first] = [...instants, ...hostnameInstant(index)].sort((a, b) => a.getTime() - b.getTime());
  return first === undefined ? brought : withHostnameDue(brought, first);
}

/**
 * The index with the websites whose certificates are called back: due at once and first of all, but for those that were looked at
 * since, whose next look stands. Of `records` the others, and the server's own, change nothing.
 */
export function withCalledBack(index: DueIndex, records: readonly RenewalRecord[]): DueIndex {
  if (records.length === 0) return index;
  const listed = new Map(index.websites.map((one) => [one.vhost, one]));
  const found = records.flatMap((record): readonly DueWebsite[] => {
    const { account, vhost, info } = record;
    const known = listed.get(vhost);
    if (info === null || !isCalledBack(info) || isServersOwn(record) || known?.isCalledBack === true)
      return [];
    const { emergencyAt = null, logStartedAt = null } = known ?? {};
    const dueAt = info.selectedAt.toISOString();
    return [{ account, vhost, dueAt, emergencyAt, logStartedAt, isCalledBack: true }];
  });
  if (found.length === 0) return index;
  const brought = new Set(found.map(({ vhost }) => vhost));
  return { ...index, websites: [...found, ...index.websites.filter(({ vhost }) => !brought.has(vhost))] };
}

function hostnameInstant({ hostnameDueAt }: DueIndex): readonly Date[] {
  return hostnameDueAt === undefined ? [] : [new Date(hostnameDueAt)];
}
