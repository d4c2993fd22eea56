import { createAccountDirectory } from '../../adapters/accounts/account-directory.js';
import { FileUserFiles } from '../../adapters/accounts/user-files.js';
import { FileRunLogs } from '../../adapters/journal/run-logs.js';
import { readRunSchedule } from '../../adapters/setup/run-schedule.js';
import { openExclusions } from '../../adapters/store/choices/exclusions.js';
import { FileMetadata } from '../../adapters/store/choices/metadata.js';
import { FileOrderStore } from '../../adapters/store/orders/orders.js';
import { systemClock } from '../../adapters/system/clock.js';
import { readHostName } from '../../adapters/system/host-name.js';
import type { WhmHost } from '../../api/whm/host.js';
import { stopSignal } from '../stop-signal.js';
import { openChecks } from './check/checks.js';
import { openOwnTree } from './uapi/own-tree.js';
import { openProblemsHost } from './websites/problems.js';

/** What the functions of whmapi1 work on. @throws ConfigurationError UNSAFE_ROOT, NOT_PERMITTED */
export async function openWhmHost(environment: NodeJS.ProcessEnv, uid: number): Promise<WhmHost> {
  const tree = openOwnTree(environment, uid);
  return {
    openChecks: async () => openChecks(tree),
    openCertificates: async () =>
      (await import('./websites/website-certificates.js')).openCertificatesHost(environment, uid),
    openServices: async () =>
      (await import('./services/services-manage.js')).openManageHost(environment, uid),
    stopSignal,
    openExclusions: async () => {
      const exclusions = openExclusions(tree);
      const accounts = createAccountDirectory(tree, { exclusionsOf: exclusions.of });
      return { accounts, exclusions, clock: systemClock };
    },
    openLogs: async () => new FileRunLogs(tree),
    openMetadata: async () => new FileMetadata(tree),
    openServer: async () => ({ hostname: await readHostName(tree) }),
    openProblems: async () => openProblemsHost(environment, uid),
    openSchedule: async () => () => readRunSchedule(tree, systemClock.now()),
    openUserFiles: async () => new FileUserFiles(tree),
    openOrders: async () => new FileOrderStore(tree),
    openProviders: async () => {
      const { readSettings } = await import('../../adapters/store/settings/settings.js');
      const { openProvidersHostOn } = await import('./manage/provider.js');
      return openProvidersHostOn({ tree, settings: await readSettings(tree) });
    },
  };
}
