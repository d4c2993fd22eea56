import { printable } from '../../domain/name/names.js';
import type { ServiceName } from '../../domain/service/service-name.js';
import type { ConfigurationAdvice, ConfigurationLines } from '../../sni/configuration-lines.js';
import { counted } from '../text/wording.js';

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
  /** How many names it is offered, and how many more are held back because it has no room for them. */
  readonly names: number;
  readonly heldBack: number;
  /** Whether it was seen now to serve a name of its table; null: nobody could be asked, or there is none. */
  readonly isServed: boolean | null;
  /** What was seen instead, one clause; null otherwise. */
  readonly notServed: string | null;
  readonly configuration: ConfigurationLines;
  /** What else its configuration should say. */
  readonly advice: readonly ConfigurationAdvice[];
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
    if (daemon.isNamed !== true) lines.push(...additionOf(place, own));
    for (const { because, ...addition } of daemon.advice)
      lines.push(`  ${because}`, ...additionOf(addition.place, addition.lines));
  }
  for (const { message } of faults) lines.push('', printable(message));
  return `${lines.join('\n')}\n`;
}

function additionOf(place: string, own: readonly string[]): readonly string[] {
  return [`  Add ${place}:`, '', ...own.map((line) => `    ${line}`)];
}

function stateOf({ state, because, isNamed, isServed, notServed, names, heldBack }: SniDaemonReport): string {
  if (state === 'off') return `answers for no names, ${printable(because ?? '')}.`;
  const isNow = state === 'current' ? '' : ' The next run gives it what changed.';
  if (isNamed === null) return `whether its configuration names ours is seen when there are names.${isNow}`;
  if (!isNamed) return `its configuration does not name ours yet.${isNow}`;
  if (isServed === false) return `does not answer for them: ${printable(notServed ?? '')}.${isNow}`;
  if (isServed === null) return `is to answer for them; nobody could be asked whether it does.${isNow}`;
  const what = heldBack === 0 ? 'them' : `${names} of them`;
  return `answers for ${what}.${isNow}`;
}
