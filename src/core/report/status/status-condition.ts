import type { FaultSide } from '../../domain/fault-side.js';
import type { RenewalVerdict } from '../../renewal/verdict.js';

/** What can be asked for with `--only`, in the order in which counts are told. */
export const STATUS_CONDITIONS = [
  'ok',
  'incomplete',
  'expired',
  'expiring',
  'failing',
  'not-served',
  'pending',
  'foreign',
] as const;
export type StatusCondition = (typeof STATUS_CONDITIONS)[number];

/** Of these monitoring can be told by the exit code. */
export const ALARM_CONDITIONS = [
  'expired',
  'expiring',
  'failing',
] as const satisfies readonly StatusCondition[];
export type AlarmCondition = (typeof ALARM_CONDITIONS)[number];

/** What conditions rest on; the first ones as they stand in the status. */
export interface ConditionGrounds {
  readonly tls: 'ok' | 'incomplete' | 'defective' | 'none' | 'unknown';
  readonly issued: { readonly notAfter: string } | null;
  readonly served: { readonly state: string };
  readonly order: object | null;
  readonly wanted: readonly string[];
  readonly problems: readonly { readonly fault: FaultSide | null }[];
  readonly renewal: RenewalVerdict | null;
  /** AutoSSL did not issue the certificate and does not replace it. */
  readonly isLeftAlone: boolean;
  /** A certificate that was given when the web server was last asked has expired. */
  readonly isAnsweredByExpired: boolean;
}

/**
 * Which conditions a website is in.
 * `expired`: the certificate that lies there has expired, or one that visitors are still given instead.
 * `expiring`: not expired, but in the last part of its margin: where renewals no longer wait for names that fail, or in
 * the emergency. `not-served`: the web server was asked for the certificate that lies there, and gave another or none.
 * `failing`: defective or, though names are wanted, none; not served; unreadable; or the last run failed for a reason on
 * this server's or the CA's side. `foreign`: AutoSSL did not issue it and leaves it alone. `ok`: TLS status ok, and
 * neither expiring nor failing.
 */
export function conditionsOf(grounds: ConditionGrounds, now: Date): readonly StatusCondition[] {
  const { tls, issued, served, order, wanted, problems, renewal } = grounds;
  const isExpired = issued !== null && Date.parse(issued.notAfter) < now.getTime();
  const isLate = renewal !== null && (renewal.isEmergency || now >= renewal.deferralEndsAt);
  const isExpiring = isLate && !isExpired;
  const isNotServed = served.state === 'not-served';
  const isFailing =
    tls === 'defective' ||
    (tls === 'none' && wanted.length > 0) ||
    isNotServed ||
    problems.some(({ fault }) => fault === 'ours');
  const found: Readonly<Record<StatusCondition, boolean>> = {
    ok: tls === 'ok' && !isExpiring && !isFailing,
    incomplete: tls === 'incomplete',
    expired: isExpired || (isNotServed && grounds.isAnsweredByExpired),
    expiring: isExpiring,
    failing: isFailing,
    'not-served': isNotServed,
    pending: order !== null,
    foreign: grounds.isLeftAlone,
  };
  return STATUS_CONDITIONS.filter((condition) => found[condition]);
}
