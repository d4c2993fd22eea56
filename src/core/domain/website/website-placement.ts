import {
  type AccountLayout,
  automaticNamesOf,
  domainsOf,
  explicitAliasesOf,
  type LaidOutWebsite,
  liesBelow,
  type WebsiteKind,
} from '../account/account-layout.js';
import { UsageError } from '../autossl-error.js';
import { type DomainName, isWildcard, nameBelow, type WildcardName } from '../name/names.js';
import { isAutomatic } from '../name/names-wanted.js';

type HostName = DomainName | WildcardName;

/** What an administrator asks for. */
export interface WebsiteRequest {
  readonly vhost: HostName;
  /** An absolute path. */
  readonly documentRoot: string;
  readonly aliases: readonly HostName[];
}

/** What is to be written so that an account has a website; the same again for one that was half written. */
export interface WebsitePlacement {
  readonly vhost: HostName;
  readonly kind: WebsiteKind;
  readonly documentRoot: string;
  /** The account has no website yet. */
  readonly isFirst: boolean;
  /** The account has no such website yet. */
  readonly isNew: boolean;
  /** Of the aliases asked for, the alias domains: names with `www.` and `mail.`. */
  readonly parked: readonly string[];
  /** Those that bring at most their `www.`: below a domain of the account, wildcards, `mail.` of a subdomain … */
  readonly plainAliases: readonly string[];
  /** All that the website's file is to list, `www.` and `mail.` included. */
  readonly aliases: readonly string[];
}

/** What is to be taken out of an account's files. */
export interface WebsiteRemoval {
  readonly vhost: string;
  /** `aliases`: the website stays and loses names; `website`; `account`: it was the last one, so nothing stays. */
  readonly extent: 'aliases' | 'website' | 'account';
  /** Names that the account loses, as domain lists may have them. */
  readonly names: ReadonlySet<string>;
  /** The aliases that the website keeps, as its file lists them. */
  readonly keptAliases: readonly string[];
}

/**
 * How an account (null: it has no website yet) gets a website: the first is its main domain; one below a domain of the
 * account is a subdomain; any other is an addon domain with a website of its own name. A website that is there already
 * gets the document root and the aliases beside those it has.
 * @throws UsageError BAD_ARGUMENT for a name that the account has elsewhere, or a wildcard where none can be
 */
export function placeWebsite(request: WebsiteRequest, layout: AccountLayout | null): WebsitePlacement {
  const { vhost, documentRoot } = request;
  const present = layout?.websites.get(vhost);
  if (layout !== null && present === undefined) assertFree(vhost, layout);
  const kind = present?.kind ?? kindOf(vhost, layout);
  const future = layoutWith(vhost, kind, layout);
  const domains = new Set(domainsOf(future));
  const parked: string[] = [];
  const plainAliases: string[] = [];
  const heldElsewhere = namesOfOthers(vhost, future);
  const automaticBeside = (name: HostName, labels: readonly string[]): readonly string[] =>
    automaticOf(name, labels).filter((automatic) => !heldElsewhere.has(automatic));
  const aliases = [
    ...(present?.aliases ?? automaticBeside(vhost, kind === 'sub' ? ['www'] : ['mail', 'www'])),
  ];
  // Domains before what lies below them, and names before their own `www.`.
  for (const alias of [...new Set(request.aliases)].sort(byDepth)) {
    const isListed = aliases.includes(alias);
    const isDomain = domains.has(alias);
    if (alias === vhost || (isListed && future.addons.get(alias) === vhost)) continue;
    if (!isListed && layout !== null) assertFree(alias, layout);
    const soFar = { vhost, kind, documentRoot, aliases };
    if (!isDomain && automaticNamesOf(soFar, { ...future, parked: [...domains] }).has(alias)) continue;
    if (!isListed && layout !== null) assertNotAutomatic(alias, layout);
    if (!isDomain && (isWildcard(alias) || isAutomatic(alias) || liesBelow(alias, domains))) {
      plainAliases.push(alias);
      if (!isListed) aliases.push(alias);
    } else {
      parked.push(alias);
      domains.add(alias);
      if (!isListed) aliases.push(alias, ...automaticBeside(alias, ['www', 'mail']));
    }
  }
  return {
    vhost,
    kind,
    documentRoot,
    isFirst: layout === null,
    isNew: present === undefined,
    parked,
    plainAliases,
    aliases: [...new Set(aliases)],
  };
}

/**
 * How an account loses a website, or (with aliases) some names of it. @throws UsageError BAD_ARGUMENT when it has no such
 * website or alias, or the website is its main domain and not the last
 */
export function removeWebsite(
  vhost: HostName,
  aliases: readonly HostName[],
  layout: AccountLayout,
): WebsiteRemoval {
  const website = layout.websites.get(vhost);
  if (website === undefined) throw unknownWebsite(vhost, layout);
  if (aliases.length > 0) return removeAliases(website, aliases, layout);
  if (layout.websites.size === 1) {
    return { vhost, extent: 'account', names: new Set(), keptAliases: [] };
  }
  if (website.kind === 'main') {
    throw new UsageError('BAD_ARGUMENT', `${vhost} is the main domain of its account and has to go last`, {
      advice: `Remove its other websites first: ${othersThan(vhost, layout).join(', ')}.`,
    });
  }
  const addons = [...layout.addons].filter(([, owner]) => owner === vhost).map(([addon]) => addon);
  const names = new Set([vhost, ...addons, ...namesOnlyOf(website, website.aliases, layout)]);
  return { vhost, extent: 'website', names, keptAliases: [] };
}

