import { domainOfAnother, failedByDns, noEditor } from '../../core/dcv/judge-dns.js';
import type { DcvOutcome } from '../../core/dcv/outcome.js';
import { isWildcard, type WantedName } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';
import type { AccountDirectory } from '../ports/accounts.js';
import { ownNamesOf } from './own-names.js';

/** Domain → the accounts that have it, read once for each directory, which a run opens. */
const HOLDERS = new WeakMap<object, Promise<ReadonlyMap<string, readonly string[]>>>();

/**
 * Wildcards that are not ordered whatever the setting `preflight` says: where nothing edits zones here, and those of a domain
 * that another account has. A wildcard is proved by root's word in the zone alone, which knows nothing of accounts.
 */
export async function barredWildcards(
  website: Website,
  names: readonly WantedName[],
  canEdit: boolean,
  accounts: AccountDirectory,
): Promise<ReadonlyMap<WantedName, DcvOutcome>> {
  const barred = new Map<WantedName, DcvOutcome>();
  const wildcards = names.filter(isWildcard);
  if (wildcards.length === 0) return barred;
  if (!canEdit) return new Map(wildcards.map((name) => [name, failedByDns(name, noEditor(name))]));
  const own = await ownNamesOf(website, accounts);
  for (const name of wildcards) {
    const domain = name.slice(2);
    if (own.has(domain)) continue;
    const held = await closestHeld(domain, accounts);
    if (held === null || held.by.includes(website.account)) continue;
    barred.set(name, failedByDns(name, domainOfAnother(name, held.domain)));
  }
  return barred;
}

/** The domain itself or the closest one above it that an account has; null: nobody has any. */
async function closestHeld(
  domain: string,
  accounts: AccountDirectory,
): Promise<{ readonly domain: string; readonly by: readonly string[] } | null> {
  const known = HOLDERS.get(accounts) ?? readHolders(accounts);
  HOLDERS.set(accounts, known);
  const holders = await known;
  const labels = domain.split('.');
  for (let from = 0; from < labels.length - 1; from += 1) {
    const one = labels.slice(from).join('.');
    const by = holders.get(one);
    if (by !== undefined) return { domain: one, by };
  }
  return null;
}

async function readHolders(accounts: AccountDirectory): Promise<ReadonlyMap<string, readonly string[]>> {
  const holders = new Map<string, readonly string[]>();
  for await (const inventory of accounts.readAll()) {
    const account = inventory.state === 'ready' ? inventory.account.name : inventory.account;
    const names =
      inventory.state === 'ready'
        ? [
            inventory.account.primaryDomain,
            ...inventory.websites.flatMap((one) => [
              one.vhost,
              ...one.candidates.map(({ name }) => name),
              ...one.excluded,
            ]),
          ]
        : (inventory.domains ?? []);
    for (const name of new Set<string>(names)) holders.set(name, [...(holders.get(name) ?? []), account]);
  }
  return holders;
}
