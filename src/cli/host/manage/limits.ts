import { FileLedger } from '../../../adapters/store/orders/ledger.js';
import { FileNameMemory } from '../../../adapters/store/records/names.js';
import { readSettings } from '../../../adapters/store/settings/settings.js';
import { NO_PUBLISHED_LIMITS } from '../../../core/order/limits/published-limits.js';
import { PROVIDERS, providerCalled } from '../../../core/provider/registry.js';
import type { LimitsHost } from '../../../runs/manage/limits.js';
import { accountLimitsOf } from '../../../runs/order/order-desk.js';
import { openOwnTree } from '../uapi/own-tree.js';
import { openStatusHost } from '../websites/status.js';
import { ProviderCatalogue } from './provider-catalogue.js';
import { readReplacingAccount } from './replacing-account.js';

/** What telling the limits reads. @throws ConfigurationError */
export async function openLimitsHost(environment: NodeJS.ProcessEnv, uid: number): Promise<LimitsHost> {
  const status = await openStatusHost(environment, uid);
  const tree = openOwnTree(environment, uid);
  const settings = await readSettings(tree);
  const { newOrdersPer3Hours } = settings.limits;
  const names = new FileNameMemory(tree);
  return {
    ...status,
    ledger: new FileLedger(tree),
    listNames: () => names.list(),
    replacingAccount: async () => {
      const known = providerCalled(status.provider ?? '');
      // Those of third parties replace nothing, and would have to be asked.
      if (known === undefined) return null;
      const provider = await new ProviderCatalogue(tree, settings).find(known.name);
      return await readReplacingAccount(tree, settings, provider);
    },
    limitsOf: (name) => {
      const provider = PROVIDERS.find((one) => one.name === name);
      const described = provider ?? { kind: 'module', limits: NO_PUBLISHED_LIMITS };
      return accountLimitsOf(described, { settings: { newOrdersPer3Hours } });
    },
  };
}
