import { retryDelayMs } from '../order/backoff.js';
import type { BudgetVerdict } from '../order/limits/order-budget.js';
import {
  type DueWebsite,
  LOOKED_AT_PER_ORDER,
  MOST_WEBSITES_PER_POLL,
  shareOut,
} from '../plan/due-website.js';
import { compareActions } from '../plan/order-of-work.js';
import { type Chance, seededChance } from './chance.js';
import { LedgerAllowance, type OrderAllowance, type OrderNeed } from './order-allowance.js';
import { RehearsedAuthority } from './rehearsed-authority.js';
import { RehearsedCertificate } from './rehearsed-certificate.js';
import { DAY_MS, HOUR_MS, INSTANT_MS, MINUTE_MS, type Scenario } from './scenario.js';
import { SortedQueue } from './sorted-queue.js';
import { type RehearsalResult, Tally } from './tally.js';

/** What waits for a CA that does not answer is looked at again after this. */
const LOOK_AGAIN_MS = HOUR_MS;
/** Failures to talk to the CA in a row that end the ordering of a run. */
const UNREACHABLE_IN_A_ROW = 3;
/** Of a hundred websites, at each renewal, two have a name that cannot be validated for up to ten days. */
const TROUBLED_SHARE = 0.02;
const LONGEST_TROUBLE_MS = 10 * DAY_MS;
/** Of the certificates in force, the share that an incident at the CA takes. */
const INCIDENT_SHARE = 0.1;
/** Renewal information is asked for so that an incident is known within the hour. */
const NOTICED_WITHIN_MS = HOUR_MS;
/** The first night begins at 02:17. */
const NIGHT_AT_MS = 2 * HOUR_MS + 17 * MINUTE_MS;

type Event =
  | { readonly at: number; readonly kind: 'look'; readonly site: RehearsedCertificate }
  | {
      readonly at: number;
      readonly kind: 'emergency' | 'expiry';
      readonly site: RehearsedCertificate;
      readonly generation: number;
    }
  | { readonly at: number; readonly kind: 'incident'; readonly index: number }
  | {
      readonly at: number;
      readonly kind: 'incident-seen';
      readonly site: RehearsedCertificate;
      readonly index: number;
    };

/** Lives through the days of a scenario: nights, and instants 5 minutes apart, by the rules of production. */
export function rehearse(
  scenario: Scenario,
  allowance: OrderAllowance = new LedgerAllowance(scenario.newOrdersCap),
): RehearsalResult {
  return new Rehearsal(scenario, allowance).run();
}

class Rehearsal {
  readonly #scenario: Scenario;
  readonly #allowance: OrderAllowance;
  readonly #chance: Chance;
  readonly #authority: RehearsedAuthority;
  readonly #tally: Tally;
  readonly #sites: readonly RehearsedCertificate[];
  readonly #events = new SortedQueue<Event>((a, b) => a.at - b.at);
  readonly #ready = new SortedQueue<Waiting>((a, b) => compareActions(a.site.action, b.site.action));
  /** Renewals that the CA does not count. */
  readonly #exempt = new SortedQueue<Waiting>((a, b) => compareActions(a.site.action, b.site.action));
  readonly #urgent = new SortedQueue<Waiting>((a, b) => compareActions(a.site.action, b.site.action));
  /** Websites that an incident or an outage left behind and that are not replaced yet; by incident, outages at -1. */
  readonly #aftermath = new Map<RehearsedCertificate, number>();
  readonly #incidentLeft: number[];
  #nightAt: number;
  /** Before then nothing that is ready can be ordered. */
  #wakeAt = Number.POSITIVE_INFINITY;

  constructor(scenario: Scenario, allowance: OrderAllowance) {
    this.#scenario = scenario;
    this.#allowance = allowance;
    this.#chance = seededChance(scenario.seed);
    this.#authority = new RehearsedAuthority(scenario, this.#chance);
    this.#tally = new Tally(scenario);
    this.#sites = scenario.websites.map((website) => new RehearsedCertificate(website));
    this.#nightAt = scenario.beginsAt + NIGHT_AT_MS;
    this.#incidentLeft = scenario.incidents.map(() => 0);
  }

