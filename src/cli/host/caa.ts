import { DnsCaaResolver } from '../../adapters/dns/caa-resolver.js';
import { FileZoneAdditions } from '../../adapters/store/zones/additions.js';
import { systemClock } from '../../adapters/system/clock.js';
import { FileLockKeeper } from '../../adapters/system/locks.js';
import type { CaaHost } from '../../runs/validation/caa-host.js';
import type { ZoneAdditionsHost } from '../../runs/zone-additions.js';
import { type Base, openBase } from './base.js';
import { openZoneEditor } from './zone-editor.js';

/** What judging and mending CAA records needs; asks nothing yet. `addressMap`: public → local addresses of this server. */
export function openCaaHost({ tree, settings }: Base, addressMap: ReadonlyMap<string, string>): CaaHost {
  return {
    resolver: new DnsCaaResolver(
      { servers: settings.resolvers, queries: settings.concurrency.lookups },
      addressMap,
    ),
    zones: openZoneEditor({ tree, settings }),
    additions: new FileZoneAdditions(tree),
    mode: settings.caa,
  };
}

/** What looking at added records and taking them back needs. @throws ConfigurationError */
export async function openZoneAdditionsHost(
  environment: NodeJS.ProcessEnv,
  uid: number,
): Promise<ZoneAdditionsHost> {
  const base = await openBase(environment, uid);
  return {
    clock: systemClock,
    locks: new FileLockKeeper(base.tree),
    additions: new FileZoneAdditions(base.tree),
    zones: openZoneEditor(base),
  };
}
