import { resumeRunLog } from '../../adapters/journal/run-log.js';
import { systemClock } from '../../adapters/system/clock.js';
import type { QueueHost } from '../../runs/queue/queue-host.js';
import { renewHostname } from '../../runs/services/hostname/renew-hostname.js';
import { HostnameOrderKeeper } from '../../runs/services/hostname-order-keeper.js';
import { openBase } from './base.js';
import { type OpenCheckHost, openCheckHostOn } from './check/check.js';
import { openServicesHost } from './services/services-check.js';

/** The poller's world. Null when AutoSSL is disabled. @throws ConfigurationError */
export async function openQueueHost(
  environment: NodeJS.ProcessEnv,
  uid: number,
): Promise<(QueueHost & OpenCheckHost) | null> {
  const base = await openBase(environment, uid);
  const host = await openCheckHostOn(base);
  if (host === null) return null;
  const { tree } = base;
  return {
    ...host,
    resumeJournal: (startedAt) => resumeRunLog(tree, startedAt, systemClock),
    otherKeepers: (recorder, signal) => [
      new HostnameOrderKeeper(() => openServicesHost(base, host), recorder, signal),
    ],
    renewHostname: async (context) => await renewHostname(await openServicesHost(base, host), context),
  };
}
