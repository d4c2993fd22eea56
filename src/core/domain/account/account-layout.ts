import { UsageError } from '../autossl-error.js';
import { parseHostName } from '../name/names.js';
import { isAutomatic } from '../name/names-wanted.js';

/** What a website is to its account: the account's main domain, below one of its domains, or a domain of its own. */
export type WebsiteKind = 'main' | 'sub' | 'addon';

/** A website as its account's files lay it out. */
export interface LaidOutWebsite {
  readonly vhost: string;
  readonly kind: WebsiteKind;
  readonly documentRoot: string;
  /** As its file lists them, `www.` and `mail.` included. */
  readonly aliases: readonly string[];
}

/**
 * The domains and websites of one account, as its files lay them out. Names are in their normal form; what is no name
 * is as written.
 */
export interface AccountLayout {
  readonly mainDomain: string;
  /** Addon domain → the website that has it; a website of its own is named by itself. */
  readonly addons: ReadonlyMap<string, string>;
  readonly parked: readonly string[];
  readonly subdomains: readonly string[];
  /** By name; the main domain's first. */
  readonly websites: ReadonlyMap<string, LaidOutWebsite>;
}

/** A name in its normal form; what is no name stays as it is written. */
export function normalName(text: string): string {
  try {
    return parseHostName(text);
  } catch (error) {
    if (error instanceof UsageError) return text;
    throw error;
  }
}

/** Whether a name lies below one of these domains. */
export function liesBelow(name: string, domains: ReadonlySet<string>): boolean {
  for (let rest = name; rest.includes('.'); ) {
    rest = rest.slice(rest.indexOf('.') + 1);
    if (domains.has(rest)) return true;
  }
  return false;
}

/** The domains at which an account has mail too: main, addon and alias domains. */
export function domainsOf(layout: AccountLayout): ReadonlySet<string> {
  return new Set([layout.mainDomain, ...layout.addons.keys(), ...layout.parked]);
}

/**
 * The names that a website wants without their being written: `www.` of each of its names, `mail.` of its domains
 * (behaviour section 2). Service names are left aside.
 */
export function automaticNamesOf(website: LaidOutWebsite, layout: AccountLayout): ReadonlySet<string> {
  const domains = domainsOf(layout);
  const automatic = new Set<string>();
  for (const name of [website.vhost, ...website.aliases]) {
    if (name.startsWith('*.')) continue;
    const isDomain = domains.has(name);
    if (!isDomain && name !== website.vhost && isAutomatic(name)) continue;
    automatic.add(`www.${name}`);
    if (isDomain) automatic.add(`mail.${name}`);
  }
  return automatic;
}

/** The aliases of a website that somebody asked for: those that are not wanted anyway. */
export function explicitAliasesOf(website: LaidOutWebsite, layout: AccountLayout): readonly string[] {
  const automatic = automaticNamesOf(website, layout);
  return website.aliases.filter((alias) => !automatic.has(alias) || layout.parked.includes(alias));
}
