import type { CertificateEvidence } from '../../core/certificate/facts.js';
import { isServersOwn } from '../../core/domain/account/hostname-owner.js';
import { isWildcard } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';
import type { Evaluation } from '../../core/evaluation/evaluation.js';
import { mayReplace, type ReplacementRight } from '../../core/evaluation/may-replace.js';
import type { OrderRecord } from '../../core/order/record.js';
import { ADOPTED_REASON, type PlannedAction } from '../../core/plan/action.js';
import { planWebsite } from '../../core/plan/plan-website.js';
import { mayComeTooLate } from '../../core/provider/failover.js';
import type { CheckHost } from '../check/check-host.js';
import type { IssuedRecord } from '../ports/orders.js';

/** What judging a website needs of the world: no run need be under way. */
export type JudgingHost = Pick<
  CheckHost,
  'clock' | 'issued' | 'evaluate' | 'wildcardAbility' | 'fallbacks'
> & {
  readonly certificates: Pick<CheckHost['certificates'], 'gatherEvidence'>;
  readonly settings: Pick<CheckHost['settings'], 'clobberExternallySigned'>;
};

export interface JudgingOptions {
  readonly isReissueAsked: boolean;
  /** Orders that pend, by website. */
  readonly pending: ReadonlyMap<string, OrderRecord>;
}

/** What was found of one website and what to do with it. */
export interface JudgedWebsite {
  readonly evidence: CertificateEvidence;
  readonly evaluation: Evaluation;
  readonly replacement: ReplacementRight;
  readonly action: PlannedAction;
  /** What we issued for it, newest first. */
  readonly issued: readonly IssuedRecord[];
}

/** Reads one website's certificate and says what to do: at the survey, and again under its lock. */
export async function judgeWebsite(
  website: Website,
  options: JudgingOptions,
  host: JudgingHost,
): Promise<JudgedWebsite> {
  const now = host.clock.now();
  const [evidence, records] = await Promise.all([
    host.certificates.gatherEvidence(website),
    host.issued.read(website.vhost),
  ]);
  // A website may be called as the server itself is, whose services have certificates of their own.
  const issued = records.filter((record) => !isServersOwn(record));
  const evaluation = host.evaluate(website, evidence, issued, now);
  const order = options.pending.get(website.vhost) ?? null;
  const mayAskOthers = (host.fallbacks ?? []).length > 0 && evaluation.renewal?.isEmergency === true;
  const pendingOrder = order !== null && mayAskOthers && mayComeTooLate(order, now) ? null : order;
  const replacement = mayReplace(evaluation, host.settings.clobberExternallySigned, now);
  const wildcards = website.candidates.map(({ name }) => name).filter(isWildcard);
  const action = planWebsite({
    website,
    evaluation,
    replacement,
    wildcards:
      wildcards.length === 0 ? 'unsupported' : ((await host.wildcardAbility?.(wildcards)) ?? 'unsupported'),
    pendingOrder,
    isReissueAsked: options.isReissueAsked,
    isAdopted:
      issued[0]?.fingerprint === evaluation.fingerprint && issued[0].because.includes(ADOPTED_REASON),
  });
  return { evidence, evaluation, replacement, action, issued };
}
