import { adviceForHostname } from '../../dcv/hostname-advice.js';
import type { DcvOutcome } from '../../dcv/outcome.js';
import { adviceForRefusal } from '../../dcv/refusal-advice.js';
import { isServersOwn } from '../../domain/account/hostname-owner.js';
import { AutosslError } from '../../domain/autossl-error.js';
import type { ChallengeMethod } from '../../domain/challenge-method.js';
import type { FaultSide } from '../../domain/fault-side.js';
import { printable } from '../../domain/name/names.js';
import { reasonOfEnd } from '../../domain/system-fault.js';
import type { WebsiteRef } from '../../domain/website/website.js';
import { isCodeOfOurs } from '../../order/names-to-drop.js';
import { MOST_TAKEN_BACK, type ReorderBrake } from '../../order/reorder.js';
import type { CertificateRequest, Impediment } from '../../plan/admit-request.js';
import type { WaitCode } from '../status/waiting.js';
import { counted, listed, quoted, withAdvice } from '../text/wording.js';
import type { RunEvent } from './event.js';

type Ref = Pick<WebsiteRef, 'account' | 'vhost'>;
const refOf = ({ account, vhost }: Ref) => ({ account, vhost });

export function validationStarted(website: Ref, names: number): RunEvent {
  return {
    type: 'out',
    code: 'VALIDATION_STARTED',
    indent: 0,
    ...refOf(website),
    contents: `Processing the local validation of ${counted(names, 'name')} of ${quoted(website.vhost)} (user ${quoted(website.account)}) …`,
  };
}

/** What becomes of a name that failed the local validation. */
export type NameFate = 'left-out' | 'ordered' | 'unsure' | 'unsure-limit';

const FATES: Readonly<Record<NameFate, string>> = {
  'left-out': '',
  ordered: ' (and is ordered all the same)',
  unsure: ' (which may be seen from this server alone, so it is ordered all the same)',
  'unsure-limit':
    ' (which may be seen from this server alone; a run orders only a few such names, so it waits for the next)',
};

/** One line for each name; a failure names what the owner should change. */
export function nameValidated(website: Ref, outcome: DcvOutcome, fate: NameFate): RunEvent[] {
  const ref = { ...refOf(website), name: outcome.name };
  if (outcome.passed) {
    const warnings = outcome.warnings.map(
      (warning): RunEvent => ({
        type: 'warn',
        code: 'DCV_WARNING',
        indent: 2,
        ...ref,
        contents: `${quoted(outcome.name)}: ${warning}`,
      }),
    );
    return [
      {
        type: 'success',
        code: 'DCV_PASSED',
        indent: 1,
        ...ref,
        contents: `${quoted(outcome.name)} passed the local validation (${outcome.method === 'dns-01' ? 'DNS' : 'HTTP'}).`,
      },
      ...warnings,
    ];
  }
  const advice = isServersOwn(website)
    ? adviceForHostname(outcome.code, outcome.name, outcome.advice)
    : outcome.advice;
  return [
    {
      type: 'warn',
      code: outcome.code,
      indent: 1,
      ...ref,
      fault: outcome.fault,
      contents: `${quoted(outcome.name)} failed the local validation${FATES[fate]}: ${outcome.message}`,
      data: {
        advice,
        isConclusive: outcome.isConclusive,
        ...(outcome.pointsElsewhere === true ? { pointsElsewhere: true } : {}),
      },
    },
    { type: 'out', code: 'ADVICE', indent: 2, ...ref, contents: advice },
  ];
}

/** ACME errors of names that are refused as they are: nothing was validated. */
const NOT_TAKEN = new Set(['rejectedIdentifier', 'unsupportedIdentifier']);

