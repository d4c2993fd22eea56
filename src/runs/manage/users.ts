import { type AccountName, isAccountName } from '../../core/domain/account/account-name.js';
import { chooseKeyType, type KeyType, unknownKeyType } from '../../core/domain/key-type.js';
import { printable } from '../../core/domain/name/names.js';
import type { AccountInventory } from '../../core/domain/website/website.js';
import type { ListedUser } from '../../core/report/tables/users-table.js';
import type { AccountDirectory, UserFiles } from '../ports/accounts.js';
import { accountsInScope } from '../website-scope.js';
import { AUTOSSL_OVERRIDE, knownUser, overrideFeatures } from './features.js';

/** The line of a users file that has the account's own key type. */
export const KEY_TYPE_LINE = 'SSL_DEFAULT_KEY_TYPE';

export interface UsersHost {
  /** Null on a server that has no accounts yet. */
  readonly accounts: AccountDirectory | null;
  readonly files: UserFiles;
  /** What accounts without one of their own follow. */
  readonly serverKeyType: KeyType;
}

/** The accounts with what decides about their certificates. `user` null = all. @throws UsageError UNKNOWN_USER; StateError */
export async function listUsers(user: AccountName | null, host: UsersHost): Promise<readonly ListedUser[]> {
  const users: ListedUser[] = [];
  for await (const inventory of accountsInScope({ user, names: [] }, host)) {
    users.push(await listedUser(inventory, host));
  }
  return users;
}

/** Switches AutoSSL on or off for these accounts, or lets their feature lists decide (null). None is changed where one is unknown. @throws UsageError, StateError */
export async function setAutosslFor(
  users: readonly string[],
  isOn: boolean | null,
  files: UserFiles,
): Promise<void> {
  for (const user of users) await knownUser(user, files);
  for (const user of users) await overrideFeatures(user, new Map([['autossl', isOn]]), files);
}

async function listedUser(
  inventory: AccountInventory,
  { files, serverKeyType }: UsersHost,
): Promise<ListedUser> {
  const account = inventory.state === 'ready' ? inventory.account.name : inventory.account;
  // Of a broken account nothing is read: its name may be none.
  const lines =
    isAccountName(account) && inventory.state !== 'broken' ? await files.read(account) : undefined;
  const own = lines?.get(KEY_TYPE_LINE);
  const { keyType, unknown } = chooseKeyType(own, serverKeyType);
  const override = lines?.get(AUTOSSL_OVERRIDE);
  return {
    account: printable(account),
    state: stateOf(inventory),
    feature: override === '1' ? 'enabled' : override === '0' ? 'disabled' : 'list',
    keyType,
    isKeyTypeOwn: own === keyType,
    websites: inventory.state === 'ready' ? inventory.websites.length : null,
    message: inventory.state === 'broken' ? printable(inventory.fault.message) : null,
    // Of one that is skipped nobody read what it would be given.
    faults:
      inventory.state === 'ready'
        ? inventory.faults.map(({ message }) => printable(message))
        : unknown === null
          ? []
          : [unknownKeyType(KEY_TYPE_LINE, unknown, keyType)],
  };
}

function stateOf(inventory: AccountInventory): ListedUser['state'] {
  if (inventory.state === 'ready') return 'checked';
  return inventory.state === 'skipped' ? inventory.reason : 'broken';
}
