import type { DcvOutcome } from '../../core/dcv/outcome.js';
import type { ChallengeMethod } from '../../core/domain/challenge-method.js';
import type { WantedName } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';
import { isInconclusive, type WeighedName, weighOutcomes } from '../../core/plan/unsure-names.js';
import { type NameFate, nameValidated } from '../../core/report/events/work-events.js';
import type { CheckHost } from '../check/check-host.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { OrderDesk } from '../order/order-desk.js';
import { barredWildcards } from './barred-wildcards.js';
import type { DnsPreflight } from './dns-preflight.js';
import { preflightNames } from './preflight-names.js';
import { rehearseRecords } from './rehearse-records.js';
import { validateByDns } from './validate-by-dns.js';

/**
 * The local view of which names a CA can validate, as the setting `preflight` says: `gate` leaves failing names out but
 * lets a few inconclusive ones pass as unsure (they are reserved at the desk), `advise` says what it saw and orders all
 * the same, `off` asks nobody. Null when this server's own name servers are down: then nothing is known of any name.
 */
export async function validateLocally(
  website: Website,
  names: readonly WantedName[],
  desk: OrderDesk,
  host: CheckHost,
  recorder: RunRecorder,
  signal: AbortSignal,
): Promise<WeighedName[] | null> {
  if (names.length === 0) return [];
  const dns = await desk.dnsPreflight();
  const barred = await barredWildcards(website, names, dns !== null, host.accounts);
  for (const outcome of barred.values()) recorder.record(...nameValidated(website, outcome, 'left-out'));
  const rest = names.filter((name) => !barred.has(name));
  const looked = await lookAt(website, rest, dns, desk, host, recorder, signal);
  if (looked === null) return null;
  const byName = new Map(looked.map((one) => [one.name, one]));
  return names.map((name) => byName.get(name) ?? { name, passed: false, isUnsure: false });
}

/** The same for names that nothing bars from the first. */
async function lookAt(
  website: Website,
  names: readonly WantedName[],
  dns: DnsPreflight | null,
  desk: OrderDesk,
  host: CheckHost,
  recorder: RunRecorder,
  signal: AbortSignal,
): Promise<WeighedName[] | null> {
  const mode = host.settings.preflight;
  if (mode === 'off' || names.length === 0) return names.map((name) => passed(name));
  const overHttp = await preflightNames(website, names, {
    ...host.preflight,
    resolver: desk.resolver,
    solver: await desk.solver(),
    signal,
  });
  const outcomes =
    dns === null
      ? overHttp
      : await validateByDns(overHttp, dns, signal, (passed) =>
          rehearseRecords(passed, desk, host, recorder, signal),
        );
  if (await desk.stopIfResolverIsDown()) return null;
  const isGate = mode === 'gate';
  const weighed = weighOutcomes(
    outcomes,
    isGate ? desk.reserveUnsure(website.account, outcomes.filter(isInconclusive).length) : 0,
  );
  const unsure = new Set(weighed.filter(({ isUnsure }) => isUnsure).map(({ name }) => name));
  const fateOf = (outcome: DcvOutcome): NameFate => {
    if (!isGate) return 'ordered';
    if (!isInconclusive(outcome)) return 'left-out';
    return unsure.has(outcome.name) ? 'unsure' : 'unsure-limit';
  };
  for (const outcome of outcomes) recorder.record(...nameValidated(website, outcome, fateOf(outcome)));
  if (isGate) return weighed;
  const methods = new Map(outcomes.map((one) => [one.name, one.passed ? one.method : undefined]));
  return names.map((name) => passed(name, methods.get(name)));
}

function passed(name: WantedName, method?: ChallengeMethod): WeighedName {
  return { name, passed: true, isUnsure: false, ...(method === undefined ? {} : { method }) };
}
