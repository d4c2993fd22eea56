import { createAccountDirectory } from '../../../adapters/accounts/account-directory.js';
import { createChallengeSolver } from '../../../adapters/solvers/create-solver.js';
import { openExclusions } from '../../../adapters/store/choices/exclusions.js';
import { readActiveProvider } from '../../../adapters/store/choices/provider-choice.js';
import { readSettings } from '../../../adapters/store/settings/settings.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { FileLockKeeper } from '../../../adapters/system/locks/locks.js';
import { readOwnAddresses, readTranslatedAddresses } from '../../../adapters/system/own-addresses.js';
import { systemRandom } from '../../../adapters/system/random.js';
import type { Tree } from '../../../adapters/system/tree.js';
import type { ProviderDescription } from '../../../core/provider/description.js';
import { LETS_ENCRYPT } from '../../../core/provider/known/lets-encrypt.js';
import { PROVIDERS } from '../../../core/provider/registry.js';
import type { CheckNamesHost } from '../../../runs/manage/check-names.js';
import { DnsPreflight } from '../../../runs/validation/dns-preflight.js';
import { openZones } from '../check/dns.js';
import { openSight } from '../websites/sight.js';

/** With what a run looks at names, without the run. */
export async function openNames(tree: Tree): Promise<CheckNamesHost> {
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