function removeAliases(
  website: LaidOutWebsite,
  aliases: readonly HostName[],
  layout: AccountLayout,
): WebsiteRemoval {
  const explicit = new Set(explicitAliasesOf(website, layout));
  const lost = new Set<string>();
  for (const alias of aliases) {
    if (!explicit.has(alias) && layout.addons.get(alias) !== website.vhost) {
      throw new UsageError('BAD_ARGUMENT', `${alias} is not an alias that ${website.vhost} was given`, {
        advice: `It was given: ${[...explicit].join(', ') || 'none'}. The names www. and mail. come by themselves.`,
      });
    }
    if (alias === website.vhost) throw new UsageError('BAD_ARGUMENT', `${alias} is the website itself`);
    lost.add(alias);
  }
  const kept = website.aliases.filter((alias) => !lost.has(alias));
  const stillDomains = new Set([...domainsOf(layout)].filter((domain) => !lost.has(domain)));
  const keptAliases = kept.filter((alias) => {
    const [label = '', rest = ''] = [alias.slice(0, alias.indexOf('.')), alias.slice(alias.indexOf('.') + 1)];
    if ((label !== 'www' && label !== 'mail') || stillDomains.has(alias)) return true;
    return !lost.has(rest);
  });
  const gone = website.aliases.filter((alias) => !keptAliases.includes(alias));
  const names = new Set([...lost, ...namesOnlyOf(website, gone, layout)]);
  return { vhost: website.vhost, extent: 'aliases', names, keptAliases };
}

/** Those of the names that no other website of the account has. */
function namesOnlyOf(
  website: LaidOutWebsite,
  names: readonly string[],
  layout: AccountLayout,
): ReadonlySet<string> {
  const others = namesOfOthers(website.vhost, layout);
  return new Set(names.filter((name) => !others.has(name)));
}

/** Every name that the account's other websites list. */
function namesOfOthers(vhost: string, layout: AccountLayout): ReadonlySet<string> {
  const names = new Set<string>();
  for (const other of layout.websites.values()) {
    if (other.vhost !== vhost) for (const name of [other.vhost, ...other.aliases]) names.add(name);
  }
  return names;
}

function kindOf(vhost: HostName, layout: AccountLayout | null): WebsiteKind {
  if (layout !== null && liesBelow(vhost, domainsOf(layout))) return 'sub';
  if (isWildcard(vhost)) {
    throw new UsageError(
      'BAD_ARGUMENT',
      `${vhost} cannot be a website here: it lies below no domain of the account`,
      { advice: `Add ${vhost.slice(2)} first.` },
    );
  }
  return layout === null ? 'main' : 'addon';
}

/** The domains as they will be, the website's own among them. */
function layoutWith(vhost: string, kind: WebsiteKind, layout: AccountLayout | null): AccountLayout {
  return {
    mainDomain: layout?.mainDomain ?? vhost,
    addons: new Map([...(layout?.addons ?? []), ...(kind === 'addon' ? [[vhost, vhost] as const] : [])]),
    parked: layout?.parked ?? [],
    subdomains: layout?.subdomains ?? [],
    websites: layout?.websites ?? new Map(),
  };
}

/** A name's automatic names, as website files list them; a wildcard has none, nor one that would be too long. */
function automaticOf(name: HostName, labels: readonly string[]): readonly string[] {
  if (isWildcard(name)) return [];
  return labels.map((label) => nameBelow(label, name)).filter((below) => below !== undefined);
}

/** @throws UsageError BAD_ARGUMENT when the account has the name already, as a website or as somebody's alias */
function assertFree(name: string, layout: AccountLayout): void {
  if (layout.websites.has(name)) {
    throw new UsageError('BAD_ARGUMENT', `${name} is a website of the account already`, {
      advice: 'Remove that website first, or leave the name out.',
    });
  }
  const holder = holderOf(name, layout);
  if (holder === undefined) return;
  throw new UsageError('BAD_ARGUMENT', `${name} is an alias of the account's website ${holder}`, {
    advice: `Take it away there first: autossl website remove USER ${holder} --alias ${name}`,
  });
}

/** @throws UsageError BAD_ARGUMENT when another website of the account has the name without having been given it */
function assertNotAutomatic(alias: string, layout: AccountLayout): void {
  for (const website of layout.websites.values()) {
    if (!automaticNamesOf(website, layout).has(alias)) continue;
    throw new UsageError('BAD_ARGUMENT', `${alias} comes with the account's website ${website.vhost}`, {
      advice: 'Leave it out, or make it a website of its own.',
    });
  }
}

function holderOf(name: string, layout: AccountLayout): string | undefined {
  const addon = layout.addons.get(name);
  if (addon !== undefined) return addon;
  for (const website of layout.websites.values()) {
    if (explicitAliasesOf(website, layout).includes(name)) return website.vhost;
  }
  return layout.parked.includes(name) ? layout.mainDomain : undefined;
}

function unknownWebsite(vhost: string, layout: AccountLayout): UsageError {
  const holder = holderOf(vhost, layout);
  const all = [...layout.websites.keys()].join(', ');
  return new UsageError('BAD_ARGUMENT', `the account has no website ${vhost}`, {
    advice: holder === undefined ? `Its websites: ${all}.` : `The name is an alias of its website ${holder}.`,
  });
}

function othersThan(vhost: string, layout: AccountLayout): readonly string[] {
  return [...layout.websites.keys()].filter((name) => name !== vhost);
}

function byDepth(one: string, other: string): number {
  return one.split('.').length - other.split('.').length || (one < other ? -1 : one > other ? 1 : 0);
}
