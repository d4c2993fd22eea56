import { UsageError } from '../autossl-error.js';
import type { KeyType } from '../key-type.js';
import {
  type DomainName,
  parseHostName,
  printable,
  type WantedName,
  type WildcardName,
} from '../name/names.js';
import { type AccountDomains, namesWanted } from '../name/names-wanted.js';
import type { AccountFault, Website } from '../website/website.js';
import type { AccountName } from './account-name.js';
import type { NameOwnership } from './name-ownership.js';

/** One website as the account data has it; texts as written, nothing judged yet. */
export interface VhostData {
  readonly servername: string;
  readonly aliases: readonly string[];
  readonly documentRoot: string;
  /** The file that says so, for faults. */
  readonly path: string;
}

/** What is known about an account's domains and websites, from whichever file has the newest knowledge. */
export interface AccountData {
  readonly mainDomain: string;
  readonly addons: readonly string[];
  readonly parked: readonly string[];
  readonly subdomains: readonly string[];
  readonly vhosts: readonly VhostData[];
  readonly homeDirectory: string | null;
  /** Websites that could not be read. */
  readonly faults: readonly AccountFault[];
}

/** What else decides about an account's websites. */
export interface AccountPolicy {
  readonly account: AccountName;
  readonly primaryDomain: DomainName;
  readonly keyType: KeyType;
  /** See `serviceLabels`. */
  readonly serviceLabels: readonly string[];
  readonly excluded: ReadonlySet<string>;
  /** Names of this account that have no owner yet are claimed here. */
  readonly ownership: NameOwnership;
}

export interface AccountWebsites {
  readonly websites: readonly Website[];
  readonly faults: readonly AccountFault[];
}

interface ParsedVhost extends VhostData {
  readonly vhost: DomainName | WildcardName;
}

/**
 * The account's websites and the names that each wants. A website whose own name is invalid, twice in the account or
 * another account's is a fault and left out; so is one without an absolute document root. Within the account a name
 * belongs to the website called by it, else to the first whose data has it, before anybody's automatic names.
 */
export function websitesOf(data: AccountData, policy: AccountPolicy): AccountWebsites {
  const faults: AccountFault[] = [...data.faults];
  const vhosts = parsedVhosts(data, faults);
  const holders = holdersByName(vhosts);
  for (const name of holders.keys()) policy.ownership.claim(name, policy.account);
  const domains: Omit<AccountDomains, 'heldBy'> = {
    primary: policy.primaryDomain,
    addons: namesOf(data.addons),
    parked: namesOf(data.parked),
    subdomains: namesOf(data.subdomains),
    serviceLabels: policy.serviceLabels,
  };
  const websites: Website[] = [];
  for (const { vhost, aliases, documentRoot, path } of vhosts) {
    const fault = (code: AccountFault['code'], why: string): void => {
      faults.push({ code, path, vhost, message: `${printable(path)}: ${why}` });
    };
    const isForeign = (name: string): boolean =>
      (policy.ownership.ownerOf(name) ?? policy.account) !== policy.account;
    if (isForeign(vhost)) {
      fault('NAME_TAKEN', `the website ${vhost} is left out: its name belongs to another account`);
      continue;
    }
    const { candidates, refused } = namesWanted(
      { servername: vhost, aliases },
      {
        ...domains,
        heldBy: (name) => {
          if (isForeign(name)) return 'other-account';
          return (holders.get(name) ?? vhost) === vhost ? null : 'website-of-same-account';
        },
      },
    );
    for (const { code, why } of refused) fault(code, why);
    websites.push({
      account: policy.account,
      vhost,
      candidates: candidates.filter(({ name }) => !policy.excluded.has(name)),
      excluded: candidates.map(({ name }): WantedName => name).filter((name) => policy.excluded.has(name)),
      documentRoot,
      keyType: policy.keyType,
    });
  }
  return { websites, faults };
}

function parsedVhosts(data: AccountData, faults: AccountFault[]): readonly ParsedVhost[] {
  const vhosts = new Map<string, ParsedVhost>();
  for (const found of data.vhosts) {
    const fault = (code: AccountFault['code'], why: string): void => {
      const vhost = printable(found.servername);
      faults.push({ code, path: found.path, vhost, message: `${printable(found.path)}: ${why}` });
    };
    const vhost = parsedOr(found.servername, (why) => fault('NAME_INVALID', why));
    if (vhost === undefined) continue;
    if (vhosts.has(vhost)) fault('NAME_TAKEN', `the account has a second website called ${vhost}`);
    else if (!isUsablePath(found.documentRoot)) {
      fault('WEBSITE_FILE_INVALID', `the document root of ${vhost} is not an absolute path`);
    } else vhosts.set(vhost, { ...found, vhost });
  }
  return [...vhosts.values()];
}

/** Every name written in the account's data and the website that has it. */
function holdersByName(vhosts: readonly ParsedVhost[]): ReadonlyMap<string, string> {
  const holders = new Map<string, string>(vhosts.map(({ vhost }) => [vhost, vhost]));
  for (const { vhost, aliases } of vhosts) {
    for (const alias of aliases) {
      const name = parsedOr(alias, () => undefined);
      if (name !== undefined && !holders.has(name)) holders.set(name, vhost);
    }
  }
  return holders;
}

function namesOf(texts: readonly string[]): ReadonlySet<string> {
  return new Set(texts.map((text) => parsedOr(text, () => undefined)).filter((name) => name !== undefined));
}

function parsedOr(text: string, refuse: (why: string) => void): DomainName | WildcardName | undefined {
  try {
    return parseHostName(text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    refuse(error.message);
    return undefined;
  }
}

function isUsablePath(path: string): boolean {
  return path.startsWith('/') && !/\p{Cc}/u.test(path);
}