  run(): RehearsalResult {
    const { beginsAt, days, incidents } = this.#scenario;
    const endsAt = beginsAt + days * DAY_MS;
    for (const site of this.#sites) this.#settle(site, beginsAt);
    for (const [index, day] of incidents.entries()) {
      this.#events.add({ at: beginsAt + day * DAY_MS, kind: 'incident', index });
    }
    for (let at = this.#nextInstant(beginsAt); at < endsAt; at = this.#nextInstant(at + INSTANT_MS)) {
      this.#happen(at);
      if (this.#authority.isDown(at)) this.#tally.disturbed(at);
      if (at >= this.#nightAt) this.#night(at);
      else if (at >= this.#wakeAt) this.#poll(at);
      if (this.#aftermath.size > 0) this.#tally.disturbed(at);
    }
    return this.#tally.result();
  }

  #nextInstant(earliest: number): number {
    const { beginsAt } = this.#scenario;
    const next = Math.min(this.#events.first?.at ?? Number.POSITIVE_INFINITY, this.#nightAt, this.#wakeAt);
    return Math.max(earliest, beginsAt + Math.ceil((next - beginsAt) / INSTANT_MS) * INSTANT_MS);
  }

  #happen(at: number): void {
    for (let event = this.#events.first; event !== undefined && event.at <= at; event = this.#events.first) {
      this.#events.take();
      switch (event.kind) {
        case 'look':
          if (event.at === event.site.nextLookAt) this.#makeReady(event.site, at);
          break;
        case 'emergency':
          if (event.generation === event.site.generation) this.#makeReady(event.site, at);
          break;
        case 'expiry':
          if (event.generation === event.site.generation) this.#expire(event.site, at);
          break;
        case 'incident':
          this.#strike(event.index, at);
          break;
        case 'incident-seen':
          this.#noticeIncident(event.site, event.index, at);
          break;
      }
    }
  }

  #makeReady(site: RehearsedCertificate, at: number): void {
    this.#line(site, at);
    this.#wakeAt = at;
  }

  /** Puts it where it waits for its turn. */
  #line(site: RehearsedCertificate, at: number): void {
    site.turn += 1;
    const waiting = { site, turn: site.turn };
    if (this.#isExempt(site)) {
      this.#exempt.add(waiting);
      return;
    }
    this.#ready.add(waiting);
    if (site.isEmergency(at)) this.#urgent.add(waiting);
  }

  #isExempt({ notAfter }: RehearsedCertificate): boolean {
    return this.#scenario.hasRenewalInfo && notAfter !== null;
  }

  #lookAt(site: RehearsedCertificate, at: number): void {
    site.nextLookAt = at;
    this.#events.add({ at, kind: 'look', site });
  }

  /** What it has was judged anew: nothing that was noted before counts. */
  #settle(site: RehearsedCertificate, at: number): void {
    site.judge(this.#scenario, at);
    const { notAfter, dueAt, emergencyAt, generation } = site;
    this.#lookAt(site, dueAt ?? at);
    if (emergencyAt !== null && emergencyAt > at) {
      this.#events.add({ at: emergencyAt, kind: 'emergency', site, generation });
    }
    if (notAfter !== null && notAfter > at)
      this.#events.add({ at: notAfter, kind: 'expiry', site, generation });
  }

