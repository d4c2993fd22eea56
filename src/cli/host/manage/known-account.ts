import type { AccountName } from '../../../core/domain/account/account-name.js';
import { assertAccount } from '../../../runs/known-account.js';
import { openProblemsHost } from '../websites/problems.js';

/** @throws UsageError UNKNOWN_USER for an account that there is not; ConfigurationError, StateError */
export async function assertIsAccount(user: AccountName): Promise<void> {
  const { accounts } = await openProblemsHost(process.env, process.getuid?.() ?? 0);
  await assertAccount(user, accounts);
}