/** A name that fell out of an order: refused by the CA, or (codes in capitals) not even put before it. */
export function nameRefused(
  website: Ref,
  refusal: {
    readonly name: string;
    readonly code: string;
    readonly message: string;
    readonly fault?: FaultSide;
    readonly method?: ChallengeMethod;
  },
  retryAt: Date | null,
): RunEvent[] {
  const isOurs = isCodeOfOurs(refusal.code);
  const advice = adviceForRefusal(refusal.code, printable(refusal.name), refusal.method);
  const what = isOurs
    ? `${quoted(refusal.name)} could not be put before the provider`
    : `The provider ${NOT_TAKEN.has(refusal.code) ? 'refuses' : 'could not validate'} ${quoted(refusal.name)}`;
  const again = retryAt === null ? '' : `; tried again from ${retryAt.toISOString()} on`;
  const ref = { ...refOf(website), name: refusal.name };
  const event: RunEvent = {
    type: 'warn',
    code: isOurs ? refusal.code : 'CA_REFUSED_NAME',
    indent: 1,
    ...ref,
    fault: refusal.fault ?? 'owner',
    contents: `${what}: ${refusal.message} (${refusal.code})${again}`,
    data: { problem: refusal.code, retryAt: retryAt?.toISOString() ?? null, advice },
  };
  if (advice === null) return [event];
  return [event, { type: 'out', code: 'ADVICE', indent: 2, ...ref, contents: advice }];
}

/** Names that a wildcard would stand for are asked for one by one: no fault of anybody's. */
export function wildcardPassedOver(website: Ref, wildcard: string, why: string): RunEvent {
  return {
    type: 'out',
    code: 'WILDCARD_NOT_USED',
    indent: 2,
    ...refOf(website),
    contents: `${quoted(wildcard)} could stand for several names but is not used: ${why}. They are asked for one by one.`,
    data: { wildcard },
  };
}

/** A name whose next attempt is not due yet. */
export function nameWaits(website: Ref, name: string, until: Date, why: string): RunEvent {
  return {
    type: 'warn',
    code: 'NAME_WAITS',
    indent: 1,
    ...refOf(website),
    name,
    fault: 'owner',
    contents: `${quoted(name)} is left out until ${until.toISOString()}: ${why}`,
    data: { retryAt: until.toISOString() },
  };
}

/** A name that a limit holds back, whatever becomes of the others; nobody's fault. */
export function nameHeldBack(website: Ref, name: string, until: Date, why: string): RunEvent {
  return {
    type: 'out',
    code: 'NAME_HELD_BACK',
    indent: 1,
    ...refOf(website),
    name,
    contents: `${quoted(name)} is left out until ${until.toISOString()}: ${why}.`,
    data: { retryAt: until.toISOString() },
  };
}

export function impeded(website: Ref, impediment: Impediment): RunEvent {
  return {
    type: 'warn',
    code: impediment.code,
    indent: 1,
    ...refOf(website),
    fault: impediment.fault,
    contents: `${quoted(website.vhost)}: Impediment: ${impediment.code}: ${impediment.message}${namesOf(impediment)}`,
    data: { dueAt: impediment.dueAt?.toISOString() ?? null, failing: impediment.failing },
  };
}

/** Names that hold a whole certificate back are told where the waiting is told. */
function namesOf({ code, failing }: Impediment): string {
  return code === 'SECURED_DOMAIN_DCV_FAILURE' ? ` Failing: ${listed(failing)}.` : '';
}

/** The provider refused names of an order, and then others of the next one. */
export function ordersKeepFailing(website: Ref): RunEvent {
  return {
    type: 'warn',
    code: 'ORDERS_KEEP_FAILING',
    indent: 1,
    ...refOf(website),
    fault: 'owner',
    contents: `${quoted(website.vhost)}: the provider refused names again after the failing ones were left out; the next run goes on without them.`,
  };
}

export function requestAdmitted(website: Ref, request: CertificateRequest): RunEvent[] {
  const events: RunEvent[] = [
    {
      type: 'out',
      code: 'ORDERING',
      indent: 1,
      ...refOf(website),
      contents: `Ordering a certificate for ${quoted(website.vhost)}: ${listed(request.names)}`,
      data: { names: request.names },
    },
  ];
  if (request.losing.length > 0) {
    events.push({
      type: 'warn',
      code: 'COVERAGE_REDUCED',
      indent: 2,
      ...refOf(website),
      fault: 'owner',
      contents: `The new certificate will lack names that the present one secures: ${listed(request.losing)}`,
      data: { names: request.losing },
    });
  }
  if (request.leftOut.length > 0) {
    events.push({
      type: 'warn',
      code: 'OVER_PROVIDER_LIMIT',
      indent: 2,
      ...refOf(website),
      fault: 'owner',
      contents: `More names than the provider takes in one certificate; left out: ${listed(request.leftOut.map(({ name }) => name))}. Split the domains over several websites.`,
      data: { names: request.leftOut.map(({ name }) => name) },
    });
  }
  return events;
}

