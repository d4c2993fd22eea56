import type { AccountName } from '../../core/domain/account/account-name.js';
import { UsageError } from '../../core/domain/autossl-error.js';
import { parseHostName, quoteForMessage } from '../../core/domain/name/names.js';
import type { AccountInventory } from '../../core/domain/website/website.js';
import {
  type ChangedExclusions,
  changeExclusions,
  type ExclusionChange,
  type ExclusionsHost,
} from './exclusions.js';

/** More than any account has names; each run reads the list. */
const MAX_EXCLUSIONS = 2000;

/** What is to become of an account's own list. */
export interface OwnExclusionWish {
  readonly account: AccountName;
  readonly change: ExclusionChange;
  readonly domains: readonly string[];
  /** The account, or root on its behalf. */
  readonly by: string;
}

/**
 * As `changeExclusions`, for an account that speaks for itself: names that it adds are its own domains' or lie below these,
 * and their number is bounded.
 * @throws UsageError BAD_NAME, BAD_ARGUMENT, UNKNOWN_USER with nothing changed; ConfigurationError, StateError
 */
export async function changeOwnExclusions(
  { account, change, domains, by }: OwnExclusionWish,
  host: ExclusionsHost,
): Promise<ChangedExclusions> {
  if (change !== 'remove') {
    const inventory = await host.accounts.read(account);
    // A broken list makes the account unreadable: that is said, not that its names are nobody's.
    await host.exclusions.list(account);
    const own = inventory === undefined ? new Set<string>() : domainsOf(inventory);
    const names = domains.map(parseHostName);
    for (const name of names) {
      if (isOneOf(name, own)) continue;
      throw new UsageError('BAD_NAME', `${quoteForMessage(name)} is no domain of this account`);
    }
    const present = change === 'add' ? await host.exclusions.list(account) : [];
    const total = new Set([...present.map(({ name }) => name), ...names]).size;
    if (total > MAX_EXCLUSIONS) {
      throw new UsageError('BAD_ARGUMENT', `an account may exclude ${MAX_EXCLUSIONS} names, not ${total}`);
    }
  }
  return await changeExclusions(account, change, domains, by, host);
}

/** What is known to be the account's: of one that is not looked at, what its users file says. */
function domainsOf(inventory: AccountInventory): ReadonlySet<string> {
  if (inventory.state !== 'ready') return new Set(inventory.domains?.map((domain) => domain.toLowerCase()));
  return new Set(
    inventory.websites.flatMap(({ vhost, candidates, excluded }) => [
      vhost,
      ...candidates.map(({ name }) => name),
      ...excluded,
    ]),
  );
}

/** The name itself, or any that it lies below. */
function isOneOf(name: string, domains: ReadonlySet<string>): boolean {
  for (let rest = name; rest !== ''; rest = rest.slice(rest.indexOf('.') + 1)) {
    if (domains.has(rest)) return true;
    if (!rest.includes('.')) return false;
  }
  return false;
}
