import { DnsCaaResolver } from '../../../adapters/dns/caa-resolver.js';
import { DnsClient } from '../../../adapters/dns/dns-client.js';
import { openZoneEditors } from '../../../adapters/dns/zone-editors.js';
import { FileZoneAdditions } from '../../../adapters/store/zones/additions.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { FileLockKeeper } from '../../../adapters/system/locks/locks.js';
import type { CaaHost } from '../../../runs/validation/caa-host.js';
import type { ZoneAdditionsHost } from '../../../runs/zone-additions.js';
import { type Base, openBase } from '../base.js';
import type { ZonesHost } from './dns.js';

/** What judging and mending CAA records needs; asks nothing yet. */
export function openCaaHost({ tree, settings }: Base, zones: ZonesHost | null): CaaHost {
  const asking = { servers: settings.resolvers, queries: settings.concurrency.lookups };
  return {
    resolver: new DnsCaaResolver(asking, zones?.servers ?? null),
    zones: zones?.editors ?? null,
    additions: new FileZoneAdditions(tree),
    mode: settings.caa,
  };
}

/** What looking at added records and taking them back needs. @throws ConfigurationError */
export async function openZoneAdditionsHost(
  environment: NodeJS.ProcessEnv,
  uid: number,
): Promise<ZoneAdditionsHost> {
  const { tree, settings } = await openBase(environment, uid);
  const locks = new FileLockKeeper(tree);
  const { editors } = settings.dns;
  const client = new DnsClient({ servers: settings.resolvers });
  return {
    clock: systemClock,
    locks,
    additions: new FileZoneAdditions(tree),
    zones: editors.length === 0 ? null : openZoneEditors(editors, client, locks),
  };
}
