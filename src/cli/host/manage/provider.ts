import { createAccountFiles } from '../../../adapters/acme/account-files.js';
import {
  disableProvider,
  readActiveProvider,
  readFallbacks,
  readProviderChoice,
  saveProviderChoice,
} from '../../../adapters/store/choices/provider-choice.js';
import { FileLedger } from '../../../adapters/store/orders/ledger.js';
import { FileOrderStore } from '../../../adapters/store/orders/orders.js';
import { ensureBaseFolders } from '../../../adapters/system/files/base-folders.js';
import { FileLockKeeper } from '../../../adapters/system/locks/locks.js';
import type { ProvidersHost } from '../../../runs/manage/providers.js';
import { type Base, openBase } from '../base.js';
import type { AuthorityOpener } from '../check/authorities.js';
import { ProviderCatalogue } from './provider-catalogue.js';
import { completeChoice } from './provider-choice.js';

/** What choosing, showing and registering with providers needs. @throws ConfigurationError as `openBase` */
export async function openProvidersHost(environment: NodeJS.ProcessEnv, uid: number): Promise<ProvidersHost> {
  return openProvidersHostOn(await openBase(environment, uid));
}

/** The same of a tree whose settings were read already. */
export function openProvidersHostOn({ tree, settings }: Base): ProvidersHost {
  const catalogue = new ProviderCatalogue(tree, settings);
  let authorities: Promise<AuthorityOpener> | undefined;
  const openAuthorities = () => {
    authorities ??= authoritiesOf({ tree, settings });
    return authorities;
  };
  const locks = new FileLockKeeper(tree);
  return {
    activeName: () => {
      const active = readActiveProvider(tree);
      return active.state === 'chosen' ? active.name : null;
    },
    fallbackNames: () => readFallbacks(tree),
    downSinceOf: async (name) => (await new FileLedger(tree).read(name)).downSince ?? null,
    list: () => catalogue.list(),
    describe: (name) => catalogue.named(name),
    find: (name) => catalogue.find(name),
    choiceOf: (name) => readProviderChoice(tree, name),
    accountUrlOf: async (name) => (await createAccountFiles(tree, name).readAccount())?.url ?? null,
    complete: (choice) => ({
      ...completeChoice(choice, settings),
      hasEabHmac:
        choice.eabHmacPath !== null || (settings.providers.get(choice.name)?.eabHmac ?? null) !== null,
    }),
    openAuthority: async (provider, choice) => (await openAuthorities()).open(provider, choice),
    openRegistration: async (provider, choice) =>
      (await openAuthorities()).openRegistration(provider, choice),
    prepareTree: () => ensureBaseFolders(tree),
    noteDirectory: (provider, facts) => catalogue.note(provider, facts),
    save: (choice, options) => saveProviderChoice(tree, choice, options),
    disable: () => disableProvider(tree),
    orders: new FileOrderStore(tree),
    lock: (name, note) => locks.acquire(name, note),
  };
}

/** What talks to CAs: choosing and registering need it, a list does not. */
async function authoritiesOf({ tree, settings }: Base): Promise<AuthorityOpener> {
  const [{ AuthorityOpener }, { openSight }] = await Promise.all([
    import('../check/authorities.js'),
    import('../websites/sight.js'),
  ]);
  return new AuthorityOpener(
    tree,
    settings,
    openSight(settings, { ownAddresses: [], addressMap: new Map() }),
  );
}
