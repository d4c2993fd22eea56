import { SocketHttpProbe } from '../../adapters/probe/http-probe.js';
import { DnsResolver } from '../../adapters/probe/resolver.js';
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

/** What choosing and showing providers needs. */
export interface ProviderHost extends UseProviderHost {
  /** As `autossl.json` names it, which may be none of ours; null = none is chosen, or AutoSSL is disabled. */
  readonly activeName: string | null;
  choiceOf(name: string): ProviderChoice | null;
}

export async function openProviderHost(environment: NodeJS.ProcessEnv, uid: number): Promise<ProviderHost> {
  const { tree, settings } = await openBase(environment, uid);
  const active = readActiveProvider(tree);
  const resolver = new DnsResolver({ servers: settings.resolvers });
  const probe = new SocketHttpProbe(resolver, {
    httpPort: settings.http.port,
    httpsPort: settings.http.httpsPort,
  });
  const authorities = new AuthorityOpener(tree, settings, {
    resolver,
    probe,
    ownAddresses: [],
    addressMap: new Map(),
  });
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
