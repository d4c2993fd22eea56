import { FileProblemStore } from '../../../adapters/store/records/problems.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { isThere } from '../../../adapters/system/files/files.js';
import type { ListProblemsHost } from '../../../runs/list-problems.js';
import type { AccountDirectory } from '../../../runs/ports/accounts.js';
import type { Clock } from '../../../runs/ports/clock.js';
import { openRunLogs } from '../manage/run-logs.js';
import { openOwnTree } from '../uapi/own-tree.js';

/** What listing problems reads. @throws ConfigurationError UNSAFE_ROOT, NOT_PERMITTED */
export async function openProblemsHost(
  environment: NodeJS.ProcessEnv,
  uid: number,
): Promise<ListProblemsHost & { readonly clock: Clock }> {
  const tree = openOwnTree(environment, uid);
  // Only asked whether an account is there, and seldom that.
  const readAccount: AccountDirectory['read'] = async (account) => {
    const { createAccountDirectory } = await import('../../../adapters/accounts/account-directory.js');
    return createAccountDirectory(tree, { exclusionsOf: () => new Set() }).read(account);
  };
  return {
    clock: systemClock,
    accounts: (await isThere(tree.users())) ? { read: readAccount } : null,
    problems: new FileProblemStore(tree),
    logs: openRunLogs(tree),
  };
}
