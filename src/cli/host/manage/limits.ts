import { readActiveProvider } from '../../../adapters/store/choices/provider-choice.js';
import { FileLedger } from '../../../adapters/store/orders/ledger.js';
import { FileNameMemory } from '../../../adapters/store/records/names.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { isThere } from '../../../adapters/system/files/files.js';
import { NO_PUBLISHED_LIMITS } from '../../../core/order/limits/published-limits.js';
import { PROVIDERS } from '../../../core/provider/registry.js';
import type { LimitsHost } from '../../../runs/manage/limits.js';
import { accountLimitsOf } from '../../../runs/order/account-limits.js';
import { openBase } from '../base.js';
import { openAccountRecords } from '../check/account-records.js';
import { ProviderCatalogue } from './provider-catalogue.js';

/** What telling the limits reads. @throws ConfigurationError */
export async function openLimitsHost(environment: NodeJS.ProcessEnv, uid: number): Promise<LimitsHost> {
  const base = await openBase(environment, uid);
  const { tree, settings } = base;
  const active = readActiveProvider(tree);
  const chosen = active.state === 'chosen' ? [active.name] : [];
  const [provider] = await new ProviderCatalogue(tree, settings).findAll(chosen);
  const records = openAccountRecords(tree);
  const names = new FileNameMemory(tree);
  return {
    ...records,
    accounts: (await isThere(tree.users())) ? records.accounts : null,
    clock: systemClock,
    provider: provider?.name ?? null,
    ledger: new FileLedger(tree),
    listNames: () => names.list(),
    limitsOf: (name) =>
      accountLimitsOf(
        PROVIDERS.find((one) => one.name === name) ?? { kind: 'module', limits: NO_PUBLISHED_LIMITS },
        { settings: settings.limits },
      ),
    replacingAccount: async () => {
      if (provider === undefined) return null;
      const { readReplacingAccount } = await import('./replacing-account.js');
      return await readReplacingAccount(tree, settings, provider);
    },
    openJudging: async () => (await import('../websites/status.js')).openStatusHostOn(base),
  };
}
