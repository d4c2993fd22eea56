import type { AccountName } from '../../domain/account/account-name.js';
import type { DomainName, WildcardName } from '../../domain/name/names.js';
import { AUTOMATIC_LABELS } from '../../domain/service/service-names.js';
import type { Website } from '../../domain/website/website.js';
import type { SiteGroup } from './adoption-groups.js';

/** Whose a document root is. */
export type DocumentRootFinding =
  /** `path`: as the account files are to name it. */
  | { readonly state: 'person'; readonly account: AccountName; readonly path: string }
  /** `owner`: a phrase, not yet printable. */
  | { readonly state: 'nobody'; readonly owner: string; readonly path: string }
  /** It cannot be a document root of ours; one clause. */
  | { readonly state: 'refused'; readonly why: string };

/** A website of ours, as far as names go. */
export type PresentWebsite = Pick<Website, 'account' | 'vhost' | 'documentRoot'>;

/** Where a server's website goes in the accounts. */
export type Placement =
  | {
      /** `extend`: the website is there, some names are not; `present`: all are. */
      readonly state: 'add' | 'extend' | 'present';
      readonly account: AccountName;
      readonly vhost: DomainName | WildcardName;
      readonly documentRoot: string;
      /** Aliases to add. */
      readonly aliases: readonly DomainName[];
      readonly leftOut: readonly LeftOutAlias[];
    }
  | {
      readonly state: 'refused';
      readonly code: 'NO_ACCOUNT' | 'NAME_TAKEN' | 'BAD_DOCUMENT_ROOT';
      /** One sentence, not yet printable, and what to do. */
      readonly why: string;
      readonly advice: string;
    };

/** A name of the server's site that the website does not get; one clause. */
export interface LeftOutAlias {
  readonly name: DomainName;
  readonly why: string;
}

/** Which website has a name: of the accounts as they are, and of the plan so far. */
export class NameHolders {
  readonly #holders = new Map<string, PresentWebsite>();

  /** `names`: all that it wants, excluded ones too. */
  add(website: PresentWebsite, names: readonly string[]): void {
    for (const name of names) if (!this.#holders.has(name)) this.#holders.set(name, website);
  }

  holderOf(name: string): Holder | undefined {
    const dot = name.indexOf('.');
    const parent = AUTOMATIC_LABELS.has(name.slice(0, dot))
      ? this.#holders.get(name.slice(dot + 1))
      : undefined;
    const exact = this.#holders.get(name);
    const website = exact ?? parent;
    if (website === undefined) return undefined;
    const isOwn = exact !== undefined && (parent === undefined || !isSame(exact, parent));
    return { website, isWanted: exact !== undefined, isAutomatic: !isOwn && website.vhost !== name };
  }
}

interface Holder {
  readonly website: PresentWebsite;
  /** Else the name only belongs with one that it wants. */
  readonly isWanted: boolean;
  /** It has the name because it has that below which it lies, so another website of the account may have it. */
  readonly isAutomatic: boolean;
}

function isSame(a: PresentWebsite, b: PresentWebsite): boolean {
  return a.account === b.account && a.vhost === b.vhost;
}

/**
 * Where each website goes: to the one of ours that has its name already, else to the account whose its document root is,
 * else to `fallback`. In the order of `groups`, domains before what lies below them. Adds to `holders` what is placed.
 */
export function placeGroups(
  groups: readonly SiteGroup[],
  facts: {
    readonly roots: ReadonlyMap<string, DocumentRootFinding>;
    readonly holders: NameHolders;
    readonly fallback: AccountName | null;
  },
): ReadonlyMap<SiteGroup, Placement> {
  const placements = new Map<SiteGroup, Placement>();
  const labels = ({ vhost }: SiteGroup): number => vhost.split('.').length;
  for (const group of [...groups].sort((a, b) => labels(a) - labels(b))) {
    const finding = facts.roots.get(group.documentRoot) ?? { state: 'refused', why: 'it was not looked at' };
    const placement = placeGroup(group, finding, facts.holders, facts.fallback);
    placements.set(group, placement);
    if (placement.state !== 'refused') facts.holders.add(placement, [placement.vhost, ...placement.aliases]);
  }
  return placements;
}

function placeGroup(
  group: SiteGroup,
  finding: DocumentRootFinding,
  holders: NameHolders,
  fallback: AccountName | null,
): Placement {
  const target = targetOf(group, finding, holders);
  if (target !== undefined) {
    const { aliases, leftOut } = sortAliases([group.vhost, ...group.aliases], target, holders);
    return { ...target, state: aliases.length > 0 ? 'extend' : 'present', aliases, leftOut };
  }
  if (finding.state === 'refused') {
    return {
      state: 'refused',
      code: 'BAD_DOCUMENT_ROOT',
      why: `the document root ${group.documentRoot} is refused: ${finding.why}`,
      advice: `Say whose the website is: autossl website add USER ${group.vhost} --docroot DIR`,
    };
  }
  const account = finding.state === 'person' ? finding.account : fallback;
  if (account === null) {
    const owner = finding.state === 'nobody' ? finding.owner : '';
    return {
      state: 'refused',
      code: 'NO_ACCOUNT',
      why: `nobody’s account is known: the document root ${group.documentRoot} ${owner}`,
      advice: 'Say with --user whose such websites are.',
    };
  }
  const other = holders.holderOf(group.vhost)?.website;
  if (other !== undefined && other.account !== account) {
    return {
      state: 'refused',
      code: 'NAME_TAKEN',
      why: `${group.vhost} belongs with ${other.vhost} to the account ${other.account}`,
      advice: 'A name can be on one account only.',
    };
  }
  const website = { account, vhost: group.vhost, documentRoot: finding.path };
  return { ...website, state: 'add', ...sortAliases(group.aliases, website, holders) };
}

/**
 * The website of ours that this is: it has the name; or it has another of the names and the name comes with that; or
 * the name comes with it and the document root is its own.
 */
function targetOf(
  group: SiteGroup,
  finding: DocumentRootFinding,
  holders: NameHolders,
): PresentWebsite | undefined {
  const holder = holders.holderOf(group.vhost);
  if (holder === undefined) return undefined;
  const { website, isAutomatic } = holder;
  if (!isAutomatic) return website;
  const hasOther = group.aliases.some((alias) => {
    const other = holders.holderOf(alias);
    return other !== undefined && isSame(other.website, website) && !other.isAutomatic;
  });
  const isSameRoot = finding.state !== 'refused' && finding.path === website.documentRoot;
  return hasOther || isSameRoot ? website : undefined;
}

/** Those of the names that the website can get, without those that it has. */
function sortAliases(
  names: readonly DomainName[],
  website: PresentWebsite,
  holders: NameHolders,
): { readonly aliases: readonly DomainName[]; readonly leftOut: readonly LeftOutAlias[] } {
  const aliases: DomainName[] = [];
  const leftOut: LeftOutAlias[] = [];
  for (const name of names) {
    const holder = holders.holderOf(name);
    const isElsewhere = holder !== undefined && !isSame(holder.website, website);
    if (isElsewhere) {
      const { vhost, account } = holder.website;
      leftOut.push({ name, why: `the website ${vhost} of ${account} has it` });
    } else if (holder?.isWanted !== true) aliases.push(name);
  }
  return { aliases, leftOut };
}
