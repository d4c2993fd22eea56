import type { AccountInventory, Website, WebsiteRef } from '../../core/domain/website/website.js';
import { judgeHolding } from '../../core/domain/website/website-holding.js';
import type { AccountDirectory } from '../ports/accounts.js';

/** Whose website an order is for now. */
export type OrderOwner =
  /** Of the order's own account, or of the one that has it now. */
  | { readonly state: 'found'; readonly website: Website }
  /** It may be there still; `why` is one clause. */
  | { readonly state: 'unsure'; readonly why: string }
  | { readonly state: 'gone' };

const GONE: OrderOwner = { state: 'gone' };

/**
 * Finds out whose website an order is for. The order's account is asked first; only when it has the website no more are
 * all accounts read, once for all orders of a run.
 */
export class OrderOwners {
  readonly #accounts: AccountDirectory;
  readonly #vhosts: ReadonlySet<string>;
  #elsewhere: Promise<ReadonlyMap<string, OrderOwner>> | undefined;

  /** `vhosts`: of the orders that will be asked about. */
  constructor(accounts: AccountDirectory, vhosts: Iterable<string>) {
    this.#accounts = accounts;
    this.#vhosts = new Set(vhosts);
  }

  /** @throws StateError TREE_UNREADABLE */
  async ownerOf({ account, vhost }: WebsiteRef): Promise<OrderOwner> {
    const own = await this.#accounts.read(account);
    if (own !== undefined) {
      // An account that is not looked at keeps what it had, whatever its files name.
      const found = own.state === 'ready' ? holderOf(own, vhost) : unsureOf(own);
      if (found !== undefined) return found;
    }
    this.#elsewhere ??= this.#scan();
    return (await this.#elsewhere).get(vhost) ?? GONE;
  }

  async #scan(): Promise<ReadonlyMap<string, OrderOwner>> {
    const owners = new Map<string, OrderOwner>();
    for await (const inventory of this.#accounts.readAll()) {
      for (const vhost of this.#vhosts) {
        const found = holderOf(inventory, vhost);
        if (found === undefined) continue;
        if (found.state === 'found' || !owners.has(vhost)) owners.set(vhost, found);
      }
    }
    return owners;
  }
}

function holderOf(inventory: AccountInventory, vhost: string): OrderOwner | undefined {
  const holding = judgeHolding(inventory, vhost);
  if (holding === 'has-not') return undefined;
  const website =
    inventory.state === 'ready' ? inventory.websites.find((one) => one.vhost === vhost) : undefined;
  return website === undefined ? unsureOf(inventory) : { state: 'found', website };
}

function unsureOf(inventory: AccountInventory): OrderOwner {
  const account = inventory.state === 'ready' ? inventory.account.name : inventory.account;
  const why = inventory.state === 'skipped' ? SKIPPED[inventory.reason] : 'cannot be read as a whole';
  return { state: 'unsure', why: `user “${account}” ${why}` };
}

const SKIPPED = { suspended: 'is suspended', 'no-autossl-feature': 'lacks the feature “autossl”' } as const;
