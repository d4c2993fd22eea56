import type { AccountData, VhostData } from '../../core/domain/account/account-websites.js';

/** One line of /etc/userdatadomains; texts as written. */
export interface DomainRow {
  readonly domain: string;
  readonly account: string;
  readonly owner: string;
  /** `main`, `addon`, `sub` or `parked`. */
  readonly type: string;
  /** The domain whose website an addon or alias belongs to; of a subdomain the account's main domain. */
  readonly parent: string;
  readonly documentRoot: string;
}

/**
 * `/etc/userdatadomains` of the whole server, read once. Kept as the text itself and the place of each account's
 * lines, so that 100,000 domains cost little more than the file.
 */
export class DomainIndex {
  readonly #text: string;
  readonly #placesByAccount = new Map<string, number[]>();
  /** Accounts that own accounts, as resellers do. */
  readonly owners: ReadonlySet<string>;
  /** When the file was last written, epoch ms. */
  readonly changedAtMs: number;

  /** Takes any text: a line of another form is passed over. */
  constructor(text: string, changedAtMs: number) {
    this.#text = text;
    this.changedAtMs = changedAtMs;
    const owners = new Set<string>();
    for (let start = 0; start < text.length; start = lineEnd(text, start) + 1) {
      const row = parseDomainRow(text.slice(start, lineEnd(text, start)));
      if (row === undefined) continue;
      owners.add(row.owner);
      const places = this.#placesByAccount.get(row.account);
      if (places === undefined) this.#placesByAccount.set(row.account, [start]);
      else places.push(start);
    }
    this.owners = owners;
  }

  /** The account's lines; empty when the file does not have the account. */
  rowsOf(account: string): readonly DomainRow[] {
    const places = this.#placesByAccount.get(account) ?? [];
    return places
      .map((start) => parseDomainRow(this.#text.slice(start, lineEnd(this.#text, start))))
      .filter((row) => row !== undefined);
  }

  /** Every domain and its account, in the file's order. */
  *ownership(): Iterable<readonly [domain: string, account: string]> {
    for (const [account, places] of this.#placesByAccount) {
      for (const start of places)
        yield [this.#text.slice(start, this.#text.indexOf(':', start)).trim(), account];
    }
  }
}

/** `domain: user==owner==type==maindomain==docroot==…`, or undefined for a line of another form. Takes any text. */
export function parseDomainRow(line: string): DomainRow | undefined {
  const colon = line.indexOf(':');
  if (colon <= 0) return undefined;
  const [account, owner, type, parent, documentRoot] = line.slice(colon + 1).split('==', 5);
  if (account === undefined || owner === undefined || type === undefined) return undefined;
  if (parent === undefined || documentRoot === undefined) return undefined;
  return { domain: line.slice(0, colon).trim(), account: account.trim(), owner, type, parent, documentRoot };
}

/**
 * The account's data from its lines in /etc/userdatadomains: one website for the main domain and one for each
 * subdomain and for each addon domain that names itself; aliases and other addons belong to the website of the domain
 * that their line names. Undefined when the lines do not say to which website a name belongs: the account has none, no
 * main domain, or an addon of no known website.
 */
export function dataFromRows(rows: readonly DomainRow[], path: string): AccountData | undefined {
  const main = rows.find(({ type }) => type === 'main');
  if (main === undefined) return undefined;
  const subs = rows.filter(({ type }) => type === 'sub');
  const addons = rows.filter(({ type }) => type === 'addon');
  const parked = rows.filter(({ type }) => type === 'parked');
  const websites = [main, ...subs, ...addons.filter(({ domain, parent }) => domain === parent)];
  const aliasesByVhost = new Map<string, string[]>(websites.map(({ domain }) => [domain, []]));
  for (const { domain, parent } of addons) {
    if (domain === parent) continue;
    const aliases = parent === main.domain ? undefined : aliasesByVhost.get(parent);
    if (aliases === undefined) return undefined;
    aliases.push(domain);
  }
  const websiteOfAddon = new Map(addons.map(({ domain, parent }) => [domain, parent]));
  for (const { domain, parent } of parked) {
    const vhost = websiteOfAddon.get(parent) ?? parent;
    (aliasesByVhost.get(vhost) ?? aliasesByVhost.get(main.domain))?.push(domain);
  }
  const vhosts = websites.map(
    ({ domain, documentRoot }): VhostData => ({
      servername: domain,
      aliases: aliasesByVhost.get(domain) ?? [],
      documentRoot,
      path,
    }),
  );
  const domainsOf = (chosen: readonly DomainRow[]): readonly string[] => chosen.map(({ domain }) => domain);
  return {
    mainDomain: main.domain,
    addons: domainsOf(addons),
    parked: domainsOf(parked),
    subdomains: domainsOf(subs),
    vhosts,
    homeDirectory: null,
    faults: [],
  };
}

/** The pairs of an `/etc/userdomains` or `/etc/trueuserowners` file, lines `left: right`. Takes any text. */
export function* parsePairs(text: string): Iterable<readonly [left: string, right: string]> {
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) yield [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  }
}

function lineEnd(text: string, start: number): number {
  const newline = text.indexOf('\n', start);
  return newline < 0 ? text.length : newline;
}
