import { readProviderChoice } from '../../../adapters/store/choices/provider-choice.js';
import type { Tree } from '../../../adapters/system/tree.js';
import { nothingSaid, type ProviderChoice } from '../../../core/provider/choice.js';
import type { Settings } from '../../../runs/ports/settings.js';

/** What was said at `autossl provider use`, completed by `/etc/autossl.yaml`. */
export function choiceOf(tree: Tree, settings: Settings, name: string): ProviderChoice {
  return completeChoice(readProviderChoice(tree, name) ?? nothingSaid(name), settings);
}

/** The choice with what `/etc/autossl.yaml` says of its provider in place of what was said at the command line. */
export function completeChoice(choice: ProviderChoice, settings: Settings): ProviderChoice {
  const written = settings.providers.get(choice.name);
  return {
    ...choice,
    directoryUrl: written?.directoryUrl ?? choice.directoryUrl,
    caBundlePath: written?.caBundle ?? choice.caBundlePath,
    eabKeyId: written?.eabKeyId ?? choice.eabKeyId,
  };
}
