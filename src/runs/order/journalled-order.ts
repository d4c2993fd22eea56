import type { AcmeProtocolError } from '../../core/domain/autossl-error.js';
import { classifyProblem } from '../../core/order/classification.js';
import {
  type DoubtMatter,
  doubtAgain,
  isBelieved,
  type OrderDoubt,
  rereadAt,
} from '../../core/order/doubt.js';
import { limitedPollAt } from '../../core/order/limits/stop-end.js';
import type { FailedName } from '../../core/order/names-to-drop.js';
import { LONGEST_ORDER_LIFE_MS, type PollLimits, parkedPollAt } from '../../core/order/polling.js';
import type { OrderRecord } from '../../core/order/record.js';
import type { AcmeProblem } from '../../core/order/resources.js';
import { cleanUpChallenges } from './order-challenges.js';
import { type OrderEventCode, orderEvent, problemPhrase } from './order-events.js';
import type { AbandonReason, OrderResult, RunningOrderPorts } from './order-ports.js';

/** How far the CA's clock and ours may be apart before its `expires` is believed, in ms: what the brake on our clock allows. */
const EXPIRY_GRACE_MS = 60 * 60_000;

/** An order's record in the journal: its changes, its challenges, and the ways in which it can end. */
export class JournalledOrder {
  #record: OrderRecord;
  readonly #limits: PollLimits;
  readonly #ports: RunningOrderPorts;

  constructor(record: OrderRecord, limits: PollLimits, ports: RunningOrderPorts) {
    this.#record = record;
    this.#limits = limits;
    this.#ports = ports;
  }

  get record(): OrderRecord {
    return this.#record;
  }

  /** Durable when it resolves. */
  async journal(change: Partial<OrderRecord>): Promise<void> {
    this.#record = { ...this.#record, ...change };
    await this.#ports.orders.update(this.#record);
  }

  say(code: OrderEventCode, contents: string): void {
    const type = code === 'CHALLENGE_NOT_CLEANED' ? 'warn' : 'out';
    this.#ports.onEvent(orderEvent(this.#record, code, contents, type));
  }

  async cleanUp(): Promise<void> {
    if (this.#record.challenges.length === 0) return;
    for (const fault of await cleanUpChallenges(this.#record, this.#ports))
      this.say('CHALLENGE_NOT_CLEANED', fault);
    // Journalled with the next change; until then the journal only makes them be taken away twice.
    this.#record = { ...this.#record, challenges: [] };
  }

  /** Until the next rung of the ladder, or the instant that the trouble's or the problem's sender asked for. */
  async park(why: {
    readonly pollAt?: Date;
    readonly trouble?: AcmeProtocolError;
    readonly problem?: AcmeProblem;
  }): Promise<OrderResult> {
    const { trouble = null, problem = null } = why;
    const pollAt = why.pollAt ?? this.#pollAtAfter(problem, trouble?.retryAt ?? null);
    const now = this.#ports.clock.now().toISOString();
    // What it said before is answered when it speaks of the order as a CA does.
    const isAnswered = trouble === null && problem === null && this.#record.doubt != null;
    await this.journal({
      pollAt: pollAt.toISOString(),
      lastPolledAt: now,
      ...(isAnswered ? { doubt: null } : {}),
    });
    const reason = trouble?.message ?? (problem === null ? 'the CA is not ready' : problemPhrase(problem));
    this.say('ORDER_PARKED', `The order waits until ${this.#record.pollAt}: ${reason}.`);
    return { outcome: 'pending', record: this.#record, pollAt, trouble, problem };
  }

  /** Until the doubt is read again. */
  async parkInDoubt(doubt: OrderDoubt): Promise<OrderResult> {
    const now = this.#ports.clock.now();
    const pollAt = rereadAt(doubt, now);
    await this.journal({ pollAt: pollAt.toISOString(), lastPolledAt: now.toISOString(), doubt });
    this.say('ORDER_PARKED', `The order waits until ${this.#record.pollAt}: ${doubt.words}.`);
    return { outcome: 'pending', record: this.#record, pollAt, trouble: null, problem: null };
  }

  /** What would end it was read (again). `isOver`: it is believed, or the order's time is over. */
  doubtRead(about: DoubtMatter, words: string): { readonly doubt: OrderDoubt; readonly isOver: boolean } {
    const now = this.#ports.clock.now();
    const doubt = doubtAgain(this.#record.doubt, { about, words }, now);
    return { doubt, isOver: isBelieved(doubt, now) || this.isPastItsLife() };
  }

  async refuse(problem: AcmeProblem, failedNames: readonly FailedName[]): Promise<OrderResult> {
    const classification = classifyProblem(problem, failedNames.length > 0 ? 'validation' : 'order');
    const cover = classification === 'rate-limited' ? await this.stop(problem) : null;
    await this.#end();
    await this.#ports.brake.release(this.#record.taken ?? []);
    const stops = cover?.covers === 'parts' ? { stops: cover.stops } : {};
    return { outcome: 'refused', record: this.#record, problem, classification, failedNames, ...stops };
  }

  /** The CA named a limit that this order met. */
  stop(problem: AcmeProblem): ReturnType<RunningOrderPorts['brake']['stop']> {
    const { names, replaces } = this.#record;
    return this.#ports.brake.stop(problem, { names, isReplacing: replaces !== null });
  }

  async abandon(why: AbandonReason, doubt: OrderDoubt | null = null): Promise<OrderResult> {
    // Once the CSR was sent a certificate may have been issued, and counted.
    if (this.#record.phase === 'placed') await this.#ports.brake.release(this.#record.taken ?? []);
    await this.#end();
    const record = doubt === null ? this.#record : { ...this.#record, doubt };
    return { outcome: 'abandoned', record, why, retryAt: null };
  }

  /**
   * Past what the CA gave it, or a week old when that is not known: what still cannot be read then is not waited for. A
   * certificate may have been issued once the CSR was sent: such an order is tried for a week at least. Never by a clock that nobody vouched for.
   */
  isPastItsLife(): boolean {
    if (!this.#ports.isClockVouched) return false;
    const { phase, createdAt, expiresAt } = this.#record;
    const oldest = Date.parse(createdAt) + LONGEST_ORDER_LIFE_MS;
    const expires = expiresAt === null ? oldest : Date.parse(expiresAt) + EXPIRY_GRACE_MS;
    const ends = phase === 'placed' ? expires : Math.max(expires, oldest);
    return this.#ports.clock.now().getTime() >= ends;
  }

  /** The order is over without a certificate: nothing of it is kept. */
  async #end(): Promise<void> {
    await this.cleanUp();
    this.#record = { ...this.#record, phase: 'failed' };
    await this.#ports.orders.remove(this.#record.id);
  }

  /** A rate limit's own instant is obeyed for longer than mere hints are. */
  #pollAtAfter(problem: AcmeProblem | null, retryAt: Date | null): Date {
    const now = this.#ports.clock.now();
    const createdAt = new Date(this.#record.createdAt);
    const ladder = parkedPollAt(createdAt, problem?.retryAt ?? retryAt, this.#limits, now);
    if (problem === null || classifyProblem(problem) !== 'rate-limited') return ladder;
    const told = limitedPollAt(problem.retryAt, this.#record.neededBy, now);
    return told > ladder ? told : ladder;
  }
}
