import { registeredDomainOf } from '../../src/core/domain/name/registered-domain.js';
import type { AcmeRefusal } from '../../src/runs/ports/authority.js';
import { refusal } from './fake-ca.js';

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;

/** Tokens that flow back evenly; reckoned otherwise than the product does. */
class TokenBucket {
  #tokens: number;
  #at: number;
  readonly #capacity: number;
  readonly #periodMs: number;

  constructor(capacity: number, periodMs: number, now: number) {
    this.#capacity = capacity;
    this.#periodMs = periodMs;
    this.#tokens = capacity;
    this.#at = now;
  }

  holds(now: number): boolean {
    this.#refill(now);
    return this.#tokens >= 1 - 1e-9;
  }

  take(now: number): void {
    this.#refill(now);
    this.#tokens -= 1;
  }

  #refill(now: number): void {
    this.#tokens = Math.min(
      this.#capacity,
      this.#tokens + ((now - this.#at) / this.#periodMs) * this.#capacity,
    );
    this.#at = now;
  }
}

/** The limits of Let's Encrypt as its CA software keeps them: new orders count when asked for, certificates when issued. */
export class BoulderLimits {
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #certified = new Set<string>();
  readonly #now: () => Date;
  /** Refusals given. */
  refusals = 0;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** For `FakeCa.onNewOrder`. */
  newOrder(names: readonly string[]): AcmeRefusal | undefined {
    const now = this.#now().getTime();
    if (!this.#bucket(`set ${setOf(names)}`, 5, WEEK_MS, now).holds(now)) {
      return this.#refuse(
        'too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s',
      );
    }
    if (this.#certified.has(setOf(names))) return undefined;
    for (const domain of domainsOf(names)) {
      if (!this.#bucket(`domain ${domain}`, 50, WEEK_MS, now).holds(now))
        return this.#refuse(`too many certificates (50) already issued for "${domain}" in the last 168h0m0s`);
    }
    const orders = this.#bucket('orders', 300, 3 * HOUR_MS, now);
    if (!orders.holds(now))
      return this.#refuse('too many new orders (300) from this account in the last 3h0m0s');
    orders.take(now);
    return undefined;
  }

  /** For `FakeCa.onFinalize`. */
  issued(names: readonly string[]): void {
    const now = this.#now().getTime();
    this.#bucket(`set ${setOf(names)}`, 5, WEEK_MS, now).take(now);
    if (!this.#certified.has(setOf(names)))
      for (const domain of domainsOf(names)) this.#bucket(`domain ${domain}`, 50, WEEK_MS, now).take(now);
    this.#certified.add(setOf(names));
  }

  #refuse(detail: string): AcmeRefusal {
    this.refusals += 1;
    const retryAt = new Date(this.#now().getTime() + HOUR_MS);
    return refusal('rateLimited', { status: 429, detail, retryAt });
  }

  #bucket(key: string, capacity: number, periodMs: number, now: number): TokenBucket {
    const known = this.#buckets.get(key) ?? new TokenBucket(capacity, periodMs, now);
    this.#buckets.set(key, known);
    return known;
  }
}

function setOf(names: readonly string[]): string {
  return [...names].sort().join(',');
}

function domainsOf(names: readonly string[]): Set<string> {
  return new Set(names.map(registeredDomainOf));
}
