import { readOwnAccount } from '../../../adapters/accounts/own-account.js';
import { ReadableCertificates } from '../../../adapters/store/public/public-certificates.js';
import { Tree } from '../../../adapters/system/tree.js';
import type { UapiHost } from '../../../api/uapi/host.js';
import type { AccountName } from '../../../core/domain/account/account-name.js';
import { StateError } from '../../../core/domain/autossl-error.js';
import type { AccountDirectory } from '../../../runs/ports/accounts.js';

/**
 * An account's view of this server by its own rights. Whatever these do not reach is a StateError TREE_UNREADABLE, never a
 * shorter answer.
 */
export function openOwnView(account: AccountName): UapiHost {
  const tree = new Tree('/');
  return {
    account,
    askedBy: account,
    openCertificates: async () => ({
      accounts: whollyReadable(tree),
      certificates: new ReadableCertificates(tree),
      keys: { readKey: outOfReach },
    }),
    openChecks: outOfReach,
    openExclusions: outOfReach,
    openInstallation: outOfReach,
    openKeyTypes: outOfReach,
    openNames: outOfReach,
    openOrders: outOfReach,
    openProblems: outOfReach,
  };
}

async function outOfReach(): Promise<never> {
  throw new StateError('TREE_UNREADABLE', 'this is root’s');
}

/** What of the data cannot be read might hide a website. */
function whollyReadable(tree: Tree): Pick<AccountDirectory, 'read'> {
  return {
    read: async (name) => {
      const inventory = await readOwnAccount(tree, name);
      const isWhole =
        inventory?.state === 'ready' && inventory.faults.every(({ code }) => OF_NAMES.has(code));
      return isWhole ? inventory : outOfReach();
    },
  };
}

/** Faults that cost a name and no more. */
const OF_NAMES: ReadonlySet<string> = new Set(['NAME_INVALID', 'NAME_TAKEN']);
