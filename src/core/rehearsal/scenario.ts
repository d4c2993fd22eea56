export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** How often the poller looks (design 5.2). */
export const INSTANT_MS = 5 * MINUTE_MS;
/** More of either is a mistake in the command line, and would be hours of reckoning. */
export const MOST_REHEARSED_DAYS = 3660;
export const MOST_REHEARSED_WEBSITES = 200_000;

/** A website at the beginning of a rehearsal. Epoch milliseconds; null: it has no certificate yet. */
export interface RehearsedWebsite {
  readonly account: string;
  readonly vhost: string;
  readonly notBefore: number | null;
  readonly notAfter: number | null;
}

/** No CA that this server may order at answers. */
export interface Outage {
  /** Days since the beginning. */
  readonly fromDay: number;
  readonly days: number;
}

/** What is rehearsed: one life of certificates, and what happens to them. */
export interface Scenario {
  /** The first night; epoch ms. */
  readonly beginsAt: number;
  readonly days: number;
  /** Of the certificates that are issued. */
  readonly lifeMs: number;
  readonly websites: readonly RehearsedWebsite[];
  /** The provider's documented figure. */
  readonly daysToReplace: number;
  /** How far apart nights are (`run.intervalHours`), in ms. */
  readonly runIntervalMs: number;
  /** Our own share: newOrders in 3 hours. */
  readonly newOrdersCap: number;
  /** The CA tells when to renew (RFC 9773), and does not count what it told so. */
  readonly hasRenewalInfo: boolean;
  /** Days on which the CA wants a share of its certificates replaced at once. */
  readonly incidents: readonly number[];
  readonly outages: readonly Outage[];
  readonly seed: number;
}

/** Websites that were all secured in the six hours before the beginning: the worst that a migration leaves behind. */
export function syntheticWebsites(count: number, lifeMs: number, beginsAt: number): RehearsedWebsite[] {
  const digits = String(count).length;
  return Array.from({ length: count }, (_, index) => {
    const notBefore = Math.floor(beginsAt - (MIGRATION_MS * (count - index)) / count);
    const number = String(index + 1).padStart(digits, '0');
    return {
      account: `user${number}`,
      vhost: `site${number}.example`,
      notBefore,
      notAfter: notBefore + lifeMs,
    };
  });
}

const MIGRATION_MS = 6 * HOUR_MS;
