import type { AccountName } from '../account/account-name.js';
import type { KeyType } from '../key-type.js';
import type { DomainName, WantedName, WildcardName } from '../name/names.js';

/** Which website: the key of locks, records and log lines. */
export interface WebsiteRef {
  readonly account: AccountName;
  /** The web virtual host's ServerName. */
  readonly vhost: DomainName | WildcardName;
}

/** The account's standing of a name, for rules 2 and 3 of the priority order. */
export type NameStanding = 'primary' | 'addon' | 'other';

/** A name that the website's certificate should cover. */
export interface CandidateName {
  readonly name: WantedName;
  readonly standing: NameStanding;
  /** True for the automatic service names (cpanel., webmail. …). */
  readonly isService: boolean;
}

/** A website = web virtual host: the unit of certificate. */
export interface Website extends WebsiteRef {
  /** Names wanted, without the excluded ones and before the provider's limit; data order; recomputed at every run (design 5.1). */
  readonly candidates: readonly CandidateName[];
  /** Names left out because the account or root excluded them. */
  readonly excluded: readonly WantedName[];
  /** As written in the account data, under the tree's root when opened. */
  readonly documentRoot: string;
  readonly keyType: KeyType;
}

/** One hosting account as far as AutoSSL cares. */
export interface Account {
  readonly name: AccountName;
  readonly primaryDomain: DomainName;
  /** The reseller that owns it, or `root`. */
  readonly owner: string;
  readonly isReseller: boolean;
  /** As written in the account data (or passwd); null when nothing names it. */
  readonly homeDirectory: string | null;
  readonly contactEmail: string | null;
}

/** Why an account's websites are not looked at. */
export type AccountSkip = 'suspended' | 'no-autossl-feature';

/** A fault in the account data: costs that account (or that website) a line and nothing else. */
export interface AccountFault {
  readonly code:
    | 'ACCOUNT_FILE_UNREADABLE'
    | 'ACCOUNT_FILE_INVALID'
    | 'WEBSITE_FILE_MISSING'
    | 'WEBSITE_FILE_INVALID'
    | 'NAME_INVALID'
    | 'NAME_TAKEN';
  /** The file at fault, as under the tree's root. */
  readonly path: string;
  readonly vhost: string | null;
  /** One printable sentence that begins with the path. */
  readonly message: string;
}

/** What the account directory yields for each account of the server. */
export type AccountInventory =
  | {
      readonly state: 'ready';
      readonly account: Account;
      readonly websites: readonly Website[];
      /** Faults that cost single websites or names; the others go on. */
      readonly faults: readonly AccountFault[];
    }
  | {
      readonly state: 'skipped';
      readonly account: AccountName;
      readonly reason: AccountSkip;
      /** As its users file names them; absent: not known. */
      readonly domains?: readonly string[];
    }
  | {
      readonly state: 'broken';
      readonly account: string;
      readonly fault: AccountFault;
      /** As its users file names them; absent: not known. */
      readonly domains?: readonly string[];
    };
