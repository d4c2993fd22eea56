import {
  readActiveProvider,
  readProviderChoice,
  saveProviderChoice,
} from '../../adapters/store/provider-choice.js';
import { ensureBaseFolders } from '../../adapters/system/base-folders.js';
import type { ProviderChoice } from '../../core/provider/choice.js';
import type { UseProviderHost } from '../../runs/use-provider.js';
import { AuthorityOpener } from './authorities.js';
import { openBase } from './base.js';
import { completeChoice } from './provider-choice.js';
import { openSight } from './sight.js';

/** What choosing and showing providers needs. */
export interface ProviderHost extends UseProviderHost {
  /** As `autossl.json` names it, which may be none of ours; null = none is chosen, or AutoSSL is disabled. */
  readonly activeName: string | null;
  choiceOf(name: string): ProviderChoice | null;
}

export async function openProviderHost(environment: NodeJS.ProcessEnv, uid: number): Promise<ProviderHost> {
  const { tree, settings } = await openBase(environment, uid);
  const active = readActiveProvider(tree);
  const sight = openSight(settings, { ownAddresses: [], addressMap: new Map() });
  const authorities = new AuthorityOpener(tree, settings, sight);
  return {
    activeName: active.state === 'chosen' ? active.name : null,
    choiceOf: (name) => readProviderChoice(tree, name),
    complete: (choice) => ({
      ...completeChoice(choice, settings),
      hasEabHmac:
        choice.eabHmacPath !== null || (settings.providers.get(choice.name)?.eabHmac ?? null) !== null,
    }),
    openAuthority: (provider, choice) => authorities.open(provider, choice),
    prepareTree: () => ensureBaseFolders(tree),
    save: (choice) => saveProviderChoice(tree, choice),
  };
}
