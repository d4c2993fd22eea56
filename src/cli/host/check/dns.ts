import { ZoneChallengeSolver } from '../../../adapters/dns/challenge-solver.js';
import { DnsClient } from '../../../adapters/dns/dns-client.js';
import { openZoneEditors } from '../../../adapters/dns/zone-editors.js';
import { ZoneServers, type ZoneServersSettings } from '../../../adapters/dns/zone-servers.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { challengeRecordOf } from '../../../core/dcv/dns-challenge.js';
import type { WantedName } from '../../../core/domain/name/names.js';
import type { DnsChallengeSolver } from '../../../runs/ports/challenges.js';
import type { LockKeeper } from '../../../runs/ports/locks.js';
import type { ZoneEditor } from '../../../runs/ports/zones.js';
import type { Base } from '../base.js';

/** Of one question to a name server, in ms: those that take longer are asked again in the next round. */
const DIRECT_TIMEOUT_MS = 2_000;

/** The zones that this server edits, and challenges in them. */
export interface ZonesHost {
  readonly editors: ZoneEditor;
  /** The name servers of zones. */
  readonly servers: ZoneServers;
  openSolver(): DnsChallengeSolver;
  /** Whether a challenge for one of the names may go into a zone of ours, as far as settings tell. */
  mayValidate(names: readonly WantedName[]): Promise<boolean>;
}

/** Null where the settings name no editor. Opening it touches nothing. */
export function openZones(
  { tree, settings }: Base,
  own: Omit<ZoneServersSettings, 'client' | 'direct' | 'authoritative'> & { readonly locks: LockKeeper },
): ZonesHost | null {
  const { editors: given, authoritative, delegations, propagationMs, intervalMs } = settings.dns;
  if (given.length === 0) return null;
  const queries = settings.concurrency.lookups;
  const client = new DnsClient({ servers: settings.resolvers, queries });
  const direct = new DnsClient({ servers: settings.resolvers, queries, timeoutMs: DIRECT_TIMEOUT_MS });
  const editors = openZoneEditors(given, direct, own.locks);
  const servers = new ZoneServers({ client, direct, authoritative, ...own });
  return {
    editors,
    servers,
    openSolver: () =>
      new ZoneChallengeSolver({
        tree,
        editors,
        delegations,
        servers: new ZoneServers({ client, direct, authoritative, ...own }),
        clock: systemClock,
        timeoutMs: propagationMs,
        intervalMs,
      }),
    mayValidate: async (names) => {
      if (delegations.length > 0) return true;
      for (const name of names)
        if (!('fault' in (await editors.zoneOf(challengeRecordOf(name))))) return true;
      return false;
    },
  };
}
