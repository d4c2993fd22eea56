import { type AccountName, isAccountName, parseAccountName } from '../../core/domain/account/account-name.js';
import { UsageError } from '../../core/domain/autossl-error.js';
import { parseHostName, printable, quoteForMessage, type WantedName } from '../../core/domain/name/names.js';
import { faultFrom, type ListFault } from '../../core/report/status/website-list.js';
import type { ListedExclusion } from '../../core/report/tables/exclusions-table.js';
import type { AccountDirectory, Exclusion, ExclusionStore } from '../ports/accounts.js';
import type { Clock } from '../ports/clock.js';

export interface ExclusionsHost {
  readonly accounts: AccountDirectory;
  readonly exclusions: ExclusionStore;
  readonly clock: Clock;
}

/** How a list is changed by the names given. */
export type ExclusionChange = 'add' | 'remove' | 'set';

/** A changed list, and what of the names given may be a typing mistake. */
export interface ChangedExclusions {
  readonly exclusions: readonly Exclusion[];
  /** Names that no website of the account has: a mistake, or a website to come. */
  readonly unknown: readonly WantedName[];
  /** Names that were to be removed and were not in the list. */
  readonly absent: readonly WantedName[];
}

/** Of a name that was to be removed. */
export function notExcluded(name: WantedName): string {
  return `${name} was not excluded: there was nothing to remove.`;
}

/** Names that are left out of an account's certificates. @throws UsageError UNKNOWN_USER, BAD_NAME; ConfigurationError */
export async function listExclusions(user: string, host: ExclusionsHost): Promise<readonly Exclusion[]> {
  return host.exclusions.list(await knownAccount(user, host));
}

/**
 * Adds names to an account's list, removes them, or sets the list (no name: clears it). `by`: who asks for it.
 * @throws UsageError UNKNOWN_USER, BAD_NAME with nothing changed; ConfigurationError, StateError
 */
export async function changeExclusions(
  user: string,
  change: ExclusionChange,
  domains: readonly string[],
  by: string,
  host: ExclusionsHost,
): Promise<ChangedExclusions> {
  const account = await knownAccount(user, host);
  const names = domains.map(parseHostName);
  const given = new Set<string>(names);
  let absent: readonly WantedName[] = [];
  const exclusions = await host.exclusions.change(account, by, host.clock.now(), (present) => {
    if (change === 'remove') absent = names.filter((name) => !present.includes(name));
    if (change === 'set') return names;
    return change === 'add' ? [...present, ...names] : present.filter((name) => !given.has(name));
  });
  const known = await namesOf(account, host);
  const unknown = change === 'remove' ? [] : names.filter((name) => !known.has(name));
  return { exclusions, unknown, absent };
}

async function knownAccount(user: string, { accounts }: ExclusionsHost): Promise<AccountName> {
  const account = parseAccountName(user);
  if ((await accounts.read(account)) !== undefined) return account;
  throw new UsageError('UNKNOWN_USER', `there is no account ${quoteForMessage(user)}`);
}

async function namesOf(account: AccountName, { accounts }: ExclusionsHost): Promise<ReadonlySet<string>> {
  const inventory = await accounts.read(account);
  if (inventory?.state !== 'ready') return new Set();
  return new Set(
    inventory.websites.flatMap(({ candidates, excluded }) => [
      ...candidates.map(({ name }) => name),
      ...excluded,
    ]),
  );
}

/** One list, or why there is none. */
export type ExclusionItem =
  | { readonly kind: 'exclusion'; readonly exclusion: ListedExclusion }
  | { readonly kind: 'fault'; readonly fault: ListFault };

/** The names left out of certificates of every account; a list that cannot be understood is a fault. @throws StateError */
export async function* listAllExclusions(host: ExclusionsHost): AsyncGenerator<ExclusionItem> {
  for await (const inventory of host.accounts.readAll()) {
    const account = inventory.state === 'ready' ? inventory.account.name : inventory.account;
    if (!isAccountName(account)) continue;
    try {
      for (const exclusion of listedExclusions(account, await host.exclusions.list(account))) {
        yield { kind: 'exclusion', exclusion };
      }
    } catch (error) {
      yield { kind: 'fault', fault: faultFrom(error) };
    }
  }
}

/** As people and programs are told them. */
export function listedExclusions(account: string, exclusions: readonly Exclusion[]): ListedExclusion[] {
  return exclusions.map(({ name, by, at }) => ({
    account,
    name,
    by: by === null ? null : printable(by),
    at: at === null ? null : printable(at),
  }));
}
