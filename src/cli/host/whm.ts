import { FileRunLogs } from '../../adapters/journal/run-logs.js';
import { FileOrderStore } from '../../adapters/store/orders/orders.js';
import { systemClock } from '../../adapters/system/clock.js';
import type { WhmHost } from '../../api/whm/host.js';
import { stopSignal } from '../stop-signal.js';
import { openOwnTree } from './uapi/own-tree.js';

/** What the functions of whmapi1 work on; each loads what it needs and no more. @throws ConfigurationError UNSAFE_ROOT, NOT_PERMITTED */
export async function openWhmHost(environment: NodeJS.ProcessEnv, uid: number): Promise<WhmHost> {
  const tree = openOwnTree(environment, uid);
  return {
    openChecks: async () => (await import('./check/checks.js')).openChecks(tree),
    openCertificates: async () =>
      (await import('./websites/website-certificates.js')).openCertificatesHost(environment, uid),
    openServices: async () =>
      (await import('./services/services-manage.js')).openManageHost(environment, uid),
    stopSignal,
    openExclusions: async () => (await import('./manage/exclusions.js')).exclusionsIn(tree),
    openLogs: async () => new FileRunLogs(tree),
    openMetadata: async () => (await import('./manage/metadata.js')).metadataIn(tree),
    openServer: async () => {
      const { readHostName } = await import('../../adapters/system/host-name.js');
      return { hostname: await readHostName(tree) };
    },
    openProblems: async () => (await import('./websites/problems.js')).openProblemsHost(environment, uid),
    openSchedule: async () => {
      const { readRunSchedule } = await import('../../adapters/setup/run-schedule.js');
      return () => readRunSchedule(tree, systemClock.now());
    },
    openUserFiles: async () =>
      new (await import('../../adapters/accounts/user-files.js')).FileUserFiles(tree),
    openOrders: async () => new FileOrderStore(tree),
    openProviders: async () => {
      const { readSettings } = await import('../../adapters/store/settings/settings.js');
      const { openProvidersHostOn } = await import('./manage/provider.js');
      return openProvidersHostOn({ tree, settings: await readSettings(tree) });
    },
  };
}
