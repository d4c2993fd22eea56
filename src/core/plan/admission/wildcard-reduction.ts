import { type DomainName, isWildcard, type WantedName, type WildcardName } from '../../domain/name/names.js';

/** A wildcard that stands for several wanted names in a certificate, which gets smaller and nearer to no limit. */
export interface WildcardReduction {
  readonly wildcard: WildcardName;
  /** Wanted names that it covers, in the order given; never the domain itself, which a wildcard does not cover. */
  readonly covers: readonly WantedName[];
}

/** “Several subdomains of a domain are on the site” (behaviour section 2): one name is asked for as it is. */
const FEWEST_COVERED = 2;

/**
 * The wildcards by which a website's names can be asked for (behaviour section 2, wildcard reduction): `*.D` for the
 * names one label below D. Only where D itself is among the names: who has that may have them all, and a domain that
 * only lends a name is left alone. Never where a name below D was excluded: the wildcard would secure it all the same.
 * `isEditable`: D's zone can be written to, without which no wildcard is validated (RFC 8555 section 7.1.3).
 */
export function reduceToWildcards(
  names: readonly WantedName[],
  excluded: readonly WantedName[],
  isEditable: (domain: DomainName) => boolean,
): WildcardReduction[] {
  const wanted = new Set<string>(names);
  const children = new Map<string, WantedName[]>();
  for (const name of names) {
    const parent = parentOf(name);
    if (parent === null || !wanted.has(parent)) continue;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [name]);
    else siblings.push(name);
  }
  const barred = new Set(excluded.map((name) => parentOf(name)));
  const reductions: WildcardReduction[] = [];
  for (const [parent, covers] of children) {
    const wildcard = `*.${parent}` as WildcardName;
    const isAskedForAnyway = wanted.has(wildcard);
    if (covers.length < FEWEST_COVERED && !isAskedForAnyway) continue;
    if (barred.has(parent) || !isEditable(parent as DomainName)) continue;
    reductions.push({ wildcard, covers });
  }
  return reductions;
}

/** What a certificate is asked for to cover the names: each name's wildcard in the place of the first that it covers. */
export function identifiersFor(
  names: readonly WantedName[],
  reductions: readonly WildcardReduction[],
): WantedName[] {
  const standsFor = new Map<string, WildcardName>();
  for (const { wildcard, covers } of reductions) {
    for (const name of covers) standsFor.set(name, wildcard);
  }
  return [...new Set(names.map((name) => standsFor.get(name) ?? name))];
}

/** The name one label up; null for a wildcard and for what has no domain above it. */
function parentOf(name: WantedName): string | null {
  if (isWildcard(name) || name.includes(':') || /^[0-9.]+$/.test(name)) return null;
  const parent = name.slice(name.indexOf('.') + 1);
  return parent.includes('.') ? parent : null;
}
