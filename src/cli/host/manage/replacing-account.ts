import { createAccountFiles } from '../../../adapters/acme/account-files.js';
import type { Tree } from '../../../adapters/system/tree.js';
import type { ReplacingAccount } from '../../../core/order/limits/planned-exemption.js';
import type { ProviderDescription } from '../../../core/provider/description.js';
import type { Settings } from '../../../runs/ports/settings.js';
import { choiceOf } from './provider-choice.js';

/**
 * Our account at a provider that knows what an order replaces, as its directory last said; null: it does not, or we have none.
 * The provider is not asked. @throws StateError TREE_UNREADABLE
 */
export async function readReplacingAccount(
  tree: Tree,
  settings: Settings,
  { name, kind, hasRenewalInfo, directoryUrl: usual }: ProviderDescription,
): Promise<ReplacingAccount | null> {
  if (kind !== 'acme' || hasRenewalInfo !== true) return null;
  const directoryUrl = choiceOf(tree, settings, name).directoryUrl ?? usual;
  const account = await createAccountFiles(tree, name).readAccount();
  return directoryUrl === null || account === undefined
    ? null
    : { directoryUrl, acmeAccountUrl: account.url };
}
