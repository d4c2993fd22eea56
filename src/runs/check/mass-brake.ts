import { StateError } from '../../core/domain/autossl-error.js';
import { type HealthCount, judgeMassByClock, judgeMassChange } from '../../core/plan/mass-change.js';
import type { HealthRecord } from '../ports/records.js';
import type { CheckHost } from './check-host.js';
import type { ExpiredAtOnce } from './clock-witness.js';
import type { RunRecorder } from './run-recorder.js';

type BrakeHost = Pick<CheckHost, 'ledger' | 'clock'>;

/** Stops a full run that finds too many websites broken at once, and remembers what it found. @throws StateError BRAKE */
export async function applyMassBrake(
  health: HealthCount,
  isOverridden: boolean,
  host: BrakeHost,
  recorder: RunRecorder,
): Promise<void> {
  const before = await rememberedHealth(host, recorder);
  if (!isOverridden) assertNoMass(before, health);
  // What expired is known when the clock is trusted.
  const known = new Set(before?.expired ?? []);
  await writeHealth({ ...health, expired: (health.expired ?? []).filter((vhost) => known.has(vhost)) }, host);
}

function writeHealth(health: HealthCount, { ledger, clock }: BrakeHost): Promise<void> {
  return ledger.writeHealth({ schemaVersion: 1, at: clock.now().toISOString(), ...health });
}

/** What expired since the last run, for whoever asks CAs what time it is. `isKept`: all websites were looked at. */
export function expiredAtOnce(
  health: HealthCount,
  isKept: boolean,
  host: BrakeHost,
  recorder: RunRecorder,
): ExpiredAtOnce {
  return {
    assertFew: async () => {
      const verdict = judgeMassByClock(await rememberedHealth(host, recorder), health);
      if (!verdict.isBraked) return;
      throw new StateError(
        'BRAKE',
        `${verdict.newlyUnhealthy} websites have certificates that expired since the last run or are gone (limit ${verdict.limit}), and the provider does not say what time it is; nothing is ordered`,
        { advice: 'See whether the clock is right; if it is, run again with --yes-really.' },
      );
    },
    remember: async () => {
      if (!isKept || (health.expired ?? []).length === 0) return;
      await writeHealth(health, host);
    },
  };
}

/** The same for some websites only, of which nothing is remembered. @throws StateError BRAKE */
export async function assertNoMassAmong(
  health: HealthCount,
  host: BrakeHost,
  recorder: RunRecorder,
): Promise<void> {
  assertNoMass(await rememberedHealth(host, recorder), health);
}

/** What the last run saw; a damaged memory of it is said and forgotten. */
async function rememberedHealth(host: BrakeHost, recorder: RunRecorder): Promise<HealthRecord | undefined> {
  try {
    return await host.ledger.readHealth();
  } catch (error) {
    if (!(error instanceof StateError) || error.code !== 'CORRUPT_RECORD') throw error;
    recorder.record({
      type: 'warn',
      code: 'HEALTH_RECORD_DAMAGED',
      indent: 0,
      contents: `${error.message}; it is made anew.`,
    });
    return undefined;
  }
}

/** @throws StateError BRAKE */
function assertNoMass(before: HealthRecord | undefined, health: HealthCount): void {
  const verdict = judgeMassChange(before, health);
  if (!verdict.isBraked) return;
  throw new StateError(
    'BRAKE',
    `${verdict.newlyUnhealthy} websites that were healthy at the last run have lost their certificates at once (limit ${verdict.limit}); nothing is ordered`,
    {
      advice:
        'Look for an unmounted or emptied folder under /var/cpanel/ssl; if this is meant, run again with --yes-really.',
    },
  );
}
