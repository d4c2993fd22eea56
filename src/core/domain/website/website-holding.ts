import type { AccountInventory } from './website.js';

/** Whether an account has a website; `may`: its websites are not all known, and nothing speaks against it. */
export type Holding = 'has' | 'may' | 'has-not';

/**
 * Whether the account has a website of that name. One that is suspended or broken may have what its users file names and
 * what lies below; without that file it may have anything. A website that could not be read may be there.
 */
export function judgeHolding(inventory: AccountInventory, vhost: string): Holding {
  if (inventory.state === 'ready') {
    if (inventory.websites.some((website) => website.vhost === vhost)) return 'has';
    return inventory.faults.some((fault) => fault.vhost === vhost) ? 'may' : 'has-not';
  }
  const { domains } = inventory;
  if (domains === undefined) return 'may';
  const known = new Set(domains.map((domain) => domain.toLowerCase()));
  return withParents(vhost).some((name) => known.has(name)) ? 'may' : 'has-not';
}

/** The name and every name above it, the nearest first: `a.b.c`, `b.c`, `c`. */
export function withParents(name: string): readonly string[] {
  const labels = name.split('.');
  return labels.map((_, index) => labels.slice(index).join('.'));
}
