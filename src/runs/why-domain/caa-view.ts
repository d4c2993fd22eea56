import { judgeCaa } from '../../core/caa/judge.js';
import type { CaaObservation } from '../../core/caa/observation.js';
import type { CaaIssuer, CaaOutcome, CaaRefusal } from '../../core/caa/outcome.js';
import type { ChallengeMethod } from '../../core/domain/challenge-method.js';
import type { DomainName, WildcardName } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';
import { type CaaSight, caaPermission, caaRefusal } from '../../core/report/why/caa-sight.js';
import type { CheckHost } from '../check/check-host.js';
import { usualMethod } from '../validation/caa-checking.js';
import { recordToAdd } from '../validation/forecast-caa.js';
import { observeCaa } from '../validation/observe-caa.js';

/** Looks whether the CAA records permit the provider in use to certify a name. MUST NOT throw for what DNS answers. */
export interface CaaView {
  /** `method`: by which the name was seen to be proved; null: it was not. Null when nothing can be judged. @throws the signal's reason */
  look(
    name: DomainName | WildcardName,
    website: Website,
    method: ChallengeMethod | null,
    signal: AbortSignal,
  ): Promise<CaaSight | null>;
}

export interface CaaViewPorts extends Pick<CheckHost, 'caa' | 'accounts'> {
  readonly issuer: CaaIssuer;
  /** Names can be proved by DNS from here. */
  readonly canTryByDns: boolean;
}

/** Judges the records as a run does; adds none, and says which one a run would add. */
export class CaaLook implements CaaView {
  readonly #ports: CaaViewPorts;

  constructor(ports: CaaViewPorts) {
    this.#ports = ports;
  }

  async look(
    name: DomainName | WildcardName,
    website: Website,
    method: ChallengeMethod | null,
    signal: AbortSignal,
  ): Promise<CaaSight | null> {
    const { caa, issuer } = this.#ports;
    if (issuer.identities.length === 0) return null;
    const observation = await observeCaa(name, (one) => caa.resolver.caaAt(one), signal);
    const outcome = this.#judge(observation, method ?? usualMethod(name));
    if (outcome.isAllowed) return caaPermission(observation, outcome);
    const added = await recordToAdd(website, outcome, this.#ports);
    return caaRefusal(observation, outcome, added?.line ?? null);
  }

  /** What may not be proved over HTTP may be by DNS (RFC 8657 section 4). */
  #judge(observation: CaaObservation, method: ChallengeMethod): CaaOutcome {
    const { issuer, canTryByDns } = this.#ports;
    const outcome = judgeCaa(observation, { ...issuer, methods: [method] });
    if (!isOfMethod(outcome) || !canTryByDns) return outcome;
    const byDns = judgeCaa(observation, { ...issuer, methods: ['dns-01'] });
    return byDns.isAllowed ? byDns : outcome;
  }
}

function isOfMethod(outcome: CaaOutcome): outcome is CaaRefusal {
  return !outcome.isAllowed && outcome.code === 'CAA_METHOD_FORBIDDEN';
}
