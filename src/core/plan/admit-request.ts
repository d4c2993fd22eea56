import type { ChallengeMethod } from '../domain/challenge-method.js';
import type { FaultSide } from '../domain/fault-side.js';
import { isWildcard, type WantedName } from '../domain/name/names.js';
import type { Evaluation } from '../evaluation/evaluation.js';
import type { LeftOutName, PlannedAction } from './action.js';
import { identifiersFor, type WildcardReduction } from './admission/wildcard-reduction.js';

/** A name and whether it can be validated now: here, and as far as the CA has said. */
export interface ValidatedName {
  readonly name: WantedName;
  readonly passed: boolean;
  /** By which it passed; absent = http-01. */
  readonly method?: ChallengeMethod;
  /** Who can mend a failure; absent = the name's owner. */
  readonly fault?: FaultSide;
}

/** What is asked of the CA. */
export interface CertificateRequest {
  /** In priority order, within the provider's limit; a wildcard stands in the place of the names that it covers. */
  readonly names: readonly WantedName[];
  /** Of these, those that are proved by DNS: those that passed so, and wildcards (RFC 8555 section 8.4); absent = none. */
  readonly byDns?: readonly WantedName[];
  readonly leftOut: readonly LeftOutName[];
  /** Names secured now that the new certificate will lack. */
  readonly losing: readonly WantedName[];
}

export type ImpedimentCode =
  | 'TOTAL_DCV_FAILURE'
  | 'NO_UNSECURED_DOMAIN_PASSED_DCV'
  | 'SECURED_DOMAIN_DCV_FAILURE'
  | 'PROVIDER_LIMIT_BELOW_SECURED';

/** Why nothing is asked for although something is wanted. */
export interface Impediment {
  readonly code: ImpedimentCode;
  readonly message: string;
  /** When the wait for failing secured names ends (coverage-reduction deferral, design 5.3); null = no such instant. */
  readonly dueAt: Date | null;
  /** The names whose failure stands in the way. */
  readonly failing: readonly WantedName[];
  /** `ours` when nothing but faults of ours stands in the way. */
  readonly fault: FaultSide;
}

export type Admission =
  | { readonly isAdmitted: true; readonly request: CertificateRequest }
  | { readonly isAdmitted: false; readonly impediment: Impediment };

/**
 * Turns what passed validation into a request, or says what stands in its way. A name that is wanted no longer (removed,
 * excluded) never holds a renewal back. `maxNames` null = the provider knows no limit. `reductions`: wildcards that were
 * validated in the place of names that passed by them.
 */
export function admitRequest(
  action: PlannedAction,
  evaluation: Evaluation,
  outcomes: readonly ValidatedName[],
  maxNames: number | null,
  now: Date,
  reductions: readonly WildcardReduction[] = [],
): Admission {
  const passed = outcomes.filter((outcome) => outcome.passed).map((outcome) => outcome.name);
  const failed = outcomes.filter((outcome) => !outcome.passed);
  if (passed.length === 0) {
    return impede('TOTAL_DCV_FAILURE', 'No name of this website can be validated.', null, failed);
  }
  const secured = new Set<WantedName>(evaluation.securedNames);
  const securedFailing = failed.filter(({ name }) => secured.has(name));
  const isUsable = evaluation.tlsStatus !== 'defective';
  const isDue = evaluation.renewal?.isDue ?? false;

  if (isUsable && securedFailing.length > 0) {
    const blocked = judgeSecuredFailure(evaluation, isDue, securedFailing, now);
    if (blocked !== null) return blocked;
  }
  if (isUsable && !isDue && !gains(action, passed, secured)) {
    return impede(
      'NO_UNSECURED_DOMAIN_PASSED_DCV',
      'No further name can be validated, so a new certificate would gain nothing.',
      null,
      failed,
    );
  }
  const identifiers = identifiersFor(passed, reductions);
  const names = identifiers.slice(0, maxNames ?? identifiers.length);
  const cut = withoutCovered(passed, new Set(names), reductions);
  if (isUsable && cut.some((name) => secured.has(name))) {
    return impede(
      'PROVIDER_LIMIT_BELOW_SECURED',
      `The provider takes ${maxNames} names a certificate, fewer than are secured now; the valid certificate is kept. Split the names over several websites.`,
      null,
      [],
    );
  }
  const passedByDns = new Set(outcomes.filter(isByDns).map(({ name }) => name));
  const byDns = names.filter((name) => isWildcard(name) || passedByDns.has(name));
  return {
    isAdmitted: true,
    request: {
      names,
      ...(byDns.length === 0 ? {} : { byDns }),
      leftOut: cut.map((name) => ({ name, why: 'OVER_PROVIDER_LIMIT' as const })),
      losing: securedFailing.map(({ name }) => name),
    },
  };
}

function isByDns({ method }: ValidatedName): boolean {
  return method === 'dns-01';
}

/** The names that nothing of what is asked for covers. */
function withoutCovered(
  passed: readonly WantedName[],
  asked: ReadonlySet<WantedName>,
  reductions: readonly WildcardReduction[],
): readonly WantedName[] {
  const byWildcard = reductions.filter(({ wildcard }) => asked.has(wildcard)).flatMap(({ covers }) => covers);
  const covered = new Set(byWildcard);
  return passed.filter((name) => !asked.has(name) && !covered.has(name));
}

/** Design 5.3: inside the window wait until the deferral margin (unless the CA says “now”), outside it keep what is there. */
function judgeSecuredFailure(
  evaluation: Evaluation,
  isDue: boolean,
  failing: readonly ValidatedName[],
  now: Date,
): Admission | null {
  if (!isDue) {
    return impede(
      'SECURED_DOMAIN_DCV_FAILURE',
      'A name that the present certificate secures cannot be validated, so the certificate is kept as it is.',
      null,
      failing,
    );
  }
  const { deferralEndsAt: endsAt, isDeferrable = true } = evaluation.renewal ?? {};
  if (endsAt === undefined || now >= endsAt || !isDeferrable) return null;
  return impede(
    'SECURED_DOMAIN_DCV_FAILURE',
    `A name that the present certificate secures cannot be validated; the renewal waits for it until ${endsAt.toISOString()} and is then made without it.`,
    endsAt,
    failing,
  );
}

/** Whether the passing names bring anything that the present certificate lacks. */
function gains(
  action: PlannedAction,
  passed: readonly WantedName[],
  secured: ReadonlySet<WantedName>,
): boolean {
  return (
    passed.some((name) => !secured.has(name)) ||
    action.because.some((reason) => reason.code === 'KEY_TYPE_DIFFERS')
  );
}

function impede(
  code: ImpedimentCode,
  message: string,
  dueAt: Date | null,
  failed: readonly ValidatedName[],
): Admission {
  const isOurs = failed.length > 0 && failed.every(({ fault }) => fault === 'ours');
  const failing = failed.map(({ name }) => name);
  return {
    isAdmitted: false,
    impediment: { code, message, dueAt, failing, fault: isOurs ? 'ours' : 'owner' },
  };
}
