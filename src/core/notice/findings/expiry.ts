import type { NoticeFinding } from '../finding.js';
import type { NameTroubles } from './name-trouble.js';
import { failureMattersAt, isLifeNearlyOver, watchdogAt } from './thresholds.js';
import type { WebsiteFacts } from './website-facts.js';
import type { Cause, WebsiteSaw } from './website-saw.js';

/** What a finding needs to know of the run. */
export interface RunMoment {
  readonly now: Date;
  /** How far apart runs are, in ms. */
  readonly intervalMs: number;
}

/** What is not a failure of this website, unless its certificate's end is near: it goes on by itself, or for all alike. */
const NOT_YET: ReadonlySet<string> = new Set([
  'ORDER_PENDING',
  'WEBSITE_LOCKED',
  'RUN_STOPPED',
  'ROLLED_BACK',
  'SERVER_IN_TROUBLE',
  'BRAKE',
]);

/** Whether it was tried, and in vain. */
export function hasFailed(cause: Cause | null): boolean {
  return cause !== null && !NOT_YET.has(cause.code);
}

/** A renewal that waits for names which secured it, until an instant that was told: it has a notice of its own. */
export function isDeferral(cause: Cause | null): boolean {
  return cause?.code === 'SECURED_DOMAIN_DCV_FAILURE' && cause.dueAt !== null;
}

/**
 * A certificate of ours that is not renewed, once that matters (`thresholds.ts`): the run tried in vain, or its end is
 * near for whatever reason. At once when it expired, or when what visitors are warned of could not be mended. Null: nothing of
 * it.
 */
export function expiryFinding(
  facts: WebsiteFacts,
  saw: WebsiteSaw | undefined,
  names: NameTroubles,
  moment: RunMoment,
): NoticeFinding | null {
  const cause = saw?.cause ?? null;
  const isOurs = facts.ownership === 'ours' || (isGone(facts) && facts.wasIssued);
  if (!isOurs || !isWorse(facts, cause, moment)) return null;
  const { certificate } = facts;
  const [broken] = facts.broken;
  return {
    kind: 'notify_autossl_expiry',
    account: facts.account,
    vhost: facts.vhost,
    certificate: isGone(facts) ? null : certificate,
    names: names.all().map((name) => names.of(name)),
    because: {
      code: cause?.code ?? broken?.code ?? facts.because?.code ?? 'NOT_RENEWED',
      text: [broken?.message, cause?.text ?? (broken === undefined ? facts.because?.message : undefined)]
        .filter((text) => text !== undefined)
        .join(' '),
    },
    deadlineAt: deadlineOf(facts, moment.now),
    nextAttemptAt: nextAttemptAt(facts, cause, moment),
  };
}

/**
 * What visitors are shown still is the former certificate, although the new one lies in place: told when the former one
 * is nearly over too. `former`: null when nothing is known of it, which is told at once.
 */
export function unservedFinding(
  { account, vhost }: Pick<WebsiteFacts, 'account' | 'vhost'>,
  former: NoticeFinding['certificate'],
  cause: Cause,
  { now, intervalMs }: RunMoment,
): NoticeFinding | null {
  if (former !== null && now < watchdogAt(former, intervalMs)) return null;
  return {
    kind: 'notify_autossl_expiry',
    account,
    vhost,
    certificate: former,
    names: [],
    because: { code: cause.code, text: cause.text },
    deadlineAt: former !== null && former.notAfter > now ? former.notAfter : null,
    nextAttemptAt: new Date(now.getTime() + intervalMs),
  };
}

/** Somebody else's certificate that is about to expire, or has, and that AutoSSL leaves alone or could not replace. */
export function foreignExpiryFinding(
  facts: WebsiteFacts,
  saw: WebsiteSaw | undefined,
  { now, intervalMs }: RunMoment,
): NoticeFinding | null {
  const { certificate } = facts;
  if (facts.ownership !== 'foreign' || certificate === null || certificate.isSelfSigned) return null;
  if (!isLifeNearlyOver(certificate, now)) return null;
  const reason = saw?.cause ?? facts.because;
  return {
    kind: 'notify_ssl_expiry',
    account: facts.account,
    vhost: facts.vhost,
    certificate,
    names: [],
    because: {
      code: reason?.code ?? 'FOREIGN_CERTIFICATE',
      text: reason === null ? '' : 'text' in reason ? reason.text : reason.message,
    },
    deadlineAt: deadlineOf(facts, now),
    nextAttemptAt: facts.kind === 'keep' ? null : new Date(now.getTime() + intervalMs),
  };
}

/** Nothing lies there that anybody could trust. */
export function isGone({ certificate }: WebsiteFacts): boolean {
  return certificate === null || certificate.isSelfSigned;
}

function isWorse(facts: WebsiteFacts, cause: Cause | null, { now, intervalMs }: RunMoment): boolean {
  const { certificate, renewal } = facts;
  const isFailure = hasFailed(cause);
  if (isFailure && (facts.broken.length > 0 || isGone(facts))) return true;
  if (certificate === null || certificate.isSelfSigned || renewal === null || isDeferral(cause)) return false;
  if (now >= certificate.notAfter) return true;
  if (!renewal.isDue) return false;
  if (now >= watchdogAt(certificate, intervalMs)) return true;
  return isFailure && now >= failureMattersAt(certificate, renewal.dueAt, intervalMs);
}

function deadlineOf({ certificate }: WebsiteFacts, now: Date): Date | null {
  if (certificate === null || certificate.isSelfSigned || certificate.notAfter <= now) return null;
  return certificate.notAfter;
}

/** What a cause names, or the next run. Null where nothing is tried: all names are excluded. */
export function nextAttemptAt(
  facts: Pick<WebsiteFacts, 'kind'>,
  cause: Cause | null,
  { now, intervalMs }: RunMoment,
): Date | null {
  if (facts.kind === 'keep' && cause === null) return null;
  const isTold = cause !== null && !isDeferral(cause) && cause.dueAt !== null && cause.dueAt > now;
  return isTold ? cause.dueAt : new Date(now.getTime() + intervalMs);
}
