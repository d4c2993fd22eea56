import type { AcmeProblem } from '../order/resources.js';
import { DRAWING_BYTES, drawInstant } from '../renewal/information/drawn-instant.js';
import type { StoredRenewalInfo } from '../renewal/verdict.js';
import type { Chance } from './chance.js';
import { DAY_MS, HOUR_MS, type Scenario } from './scenario.js';

/** Let's Encrypt: 300 newOrders in 3 hours, what its renewal information asked for not counted (protocol D). */
const CA_ORDERS = 300;
const CA_SPAN_MS = 3 * HOUR_MS;
/** CAs set notBefore back by an hour, for clocks that are late. */
const BACKDATED_MS = HOUR_MS;
/** Of a hundred orders one fails at the CA for a reason that passes. */
const FAILING_SHARE = 0.01;
/** Windows as Let's Encrypt gives them: two days around two thirds of the life; of lives under 10 days, 2 % around the half. */
const SHORT_LIFE_MS = 10 * DAY_MS;
const WINDOW_MS = 2 * DAY_MS;
const SHORT_WINDOW_RATIO = 0.02;

export type OrderAnswer =
  | { readonly kind: 'issued'; readonly notBefore: number; readonly notAfter: number }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'rate-limited'; readonly problem: AcmeProblem };

/** The CAs of a rehearsal, seen from one server. */
export class RehearsedAuthority {
  readonly #scenario: Scenario;
  readonly #chance: Chance;
  /** When the limit is full again, as a virtual schedule (GCRA): epoch ms. */
  #fullAt = 0;

  constructor(scenario: Scenario, chance: Chance) {
    this.#scenario = scenario;
    this.#chance = chance;
  }

  isDown(at: number): boolean {
    const day = (at - this.#scenario.beginsAt) / DAY_MS;
    return this.#scenario.outages.some(({ fromDay, days }) => day >= fromDay && day < fromDay + days);
  }

  /** @param isReplacement the order says which certificate it replaces */
  order(at: number, isReplacement: boolean): OrderAnswer {
    if (this.isDown(at)) return { kind: 'unreachable' };
    const isCounted = !(isReplacement && this.#scenario.hasRenewalInfo);
    if (isCounted) {
      const step = CA_SPAN_MS / CA_ORDERS;
      const fullAt = Math.max(this.#fullAt, at) + step;
      if (fullAt > at + CA_SPAN_MS) return rateLimited(new Date(fullAt - CA_SPAN_MS));
      this.#fullAt = fullAt;
    }
    if (this.#chance() < FAILING_SHARE) return { kind: 'failed' };
    const notBefore = at - BACKDATED_MS;
    return { kind: 'issued', notBefore, notAfter: notBefore + this.#scenario.lifeMs };
  }

  /** What it says of a website's certificate at `seenAt`, with the instant that is drawn from it; null: it says nothing. */
  renewalInfo(vhost: string, notBefore: number, notAfter: number, seenAt: number): StoredRenewalInfo | null {
    if (!this.#scenario.hasRenewalInfo) return null;
    const life = notAfter - notBefore;
    const isShort = life < SHORT_LIFE_MS;
    const middle = isShort ? notAfter - life / 2 : notAfter - life / 3;
    const half = (isShort ? life * SHORT_WINDOW_RATIO : WINDOW_MS) / 2;
    return this.#drawn(vhost, [middle - half, middle + half], [notBefore, notAfter], seenAt);
  }

  /** What it says on the day of an incident: the window is over, so replace it now. */
  incidentInfo(vhost: string, notBefore: number, notAfter: number, seenAt: number): StoredRenewalInfo {
    return this.#drawn(vhost, [seenAt - 2 * HOUR_MS, seenAt - HOUR_MS], [notBefore, notAfter], seenAt);
  }

  #drawn(vhost: string, window: Span, validity: Span, seenAt: number): StoredRenewalInfo {
    const [startAt, endAt] = instantsOf(window);
    const [notBefore, notAfter] = instantsOf(validity);
    const random = Uint8Array.from({ length: DRAWING_BYTES }, () => Math.floor(this.#chance() * 256));
    return drawInstant(
      { startAt, endAt, explanationUrl: null },
      { notBefore, notAfter },
      vhost,
      new Date(seenAt),
      random,
    );
  }
}

/** From and to, epoch ms. */
type Span = readonly [number, number];

function instantsOf([from, to]: Span): readonly [Date, Date] {
  return [new Date(Math.floor(from)), new Date(Math.floor(to))];
}

function rateLimited(retryAt: Date): OrderAnswer {
  const problem: AcmeProblem = {
    type: 'urn:ietf:params:acme:error:rateLimited',
    detail: `too many new orders (${CA_ORDERS} in 3 hours)`,
    status: 429,
    identifier: null,
    subproblems: [],
    retryAt,
    helpUrl: null,
  };
  return { kind: 'rate-limited', problem };
}
