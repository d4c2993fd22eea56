import type { LedgerRecord, LimitStop } from '../ledger-record.js';

/** A set of names as the key of its stop. */
export function setKeyOf(names: readonly string[]): string {
  return [...new Set(names)].sort().join(',');
}

/** Stops that hold now, those that end first in front. */
export function stopsNow({ stops = [] }: Pick<LedgerRecord, 'stops'>, now: Date): readonly LimitStop[] {
  return stops
    .filter(({ until }) => Date.parse(until) > now.getTime())
    .sort((a, b) => Date.parse(a.until) - Date.parse(b.until));
}

/** More than a server's customers bring about, in a file of two megabytes; those that end first give way. */
const MOST_STOPS = 1000;

/** The ledger with these stops too; an earlier end never shortens one that stands, and those that are over go. */
export function addStops(ledger: LedgerRecord, added: readonly LimitStop[], now: Date): LedgerRecord {
  const byKey = new Map(stopsNow(ledger, now).map((stop) => [idOf(stop), stop]));
  for (const stop of added) {
    const standing = byKey.get(idOf(stop));
    const isLonger = standing !== undefined && standing.until > stop.until;
    byKey.set(idOf(stop), {
      ...stop,
      until: isLonger ? standing.until : stop.until,
      holdsRenewals: stop.holdsRenewals || (standing?.holdsRenewals ?? false),
    });
  }
  const all = [...byKey.values()].sort((a, b) => Date.parse(a.until) - Date.parse(b.until));
  return { ...ledger, stops: all.slice(-MOST_STOPS) };
}

function idOf({ scope, key }: Pick<LimitStop, 'scope' | 'key'>): string {
  return `${scope} ${key}`;
}
