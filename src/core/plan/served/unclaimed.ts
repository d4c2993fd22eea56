import type { AccountInventory } from '../../domain/website/website.js';
import { withParents } from '../../domain/website/website-holding.js';

/** What lies on this server's disk, by name. */
export interface NamesOnDisk {
  /** Websites with a folder for servers, or with a record of what we issued. */
  readonly websites: Iterable<string>;
  /** Names with a copy for mail and the like. */
  readonly copies: Iterable<string>;
  /** Names with a retry memory. */
  readonly remembered: Iterable<string>;
  /** Accounts with a list of problems. */
  readonly accounts: Iterable<string>;
}

/**
 * What lies on disk, less what a full run met account by account: at its end, what no account has. Holds names of what
 * lies there only, and fewer with each account.
 */
export class Unclaimed {
  readonly #websites: Set<string>;
  readonly #copies: Set<string>;
  readonly #remembered: Set<string>;
  readonly #accounts: Set<string>;
  readonly #ready = new Set<string>();
  readonly #hidden = new Set<string>();
  readonly #hiddenDomains = new Set<string>();
  #isSomeAccountUnknown = false;
  /** Websites on disk before any account was met. */
  readonly known: number;

  constructor(onDisk: NamesOnDisk) {
    this.#websites = new Set(onDisk.websites);
    this.#copies = new Set(onDisk.copies);
    this.#remembered = new Set(onDisk.remembered);
    this.#accounts = new Set(onDisk.accounts);
    this.known = this.#websites.size;
  }

  /** Takes off what the account has, or may have where it cannot be told. */
  meet(inventory: AccountInventory): void {
    if (inventory.state !== 'ready') {
      this.#meetHidden(inventory);
      return;
    }
    const { account, websites, faults } = inventory;
    this.#accounts.delete(account.name);
    this.#ready.add(account.name);
    for (const { vhost, candidates } of websites) {
      this.#websites.delete(vhost);
      for (const { name } of candidates) {
        this.#copies.delete(name);
        this.#remembered.delete(name);
      }
    }
    // A website whose file cannot be read is there all the same.
    for (const { vhost } of faults) if (vhost !== null) this.#websites.delete(vhost);
  }

  get websites(): Iterable<string> {
    return this.#websites;
  }
  get copies(): Iterable<string> {
    return this.#copies;
  }
  get remembered(): Iterable<string> {
    return this.#remembered;
  }
  get accounts(): Iterable<string> {
    return this.#accounts;
  }

  /**
   * Whose a website is that was not met; `account` as our records of it say, null = they do not. `hidden`: an account's that
   * was not looked at; `unsure`: perhaps that of an account of which nothing is known.
   */
  standingOf(vhost: string, account: string | null): 'hidden' | 'unsure' | 'nobodys' {
    if (account !== null && this.#hidden.has(account)) return 'hidden';
    if (withParents(vhost).some((name) => this.#hiddenDomains.has(name))) return 'hidden';
    const isLost = account !== null && this.#ready.has(account);
    return this.#isSomeAccountUnknown && !isLost ? 'unsure' : 'nobodys';
  }

  #meetHidden(inventory: Exclude<AccountInventory, { state: 'ready' }>): void {
    this.#accounts.delete(inventory.account);
    this.#hidden.add(inventory.account);
    for (const domain of inventory.domains ?? []) this.#hiddenDomains.add(domain.toLowerCase());
    if (inventory.domains === undefined) this.#isSomeAccountUnknown = true;
  }
}
