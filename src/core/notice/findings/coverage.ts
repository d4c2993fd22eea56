import type { NoticeFinding, NoticeKind } from '../finding.js';
import { hasFailed, isDeferral, isGone, nextAttemptAt, type RunMoment } from './expiry.js';
import type { NameTroubles } from './name-trouble.js';
import type { WebsiteFacts } from './website-facts.js';
import type { WebsiteSaw } from './website-saw.js';

/** The website's certificate as it is after the run. */
export interface PresentCoverage {
  readonly certificate: NoticeFinding['certificate'];
  readonly covers: (name: string) => boolean;
  /** It was installed by this run: every name that it lacks is told of, whether or not a reason is known. */
  readonly isNew: boolean;
}

/**
 * Secured names that fail validation: a renewal that waits for them (with the instant at which it is made without them), or,
 * before the renewal is due, the risk of it.
 */
export function failingCoverage(
  facts: WebsiteFacts,
  saw: WebsiteSaw | undefined,
  names: NameTroubles,
  moment: RunMoment,
): readonly NoticeFinding[] {
  const cause = saw?.cause ?? null;
  if (cause === null || facts.ownership !== 'ours' || facts.broken.length > 0) return [];
  const secured = new Set(facts.secured);
  const failing = cause.failing.filter((name) => secured.has(name));
  if (failing.length === 0) return [];
  const common = { facts, failing, names, moment, because: { code: cause.code, text: cause.text } };
  if (isDeferral(cause))
    return [of('notify_autossl_expiry_coverage', { ...common, deadlineAt: cause.dueAt })];
  const isDue = facts.renewal?.isDue ?? false;
  const isAtRisk = cause.code === 'SECURED_DOMAIN_DCV_FAILURE' || cause.code === 'TOTAL_DCV_FAILURE';
  if (isDue || !isAtRisk) return [];
  const deadlineAt = facts.renewal?.dueAt ?? null;
  return [of('notify_autossl_renewal_coverage', { ...common, deadlineAt })];
}

/**
 * Wanted names that the website's certificate does not cover: those that one of ours covered before, and those that none
 * did. They stay findings until they are covered, or wanted no longer. Of a website without any certificate all names that
 * fail are uncovered: what never worked cannot expire.
 */
export function lackingCoverage(
  facts: WebsiteFacts,
  saw: WebsiteSaw | undefined,
  present: PresentCoverage,
  names: NameTroubles,
  moment: RunMoment,
): readonly NoticeFinding[] {
  const isFirst = isGone(facts) && !facts.wasIssued && !present.isNew && hasFailed(saw?.cause ?? null);
  if (!isFirst && !present.isNew && (facts.ownership !== 'ours' || isGone(facts))) return [];
  const lacking = facts.wanted
    .map(({ name }) => name)
    .filter((name) => !present.covers(name) && (present.isNew || names.isKnown(name)));
  const ever = new Set(facts.everCovered);
  const lost = lacking.filter((name) => ever.has(name));
  const never = lacking.filter((name) => !ever.has(name));
  const { certificate } = present;
  const because = becauseOf(saw, isFirst);
  const common = { facts: { ...facts, certificate }, names, moment, because, deadlineAt: null };
  return [
    ...(lost.length === 0
      ? []
      : [of('notify_autossl_renewal_coverage_reduced', { ...common, failing: lost })]),
    ...(never.length === 0
      ? []
      : [of('notify_autossl_renewal_uncovered_domains', { ...common, failing: never })]),
  ];
}

function becauseOf(saw: WebsiteSaw | undefined, isFirst: boolean): NoticeFinding['because'] {
  const cause = saw?.cause ?? null;
  if (isFirst && cause !== null) return { code: cause.code, text: cause.text };
  return { code: 'NAMES_NOT_COVERED', text: 'The certificate does not cover all names of the website.' };
}

function of(
  kind: NoticeKind,
  about: {
    readonly facts: WebsiteFacts;
    readonly failing: readonly string[];
    readonly names: NameTroubles;
    readonly moment: RunMoment;
    readonly because: NoticeFinding['because'];
    readonly deadlineAt: Date | null;
  },
): NoticeFinding {
  const { facts, failing, names, moment, because, deadlineAt } = about;
  return {
    kind,
    account: facts.account,
    vhost: facts.vhost,
    certificate: facts.certificate,
    names: failing.map((name) => names.of(name)),
    because,
    deadlineAt,
    nextAttemptAt: nextAttemptAt({ kind: 'replace' }, null, moment),
  };
}
