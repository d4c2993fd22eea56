import { type DomainName, isWildcard, type WildcardName } from '../domain/name/names.js';

/** A key with its chain, as daemons are given it. */
export interface SniPair {
  /** Digest of the text that they are given: the same for the same text only. 32 lower-case hex digits. */
  readonly id: string;
  /** Length of that text. */
  readonly bytes: number;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A name under which a certificate lies (`domain_tls`); `pair` null: daemons cannot be given that. */
export interface NameWithPair {
  readonly name: DomainName | WildcardName;
  readonly pair: SniPair | null;
}

/** A name that daemons answer for with the pair. */
export interface NameOffer {
  readonly name: DomainName | WildcardName;
  /** Its id. */
  readonly pair: string;
  /** The name under which that lies. */
  readonly source: DomainName | WildcardName;
}

/** Mail and FTP clients are told to connect to names with these first labels. */
const SERVICE_LABELS = ['mail', 'smtp', 'imap', 'pop', 'pop3', 'ftp'] as const;

/**
 * The names that mail and FTP answer for with customers' certificates, sorted: those whose pair is valid at `now`, and
 * never this server's own name, which has a certificate whose key no customer holds (design 5.21). A wildcard above that
 * name would answer for it too: what it covers is offered by name, for the labels that services are called by.
 */
export function offersOf(
  names: readonly NameWithPair[],
  { hostname, now }: { readonly hostname: DomainName; readonly now: Date },
): readonly NameOffer[] {
  const offers = new Map<string, NameOffer>();
  const above: NameOffer[] = [];
  for (const { name, pair } of names) {
    if (pair === null || pair.notBefore > now || pair.notAfter <= now || name === hostname) continue;
    const offer = { name, pair: pair.id, source: name };
    if (isWildcard(name) && hostname.endsWith(name.slice(1))) above.push(offer);
    else offers.set(name, offer);
  }
  for (const { name: source, pair } of above) {
    for (const label of SERVICE_LABELS) {
      const named = `${label}${source.slice(1)}` as DomainName;
      if (named !== hostname && !offers.has(named)) offers.set(named, { name: named, pair, source });
    }
  }
  return [...offers.values()].sort(byName);
}

/** Offers by pair: first for names as they are, then for wildcards; each in the order of the offers. */
export function offersByPair(
  offers: readonly NameOffer[],
): readonly { readonly pair: string; readonly names: readonly NameOffer['name'][] }[] {
  return [false, true].flatMap((areWildcards) => {
    const groups = new Map<string, NameOffer['name'][]>();
    for (const { name, pair } of offers) {
      if (isWildcard(name) !== areWildcards) continue;
      const names = groups.get(pair);
      if (names === undefined) groups.set(pair, [name]);
      else names.push(name);
    }
    return [...groups].map(([pair, own]) => ({ pair, names: own }));
  });
}

function byName(a: NameOffer, b: NameOffer): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