export function certificateInstalled(
  website: Ref,
  facts: {
    readonly fingerprint: string;
    readonly notAfter: Date;
    readonly names: readonly string[];
    readonly orderId: string;
    /** Null: there was no web server to ask. */
    readonly served: boolean | null;
  },
): RunEvent {
  return {
    type: 'success',
    code: 'CERTIFICATE_INSTALLED',
    indent: 1,
    ...refOf(website),
    contents: `${quoted(website.vhost)} has a new certificate until ${facts.notAfter.toISOString()} for ${listed(facts.names)}${facts.served === true ? ', and it is served' : ''}`,
    data: { ...facts, notAfter: facts.notAfter.toISOString() },
  };
}

/** `trouble` says why it waits when that is more than the CA's own pace. */
export function orderPending(website: Ref, pollAt: Date | null, trouble: string | null = null): RunEvent {
  return {
    type: 'out',
    code: 'ORDER_PENDING',
    indent: 1,
    ...refOf(website),
    contents: `The order for ${quoted(website.vhost)} is pending at the provider${pollAt === null ? '' : `; looked at again from ${pollAt.toISOString()} on`}${trouble === null ? '' : ` (${trouble})`}.`,
    data: { pollAt: pollAt?.toISOString() ?? null, trouble },
  };
}

/** A trouble that passes by itself; `notBefore`: its sender's word, null = none. */
export interface PassingTrouble {
  readonly notBefore: Date | null;
}

/** Something on our side or the CA's side went wrong for one website; `passing`: the poller tries again. */
export function websiteFailed(
  website: Ref,
  code: string,
  message: string,
  advice: string | null,
  passing: PassingTrouble | null = null,
): RunEvent {
  const data = {
    ...(advice === null ? {} : { advice }),
    ...(passing === null ? {} : { passing: { notBefore: passing.notBefore?.toISOString() ?? null } }),
  };
  return {
    type: 'error',
    code,
    indent: 1,
    ...refOf(website),
    fault: 'ours',
    contents: `${quoted(website.vhost)}: ${withAdvice(message, advice)}`,
    ...(Object.keys(data).length === 0 ? {} : { data }),
  };
}

/** A website that waits: for the budget, a stopped account, an unreachable CA; `message` says for what. */
export function websiteWaits(website: Ref, code: WaitCode, message: string, until: Date | null): RunEvent {
  return {
    type: 'out',
    code,
    indent: 1,
    ...refOf(website),
    contents: `${quoted(website.vhost)} waits${until === null ? '' : ` until ${until.toISOString()}`}: ${message}`,
    data: { dueAt: until?.toISOString() ?? null, why: message },
  };
}

/** A fault of the whole run. */
export function runFailed(code: string, message: string, advice: string | null): RunEvent {
  return {
    type: 'error',
    code,
    indent: 0,
    fault: 'ours',
    contents: withAdvice(message, advice),
  };
}

/** What ended a run before its end. That the clock was set is found by its own code. */
export function runEnded(error: unknown): RunEvent {
  const isOurs = error instanceof AutosslError;
  const code = isOurs && error.code === 'CLOCK_JUMPED' ? error.code : 'RUN_ENDED';
  return runFailed(code, reasonOfEnd(error), isOurs ? error.advice : null);
}

/** What an earlier run placed and could not be taken away: harmless, and tried again by every run. */
export function challengesLeft(line: string): RunEvent {
  return { type: 'warn', code: 'CHALLENGE_NOT_CLEANED', indent: 0, contents: `${line}.` };
}

/** What the administrator chose is not to be had: for people, but no reason to leave websites without a certificate. */
export function profileWithdrawn(provider: string, profile: string, offered: readonly string[]): RunEvent {
  const there = offered.length === 0 ? 'none' : offered.map((one) => printable(one)).join(', ');
  return {
    type: 'warn',
    code: 'PROFILE_WITHDRAWN',
    indent: 0,
    contents: `${printable(provider)} offers no profile ${quoted(profile)} any more (it offers ${there}): certificates of its default one are ordered. To choose another: autossl provider use NAME --profile PROFILE`,
    data: { profile, offered },
  };
}

