import type { DcvOutcome } from '../core/dcv/outcome.js';
import type { WantedName } from '../core/domain/names.js';
import type { Website } from '../core/domain/website.js';
import { nameValidated } from '../core/report/work-events.js';
import type { CheckHost } from './check-host.js';
import type { ChallengeSolver } from './ports.js';
import { preflightNames } from './preflight-names.js';
import type { RunRecorder } from './run-recorder.js';

/**
 * The local view of which names a CA can validate, as the setting `preflight` says: `gate` leaves failing names out,
 * `advise` says what it saw and orders all the same, `off` asks nobody.
 */
export async function validateLocally(
  website: Website,
  names: readonly WantedName[],
  solver: ChallengeSolver,
  host: CheckHost,
  recorder: RunRecorder,
  signal: AbortSignal,
): Promise<DcvOutcome[]> {
  const mode = host.settings.preflight;
  if (mode === 'off' || names.length === 0) return names.map(passed);
  const outcomes = await preflightNames(website, names, { ...host.preflight, solver, signal });
  for (const outcome of outcomes) recorder.record(...nameValidated(website, outcome, mode === 'advise'));
  return mode === 'advise' ? names.map(passed) : outcomes;
}

function passed(name: WantedName): DcvOutcome {
  return { name, passed: true, warnings: [] };
}
