import type { AccountName } from '../../core/domain/account/account-name.js';
import type { WantedName } from '../../core/domain/name/names.js';
import type { AccountInventory } from '../../core/domain/website/website.js';

/** The hosting accounts of this server. MUST read one account at a time and MUST NOT throw for one account's fault. */
export interface AccountDirectory {
  /** Sorted by account name. @throws StateError TREE_UNREADABLE when the list itself cannot be read. */
  readAll(): AsyncIterable<AccountInventory>;
  /** Undefined when there is no such account. */
  read(name: AccountName): Promise<AccountInventory | undefined>;
}

/** The `KEY=value` lines of an account's users file. */
export interface UserFiles {
  /** Undefined: there is no such account. @throws StateError TREE_UNREADABLE */
  read(account: AccountName): Promise<ReadonlyMap<string, string> | undefined>;
  /**
   * Gives keys these values (null: takes the key away); other lines stay as and where they are. Whether anything changed.
   * @throws StateError TREE_UNREADABLE, WRITE_FAILED; ConfigurationError UNSAFE_FILE
   */
  change(account: AccountName, values: ReadonlyMap<string, string | null>): Promise<boolean>;
}

/** A name that an account's owner or root left out of certificates. */
export interface Exclusion {
  readonly name: WantedName;
  /** `root`, or the account; null: somebody else's program wrote it. */
  readonly by: string | null;
  /** ISO 8601. */
  readonly at: string | null;
}

/** The names excluded for each account. */
export interface ExclusionStore {
  /** In the order of the file. @throws ConfigurationError BAD_SETTING when the file cannot be understood */
  list(account: AccountName): Promise<readonly Exclusion[]>;
  /**
   * Changes the list, one process after the other, and gives the new one, sorted. Names that stay keep their origin;
   * whatever else the file holds stays. @throws ConfigurationError BAD_SETTING, StateError WRITE_FAILED
   */
  change(
    account: AccountName,
    by: string,
    at: Date,
    change: (present: readonly WantedName[]) => readonly WantedName[],
  ): Promise<readonly Exclusion[]>;
}

/** Where the websites of an account are reached. */
export interface WebsiteAddress {
  /** Null: not known. */
  readonly ip: string | null;
  /** Whether the account has it for itself. */
  readonly isDedicated: boolean;
}
