import { printable } from '../../domain/name/names.js';
import { counted } from '../text/wording.js';
import type { RunEvent } from './event.js';

/** So many corrections are named in a line. */
const MOST_NAMED = 3;

/** Instants that only a wrong clock can have written were put right. `corrections`: clauses. */
export function ledgerSettled(provider: string, corrections: readonly string[]): RunEvent {
  const named = corrections.slice(0, MOST_NAMED).map(printable).join('; ');
  const more = corrections.length > MOST_NAMED ? `, and ${corrections.length - MOST_NAMED} more` : '';
  return {
    type: 'warn',
    code: 'LEDGER_AHEAD',
    indent: 0,
    contents: `What is remembered of orders at ${printable(provider)} lies further ahead than a right clock puts it (${named}${more}); it is put right, and holds no longer than its own span from now on.`,
    data: { provider, corrections: corrections.length },
  };
}

/** A ledger that could not be read was made anew. `fault`: why; `keptAt`: path of the damaged one. */
export function ledgerMadeAnew(provider: string, fault: string, keptAt: string, orders: number): RunEvent {
  return {
    type: 'warn',
    code: 'LEDGER_DAMAGED',
    indent: 0,
    contents: `${printable(fault)}; it is kept as ${printable(keptAt)} and made anew of ${counted(orders, 'order')} of the last week that other records know of.`,
    data: { provider, keptAt, orders },
  };
}

/** A CA told us to stay away for longer than any of its limits lasts. */
export function retryAfterDisobeyed(provider: string, told: Date, until: Date): RunEvent {
  return {
    type: 'warn',
    code: 'RETRY_AFTER_CUT',
    indent: 0,
    contents: `${printable(provider)} wants no orders until ${told.toISOString()}, which no limit needs; it is asked again from ${until.toISOString()} on.`,
    data: { provider, told: told.toISOString(), until: until.toISOString() },
  };
}