/** Without name servers nothing can be told of any name: a fault of this server, whoever's names were asked for. */
export function resolverDown(servers: readonly string[]): RunEvent {
  return runFailed(
    'RESOLVER_DOWN',
    `None of the name servers ${servers.map((server) => printable(server)).join(', ')} answers; nothing is validated or ordered.`,
    'Check `resolvers` in /etc/autossl.yaml or /etc/resolv.conf.',
  );
}

/** Design 5.18: the same fault again so soon is a fault of ours or of this server, not the certificate's. */
export function reorderBraked(website: Ref, why: ReorderBrake, until: Date): RunEvent {
  const { code, before, advice } = BRAKED[why];
  return {
    type: 'error',
    code,
    indent: 1,
    ...refOf(website),
    fault: 'ours',
    contents: `${quoted(website.vhost)}: ${before} ${until.toISOString()}. ${advice}`,
    data: { dueAt: until.toISOString() },
  };
}

const LOOK_HERE = 'Look for what removes or replaces it on this server.';
const BRAKED: Readonly<
  Record<ReorderBrake, { readonly code: string; readonly before: string; readonly advice: string }>
> = {
  TOO_YOUNG: {
    code: 'ISSUED_RECENTLY',
    before:
      'a certificate for the same names was issued a short while ago and the same fault is back, so no other is ordered before',
    advice: LOOK_HERE,
  },
  WEEKLY_LIMIT: {
    code: 'WEEKLY_LIMIT',
    before: 'it got its certificates of the week; the next is ordered from',
    advice: LOOK_HERE,
  },
  TAKEN_BACK_OFTEN: {
    code: 'TAKEN_BACK_OFTEN',
    before: `its provider took or called back ${MOST_TAKEN_BACK} of its certificates one after the other, which is no fault of this server; so that it is not led in circles no other is ordered before`,
    advice: 'Ask the provider why, or choose another one; “--yes-really” orders once more.',
  },
};

/** An order that ended without a certificate and without a refusal; `why` is its stable code. */
export function orderAbandoned(website: Ref, why: string, retryAt: Date | null): RunEvent {
  if (isLimit(why)) return websiteWaits(website, why, ABANDONED[why] ?? why, retryAt);
  const isHarmless = HARMLESS.has(why);
  return {
    type: isHarmless ? 'out' : 'error',
    code: `ORDER_${why}`.replace('ORDER_ORDER_', 'ORDER_'),
    indent: 1,
    ...refOf(website),
    ...(isHarmless ? {} : { fault: 'ours' as const }),
    contents: `${quoted(website.vhost)}: ${ABANDONED[why] ?? why}`,
  };
}

/** Ends of an order that cost nothing: the website is simply ordered for again. */
const HARMLESS = new Set([
  'NEVER_PLACED',
  'ORDER_EXPIRED',
  'ORDER_ACCOUNT_CHANGED',
  'WEBSITE_GONE',
  'ALREADY_PUBLISHED',
  'ALREADY_FAILED',
]);

const LIMITS = [
  'BUDGET_SPENT',
  'STOPPED_BY_CA',
  'LIMITED_BY_CA',
  'DOMAIN_LIMIT',
  'FAILED_BEFORE_LIMIT',
] as const satisfies readonly WaitCode[];

function isLimit(why: string): why is (typeof LIMITS)[number] {
  return LIMITS.some((one) => one === why);
}

const ABANDONED: Readonly<Record<string, string>> = {
  BUDGET_SPENT: 'our own limit of orders in 3 hours is reached.',
  STOPPED_BY_CA: 'the provider stopped our account for a while.',
  LIMITED_BY_CA: 'the provider takes no orders for some of its names for a while.',
  DOMAIN_LIMIT: 'what we allow ourselves of the provider’s limit for one registered domain is spent.',
  FAILED_BEFORE_LIMIT: 'names that failed before have a small share of the orders, which is spent.',
  NEVER_PLACED: 'an order that an earlier run never placed is dropped.',
  ORDER_ACCOUNT_CHANGED: 'the order of our former account there is dropped.',
  ORDER_EXPIRED: 'the order of an earlier run expired at the provider.',
  WEBSITE_GONE: 'the website left this server while its order waited.',
  ALREADY_PUBLISHED: 'an order of an earlier run was only to be closed.',
  ALREADY_FAILED: 'an order of an earlier run had failed.',
};
