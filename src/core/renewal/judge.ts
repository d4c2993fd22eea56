import { OWN_SPREAD } from './spread.js';
import type { RenewalBasis, RenewalVerdict, StoredRenewalInfo } from './verdict.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Certificates that live shorter are renewed at half their life, others with a third left (Let's Encrypt's advice). */
const SHORT_LIFE_MS = 10 * DAY_MS;
const SHORT_LIFE_RATIO = 1 / 2;
const LIFE_RATIO = 1 / 3;
/** Documented for the hostname's certificate, instead of the provider's days. */
const HOSTNAME_DAYS = 25;
/** Documented for certificates of others and for the end of a deferral: 3 days; scaled for short lives. */
const LATE_MARGIN_MS = 3 * DAY_MS;
const LATE_RATIO = 1 / 10;
/** The part of the life before expiry in which nothing of ours holds a renewal back. */
const EMERGENCY_RATIO = 1 / 20;
/** A margin that two runs can fall into: one may fail (design 5.2). */
const RUNS_PER_MARGIN = 2;
/** However seldom runs are, the first half of a life is never a margin: renewing would never end. */
const WIDEST_MARGIN_RATIO = 1 / 2;

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export interface RenewalPolicy {
  /** The provider's documented figure: a ceiling, not a constant. */
  readonly daysToReplace: number;
  /** The instant drawn from the CA's window; null without ARI. Only for certificates that are ours. */
  readonly ari: StoredRenewalInfo | null;
  readonly ownership: 'ours' | 'foreign';
  /** A website's certificate or the server's own. */
  readonly kind: 'website' | 'hostname';
  /** How far apart runs are on this server, in ms; 0 = whenever something is due. */
  readonly runIntervalMs?: number;
  /** The website's share, 0 to 1, of the sixth of a life by which its renewal is earlier without ARI (what is stored of ARI was drawn with it); absent = 0. */
  readonly spreadShare?: number;
}

interface Point {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly basis: RenewalBasis;
}

/**
 * When a certificate should be renewed (design 5.2). Ours: at the ARI instant; without one min(days, r × life) before
 * expiry, earlier by the website's share of a sixth of the life; at the latest when the emergency begins, life/20 before expiry. Others': min(3 days, life/10) before expiry,
 * and no emergency before that. No margin is shorter than two run intervals (nor longer than half the life). `dueAt` lies between notBefore and notAfter and never after `emergencyAt`.
 */
export function judgeRenewal(validity: Validity, policy: RenewalPolicy, now: Date): RenewalVerdict {
  const expiry = validity.notAfter.getTime();
  const life = Math.max(0, expiry - validity.notBefore.getTime());
  const margin = (wanted: number): number =>
    Math.max(wanted, Math.min(RUNS_PER_MARGIN * (policy.runIntervalMs ?? 0), life * WIDEST_MARGIN_RATIO));
  const lateAt = wholeMs(expiry - margin(Math.min(LATE_MARGIN_MS, life * LATE_RATIO)));
  const emergencyBegin = wholeMs(expiry - margin(life * EMERGENCY_RATIO));
  const isForeign = policy.ownership === 'foreign';
  const due: Point = isForeign
    ? { at: lateAt, basis: 'foreign-margin' }
    : earlier(ownPoint(policy, expiry, life), { at: emergencyBegin, basis: 'emergency' });
  const emergencyAt = Math.max(emergencyBegin, due.at);
  return {
    dueAt: new Date(due.at),
    basis: due.basis,
    isDue: now.getTime() >= due.at,
    emergencyAt: new Date(emergencyAt),
    isEmergency: now.getTime() >= emergencyAt,
    deferralEndsAt: new Date(lateAt),
    isDeferrable: isForeign || policy.ari === null || policy.ari.windowEndAt > policy.ari.firstSeenAt,
    ...(isForeign || policy.ari?.isBroughtForward !== true ? {} : { isBroughtForward: true }),
    ...(isForeign || policy.ari === null || policy.ari.explanationUrl === null
      ? {}
      : { explanationUrl: policy.ari.explanationUrl }),
  };
}

function ownPoint(policy: RenewalPolicy, expiry: number, life: number): Point {
  if (policy.ari !== null) {
    return { at: Math.max(expiry - life, policy.ari.selectedAt.getTime()), basis: 'ari' };
  }
  const { at, basis } = latestOwnPoint(policy, expiry, life);
  const share = Math.min(1, Math.max(0, policy.spreadShare ?? 0));
  return { at: Math.max(expiry - life, wholeMs(at - share * life * OWN_SPREAD.ofLife)), basis };
}

/** Without ARI, and without the website's share. */
function latestOwnPoint(policy: RenewalPolicy, expiry: number, life: number): Point {
  const days = Math.max(0, policy.kind === 'hostname' ? HOSTNAME_DAYS : policy.daysToReplace) * DAY_MS;
  const part = life * (life < SHORT_LIFE_MS ? SHORT_LIFE_RATIO : LIFE_RATIO);
  return days < part
    ? { at: wholeMs(expiry - days), basis: 'provider-days' }
    : { at: wholeMs(expiry - part), basis: 'lifetime-ratio' };
}

function earlier(a: Point, b: Point): Point {
  return b.at < a.at ? b : a;
}

/** Fractions of a life may fall between milliseconds: the earlier one, so that what is stored and compared agree. */
function wholeMs(at: number): number {
  return Math.floor(at);
}
