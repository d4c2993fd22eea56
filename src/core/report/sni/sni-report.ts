import { printable } from '../../domain/names.js';
import type { ServiceName } from '../../domain/service-name.js';
import type { ConfigurationLines } from '../../sni/configuration-lines.js';
import { counted } from '../wording.js';

/** What one daemon answers for, and what its configuration needs for that. */
export interface SniDaemonReport {
  readonly service: ServiceName;
  readonly daemon: string;
  /** `current`: its table follows from what lies there; `outdated`: the next run makes it so; `off`: nothing is offered. */
  readonly state: 'current' | 'outdated' | 'off';
  /** Why nothing is offered; null otherwise. */
  readonly because: string | null;
  readonly table: string;
  /** Whether its configuration names the table; null where that cannot be seen now. */
  readonly isNamed: boolean | null;
  readonly configuration: ConfigurationLines;
}

/** Of `autossl sni`. */
export interface SniReport {
  readonly schemaVersion: 1;
  readonly exitCode: number;
  /** This server's own name, for which no customer answers. */
  readonly hostname: string;
  readonly names: number;
  readonly certificates: number;
  readonly daemons: readonly SniDaemonReport[];
  /** What could not be done. */
  readonly faults: readonly { readonly code: string; readonly message: string }[];
}

/** The report for people: each daemon with the lines that its configuration lacks. */
export function renderSni({ names, certificates, daemons, faults }: SniReport): string {
  if (daemons.length === 0)
    return 'No mail or FTP daemon that takes certificates by name is known here (services in /etc/autossl.yaml).\n';
  const what = `${counted(names, 'name')} with ${counted(certificates, 'certificate')}`;
  const lines = [`Customers have ${what} that mail and FTP can answer with.`];
  for (const daemon of daemons) {
    lines.push('', `${printable(daemon.daemon)} (${daemon.service}): ${stateOf(daemon)}`);
    const { place, lines: own } = daemon.configuration;
    if (daemon.isNamed !== true) lines.push(`  Add ${place}:`, '', ...own.map((line) => `    ${line}`));
  }
  for (const { message } of faults) lines.push('', printable(message));
  return `${lines.join('\n')}\n`;
}

function stateOf({ state, because, isNamed }: SniDaemonReport): string {
  if (state === 'off') return `answers for no names, ${printable(because ?? '')}.`;
  const isNow = state === 'current' ? '' : ' The next run gives it what changed.';
  if (isNamed === null) return `whether its configuration names ours is seen when there are names.${isNow}`;
  return isNamed ? `answers for them.${isNow}` : `its configuration does not name ours yet.${isNow}`;
}
