import { UsageError } from '../autossl-error.js';
import { AUTOMATIC_LABELS } from '../service/service-names.js';
import type { CandidateName } from '../website/website.js';
import { type DomainName, isWildcard, nameBelow, parseHostName, type WildcardName } from './names.js';

/** What a website's own data says, as written there. */
export interface VhostFacts {
  readonly servername: DomainName | WildcardName;
  /** Outside text: nothing is known about it yet. */
  readonly aliases: readonly string[];
}

/** What the account's data says about its domains, for all of its websites. */
export interface AccountDomains {
  readonly primary: DomainName;
  /** Addon and alias (parked) domains: names at which the account also has mail. */
  readonly addons: ReadonlySet<string>;
  readonly parked: ReadonlySet<string>;
  /** Subdomains, among them the automatic ones of addon domains. */
  readonly subdomains: ReadonlySet<string>;
  /** Labels of the service names that this account gets, see `serviceLabels`. */
  readonly serviceLabels: readonly string[];
  /** Whose the name is when this website may not have it; null when it may. */
  readonly heldBy: (name: string) => NameHolder | null;
}

/** Another website that has the better right to a name. */
export type NameHolder = 'website-of-same-account' | 'other-account';

/** A name that cannot be wanted, and why; costs nothing but itself. */
export interface RefusedName {
  readonly code: 'NAME_INVALID' | 'NAME_TAKEN';
  /** One printable sentence. */
  readonly why: string;
}

export interface NamesWanted {
  readonly candidates: readonly CandidateName[];
  readonly refused: readonly RefusedName[];
}

type Kind = 'primary' | 'addon' | 'parked' | 'subdomain' | 'automatic';

/**
 * Every name that a website's certificate should cover, before exclusions and the provider's limit: the names in its
 * data; `www.` of each domain and subdomain; `mail.` and the service names of main, addon and alias domains only;
 * `ipv6.` only if the data has it (behaviour section 2, design 5.1). Data order, each name followed by its `www.` and
 * `mail.`; service names last. Without duplicates and without names that another website holds: an automatic name and a
 * name of the same account simply yield, another one that is written in the data is reported.
 * An alias that the account's domain lists do not know counts as an alias domain, or as a subdomain when it lies
 * below one of the account's domains; one that begins like an automatic name (`www.`, `mail.` …) brings no others.
 */
export function namesWanted(vhost: VhostFacts, account: AccountDomains): NamesWanted {
  const candidates = new Map<string, CandidateName>();
  const refused: RefusedName[] = [];
  const mailDomains: DomainName[] = [];
  const add = (
    name: DomainName | WildcardName | undefined,
    standing: CandidateName['standing'],
    isService = false,
  ) => {
    if (name !== undefined && !candidates.has(name) && account.heldBy(name) === null) {
      candidates.set(name, { name, standing, isService });
    }
  };

  for (const written of [vhost.servername, ...vhost.aliases]) {
    // The panel writes `www.*.example.com` beside a wildcard; no certificate can have it.
    if (/^[a-z0-9-]+\.\*\./i.test(written)) continue;
    const name = parsedName(written, refused);
    if (name === undefined) continue;
    const holder = account.heldBy(name);
    if (holder !== null) {
      if (holder === 'other-account' && !isAutomatic(name)) {
        refused.push({ code: 'NAME_TAKEN', why: `${name} belongs to another account of this server` });
      }
      continue;
    }
    if (isWildcard(name)) {
      add(name, 'other');
      continue;
    }
    const kind = kindOf(name, account);
    const standing = standingOf(name, kind, account);
    add(name, standing);
    if (kind === 'automatic') continue;
    add(nameBelow('www', name), standing);
    if (kind === 'subdomain') continue;
    add(nameBelow('mail', name), standing);
    mailDomains.push(name);
  }
  for (const name of mailDomains) {
    for (const label of account.serviceLabels) add(nameBelow(label, name), 'other', true);
  }
  return { candidates: [...candidates.values()], refused };
}

function parsedName(text: string, refused: RefusedName[]): DomainName | WildcardName | undefined {
  try {
    return parseHostName(text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    refused.push({ code: 'NAME_INVALID', why: error.message });
    return undefined;
  }
}

function kindOf(name: DomainName, account: AccountDomains): Kind {
  if (name === account.primary) return 'primary';
  if (account.addons.has(name)) return 'addon';
  if (account.parked.has(name)) return 'parked';
  if (account.subdomains.has(name)) return 'subdomain';
  if (isAutomatic(name)) return 'automatic';
  return liesBelowADomain(name, account) ? 'subdomain' : 'parked';
}

/** Whether a name begins as one that may be wanted without being written anywhere. */
export function isAutomatic(name: string): boolean {
  const label = name.slice(0, name.indexOf('.'));
  return AUTOMATIC_LABELS.has(label) || label === 'ipv6';
}

function liesBelowADomain(name: string, account: AccountDomains): boolean {
  for (let rest = name; rest.includes('.'); rest = rest.slice(rest.indexOf('.') + 1)) {
    if (rest === account.primary || account.addons.has(rest) || account.parked.has(rest)) return true;
  }
  return false;
}

/** Rules 2 and 3 of the priority order: a domain's standing goes to its `www.` and `mail.`, the primary's also to `ipv6.`. */
function standingOf(name: DomainName, kind: Kind, account: AccountDomains): CandidateName['standing'] {
  if (kind === 'primary' || kind === 'addon') return kind;
  if (kind !== 'automatic') return 'other';
  const [, label, parent] = /^(www|mail|ipv6)\.(.*)$/.exec(name) ?? [];
  if (parent === undefined) return 'other';
  if (parent === account.primary) return 'primary';
  return label !== 'ipv6' && account.addons.has(parent) ? 'addon' : 'other';
}
