import type { AccountName } from '../core/domain/account/account-name.js';
import { UsageError } from '../core/domain/autossl-error.js';
import { type DomainName, quoteForMessage, type WildcardName } from '../core/domain/name/names.js';
import type { AccountInventory, Website } from '../core/domain/website/website.js';
import { counted } from '../core/report/text/wording.js';
import { noSuchUser } from './known-account.js';
import type { AccountDirectory } from './ports/accounts.js';

/** Which websites a command is about. */
export interface WebsiteScope {
  /** Null = every account. */
  readonly user: AccountName | null;
  /** Websites by their own name or one that their certificate should cover; empty = all of the accounts. */
  readonly names: readonly (DomainName | WildcardName)[];
}

interface ScopeHost {
  /** Null on a server that has no accounts yet. */
  readonly accounts: AccountDirectory | null;
}

/**
 * The accounts in scope, each with only the websites in scope; accounts without any are left out when names are given.
 * Names are looked up before the first account is given, so that a mistyped one costs nothing but a line.
 * @throws UsageError UNKNOWN_USER, BAD_ARGUMENT (no such website), StateError TREE_UNREADABLE
 */
export async function* accountsInScope(
  { user, names }: WebsiteScope,
  { accounts }: ScopeHost,
): AsyncGenerator<AccountInventory> {
  const all = inventories(user, accounts);
  if (names.length === 0) yield* all;
  else yield* await accountsWith(names, user, all);
}

async function* inventories(
  user: AccountName | null,
  accounts: AccountDirectory | null,
): AsyncGenerator<AccountInventory> {
  if (user === null) {
    if (accounts !== null) yield* accounts.readAll();
    return;
  }
  const found = await accounts?.read(user);
  if (found === undefined) throw noSuchUser(user);
  yield found;
}

async function accountsWith(
  names: readonly string[],
  user: AccountName | null,
  inventories: AsyncIterable<AccountInventory>,
): Promise<readonly AccountInventory[]> {
  const sought = new Set(names);
  const missing = new Set(names);
  const found: AccountInventory[] = [];
  let unread = 0;
  for await (const inventory of inventories) {
    if (inventory.state === 'broken') unread += 1;
    if (inventory.state !== 'ready') continue;
    const websites = inventory.websites.filter((website) =>
      namesOf(website).some((name) => sought.has(name)),
    );
    if (websites.length === 0) continue;
    for (const website of websites) for (const name of namesOf(website)) missing.delete(name);
    found.push({ ...inventory, websites });
  }
  const [first] = missing;
  if (first === undefined) return found;
  const whose = user === null ? 'no account' : `the account ${user}`;
  throw new UsageError(
    'BAD_ARGUMENT',
    `${whose} has ${user === null ? 'a' : 'no'} website ${quoteForMessage(first)}${unread === 0 ? '' : `, as far as can be read: ${counted(unread, 'account is', 'accounts are')} broken`}`,
    { advice: 'See: autossl status' },
  );
}

function namesOf({ vhost, candidates }: Website): readonly string[] {
  return [vhost, ...candidates.map(({ name }) => name)];
}
