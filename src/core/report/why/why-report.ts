import { printable } from '../../domain/name/names.js';
import type { Defect } from '../../evaluation/evaluation.js';
import { EXIT } from '../check/exit-code.js';
import type { ListedProblem } from '../problems/problem-table.js';
import type { ListFault } from '../status/website-list.js';
import type { IssuedStatus, PendingOrder, ServedStatus } from '../status/website-status.js';
import type { CaaSight } from './caa-sight.js';
import { type BlockingLimit, blockingLimits } from './limits.js';
import type { NameHolding } from './name-holding.js';
import type { NameSight } from './name-sight.js';
import type { NearName } from './nearest-name.js';
import { type Deferral, deferralOf, type NextAttempt, nextAttempt } from './next-attempt.js';
import { judgeWhy, type VerdictGrounds, type WhyVerdict } from './verdict.js';
import { adviceFor, type WhyAdvice } from './why-advice.js';
import type { ExcludedBy, UsedProvider, WebsiteFacts, WhyFacts } from './why-facts.js';

/** All that `autossl why --json` prints. Plain JSON; documented in autossl(8). */
export interface WhyReport {
  readonly schemaVersion: 1;
  readonly at: string;
  readonly exitCode: number;
  readonly name: string;
  readonly verdict: WhyVerdict;
  readonly kind: NameHolding['kind'];
  readonly account: string | null;
  readonly website: string | null;
  /** A website that may have been meant by a name that nobody has. */
  readonly nearest: NearName | null;
  /** Names wanted for the website's certificate, and those excluded. */
  readonly wanted: readonly string[];
  readonly excluded: readonly string[];
  readonly exclusion: ExcludedBy | null;
  /** What lies there; `covers`: it is good for the name. */
  readonly issued: IssuedForName | null;
  readonly served: ServedStatus | null;
  readonly order: PendingOrder | null;
  /** Recorded of the name, else of the website as such. */
  readonly problem: ListedProblem | null;
  /** Recorded of the other names and of the website as such. */
  readonly otherProblems: readonly ListedProblem[];
  /** What providers said of the name. */
  readonly refusals: Refusals | null;
  readonly seen: NameSight;
  readonly caa: CaaSight | null;
  /** Where the provider explains when it wants the certificate replaced. */
  readonly explanationUrl?: string;
  readonly deferral: Deferral | null;
  readonly next: NextAttempt;
  readonly limits: readonly BlockingLimit[];
  readonly advice: WhyAdvice;
  readonly provider: string | null;
  readonly faults: readonly ListFault[];
}

export interface IssuedForName extends IssuedStatus {
  /** It is good for the name. */
  readonly covers: boolean;
  /** A self-signed one of ours, for the web server to start with. */
  readonly isPlaceholder: boolean;
  readonly daysLeft: number | null;
  /** What is wrong with it. */
  readonly defects: readonly Defect[];
}

export interface Refusals {
  readonly inARow: number;
  readonly last: { readonly at: string; readonly code: string; readonly message: string } | null;
  readonly nextAttemptAt: string | null;
}

/** Judges all that is known of a name. */
export function whyReport(facts: WhyFacts, now: Date): WhyReport {
  const { holding, website, sight, provider } = facts;
  const limits = website === null || !hasWork(website, now) ? [] : blockingLimits(website, sight, now);
  const problems = website?.problems ?? [];
  const ofName = problems.find(({ about, domain }) => about === 'name' && domain === facts.name) ?? null;
  const ofWebsite = problems.findLast(({ about }) => about === 'website') ?? null;
  const grounds: VerdictGrounds = { facts, limits, ofName, ofWebsite };
  const verdict = judgeWhy(grounds);
  const problem = ofName ?? ofWebsite;
  const deferral = website === null ? null : deferralFor(facts, website, now);
  const status = website?.status ?? null;
  const next =
    website === null || holding.kind === 'excluded' || holding.kind === 'not-wanted'
      ? NO_ATTEMPT
      : nextAttempt({ ...facts, website }, limits, deferral, now);
  return {
    schemaVersion: 1,
    at: now.toISOString(),
    exitCode: exitCodeOf(verdict, facts),
    name: facts.name,
    verdict,
    kind: holding.kind,
    ...placeOf(holding),
    wanted: status?.wanted ?? [],
    excluded: status?.excluded ?? [],
    exclusion: facts.exclusion,
    issued: website === null ? null : issuedFor(website),
    served: status?.served ?? null,
    order: status?.order ?? null,
    problem,
    otherProblems: problems.filter((one) => one !== problem),
    refusals: refusalsOf(website),
    seen: sight,
    caa: facts.caa,
    ...(website?.renewal?.explanationUrl === undefined
      ? {}
      : { explanationUrl: website.renewal.explanationUrl }),
    deferral,
    next,
    limits,
    advice: withSchedule(adviceFor(verdict, grounds), next, facts),
    provider: nameOf(provider),
    faults: facts.faults,
  };
}

