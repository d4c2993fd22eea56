import { type AccountName, parseAccountName } from '../../core/domain/account/account-name.js';
import { UsageError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import type { UserFiles } from '../ports/accounts.js';

/** The features that mean anything on this server (behaviour section 8). */
export const FEATURES: ReadonlyMap<string, string> = new Map([
  ['autossl', 'Free certificates by AutoSSL for all websites of the account'],
]);

/** The line of a users file that overrides the account's feature list. */
export const AUTOSSL_OVERRIDE = 'FEATURE-AUTOSSL';

/**
 * Switches features on or off for one account, whatever its feature list says; null follows the list again.
 * @throws UsageError UNKNOWN_USER, BAD_ARGUMENT with nothing changed; StateError, ConfigurationError
 */
export async function overrideFeatures(
  user: string,
  features: ReadonlyMap<string, boolean | null>,
  files: UserFiles,
): Promise<void> {
  for (const name of features.keys()) {
    if (FEATURES.has(name)) continue;
    throw new UsageError('BAD_ARGUMENT', `there is no feature ${quoteForMessage(name)} on this server`, {
      advice: `There is: ${[...FEATURES.keys()].join(', ')}.`,
    });
  }
  const account = await knownUser(user, files);
  const autossl = features.get('autossl');
  if (autossl === undefined) return;
  const value = autossl === null ? null : autossl ? '1' : '0';
  await files.change(account, new Map([[AUTOSSL_OVERRIDE, value]]));
}

/** @throws UsageError BAD_NAME, UNKNOWN_USER */
export async function knownUser(user: string, files: UserFiles): Promise<AccountName> {
  const account = parseAccountName(user);
  if ((await files.read(account)) !== undefined) return account;
  throw new UsageError('UNKNOWN_USER', `there is no account ${quoteForMessage(user)}`);
}
