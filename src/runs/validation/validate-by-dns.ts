import type { RecordTrouble } from '../../core/dcv/dns-observation.js';
import {
  failedBothWays,
  failedByDns,
  judgeRecordTrouble,
  mayTryByDns,
  serverWarnings,
} from '../../core/dcv/judge-dns.js';
import type { DcvOutcome } from '../../core/dcv/outcome.js';
import type { WantedName } from '../../core/domain/name/names.js';
import { isWildcard } from '../../core/domain/name/names.js';
import type { DnsPreflight, DnsTrial } from './dns-preflight.js';

/** Looks closer at names that passed by DNS; gives what is wrong with them. */
export type Rehearsal = (names: readonly WantedName[]) => Promise<ReadonlyMap<WantedName, RecordTrouble>>;

/**
 * Tries by DNS what did not pass over HTTP (behaviour section 3: HTTP first, then DNS; wildcards by DNS alone). Outcomes in
 * the order given. @throws the signal's reason, StateError
 */
export async function validateByDns(
  outcomes: readonly DcvOutcome[],
  preflight: DnsPreflight,
  signal: AbortSignal,
  rehearse: Rehearsal = async () => new Map(),
): Promise<DcvOutcome[]> {
  const failed = outcomes.filter((outcome) => !outcome.passed).filter(mayTryByDns);
  if (failed.length === 0) return [...outcomes];
  const trials = await preflight.try(
    failed.map(({ name }) => name),
    signal,
  );
  const passed = trials.filter(({ trouble }) => trouble === null).map(({ name }) => name);
  const seen = await rehearse(passed);
  const byName = new Map(
    trials.map((trial) => [trial.name, { ...trial, trouble: trial.trouble ?? seen.get(trial.name) ?? null }]),
  );
  return outcomes.map((outcome) => {
    const trial = byName.get(outcome.name);
    return trial === undefined ? outcome : judge(outcome, trial);
  });
}

function judge(outcome: DcvOutcome, { name, trouble, zone, servers }: DnsTrial): DcvOutcome {
  if (trouble === null) {
    const warnings = zone === null ? [] : serverWarnings(zone, servers);
    return { name, passed: true, method: 'dns-01', warnings };
  }
  const failure = judgeRecordTrouble(trouble);
  return isWildcard(name) || outcome.passed ? failedByDns(name, failure) : failedBothWays(outcome, failure);
}
