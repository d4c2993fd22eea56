import { DAY_MS, type Outage, type Scenario } from './scenario.js';

/** What became of one rehearsal. */
export interface RehearsalResult {
  readonly lifeMs: number;
  readonly websites: number;
  /** Of which certificates were issued. */
  readonly orders: number;
  /** Of each day from the first on. */
  readonly daily: readonly number[];
  /** The day from which every website is in its third cycle; null: it does not come within the rehearsal. */
  readonly steadyFromDay: number | null;
  /** Of the days from then on, incidents and outages apart; null: there are none. */
  readonly peak: number | null;
  readonly mean: number | null;
  /** Least life that was left at a renewal, in ms; negative: it came too late. Null: nothing was renewed. */
  readonly leastMarginMs: number | null;
  readonly expired: number;
  /** Of these, certificates for which every CA was away longer than there was time to renew them. */
  readonly expiredInOutage: number;
  /** Nights on which a CA answered with a rate limit. */
  readonly rateLimitedNights: number;
  /** Orders that failed and were made again. */
  readonly failedOrders: number;
  /** Renewals that waited for a name. */
  readonly deferrals: number;
  /** Hours from each incident's beginning until everything was replaced; null: not within the rehearsal. */
  readonly incidentHours: readonly (number | null)[];
}

/** The cycles that a migration has before renewals have spread (design 5.2). */
const CYCLES_TO_SPREAD = 2;

/** Counts what happens in one rehearsal; day by day, so that memory does not grow with orders. */
export class Tally {
  readonly #scenario: Scenario;
  readonly #daily: number[];
  readonly #disturbed: boolean[];
  readonly #limitedDays = new Set<number>();
  #leastMarginMs: number | null = null;
  #steadyFromDay: number | null = null;
  /** How many websites were renewed so often. */
  #seasoned = 0;
  readonly #renewals = new Map<string, number>();
  orders = 0;
  expired = 0;
  expiredInOutage = 0;
  failedOrders = 0;
  deferrals = 0;
  readonly incidentHours: (number | null)[];

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#daily = new Array<number>(scenario.days).fill(0);
    this.#disturbed = new Array<boolean>(scenario.days).fill(false);
    this.incidentHours = scenario.incidents.map(() => null);
  }

  issued(at: number, vhost: string, marginMs: number | null): void {
    const day = this.#dayOf(at);
    this.orders += 1;
    this.#daily[day] = (this.#daily[day] ?? 0) + 1;
    if (marginMs !== null) this.#leastMarginMs = Math.min(this.#leastMarginMs ?? marginMs, marginMs);
    const renewals = (this.#renewals.get(vhost) ?? 0) + 1;
    this.#renewals.set(vhost, renewals);
    if (renewals !== CYCLES_TO_SPREAD) return;
    this.#seasoned += 1;
    if (this.#seasoned === this.#scenario.websites.length) this.#steadyFromDay = day + 1;
  }

  rateLimited(at: number): void {
    this.#limitedDays.add(this.#dayOf(at));
  }

  /** What is ordered on this day comes of an incident or an outage. */
  disturbed(at: number): void {
    this.#disturbed[this.#dayOf(at)] = true;
  }

  expiry(renewableAt: number | null, notAfter: number): void {
    this.expired += 1;
    if (
      this.#scenario.outages.some((outage) =>
        outlasted(outage, renewableAt, notAfter, this.#scenario.beginsAt),
      )
    ) {
      this.expiredInOutage += 1;
    }
  }

  result(): RehearsalResult {
    const { lifeMs, websites } = this.#scenario;
    const steadyFromDay = this.#steadyFromDay;
    const steady =
      steadyFromDay === null
        ? []
        : this.#daily.filter((_, day) => day >= steadyFromDay && this.#disturbed[day] !== true);
    const sum = steady.reduce((all, one) => all + one, 0);
    return {
      lifeMs,
      websites: websites.length,
      orders: this.orders,
      daily: this.#daily,
      steadyFromDay,
      peak: steady.length === 0 ? null : Math.max(...steady),
      mean: steady.length === 0 ? null : sum / steady.length,
      leastMarginMs: this.#leastMarginMs,
      expired: this.expired,
      expiredInOutage: this.expiredInOutage,
      rateLimitedNights: this.#limitedDays.size,
      failedOrders: this.failedOrders,
      deferrals: this.deferrals,
      incidentHours: this.incidentHours,
    };
  }

  #dayOf(at: number): number {
    return Math.min(this.#daily.length - 1, Math.max(0, Math.floor((at - this.#scenario.beginsAt) / DAY_MS)));
  }
}

/** Whether the CAs were away for longer than there was between the instant of renewal and expiry. */
function outlasted(outage: Outage, renewableAt: number | null, notAfter: number, beginsAt: number): boolean {
  const from = beginsAt + outage.fromDay * DAY_MS;
  const to = from + outage.days * DAY_MS;
  if (renewableAt === null || from >= notAfter || to <= renewableAt) return false;
  return outage.days * DAY_MS >= notAfter - renewableAt;
}
