import type { AccountName } from '../../domain/account/account-name.js';
import { coversName } from '../../domain/name/coverage.js';
import { isWildcard, printable, type WantedName, type WildcardName } from '../../domain/name/names.js';
import type { AccountInventory, AccountSkip, Website } from '../../domain/website/website.js';
import { withParents } from '../../domain/website/website-holding.js';
import { NearestName, type NearName } from './nearest-name.js';

/** Whose a name is on this server. */
export type NameHolding =
  /** `not-wanted`: the website is called so, and another one has the better right to the name. */
  | { readonly kind: 'wanted' | 'excluded' | 'not-wanted'; readonly website: Website }
  | { readonly kind: 'covered'; readonly website: Website; readonly by: WildcardName }
  | { readonly kind: 'skipped'; readonly account: AccountName; readonly reason: AccountSkip }
  | { readonly kind: 'broken'; readonly account: string; readonly message: string }
  | { readonly kind: 'hostname' }
  | {
      readonly kind: 'nobody';
      readonly nearest: NearName | null;
      /** Accounts that could not be read at all: it may be theirs. */
      readonly unreadAccounts: number;
    };

/** The more one says about the name, the earlier; what stands first is told. */
const PRECEDENCE = ['wanted', 'excluded', 'covered', 'not-wanted', 'broken', 'skipped'] as const;

/** Looks for a name while the accounts of the server go by, one at a time. */
export class NameSearch {
  readonly #name: WantedName;
  readonly #nearest: NearestName;
  #found: NameHolding | null = null;
  #unreadAccounts = 0;

  constructor(name: WantedName) {
    this.#name = name;
    this.#nearest = new NearestName(name);
  }

  meet(inventory: AccountInventory): void {
    if (inventory.state === 'ready') {
      for (const website of inventory.websites) {
        this.#nearest.meet(website);
        this.#take(holdingOf(website, this.#name));
      }
      for (const { vhost, message } of inventory.faults) {
        if (vhost === null || !withParents(this.#name).includes(vhost)) continue;
        this.#take({ kind: 'broken', account: inventory.account.name, message: printable(message) });
      }
      return;
    }
    const { domains } = inventory;
    const isNamed = domains !== undefined && mayBeOf(this.#name, domains);
    if (inventory.state === 'skipped') {
      if (isNamed) this.#take({ kind: 'skipped', account: inventory.account, reason: inventory.reason });
      return;
    }
    const { account, fault } = inventory;
    if (isNamed)
      this.#take({ kind: 'broken', account: printable(account), message: printable(fault.message) });
    else if (domains === undefined) this.#unreadAccounts += 1;
  }

  /** After all accounts. `hostname`: what this server is called. */
  result(hostname: string): NameHolding {
    if (this.#found !== null) return this.#found;
    if (this.#name === hostname) return { kind: 'hostname' };
    return { kind: 'nobody', nearest: this.#nearest.found(), unreadAccounts: this.#unreadAccounts };
  }

  #take(holding: NameHolding | null): void {
    if (holding === null) return;
    if (this.#found === null || placeOf(holding) < placeOf(this.#found)) this.#found = holding;
  }
}

function placeOf({ kind }: NameHolding): number {
  return (PRECEDENCE as readonly string[]).indexOf(kind);
}

function holdingOf(website: Website, name: WantedName): NameHolding | null {
  if (website.candidates.some((candidate) => candidate.name === name)) return { kind: 'wanted', website };
  if (website.excluded.includes(name)) return { kind: 'excluded', website };
  for (const { name: by } of website.candidates) {
    if (isWildcard(by) && coversName({ dnsNames: [by], ipAddresses: [] }, name)) {
      return { kind: 'covered', website, by };
    }
  }
  return website.vhost === name ? { kind: 'not-wanted', website } : null;
}

/** The domain itself, or a name that websites have without its being written anywhere (`www.`, `mail.` …). */
function mayBeOf(name: string, domains: readonly string[]): boolean {
  const parent = name.slice(name.indexOf('.') + 1);
  return domains.some((domain) => [name, parent].includes(domain.toLowerCase()));
}
