import { judgeCaa } from '../../core/caa/judge.js';
import { judgeRecordTrouble } from '../../core/dcv/judge-dns.js';
import { isWildcard, type WantedName, type WildcardName } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';
import { judgeNameAttempt } from '../../core/order/name-attempt.js';
import { reduceToWildcards, type WildcardReduction } from '../../core/plan/admission/wildcard-reduction.js';
import { wildcardPassedOver } from '../../core/report/events/work-events.js';
import type { CheckHost } from '../check/check-host.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { OrderDesk } from '../order/order-desk.js';
import { observeCaa } from './observe-caa.js';
import { rehearseRecords } from './rehearse-records.js';

/** The only method by which a wildcard is validated (RFC 8555 section 7.1.3). */
const METHODS = ['dns-01'] as const;

/**
 * The wildcards that stand for several of these names in this order: where the setting asks for it, a zone of ours holds
 * their domain, a test record shows there, CAA allows it, and no CA refused it lately. What speaks against one is said; its
 * names then go their own ways. @throws the signal's reason, StateError
 */
export async function reduceWebsite(
  website: Website,
  names: readonly WantedName[],
  desk: OrderDesk,
  host: CheckHost,
  recorder: RunRecorder,
  signal: AbortSignal,
): Promise<readonly WildcardReduction[]> {
  const { wildcardReduction, preflight } = host.settings;
  if (!wildcardReduction || preflight === 'off' || !desk.provider.supportsWildcard) return [];
  const possible = reduceToWildcards(names, website.excluded, () => true);
  const editable: WildcardReduction[] = [];
  for (const one of possible) {
    if ((await host.wildcardAbility?.([one.wildcard])) === 'yes' && (await mayTry(one.wildcard, host))) {
      editable.push(one);
    }
  }
  if (editable.length === 0) return [];
  const dns = await desk.dnsPreflight();
  const trials =
    (await dns?.try(
      editable.map(({ wildcard }) => wildcard),
      signal,
    )) ?? [];
  const passed = trials.filter(({ trouble }) => trouble === null).map(({ name }) => name);
  const seen = await rehearseRecords(passed, desk, host, recorder, signal);
  const proved: WildcardReduction[] = [];
  for (const { name, ...trial } of trials) {
    const trouble = trial.trouble ?? seen.get(name) ?? null;
    const reduction = editable.find(({ wildcard }) => wildcard === name);
    if (reduction === undefined) continue;
    const against =
      trouble === null
        ? await caaAgainst(reduction.wildcard, desk, host)
        : judgeRecordTrouble(trouble).message;
    if (against === null) proved.push(reduction);
    else recorder.record(wildcardPassedOver(website, reduction.wildcard, against));
  }
  return proved;
}

async function mayTry(wildcard: WildcardName, { names, clock }: CheckHost): Promise<boolean> {
  return judgeNameAttempt(await names.read(wildcard), clock.now()).mayTry;
}

/** Why CAA keeps the CA from the wildcard; null: nothing does. */
async function caaAgainst(
  wildcard: WildcardName,
  desk: OrderDesk,
  { caa }: CheckHost,
): Promise<string | null> {
  if (desk.caaIssuer.identities.length === 0) return null;
  const observation = await observeCaa(wildcard, (name) => caa.resolver.caaAt(name));
  const outcome = judgeCaa(observation, { ...desk.caaIssuer, methods: METHODS });
  return outcome.isAllowed ? null : outcome.message;
}

/** Of the names, those that no reduction covers; a wildcard that is wanted as such is not asked for twice. */
export function unreduced(
  names: readonly WantedName[],
  reductions: readonly WildcardReduction[],
): readonly WantedName[] {
  const covered = new Set(reductions.flatMap(({ covers }) => covers));
  const wildcards = new Set<WantedName>(reductions.map(({ wildcard }) => wildcard));
  return names.filter((name) => !covered.has(name) && !(isWildcard(name) && wildcards.has(name)));
}
