import type { DomainName } from '../../domain/name/names.js';
import type { ServerSite } from '../served/server-site.js';
import { judgeServerName } from './adoption-names.js';

/** Sites of a server that are one website. */
export interface SiteGroup {
  /** The first exact name of the site that visitors get, that with TLS before that without. */
  readonly vhost: DomainName;
  /** The other exact names. */
  readonly aliases: readonly DomainName[];
  /** As the server has it. */
  readonly documentRoot: string;
  /** Every site that has one of the names, in the order of the configuration. */
  readonly sites: readonly ServerSite[];
  /** What the configuration says twice; sentences, not yet printable. */
  readonly notes: readonly string[];
}

/** A name (null: a site without any) that becomes part of no website. */
export interface SkippedName {
  readonly name: string | null;
  /** One clause. */
  readonly why: string;
  readonly file: string;
  readonly line: number;
}

export interface SiteGroups {
  readonly groups: readonly SiteGroup[];
  readonly skipped: readonly SkippedName[];
}

interface NamedSite {
  readonly site: ServerSite;
  readonly names: readonly DomainName[];
  readonly isTls: boolean;
}

/**
 * The websites that a server's sites are, in their order. A name belongs to the first site with TLS and a document root
 * that has it, else to the first with a document root; sites of the same document root that share a name are one website, and
 * so is a name's `www.` in a site of its own with the same document root. Sites without a document root
 * (redirects, proxies) only add their certificates.
 */
export function groupSites(sites: readonly ServerSite[]): SiteGroups {
  const skipped = new Map<string, SkippedName>();
  const skip = ({ file, line }: ServerSite, name: string | null, why: string): void => {
    const key = name ?? `${file}:${line}`;
    if (!skipped.has(key)) skipped.set(key, { name, why, file, line });
  };
  const named = sites.map((site) => namedSite(site, skip));
  const homes = homesOf(named);
  const groups = withoutSatellites(groupsOf(named, homes));
  const grouped = new Set<string>(groups.flatMap(({ names }) => names));
  for (const { site, names } of named) {
    for (const name of names) {
      if (!grouped.has(name)) skip(site, name, withoutHome(name, grouped));
    }
  }
  return {
    groups: groups.map((group) => toGroup(group, named)),
    skipped: [...skipped.values()],
  };
}

function namedSite(
  site: ServerSite,
  skip: (site: ServerSite, name: string | null, why: string) => void,
): NamedSite {
  const names = new Set<DomainName>();
  for (const text of site.names) {
    const judged = judgeServerName(text);
    if ('name' in judged) names.add(judged.name);
    else skip(site, text, judged.why);
  }
  if (site.names.length === 0) skip(site, null, 'it has no name of its own');
  return { site, names: [...names], isTls: site.listens.some(({ isTls }) => isTls) };
}

/** Which site a name belongs to. */
function homesOf(named: readonly NamedSite[]): ReadonlyMap<DomainName, NamedSite> {
  const homes = new Map<DomainName, NamedSite>();
  const rooted = named.filter(({ site }) => site.documentRoot !== null);
  for (const one of [...rooted.filter(({ isTls }) => isTls), ...rooted]) {
    for (const name of one.names) if (!homes.has(name)) homes.set(name, one);
  }
  return homes;
}

interface Group {
  readonly documentRoot: string;
  /** The first is the website's own. */
  readonly names: readonly DomainName[];
}

