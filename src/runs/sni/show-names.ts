import type { ServiceName } from '../../core/domain/service/service-name.js';
import { exitCodeFor, runFaultsOf } from '../../core/report/check/tally.js';
import type { RunEvent } from '../../core/report/events/event.js';
import type { SniDaemonReport, SniReport } from '../../core/report/sni/sni-report.js';
import { configurationLines, type SniDaemonKind } from '../../core/sni/configuration-lines.js';
import { roomAdvice } from '../../core/sni/dovecot-room.js';
import { type NameOffer, offersOf } from '../../core/sni/offer.js';
import { offersFor } from './offers-for.js';
import { type NameProof, NameProver } from './prove-names.js';
import type { SniDaemon, SniHost } from './sni-host.js';

/**
 * What mail and FTP answer for, as one handshake each shows, and what their configurations lack. Writes nothing. `events`:
 * what an update before it said.
 * @throws StateError TREE_UNREADABLE; ConfigurationError UNSAFE_FILE
 */
export async function showNames(
  host: SniHost,
  ownFile: (service: ServiceName) => string,
  events: readonly RunEvent[],
  signal: AbortSignal,
): Promise<SniReport> {
  const hostname = await host.hostname();
  const prover = new NameProver(host, hostname, signal);
  const found = await host.names.list();
  const offers = offersOf(found, { hostname, now: host.clock.now() });
  const daemons: SniDaemonReport[] = [];
  for (const daemon of await host.daemons()) {
    const { service, kind, title, table, refusal, asked } = daemon;
    if (!isSniKind(kind)) continue;
    const { offers: own, fit } = await offersFor(daemon, offers, found);
    const isCurrent = await table.holds(own);
    const isNamed = await table.isNamed();
    const proof = isNamed === true ? await look(daemon, own ?? [], prover) : UNKNOWN;
    daemons.push({
      service,
      daemon: title,
      state: refusal !== null ? 'off' : isCurrent ? 'current' : 'outdated',
      because: refusal,
      table: table.path,
      isNamed,
      names: own?.length ?? 0,
      heldBack: fit?.held.length ?? 0,
      isServed: proof.state === 'unknown' ? null : proof.state === 'served',
      notServed: proof.state === 'not-served' ? proof.why : null,
      configuration: configurationLines(kind, table.path, ownFile(service)),
      advice: [...(fit === null ? [] : roomAdvice(fit)), ...((await asked?.advice?.()) ?? [])],
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

const UNKNOWN: NameProof = { state: 'unknown' };

/** Asked for what lies in its table already. */
async function look(
  { asked, table }: SniDaemon,
  offers: readonly NameOffer[],
  prover: NameProver,
): Promise<NameProof> {
  if (asked === null || (await asked.liveness()).isAlive === false) return UNKNOWN;
  const present = await table.pairs();
  return await prover.look(
    asked,
    offers.filter(({ pair }) => present.has(pair)),
  );
}

const KINDS: ReadonlySet<string> = new Set<SniDaemonKind>(['exim', 'postfix', 'dovecot', 'pure-ftpd']);

function isSniKind(kind: string): kind is SniDaemonKind {
  return KINDS.has(kind);
}
