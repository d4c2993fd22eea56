import type { Rate } from './gcra.js';

/** What a CA says that it allows (protocol C2); null = it says nothing, or has no such limit. */
export interface PublishedLimits {
  /** newOrder requests of one account. */
  readonly newOrders: Rate | null;
  /** Certificates for one registered domain, whoever asks. */
  readonly perRegisteredDomain: Rate | null;
  /** Certificates for one exact set of names. */
  readonly perExactSet: Rate | null;
  /** Failed authorizations of one name and account. */
  readonly failedAuthorizations: Rate | null;
  /** What is not counted. */
  readonly exemptions: readonly Exemption[];
}

/**
 * Why an order does not count against a limit: `replaces` = it says which certificate it replaces (RFC 9773; exempt from all of
 * them), `same-names` = exactly these names were certified before (exempt from new orders and registered domain alone).
 */
export type Exemption = 'replaces' | 'same-names';

/** Of a CA that publishes none. */
export const NO_PUBLISHED_LIMITS: PublishedLimits = {
  newOrders: null,
  perRegisteredDomain: null,
  perExactSet: null,
  failedAuthorizations: null,
  exemptions: [],
};

const HOUR_MS = 60 * 60_000;
const WEEK_MS = 7 * 24 * HOUR_MS;
/** The span of the limits on new orders. */
export const NEW_ORDERS_SPAN_MS = 3 * HOUR_MS;

/** Failed authorizations of one name and account at Let's Encrypt: the strictest that is known to us (protocol B-11, C2). */
export const FAILED_AUTHORIZATIONS: Rate = { capacity: 5, periodMs: HOUR_MS };

/** https://letsencrypt.org/docs/rate-limits/ as of 2026-08-05 (protocol C2). */
export const LETS_ENCRYPT_LIMITS: PublishedLimits = {
  newOrders: { capacity: 300, periodMs: NEW_ORDERS_SPAN_MS },
  perRegisteredDomain: { capacity: 50, periodMs: WEEK_MS },
  perExactSet: { capacity: 5, periodMs: WEEK_MS },
  failedAuthorizations: FAILED_AUTHORIZATIONS,
  exemptions: ['replaces', 'same-names'],
};

/** Of its staging environment, from the same page. */
export const LETS_ENCRYPT_STAGING_LIMITS: PublishedLimits = {
  ...LETS_ENCRYPT_LIMITS,
  newOrders: { capacity: 1500, periodMs: NEW_ORDERS_SPAN_MS },
  perRegisteredDomain: { capacity: 30_000, periodMs: WEEK_MS },
  perExactSet: { capacity: 30_000, periodMs: WEEK_MS },
  failedAuthorizations: { capacity: 200, periodMs: HOUR_MS },
};