const NO_ATTEMPT: NextAttempt = {
  action: 'none',
  at: null,
  because: 'NOTHING_TO_DO',
  message: 'nothing is ordered for it',
};

/** Limits of orders are nothing to a website that nothing is to be ordered for now. */
function hasWork({ status: { next } }: WebsiteFacts, now: Date): boolean {
  if (next.action === 'none' || next.action === 'await-order' || next.action === 'install') return false;
  return next.at === null || Date.parse(next.at) <= now.getTime();
}

function deferralFor({ sight, name }: WhyFacts, website: WebsiteFacts, now: Date): Deferral | null {
  const outcome = sight.state === 'looked' ? sight.outcome : null;
  const failing = new Set(
    website.problems.filter(({ about }) => about === 'name').map(({ domain }) => domain),
  );
  if (outcome?.passed === false) failing.add(name);
  if (outcome?.passed === true) failing.delete(name);
  const secured = website.securedNames.filter(
    (one) => failing.has(one) && website.status.wanted.includes(one),
  );
  return deferralOf(
    { renewal: website.renewal, isDefective: website.status.tls === 'defective' },
    secured,
    now,
  );
}

/** 0: secured, or nobody need do anything; 1: somebody has to; 2: no such name here (design section 2). */
function exitCodeOf({ code, isObstructed }: WhyVerdict, { faults }: WhyFacts): number {
  if (code === 'NOBODY') return EXIT.usage;
  return isObstructed || faults.length > 0 ? EXIT.failed : EXIT.done;
}

function issuedFor({ status, isCovered }: WebsiteFacts): IssuedForName | null {
  if (status.issued === null) return null;
  const { placeholder, daysLeft, defects } = status;
  return { ...status.issued, covers: isCovered, isPlaceholder: placeholder, daysLeft, defects };
}

function placeOf(holding: NameHolding): Pick<WhyReport, 'account' | 'website' | 'nearest'> {
  switch (holding.kind) {
    case 'hostname':
      return { account: null, website: null, nearest: null };
    case 'nobody':
      return { account: null, website: null, nearest: holding.nearest };
    case 'skipped':
    case 'broken':
      return { account: holding.account, website: null, nearest: null };
    default:
      return { account: holding.website.account, website: holding.website.vhost, nearest: null };
  }
}

function refusalsOf(website: WebsiteFacts | null): Refusals | null {
  const memory = website?.memory ?? null;
  if (memory === null) return null;
  const { consecutiveFailures, lastFailure, nextAttemptAt } = memory;
  const last =
    lastFailure === null
      ? null
      : { at: lastFailure.at, code: printable(lastFailure.code), message: printable(lastFailure.message) };
  return { inARow: consecutiveFailures, last, nextAttemptAt };
}

/** Without a nightly run nothing comes by itself. */
function withSchedule(advice: WhyAdvice, next: NextAttempt, { schedule }: WhyFacts): WhyAdvice {
  if (advice.root !== null || schedule.nextRunAt !== null || next.action === 'none') return advice;
  return { ...advice, root: 'No nightly run is known of; to have one: autossl setup --cron' };
}

function nameOf(provider: UsedProvider): string | null {
  return provider.state === 'chosen' ? provider.name : null;
}
