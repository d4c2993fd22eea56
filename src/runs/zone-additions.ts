import { AutosslError, UsageError } from '../core/domain/autossl-error.js';
import { printable, quoteForMessage } from '../core/domain/name/names.js';
import { EXIT } from '../core/report/check/exit-code.js';
import type { AdditionsReport, AdditionWords, TakenBack } from '../core/report/zone-additions.js';
import type { Clock } from './ports/clock.js';
import type { LockKeeper } from './ports/locks.js';
import type { ZoneAddition, ZoneAdditions, ZoneEditor } from './ports/zones.js';

/** What looking at added records and taking them back needs. */
export interface ZoneAdditionsHost {
  readonly clock: Clock;
  readonly locks: LockKeeper;
  readonly additions: ZoneAdditions;
  readonly zones: ZoneEditor | null;
}

/** Every record that was added to zones here, those taken back included. @throws StateError CORRUPT_RECORD */
export async function listAdditions({ additions }: ZoneAdditionsHost): Promise<readonly AdditionWords[]> {
  return await additions.list();
}

/**
 * Takes added records away again, by their values: what else lies there stays. They are not added again until they are
 * forgotten. `wanted`: ids or owner names; null: all. @throws UsageError BAD_ARGUMENT for what was never added
 */
export async function undoAdditions(
  wanted: readonly string[] | null,
  host: ZoneAdditionsHost,
  signal: AbortSignal,
): Promise<AdditionsReport> {
  const chosen = choose(await host.additions.list(), wanted);
  const results: TakenBack[] = [];
  for (const addition of chosen) results.push(await takeBack(addition, host, signal));
  const isDone = results.every(({ outcome }) => outcome !== 'failed');
  return { schemaVersion: 1, exitCode: isDone ? EXIT.done : EXIT.failed, additions: results };
}

/**
 * Forgets records that were taken back, so that a run may add them again. @throws UsageError BAD_ARGUMENT for what was never
 * added, or lies in its zone still
 */
export async function forgetAdditions(
  wanted: readonly string[],
  { additions }: ZoneAdditionsHost,
): Promise<readonly AdditionWords[]> {
  const chosen = choose(await additions.list(), wanted);
  const [inForce] = chosen.filter(({ state }) => state !== 'undone');
  if (inForce !== undefined) {
    throw new UsageError('BAD_ARGUMENT', `${inForce.id} was not taken back`, {
      advice: `Run first: autossl caa undo ${inForce.id}`,
    });
  }
  for (const addition of chosen) await additions.forget(addition);
  return chosen;
}

function choose(all: readonly ZoneAddition[], wanted: readonly string[] | null): readonly ZoneAddition[] {
  if (wanted === null) return all.filter(({ state }) => state !== 'undone');
  const chosen = wanted.flatMap((text) => {
    const bare = text.toLowerCase().replace(/\.$/, '');
    const found = all.filter(({ id, name }) => id === bare || name === bare);
    if (found.length > 0) return found;
    throw new UsageError('BAD_ARGUMENT', `nothing was added for ${quoteForMessage(text)}`, {
      advice: 'See "autossl caa list".',
    });
  });
  return [...new Set(chosen)];
}

async function takeBack(
  addition: ZoneAddition,
  host: ZoneAdditionsHost,
  signal: AbortSignal,
): Promise<TakenBack> {
  const { name, type, value } = addition;
  const failed = (why: string): TakenBack => ({ ...addition, outcome: 'failed', message: why });
  const { zones, locks, additions, clock } = host;
  if (zones === null) return failed('this server edits no zones now');
  const zone = await zones.zoneOf(name);
  if ('fault' in zone) return failed(printable(zone.fault));
  try {
    const lock = await locks.acquire(`caa:${zone.apex}`, 'autossl caa undo', signal);
    try {
      await lock.assertHeld();
      const check = await zones.change(zone, [{ op: 'remove', name, type, value }]);
      if (!check.ok) return failed(printable(check.why));
      const { id: _, ...record } = addition;
      const undone = { ...record, state: 'undone', undoneAt: clock.now().toISOString() } as const;
      return { ...(await additions.write(undone)), outcome: 'undone', message: null };
    } finally {
      await lock.release();
    }
  } catch (error) {
    if (!(error instanceof AutosslError)) throw error;
    return failed(printable(error.message));
  }
}
