import { printable } from '../../domain/name/names.js';
import { FAILED_ORDERS_PER_SPAN, judgeFailedOrders } from '../../order/failed-orders.js';
import { judgeAccount, judgeName } from '../../order/limits/order-budget.js';
import { judgeNameAttempt } from '../../order/name-attempt.js';
import { judgeReorder, MOST_TAKEN_BACK } from '../../order/reorder.js';
import { UNSURE_NAMES_PER_ACCOUNT, UNSURE_NAMES_PER_RUN } from '../../plan/unsure-names.js';
import { failedWords } from '../events/failed-words.js';
import { type HeldBack, limitWords } from '../events/limit-words.js';
import type { NameSight } from './name-sight.js';
import type { WebsiteFacts } from './why-facts.js';

/** A limit that holds an order for the name back, and until when. Plain JSON. */
export interface BlockingLimit {
  readonly code: LimitCode;
  readonly message: string;
  /** ISO instant; null: no instant ends it. */
  readonly until: string | null;
  /** Where a person ends it; absent: nobody need. */
  readonly unpauseUrl?: string;
}
export type LimitCode =
  | 'STOPPED_BY_CA'
  | 'BUDGET_SPENT'
  | 'LIMITED_BY_CA'
  | 'DOMAIN_LIMIT'
  | 'FAILED_BEFORE_LIMIT'
  | 'HOURLY_LIMIT'
  | 'BACKOFF'
  | 'ORDERS_FAILED'
  | 'ISSUED_RECENTLY'
  | 'WEEKLY_LIMIT'
  | 'TAKEN_BACK_OFTEN'
  | 'ROLLED_BACK'
  | 'UNSURE_BUDGET';

/** Limits that hold an order for the website of this name back now, were one to be made; most general first. */
export function blockingLimits(website: WebsiteFacts, sight: NameSight, now: Date): readonly BlockingLimit[] {
  const isEmergency = website.renewal?.isEmergency ?? false;
  return [
    ...budgetLimit(website, isEmergency, now),
    ...failedOrdersLimit(website, isEmergency, now),
    ...brakeLimit(website, now),
    ...nameLimit(website, isEmergency, now),
    ...unsureLimit(website, sight),
  ];
}

function budgetLimit(website: WebsiteFacts, isEmergency: boolean, now: Date): BlockingLimit[] {
  const { ledger, limits, asked, memory, exemption } = website;
  if (ledger === null) return [];
  const isCalledBack = website.action?.because.some(({ code }) => code === 'CALLED_BACK') ?? false;
  const standing = { isEmergency, isExempt: exemption !== null, isCalledBack };
  const account = judgeAccount(ledger, now, limits, standing);
  const name = { ...asked, hasFailedBefore: (memory?.consecutiveFailures ?? 0) > 0 };
  const held = judgeName(ledger, name, { exemption, isEmergency }, now, limits);
  const found: readonly (HeldBack | null)[] = [account.mayOrder ? null : account, held];
  return found
    .filter((one) => one !== null)
    .map((one) => ({
      code: one.because,
      message: limitWords(one, { newOrders: limits.newOrders, stoppedBecause: ledger.stoppedBecause }),
      until: one.until.toISOString(),
      ...('unpauseUrl' in one && one.unpauseUrl !== null ? { unpauseUrl: printable(one.unpauseUrl) } : {}),
    }));
}

function failedOrdersLimit(
  { status, ledger }: WebsiteFacts,
  isEmergency: boolean,
  now: Date,
): BlockingLimit[] {
  if (ledger === null) return [];
  const verdict = judgeFailedOrders(ledger, status.website, now, isEmergency);
  if (verdict.mayOrder) return [];
  const message = `${FAILED_ORDERS_PER_SPAN} orders of the website failed within 24 hours, which is our own limit`;
  return [{ code: 'ORDERS_FAILED', message, until: verdict.until.toISOString() }];
}

/**
 * What was issued for the website lately holds the next order back. Names that failed fall out of that order, so that it may
 * be for the same names as the last.
 */
export function brakeLimit(
  {
    issued,
    action,
    problems,
    isRolledBack,
  }: Pick<WebsiteFacts, 'issued' | 'action' | 'isRolledBack'> & {
    readonly problems: readonly { readonly domain: string }[];
  },
  now: Date,
): BlockingLimit[] {
  if (action === null) return [];
  const failing = new Set(problems.map(({ domain }) => domain));
  const names = [action.names, action.names.filter((name) => !failing.has(name))];
  const because = action.because.map(({ code }) => code);
  for (const asked of names) {
    const verdict = judgeReorder(issued, { names: asked, because }, now);
    if (verdict.mayOrder) continue;
    const until = verdict.until.toISOString();
    if (verdict.because === 'WEEKLY_LIMIT') {
      return [{ code: 'WEEKLY_LIMIT', message: 'the website got its certificates of the week', until }];
    }
    if (verdict.because === 'TAKEN_BACK_OFTEN') {
      const message = `the provider took or called back ${MOST_TAKEN_BACK} certificates of the website lately`;
      return [{ code: 'TAKEN_BACK_OFTEN', message, until }];
    }
    return isRolledBack
      ? [{ code: 'ROLLED_BACK', message: 'a former certificate lies in place, a newer one is there', until }]
      : [
          {
            code: 'ISSUED_RECENTLY',
            message: 'a certificate for the same names was issued lately, and the same fault is back',
            until,
          },
        ];
  }
  return [];
}

function nameLimit({ memory }: WebsiteFacts, isEmergency: boolean, now: Date): BlockingLimit[] {
  const verdict = judgeNameAttempt(memory ?? undefined, now, isEmergency);
  if (verdict.mayTry) return [];
  const message =
    verdict.because === 'BACKOFF'
      ? `${failedWords(memory, 'the name')} lately, so it is put aside for a while`
      : 'the provider could not validate the name three times within the hour';
  return [{ code: verdict.because, message, until: verdict.until.toISOString() }];
}

function unsureLimit({ preflight }: WebsiteFacts, sight: NameSight): BlockingLimit[] {
  if (preflight !== 'gate' || sight.state !== 'looked' || sight.outcome === null) return [];
  if (sight.outcome.passed || sight.outcome.isConclusive) return [];
  return [
    {
      code: 'UNSURE_BUDGET',
      message: `what fails may be seen from this server alone; a run orders ${UNSURE_NAMES_PER_RUN} such names, ${UNSURE_NAMES_PER_ACCOUNT} of one account`,
      until: null,
    },
  ];
}
