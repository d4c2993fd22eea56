import { createAccountDirectory } from '../../../adapters/accounts/account-directory.js';
import { openExclusions } from '../../../adapters/store/choices/exclusions.js';
import { FileOrderStore } from '../../../adapters/store/orders/orders.js';
import { FileProblemStore } from '../../../adapters/store/records/problems.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { Tree } from '../../../adapters/system/tree.js';
import type { UapiHost } from '../../../api/uapi/host.js';
import type { AccountName } from '../../../core/domain/account/account-name.js';
import { stopSignal } from '../../stop-signal.js';
import type { Base } from '../base.js';

/** One account's view with root's eyes. `askedBy`: the account itself, or root. */
export function openUapiHost(tree: Tree, account: AccountName, askedBy: string): UapiHost {
  const exclusions = openExclusions(tree);
  const accounts = createAccountDirectory(tree, { exclusionsOf: exclusions.of });
  return {
    account,
    askedBy,
    openCertificates: async () => {
      const { openCertificates } = await import('../websites/certificates.js');
      const { StoredCertificates } = await import('../../../adapters/store/public/public-certificates.js');
      const keys = openCertificates(await openBaseOn(tree));
      // What an account has does not go with the feature.
      const everyAccount = createAccountDirectory(tree, {
        exclusionsOf: exclusions.of,
        includesSkipped: true,
      });
      return { accounts: everyAccount, keys, certificates: new StoredCertificates(keys) };
    },
    openChecks: async () => (await import('../check/checks.js')).openChecks(tree),
    openExclusions: async () => ({ accounts, exclusions, clock: systemClock }),
    openInstallation: async () => {
      const { openCertificatesHost } = await import('../websites/website-certificates.js');
      const host = await openCertificatesHost({ AUTOSSL_ROOT: tree.root }, process.getuid?.() ?? 0);
      return { host, listen: () => undefined, signal: stopSignal() };
    },
    openKeyTypes: async () =>
      (await import('../manage/key-types.js')).openKeyTypeHostOn(await openBaseOn(tree)),
    openNames: async () => (await import('./names.js')).openNames(tree),
    openOrders: async () => new FileOrderStore(tree),
    openProblems: async () => new FileProblemStore(tree),
  };
}

/** This server itself, whatever the environment says. */
export const openWholeServer = (): Tree => new Tree('/');

/** Whether there is such an account. @throws StateError TREE_UNREADABLE */
export async function isAccount(tree: Tree, account: AccountName): Promise<boolean> {
  const accounts = createAccountDirectory(tree, { exclusionsOf: () => new Set() });
  return (await accounts.read(account)) !== undefined;
}

async function openBaseOn(tree: Tree): Promise<Base> {
  const { readSettings } = await import('../../../adapters/store/settings/settings.js');
  return { tree, settings: await readSettings(tree) };
}
