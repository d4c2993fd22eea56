import type { AccountName } from '../core/domain/account/account-name.js';
import { UsageError } from '../core/domain/autossl-error.js';
import type { DomainName, WildcardName } from '../core/domain/name/names.js';
import type { AccountInventory } from '../core/domain/website/website.js';
import type { AccountDirectory } from './ports/accounts.js';

export interface ListWebsitesHost {
  /** Null on a server that has no accounts yet. */
  readonly accounts: AccountDirectory | null;
  certificatePath(vhost: DomainName | WildcardName): string;
}

/** The websites of one or all accounts, as `--json` prints them. */
export interface WebsiteList {
  readonly schemaVersion: 1;
  readonly websites: readonly ListedWebsite[];
  /** False when an account's data is broken: its websites are missing here. */
  readonly isComplete: boolean;
  /** Accounts that are not checked, and why. */
  readonly leftOut: readonly { readonly account: string; readonly why: string }[];
  /** What is wrong with the account data. */
  readonly faults: readonly string[];
}

export interface ListedWebsite {
  readonly account: string;
  readonly website: string;
  readonly documentRoot: string;
  readonly names: readonly string[];
  readonly excluded: readonly string[];
  readonly keyType: string;
  readonly certificate: string;
}

/** @throws UsageError UNKNOWN_USER */
export async function listWebsites(user: AccountName | null, host: ListWebsitesHost): Promise<WebsiteList> {
  const websites: ListedWebsite[] = [];
  const leftOut: { account: string; why: string }[] = [];
  const faults: string[] = [];
  let isComplete = true;
  for await (const inventory of inventories(user, host.accounts)) {
    if (inventory.state === 'broken') {
      isComplete = false;
      leftOut.push({ account: inventory.account, why: inventory.fault.message });
    } else if (inventory.state === 'skipped') {
      leftOut.push({ account: inventory.account, why: inventory.reason });
    } else {
      faults.push(...inventory.faults.map(({ message }) => message));
      for (const { account, vhost, documentRoot, candidates, excluded, keyType } of inventory.websites) {
        websites.push({
          account,
          website: vhost,
          documentRoot,
          names: candidates.map(({ name }) => name),
          excluded,
          keyType,
          certificate: host.certificatePath(vhost),
        });
      }
    }
  }
  return { schemaVersion: 1, isComplete, websites, leftOut, faults };
}

async function* inventories(
  user: AccountName | null,
  accounts: AccountDirectory | null,
): AsyncIterable<AccountInventory> {
  if (user === null) {
    if (accounts !== null) yield* accounts.readAll();
    return;
  }
  const found = await accounts?.read(user);
  if (found === undefined) throw new UsageError('UNKNOWN_USER', `there is no account ${user}`);
  yield found;
}
