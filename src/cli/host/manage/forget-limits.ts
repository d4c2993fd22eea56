import { FileLedger } from '../../../adapters/store/orders/ledger.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { FileLockKeeper } from '../../../adapters/system/locks/locks.js';
import type { ForgettingHost } from '../../../runs/manage/forget-stops.js';
import { openBase } from '../base.js';

/** What forgetting stops needs. @throws ConfigurationError as `openBase` */
export async function openForgettingHost(
  environment: NodeJS.ProcessEnv,
  uid: number,
): Promise<ForgettingHost> {
  const { tree } = await openBase(environment, uid);
  return { clock: systemClock, ledger: new FileLedger(tree), locks: new FileLockKeeper(tree) };
}
