import { ServerStation } from '../../../adapters/setup/station.js';
import { FileLockKeeper } from '../../../adapters/system/locks/locks.js';
import { systemRandom } from '../../../adapters/system/random.js';
import type { SetUpHost } from '../../../runs/set-up.js';
import { openBase } from '../base.js';

/** What setting up needs. @param program the running script */
export async function openSetUpHost(
  environment: NodeJS.ProcessEnv,
  uid: number,
  program: string,
): Promise<SetUpHost> {
  const { tree } = await openBase(environment, uid);
  return {
    random: systemRandom,
    locks: new FileLockKeeper(tree),
    station: new ServerStation(tree, program, process.execPath),
  };
}
