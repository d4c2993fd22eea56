import { UsageError } from '../../core/domain/autossl-error.js';
import { printable } from '../../core/domain/name/names.js';
import type { LedgerRecord } from '../../core/order/ledger-record.js';
import { stopsNow } from '../../core/order/limits/limit-stop.js';
import type { ForgottenStop } from '../../core/report/tables/forgotten-stops.js';
import type { Clock } from '../ports/clock.js';
import type { LockKeeper } from '../ports/locks.js';
import type { Ledger } from '../ports/records.js';

/** What forgetting stops needs. */
export interface ForgettingHost {
  readonly clock: Pick<Clock, 'now'>;
  readonly ledger: Pick<Ledger, 'read' | 'write'> & {
    /** Where something was spent. @throws StateError TREE_UNREADABLE */
    providers(): Promise<readonly string[]>;
  };
  readonly locks: Pick<LockKeeper, 'acquire'>;
}

/**
 * Lifts what providers stopped, as far as it is noted here: of the account, of registered domains, sets and names. What we counted
 * ourselves stays, and what a provider still means it says again. @param provider null = all
 * @throws UsageError UNKNOWN_PROVIDER; StateError CORRUPT_RECORD, WRITE_FAILED
 */
export async function forgetStops(
  provider: string | null,
  host: ForgettingHost,
): Promise<readonly ForgottenStop[]> {
  const known = await host.ledger.providers();
  const forgotten: ForgottenStop[] = [];
  for (const name of provider === null ? known : [theOne(provider, known)]) {
    const lock = await host.locks.acquire(`ledger:${name}`, 'autossl limits --forget');
    try {
      const record = await host.ledger.read(name);
      const lifted = stopsOf(record, host.clock.now());
      if (lifted.length === 0) continue;
      await lock.assertHeld();
      await host.ledger.write({
        ...record,
        stoppedUntil: null,
        stoppedBecause: null,
        stoppedAt: null,
        stops: [],
      });
      forgotten.push(...lifted);
    } finally {
      await lock.release();
    }
  }
  return forgotten;
}

function theOne(said: string, known: readonly string[]): string {
  const found = known.find((one) => one.toLowerCase() === said.toLowerCase());
  if (found !== undefined) return found;
  throw new UsageError('UNKNOWN_PROVIDER', `nothing was ordered at ${printable(said)}`, {
    advice: 'See: autossl limits',
  });
}

function stopsOf(record: LedgerRecord, now: Date): readonly ForgottenStop[] {
  const provider = printable(record.provider);
  const { stoppedUntil, stoppedBecause } = record;
  const isStopped = stoppedUntil !== null && Date.parse(stoppedUntil) > now.getTime();
  const account = isStopped
    ? [{ provider, scope: 'account' as const, key: null, until: stoppedUntil, because: stoppedBecause ?? '' }]
    : [];
  const parts = stopsNow(record, now).map(({ scope, key, until, because }) => ({
    provider,
    scope,
    key: printable(key),
    until,
    because,
  }));
  return [...account, ...parts].map((one) => ({ ...one, because: printable(one.because) }));
}
