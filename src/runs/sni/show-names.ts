import type { ServiceName } from '../../core/domain/service-name.js';
import type { RunEvent } from '../../core/report/event.js';
import type { SniDaemonReport, SniReport } from '../../core/report/sni/sni-report.js';
import { exitCodeFor, runFaultsOf } from '../../core/report/tally.js';
import { configurationLines, type SniDaemonKind } from '../../core/sni/configuration-lines.js';
import { offersOf } from '../../core/sni/offer.js';
import type { SniHost } from './sni-host.js';

/**
 * What mail and FTP answer for, and what their configurations lack. Writes nothing. `events`: what an update before it said.
 * @throws StateError TREE_UNREADABLE; ConfigurationError UNSAFE_FILE
 */
export async function showNames(
  host: SniHost,
  ownFile: (service: ServiceName) => string,
  events: readonly RunEvent[],
): Promise<SniReport> {
  const hostname = await host.hostname();
  const offers = offersOf(await host.names.list(), { hostname, now: host.clock.now() });
  const daemons: SniDaemonReport[] = [];
  for (const { service, kind, title, table, refusal } of await host.daemons()) {
    if (!isSniKind(kind)) continue;
    const isCurrent = await table.holds(refusal === null ? offers : null);
    daemons.push({
      service,
      daemon: title,
      state: refusal !== null ? 'off' : isCurrent ? 'current' : 'outdated',
      because: refusal,
      table: table.path,
      isNamed: await table.isNamed(),
      configuration: configurationLines(kind, table.path, ownFile(service)),
    });
  }
  return {
    schemaVersion: 1,
    exitCode: exitCodeFor(events),
    hostname,
    names: offers.length,
    certificates: new Set(offers.map(({ pair }) => pair)).size,
    daemons,
    faults: runFaultsOf(events),
  };
}

const KINDS: ReadonlySet<string> = new Set<SniDaemonKind>(['exim', 'postfix', 'dovecot', 'pure-ftpd']);

function isSniKind(kind: string): kind is SniDaemonKind {
  return KINDS.has(kind);
}
