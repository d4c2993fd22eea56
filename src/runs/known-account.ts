import type { AccountName } from '../core/domain/account/account-name.js';
import { UsageError } from '../core/domain/autossl-error.js';
import { quoteForMessage } from '../core/domain/name/names.js';
import type { AccountDirectory } from './ports/accounts.js';

/**
 * Tells a mistyped account from one of which there is nothing to list. `accounts` null: the server has none yet.
 * @throws UsageError UNKNOWN_USER, StateError TREE_UNREADABLE
 */
export async function assertAccount(
  user: AccountName,
  accounts: Pick<AccountDirectory, 'read'> | null,
): Promise<void> {
  if ((await accounts?.read(user)) === undefined) throw noSuchUser(user);
}

export function noSuchUser(user: string): UsageError {
  return new UsageError('UNKNOWN_USER', `there is no user ${quoteForMessage(user)} on this server`, {
    advice: 'See the files in /var/cpanel/users.',
  });
}
