import { createAccountDirectory } from '../../../adapters/accounts/account-directory.js';
import { createChallengeSolver } from '../../../adapters/solvers/create-solver.js';
import { openExclusions } from '../../../adapters/store/choices/exclusions.js';
import { readActiveProvider } from '../../../adapters/store/choices/provider-choice.js';
import { FileOrderStore } from '../../../adapters/store/orders/orders.js';
import { StoredCertificates } from '../../../adapters/store/public/public-certificates.js';
import { FileProblemStore } from '../../../adapters/store/records/problems.js';
import { readSettings } from '../../../adapters/store/settings/settings.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { FileLockKeeper } from '../../../adapters/system/locks/locks.js';
import { readOwnAddresses, readTranslatedAddresses } from '../../../adapters/system/own-addresses.js';
import { systemRandom } from '../../../adapters/system/random.js';
import { Tree } from '../../../adapters/system/tree.js';
import type { UapiHost } from '../../../api/uapi/host.js';
import type { AccountName } from '../../../core/domain/account/account-name.js';
import type { ProviderDescription } from '../../../core/provider/description.js';
import { LETS_ENCRYPT } from '../../../core/provider/known/lets-encrypt.js';
import { PROVIDERS } from '../../../core/provider/registry.js';
import type { CheckNamesHost } from '../../../runs/manage/check-names.js';
import { DnsPreflight } from '../../../runs/validation/dns-preflight.js';
import { stopSignal } from '../../stop-signal.js';
import { openChecks } from '../check/checks.js';
import { openZones } from '../check/dns.js';
import { openKeyTypeHostOn } from '../manage/users.js';
import { openCertificates } from '../websites/certificates.js';
import { openSight } from '../websites/sight.js';

/** One account's view with root's eyes. `askedBy`: the account itself, or root. */
export function openUapiHost(tree: Tree, account: AccountName, askedBy: string): UapiHost {
  const base = async () => ({ tree, settings: await readSettings(tree) });
  const exclusions = openExclusions(tree);
  const accounts = createAccountDirectory(tree, { exclusionsOf: exclusions.of });
  return {
    account,
    askedBy,
    openCertificates: async () => {
      const keys = openCertificates(await base());
      // What an account has does not go with the feature.
      const everyAccount = createAccountDirectory(tree, {
        exclusionsOf: exclusions.of,
        includesSkipped: true,
      });
      return { accounts: everyAccount, keys, certificates: new StoredCertificates(keys) };
    },
    openChecks: async () => openChecks(tree),
    openExclusions: async () => ({ accounts, exclusions, clock: systemClock }),
    openInstallation: async () => {
      const { openCertificatesHost } = await import('../websites/website-certificates.js');
      const host = await openCertificatesHost({ AUTOSSL_ROOT: tree.root }, process.getuid?.() ?? 0);
      return { host, listen: () => undefined, signal: stopSignal() };
    },
    openKeyTypes: async () => openKeyTypeHostOn(await base()),
    openNames: () => openNames(tree),
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

/** With what a run looks at names, without the run. */
async function openNames(tree: Tree): Promise<CheckNamesHost> {
  const settings = await readSettings(tree);
  const accounts = createAccountDirectory(tree, { exclusionsOf: openExclusions(tree).of });
  const sight = openSight(settings, {
    ownAddresses: await readOwnAddresses(tree),
    addressMap: new Map([...(await readTranslatedAddresses(tree)), ...settings.addressMap]),
  });
  const zones = openZones({ tree, settings }, { ...sight, locks: new FileLockKeeper(tree) });
  return {
    accounts,
    // A test record that cannot be taken away is in the journal of its solver: the next run does it.
    openDns: async () => zones && new DnsPreflight(zones.openSolver(), systemRandom, () => undefined),
    preflight: {
      ...sight,
      random: systemRandom,
      maxRedirects: activeProvider(tree).httpMaxRedirects,
      concurrency: settings.concurrency.probes,
    },
    openSolver: async () =>
      createChallengeSolver({
        tree,
        clock: systemClock,
        place: settings.challenges.method,
        homeDirectoryOf: async (name) => {
          const inventory = await accounts.read(name);
          return inventory?.state === 'ready' ? inventory.account.homeDirectory : null;
        },
      }),
  };
}

/** The one in use; where there is none, what the most usual one does. */
function activeProvider(tree: Tree): ProviderDescription {
  const active = readActiveProvider(tree);
  const name = active.state === 'chosen' ? active.name.toLowerCase() : null;
  return PROVIDERS.find((one) => one.name.toLowerCase() === name) ?? LETS_ENCRYPT;
}
