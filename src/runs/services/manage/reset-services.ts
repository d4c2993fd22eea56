import type { ServiceName } from '../../../core/domain/service/service-name.js';
import type { ServicesChangeReport } from '../../../core/report/services/change-report.js';
import { giveEach } from './install-certificate.js';
import { changeServices, type ManageCall } from './manage-session.js';

/**
 * Gives each service a new self-signed certificate for the hostname in place of what it has, which is archived; the next
 * checkallsslcerts replaces that by a real one, where it may. @throws UsageError BAD_ARGUMENT; StateError LOCKED
 */
export async function resetServices(
  names: readonly ServiceName[],
  call: ManageCall,
): Promise<ServicesChangeReport> {
  const { host } = call;
  const done = await changeServices('reset', names, call, (session) =>
    giveEach(session, 'reset', async () => {
      const pair = await host.makePlaceholder(session.hostname.name);
      return { ...pair, leaf: host.describeLeaf(pair.chainPem) };
    }),
  );
  const { hostname } = host.settings;
  const common = { schemaVersion: 1, command: 'reset', hostname, certificate: null } as const;
  return { ...common, ...done, refusals: [], warnings: [] };
}
