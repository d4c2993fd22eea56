import { isAccountName } from '../../core/domain/account/account-name.js';
import { type AccountContacts, contactsIn } from '../../core/notice/recipients/account-contacts.js';
import { isSameMailbox } from '../../core/notice/recipients/mail-address.js';
import type { UserFiles } from '../ports/accounts.js';

/** Whom notices about an account go to. */
export interface AccountPeople extends AccountContacts {
  /** Root's contact and, where a reseller owns the account, his. */
  readonly administrators: readonly string[];
}

/** Reads contacts; each reseller once in a run. */
export class PeopleDirectory {
  readonly #files: Pick<UserFiles, 'read'>;
  readonly #root: string;
  readonly #resellers = new Map<string, readonly string[]>();

  constructor(files: Pick<UserFiles, 'read'>, root: string) {
    this.#files = files;
    this.#root = root;
  }

  /** Undefined: there is no such account any more. @throws StateError TREE_UNREADABLE */
  async of(account: string): Promise<AccountPeople | undefined> {
    const contacts = await this.#contactsOf(account);
    if (contacts === undefined) return undefined;
    const resellers = contacts.owner === 'root' ? [] : await this.#resellersOf(contacts.owner);
    const administrators = [this.#root, ...resellers.filter((one) => !isSameMailbox(one, this.#root))];
    return { ...contacts, administrators };
  }

  async #resellersOf(owner: string): Promise<readonly string[]> {
    const known = this.#resellers.get(owner);
    if (known !== undefined) return known;
    const addresses = (await this.#contactsOf(owner))?.addresses ?? [];
    this.#resellers.set(owner, addresses);
    return addresses;
  }

  async #contactsOf(account: string): Promise<AccountContacts | undefined> {
    if (!isAccountName(account)) return undefined;
    const values = await this.#files.read(account);
    return values === undefined ? undefined : contactsIn(values);
  }
}
