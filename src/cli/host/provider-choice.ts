import { readProviderChoice } from '../../adapters/store/provider-choice.js';
import type { Tree } from '../../adapters/system/tree.js';
import type { ProviderChoice } from '../../core/provider/choice.js';
import type { Settings } from '../../runs/settings.js';

/** What was said at `autossl provider use`, completed by `/etc/autossl.yaml`. */
export function choiceOf(tree: Tree, settings: Settings, name: string): ProviderChoice {
  const chosen = readProviderChoice(tree, name);
  const written = settings.providers.get(name);
  return {
    name,
    acceptedTermsUrl: chosen?.acceptedTermsUrl ?? null,
    directoryUrl: written?.directoryUrl ?? chosen?.directoryUrl ?? null,
    caBundlePath: written?.caBundle ?? chosen?.caBundlePath ?? null,
    eabKeyId: written?.eabKeyId ?? chosen?.eabKeyId ?? null,
    eabHmacPath: chosen?.eabHmacPath ?? null,
  };
}
