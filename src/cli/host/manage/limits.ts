import { FileLedger } from '../../../adapters/store/orders/ledger.js';
import { FileNameMemory } from '../../../adapters/store/records/names.js';
import { readSettings } from '../../../adapters/store/settings/settings.js';
import { NO_PUBLISHED_LIMITS } from '../../../core/order/limits/published-limits.js';
import { PROVIDERS } from '../../../core/provider/registry.js';
import type { LimitsHost } from '../../../runs/manage/limits.js';
import { accountLimitsOf } from '../../../runs/order/order-desk.js';
import { openOwnTree } from '../uapi/own-tree.js';
import { openStatusHost } from '../websites/status.js';

/** What telling the limits reads. @throws ConfigurationError */
export async function openLimitsHost(environment: NodeJS.ProcessEnv, uid: number): Promise<LimitsHost> {
  const status = await openStatusHost(environment, uid);
  const tree = openOwnTree(environment, uid);
  const { newOrdersPer3Hours } = (await readSettings(tree)).limits;
  const names = new FileNameMemory(tree);
  return {
    ...status,
    ledger: new FileLedger(tree),
    listNames: () => names.list(),
    limitsOf: (name) => {
      const provider = PROVIDERS.find((one) => one.name === name);
      const settings = { newOrdersPer3Hours };
      return accountLimitsOf(provider ?? { kind: 'module', limits: NO_PUBLISHED_LIMITS }, { settings });
    },
  };
}