/** Homes that share a name and the document root are one. */
function groupsOf(named: readonly NamedSite[], homes: ReadonlyMap<DomainName, NamedSite>): readonly Group[] {
  const leaders = new Map<NamedSite, NamedSite>();
  const leaderOf = (site: NamedSite): NamedSite => {
    const leader = leaders.get(site);
    if (leader === undefined || leader === site) return site;
    const top = leaderOf(leader);
    leaders.set(site, top);
    return top;
  };
  for (const one of named) {
    for (const name of one.names) {
      const home = homes.get(name);
      if (home === undefined || home.site.documentRoot !== one.site.documentRoot) continue;
      leaders.set(leaderOf(one), leaderOf(home));
    }
  }
  const groups = new Map<NamedSite, { home: NamedSite; name: DomainName }[]>();
  // A Map keeps the order in which names were given homes: sites with TLS first.
  for (const [name, home] of homes) {
    const leader = leaderOf(home);
    const known = groups.get(leader);
    if (known === undefined) groups.set(leader, [{ home, name }]);
    else known.push({ home, name });
  }
  const positions = new Map(named.map((one, index) => [one, index]));
  const begin = (members: readonly { home: NamedSite }[]): number =>
    Math.min(...members.map(({ home }) => positions.get(home) ?? 0));
  return [...groups.values()]
    .sort((a, b) => begin(a) - begin(b))
    .map((members) => ({
      documentRoot: members[0]?.home.site.documentRoot ?? '',
      names: members.map(({ name }) => name),
    }));
}

/** `www.x` alone in a site with the document root of x is no website of its own. */
function withoutSatellites(groups: readonly Group[]): readonly Group[] {
  const byName = new Map(groups.flatMap((group) => group.names.map((name) => [name as string, group])));
  const satellites = new Map<Group, Group[]>();
  const isPlanet = new Map(groups.map((group) => [group, true]));
  for (const group of groups) {
    const [planet, ...more] = new Set(group.names.map((name) => byName.get(withoutWww(name) ?? '')));
    if (planet === undefined || planet === group || more.length > 0) continue;
    if (planet.documentRoot !== group.documentRoot) continue;
    isPlanet.set(group, false);
    satellites.set(planet, [...(satellites.get(planet) ?? []), group]);
  }
  return groups
    .filter((group) => isPlanet.get(group))
    .map((group) => ({
      ...group,
      names: [...group.names, ...(satellites.get(group) ?? []).flatMap(({ names }) => names)],
    }));
}

/** The name whose `www.` this is. */
function withoutWww(name: string): string | undefined {
  return name.startsWith('www.') ? name.slice('www.'.length) : undefined;
}

function withoutHome(name: DomainName, grouped: ReadonlySet<string>): string {
  const parent = withoutWww(name);
  if (parent !== undefined && grouped.has(parent)) return `it comes with ${parent} by itself`;
  return 'its sites have no document root (a redirect, or a proxy): give it one by “autossl website add”, or name it there as an alias';
}

function toGroup({ names, documentRoot }: Group, named: readonly NamedSite[]): SiteGroup {
  const own = new Set(names);
  const members = named.filter((one) => one.names.some((name) => own.has(name)));
  const [vhost, ...aliases] = names as readonly [DomainName, ...DomainName[]];
  return {
    vhost,
    aliases,
    documentRoot,
    sites: members.map(({ site }) => site),
    notes: [...otherRoots(members, own, documentRoot), ...doubles(members, own)],
  };
}

function otherRoots(
  members: readonly NamedSite[],
  own: ReadonlySet<DomainName>,
  documentRoot: string,
): readonly string[] {
  return members
    .filter(({ site }) => site.documentRoot !== null && site.documentRoot !== documentRoot)
    .map(({ site, names }) => {
      const name = names.find((one) => own.has(one)) ?? '';
      return `${name} has another document root, ${site.documentRoot}, at ${site.file}:${site.line}`;
    });
}

/** A name in two sites of one socket: the server uses the first. */
function doubles(members: readonly NamedSite[], own: ReadonlySet<DomainName>): readonly string[] {
  const first = new Map<string, ServerSite>();
  const notes = new Set<string>();
  for (const { site, names } of members) {
    for (const { address, port } of site.listens) {
      for (const name of names) {
        if (!own.has(name)) continue;
        const key = `${name} ${address} ${port}`;
        const other = first.get(key) ?? site;
        first.set(key, other);
        if (other === site) continue;
        notes.add(
          `${name} is in two sites at port ${port}: ${other.file}:${other.line} is used, ${site.file}:${site.line} is not`,
        );
      }
    }
  }
  return [...notes];
}
