import type { DomainName, WildcardName } from '../../../core/domain/name/names.js';
import type { Website } from '../../../core/domain/website/website.js';
import { counted } from '../../../core/report/text/wording.js';
import type { AccountDirectory } from '../../ports/accounts.js';

type HostName = DomainName | WildcardName;

/** Websites by the names that were asked for, and how far the search went. */
export interface FoundWebsites {
  readonly byName: ReadonlyMap<HostName, Website>;
  /** Clause for messages about what was not found; empty when every account could be read. */
  readonly limits: string;
}

/**
 * The website of each name: the one called by it, else one that has it among its names (also an excluded one). Names that no
 * account has are not in the answer. @throws StateError TREE_UNREADABLE
 */
export async function findWebsites(
  names: readonly HostName[],
  accounts: AccountDirectory | null,
): Promise<FoundWebsites> {
  const sought = new Set<string>(names);
  const byName = new Map<HostName, Website>();
  let unread = 0;
  for await (const inventory of accounts?.readAll() ?? []) {
    if (inventory.state === 'broken') unread += 1;
    if (inventory.state !== 'ready') continue;
    for (const website of inventory.websites) {
      if (sought.has(website.vhost)) byName.set(website.vhost, website);
      for (const name of namesOf(website)) {
        if (sought.has(name) && !byName.has(name as HostName)) byName.set(name as HostName, website);
      }
    }
    if ([...sought].every((name) => byName.has(name as HostName))) break;
  }
  const limits =
    unread === 0 ? '' : `, as far as can be read: ${counted(unread, 'account is', 'accounts are')} broken`;
  return { byName, limits };
}

function namesOf({ candidates, excluded }: Website): readonly string[] {
  return [...candidates.map(({ name }) => name), ...excluded];
}