  #expire(site: RehearsedCertificate, at: number): void {
    this.#tally.expiry(site.renewableAt, site.notAfter ?? at);
    this.#settle(site, at);
    this.#makeReady(site, at);
  }

  #strike(index: number, at: number): void {
    for (const site of this.#sites) {
      if (site.notAfter === null || this.#chance() >= INCIDENT_SHARE) continue;
      this.#incidentLeft[index] = (this.#incidentLeft[index] ?? 0) + 1;
      this.#aftermath.set(site, index);
      const seenAt = Math.floor(at + this.#chance() * NOTICED_WITHIN_MS);
      this.#events.add({ at: seenAt, kind: 'incident-seen', site, index });
    }
    if (this.#incidentLeft[index] === 0) this.#tally.incidentHours[index] = 0;
  }

  #noticeIncident(site: RehearsedCertificate, index: number, at: number): void {
    const { notBefore, notAfter } = site;
    if (this.#aftermath.get(site) !== index || notBefore === null || notAfter === null) return;
    site.ari = this.#authority.incidentInfo(site.website.vhost, notBefore, notAfter, at);
    this.#settle(site, at);
  }

  /** Everything that is due, until nothing more may be ordered; emergencies all the same. */
  #night(at: number): void {
    while (this.#nightAt <= at) this.#nightAt += Math.max(INSTANT_MS, this.#scenario.runIntervalMs);
    const order = new Ordering();
    for (const queue of [this.#exempt, this.#ready, this.#urgent]) {
      for (let next = this.#take(queue); next !== null; next = this.#take(queue)) {
        if (!this.#attempt(next, at, order)) continue;
        this.#line(next, at);
        break;
      }
    }
    this.#wakeAt = this.#nextTurn(at);
  }

  /** What the poller does at one instant. */
  #poll(at: number): void {
    const now = new Date(at);
    const order = new Ordering();
    this.#pollQueue(this.#exempt, this.#allowance.judge(now, EXEMPT), at, order);
    const verdict = this.#allowance.judge(now, COUNTED);
    this.#pollQueue(verdict.mayOrder ? this.#ready : this.#urgent, verdict, at, order);
    this.#wakeAt = this.#nextTurn(at);
  }

  #pollQueue(queue: SortedQueue<Waiting>, verdict: BudgetVerdict, at: number, order: Ordering): void {
    // Of more than that none would be looked at.
    const most = verdict.mayOrder
      ? Math.max(1, verdict.left) * LOOKED_AT_PER_ORDER
      : Number.POSITIVE_INFINITY;
    const front: RehearsedCertificate[] = [];
    while (front.length < Math.min(most, MOST_WEBSITES_PER_POLL)) {
      const next = this.#take(queue);
      if (next === null) break;
      front.push(next);
    }
    if (front.length === 0) return;
    const taken = verdict.mayOrder ? null : shareOut(front.map(asDue), verdict, new Date(at)).taken;
    const takenNames = new Set(taken?.map(({ vhost }) => vhost));
    for (const site of front) {
      const isTaken = taken === null || takenNames.has(site.website.vhost);
      const isHeld = !isTaken || this.#attempt(site, at, order);
      if (isHeld) this.#line(site, at);
    }
  }

  /** When something that waits for its turn may be ordered: at the next instant, or when the budget opens. */
  #nextTurn(at: number): number {
    const opensAt = (need: OrderNeed): number => {
      const verdict = this.#allowance.judge(new Date(at), need);
      return verdict.mayOrder ? at + INSTANT_MS : verdict.until.getTime();
    };
    const isEmergency = this.#isWaiting(this.#urgent);
    return Math.min(
      this.#isWaiting(this.#exempt) ? opensAt(EXEMPT) : Number.POSITIVE_INFINITY,
      this.#isWaiting(this.#ready) ? opensAt({ ...COUNTED, isEmergency }) : Number.POSITIVE_INFINITY,
    );
  }

  /** The next whose turn it is. */
  #take(queue: SortedQueue<Waiting>): RehearsedCertificate | null {
    if (!this.#isWaiting(queue)) return null;
    const taken = queue.take();
    if (taken === undefined) return null;
    // In the other queue it does not count any more.
    taken.site.turn += 1;
    return taken.site;
  }

  #isWaiting(queue: SortedQueue<Waiting>): boolean {
    for (let first = queue.first; first !== undefined; first = queue.first) {
      if (first.site.turn === first.turn) return true;
      queue.take();
    }
    return false;
  }

  /** Orders for a website. True: our limits hold it back. */
  #attempt(site: RehearsedCertificate, at: number, order: Ordering): boolean {
    if (order.isOver) {
      this.#waitForAuthority(site, at);
      return false;
    }
    const deferredUntil = site.deferredUntil(at);
    if (deferredUntil !== null) {
      this.#tally.deferrals += 1;
      this.#hold(site, Math.min(deferredUntil, this.#nightAt));
      return false;
    }
    const now = new Date(at);
    const need = { isEmergency: site.isEmergency(at), isExempt: this.#isExempt(site) };
    if (!this.#allowance.judge(now, need).mayOrder) return true;
    const answer = this.#authority.order(at, site.notAfter !== null);
    if (answer.kind !== 'unreachable') {
      order.reached();
      if (!need.isExempt) this.#allowance.count(now);
    }
    switch (answer.kind) {
      case 'issued':
        this.#issue(site, at, answer);
        return false;
      case 'unreachable':
        order.notReached();
        this.#waitForAuthority(site, at);
        return false;
      case 'rate-limited':
        this.#tally.rateLimited(at);
        this.#allowance.stop(answer.problem, now);
        return true;
      case 'failed':
        site.failures += 1;
        this.#tally.failedOrders += 1;
        this.#hold(site, at + retryDelayMs(site.failures, this.#scenario.lifeMs, this.#chance()));
        return false;
    }
  }

  #hold(site: RehearsedCertificate, until: number): void {
    site.heldUntil = until;
    this.#lookAt(site, until);
  }

  #waitForAuthority(site: RehearsedCertificate, at: number): void {
    if (!this.#aftermath.has(site)) this.#aftermath.set(site, OUTAGE);
    this.#lookAt(site, at + LOOK_AGAIN_MS);
  }

  #issue(
    site: RehearsedCertificate,
    at: number,
    { notBefore, notAfter }: { readonly notBefore: number; readonly notAfter: number },
  ): void {
    const { vhost } = site.website;
    this.#tally.issued(at, vhost, site.notAfter === null ? null : site.notAfter - at);
    this.#endAftermath(site, at);
    site.notBefore = notBefore;
    site.notAfter = notAfter;
    site.failures = 0;
    site.ari = this.#authority.renewalInfo(vhost, notBefore, notAfter, at);
    this.#settle(site, at);
    const isTroubled = this.#chance() < TROUBLED_SHARE;
    site.troubledUntil =
      isTroubled && site.dueAt !== null ? Math.floor(site.dueAt + this.#chance() * LONGEST_TROUBLE_MS) : 0;
  }

  #endAftermath(site: RehearsedCertificate, at: number): void {
    const index = this.#aftermath.get(site);
    if (index === undefined) return;
    this.#aftermath.delete(site);
    if (index === OUTAGE) return;
    const left = (this.#incidentLeft[index] ?? 0) - 1;
    this.#incidentLeft[index] = left;
    if (left > 0) return;
    const began = this.#scenario.beginsAt + (this.#scenario.incidents[index] ?? 0) * DAY_MS;
    this.#tally.incidentHours[index] = (at - began) / HOUR_MS;
  }
}

const COUNTED: OrderNeed = { isEmergency: false, isExempt: false };
const EXEMPT: OrderNeed = { isEmergency: false, isExempt: true };
/** In the place of an incident's number. */
const OUTAGE = -1;

interface Waiting {
  readonly site: RehearsedCertificate;
  readonly turn: number;
}

/** The orders of one run or poll: over when the CA could not be talked to several times in a row. */
class Ordering {
  #inARow = 0;

  get isOver(): boolean {
    return this.#inARow >= UNREACHABLE_IN_A_ROW;
  }

  reached(): void {
    this.#inARow = 0;
  }

  notReached(): void {
    this.#inARow += 1;
  }
}

function asDue({ website, dueAt, emergencyAt }: RehearsedCertificate): DueWebsite {
  return {
    account: website.account,
    vhost: website.vhost,
    dueAt: new Date(dueAt ?? 0).toISOString(),
    emergencyAt: emergencyAt === null ? null : new Date(emergencyAt).toISOString(),
    logStartedAt: null,
  };
}
