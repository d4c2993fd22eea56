import { AcmeProtocolError, InternalError } from '../core/domain/autossl-error.js';
import type { Website } from '../core/domain/website.js';
import { UNNAMED_RATE_LIMIT_MS } from '../core/order/backoff.js';
import { classifyProblem } from '../core/order/classification.js';
import { leafBelongsToKey } from '../core/order/leaf-belongs.js';
import { type FailedName, namesToDrop } from '../core/order/names-to-drop.js';
import { nextOrderStep } from '../core/order/next-step.js';
import type { AfterWaiting, ChallengeToAnswer, OrderStep, OrderView } from '../core/order/order-step.js';
import { type PollLimits, parkedPollAt, pollLimitsOf } from '../core/order/polling.js';
import { problemCode, problemOf } from '../core/order/problem-type.js';
import type { OrderRecord } from '../core/order/record.js';
import type { AcmeAuthorization, AcmeOrder, AcmeProblem } from '../core/order/resources.js';
import type { ProviderDescription } from '../core/provider/description.js';
import { cleanUpChallenges, presentChallenges, withChallenges } from './order-challenges.js';
import { orderEvent, problemPhrase } from './order-events.js';
import { inParallel } from './order-parallel.js';
import type { AbandonReason, OrderResult, RunningOrderPorts } from './order-ports.js';

/** Where and for whom an order runs. */
export interface OrderContext {
  /** Null when the website is gone from the server: what is issued is still fetched, nothing new is proved. */
  readonly website: Website | null;
  readonly provider: ProviderDescription;
}

/** What a step gives: the order's end, or nothing: go on. */
type StepOutcome = OrderResult | undefined;

/**
 * Drives one placed order to its end or to its parking, one pure step after the other. Every phase is journalled before
 * the CA is asked for it; challenges are taken away on every way out on which the CA is not about to look at them.
 */
export class OrderRun {
  #record: OrderRecord;
  readonly #context: OrderContext;
  readonly #ports: RunningOrderPorts;
  readonly #limits: PollLimits;
  #order: AcmeOrder | null;
  readonly #authorizations = new Map<string, AcmeAuthorization>();
  #areAuthorizationsFresh = false;
  readonly #answered = new Set<string>();
  #finalize: OrderView['finalize'];
  #finalizeAttempts = 0;
  #polls = 0;
  #patienceEndsAt: Date;
  #chainPem: string | null = null;

  /** @param order as the CA just described it; null = read it first */
  constructor(record: OrderRecord, order: AcmeOrder | null, context: OrderContext, ports: RunningOrderPorts) {
    this.#record = record;
    this.#context = context;
    this.#ports = ports;
    this.#limits = pollLimitsOf(context.provider);
    this.#order = order;
    this.#finalize = record.phase === 'placed' ? 'not-sent' : 'unsure';
    // A parked order is only looked at; one that a crash left behind is waited for like a new one.
    const waitMs = record.pollAt === null ? this.#limits.patienceMs : 0;
    this.#patienceEndsAt = new Date(ports.clock.now().getTime() + waitMs);
  }

  /** @throws whatever is not the CA's trouble; the record stays and can be resumed */
  async run(): Promise<OrderResult> {
    try {
      for (;;) {
        this.#ports.signal?.throwIfAborted();
        const outcome = await this.#take(nextOrderStep(this.#view(), this.#ports.clock.now()));
        if (outcome !== undefined) return outcome;
      }
    } catch (error) {
      if (error instanceof AcmeProtocolError && error.code !== 'ABORTED' && !this.#ports.signal?.aborted) {
        return this.#park(this.#nextPollAt(error.retryAt), { trouble: error });
      }
      // Not journalled: the lock may be somebody else's by now, and taking away twice does no harm.
      if (!this.#isBeingValidated()) {
        await cleanUpChallenges(this.#record, this.#ports.solver).catch(() => undefined);
      }
      throw error;
    }
  }

  #view(): OrderView {
    return {
      phase: this.#record.phase,
      names: this.#record.names,
      createdAt: new Date(this.#record.createdAt),
      hasOrderUrl: this.#record.orderUrl !== null,
      order: this.#order,
      authorizations: [...this.#authorizations.values()],
      areAuthorizationsFresh: this.#areAuthorizationsFresh,
      answered: this.#answered,
      finalize: this.#finalize,
      finalizeAttempts: this.#finalizeAttempts,
      polls: this.#polls,
      patienceEndsAt: this.#patienceEndsAt,
      limits: this.#limits,
    };
  }

  async #take(step: OrderStep): Promise<StepOutcome> {
    const areChallengesUsed =
      this.#order !== null && ['ready', 'processing', 'valid'].includes(this.#order.status);
    if (areChallengesUsed) await this.#cleanUp();
    switch (step.do) {
      case 'place':
        throw new InternalError('BUG', `order ${this.#record.id} has no URL and is not being placed`);
      case 'read-order':
      case 'read-authorizations':
        return this.#read(step);
      case 'wait': {
        await this.#sleepUntil(step.until);
        this.#polls += 1;
        return this.#read(step.then);
      }
      case 'answer-challenges':
        return this.#answer(step.challenges);
      case 'finalize':
        return this.#sendCsr();
      case 'download':
        return this.#download(step.url);
      case 'done':
        return this.#issued();
      case 'park':
        return this.#park(step.pollAt, {});
      case 'expired':
        return this.#abandon('ORDER_EXPIRED');
      case 'give-up':
        await this.#deactivate(step.toDeactivate);
        return this.#refuse(step.problem, step.failedNames);
    }
  }

  async #read(what: AfterWaiting): Promise<StepOutcome> {
    const { authority, signal } = this.#ports;
    if (what.do === 'read-order') {
      const answer = await authority.readOrder(this.#orderUrl(), signal);
      if ('refused' in answer) return this.#readRefused(answer.refused);
      if (answer.status !== this.#order?.status) this.#polls = 0;
      this.#order = answer;
      this.#areAuthorizationsFresh = false;
      return undefined;
    }
    let refused: AcmeProblem | undefined;
    await inParallel(what.urls, async (url) => {
      const answer = await authority.readAuthorization(url, signal);
      if ('refused' in answer) refused = answer.refused;
      else this.#authorizations.set(url, answer);
    });
    if (refused !== undefined) return this.#readRefused(refused);
    this.#areAuthorizationsFresh = true;
    return undefined;
  }

  /** The CA would not show us the order: it is gone, or it is busy and asked again later. */
  async #readRefused(problem: AcmeProblem): Promise<StepOutcome> {
    const isGone =
      problem.status === 404 || problem.status === 410 || problemCode(problem) === 'accountDoesNotExist';
    if (isGone) return this.#abandon('ORDER_GONE');
    return this.#refusedForNow(problem);
  }

  /** Waits for a busy CA within our patience, then parks. */
  async #refusedForNow(problem: AcmeProblem): Promise<StepOutcome> {
    const { clock, brake } = this.#ports;
    const classification = classifyProblem(problem);
    if (classification === 'rate-limited') await brake.stop(problem);
    const isBusy = classification === 'transient' || problemCode(problem) === 'badNonce';
    const waitMs = Math.max(
      this.#limits.minPollMs * 2 ** Math.min(this.#polls, 10),
      (problem.retryAt?.getTime() ?? 0) - clock.now().getTime(),
    );
    const until = new Date(clock.now().getTime() + waitMs);
    if (isBusy && until <= this.#patienceEndsAt) {
      this.#polls += 1;
      await this.#sleepUntil(until);
      return undefined;
    }
    return this.#park(this.#pollAtAfter(problem), { problem });
  }

  async #answer(open: readonly ChallengeToAnswer[]): Promise<StepOutcome> {
    const { website } = this.#context;
    const { authority, signal } = this.#ports;
    if (website === null) return this.#abandon('WEBSITE_GONE');
    await this.#journal({ challenges: withChallenges(this.#record, website, open) });
    const notPlaced = await presentChallenges(open, website, this.#ports);
    const [first] = notPlaced;
    if (first !== undefined) {
      return this.#refuse(problemOf('incorrectResponse', `${first.name}: ${first.detail}`), notPlaced);
    }
    const refusals: { readonly name: string; readonly problem: AcmeProblem }[] = [];
    await inParallel(open, async ({ name, challenge, needsAnswer }) => {
      const refusal = needsAnswer ? await authority.answerChallenge(challenge.url, signal) : undefined;
      if (refusal === undefined) this.#answered.add(challenge.url);
      else refusals.push({ name, problem: refusal.refused });
    });
    const [refusal] = refusals;
    if (refusal === undefined) {
      this.#stepForward();
      this.#say('CHALLENGES_ANSWERED', `Asked the CA to validate ${open.length} name(s).`);
      return undefined;
    }
    const { problem } = refusal;
    const isOurs = ['transient', 'rate-limited', 'order-again'].includes(classifyProblem(problem));
    if (isOurs) return this.#refusedForNow(problem);
    return this.#refuse(
      problem,
      refusals.map((one) => ({ name: one.name, code: problemCode(one.problem), detail: one.problem.detail })),
    );
  }

  async #sendCsr(): Promise<StepOutcome> {
    const order = this.#order;
    if (order === null) throw new InternalError('BUG', `order ${this.#record.id} is finalized unread`);
    const { csrDer } = await this.#ports.orders.readStaged(this.#record.id);
    await this.#journal({ phase: 'finalized' });
    this.#finalize = 'unsure';
    this.#finalizeAttempts += 1;
    this.#order = null;
    this.#stepForward();
    let answer: Awaited<ReturnType<RunningOrderPorts['authority']['finalize']>>;
    try {
      answer = await this.#ports.authority.finalize(order, csrDer, this.#ports.signal);
    } catch (error) {
      // Whether the CSR arrived is told by the order, which is read next.
      if (error instanceof AcmeProtocolError && error.code !== 'ABORTED') return undefined;
      throw error;
    }
    if (!('refused' in answer)) {
      this.#finalize = 'accepted';
      this.#order = answer;
      this.#say('ORDER_FINALIZED', 'Sent the certificate request.');
      return undefined;
    }
    const problem = answer.refused;
    if (problemCode(problem) === 'orderNotReady') return undefined;
    const isOurs = ['transient', 'rate-limited', 'order-again'].includes(classifyProblem(problem));
    if (isOurs) return this.#refusedForNow(problem);
    return this.#refuse(problem, namesToDrop(problem, this.#record.names));
  }

  async #download(url: string): Promise<StepOutcome> {
    const chain = await this.#ports.authority.downloadCertificate(url, this.#ports.signal);
    // An issued certificate is never given up because a download was refused.
    if (typeof chain !== 'string') return this.#refusedForNow(chain.refused);
    const { keyPem } = await this.#ports.orders.readStaged(this.#record.id);
    if (!leafBelongsToKey(chain, keyPem)) return this.#abandon('WRONG_KEY');
    await this.#ports.orders.stageChain(this.#record.id, chain);
    this.#chainPem = chain;
    await this.#journal({ phase: 'downloaded', pollAt: null });
    this.#say('CERTIFICATE_DOWNLOADED', 'Downloaded the certificate.');
    return undefined;
  }

  async #issued(): Promise<OrderResult> {
    await this.#cleanUp();
    const staged = await this.#ports.orders.readStaged(this.#record.id);
    const chainPem = this.#chainPem ?? staged.chainPem;
    if (chainPem === null)
      throw new InternalError('BUG', `order ${this.#record.id} is downloaded without a chain`);
    return { outcome: 'issued', record: this.#record, keyPem: staged.keyPem, chainPem };
  }

  async #park(
    pollAt: Date,
    why: { readonly trouble?: AcmeProtocolError; readonly problem?: AcmeProblem },
  ): Promise<OrderResult> {
    if (!this.#isBeingValidated()) await this.#cleanUp();
    const now = this.#ports.clock.now().toISOString();
    await this.#journal({ pollAt: pollAt.toISOString(), lastPolledAt: now });
    const reason =
      why.trouble?.message ??
      (why.problem === undefined ? 'the CA is not ready' : problemPhrase(why.problem));
    this.#say('ORDER_PARKED', `The order waits until ${this.#record.pollAt}: ${reason}.`);
    return {
      outcome: 'pending',
      record: this.#record,
      pollAt,
      trouble: why.trouble ?? null,
      problem: why.problem ?? null,
    };
  }

  async #refuse(problem: AcmeProblem, failedNames: readonly FailedName[]): Promise<OrderResult> {
    const classification = classifyProblem(problem, failedNames.length > 0 ? 'validation' : 'request');
    if (classification === 'rate-limited') await this.#ports.brake.stop(problem);
    await this.#end();
    return { outcome: 'refused', record: this.#record, problem, classification, failedNames };
  }

  async #abandon(why: AbandonReason): Promise<OrderResult> {
    await this.#end();
    return { outcome: 'abandoned', record: this.#record, why, retryAt: null };
  }

  /** The order is over without a certificate: nothing of it is kept. */
  async #end(): Promise<void> {
    await this.#cleanUp();
    this.#record = { ...this.#record, phase: 'failed' };
    await this.#ports.orders.remove(this.#record.id);
  }

  /** Frees what a next order would be handed again; failing to changes nothing for us. */
  async #deactivate(urls: readonly string[]): Promise<void> {
    const { authority, signal } = this.#ports;
    await inParallel(urls, async (url) => {
      try {
        await authority.deactivateAuthorization(url, signal);
      } catch (error) {
        if (!(error instanceof AcmeProtocolError) || error.code === 'ABORTED') throw error;
      }
    });
  }

  /**
   * Whether the CA may be about to look at a challenge: taking it away now would cost a failed authorization. The journal
   * knows it, and whoever resumes the order takes it away.
   */
  #isBeingValidated(): boolean {
    if (this.#record.phase !== 'placed') return false;
    return this.#order === null || (this.#order.status === 'pending' && this.#answered.size > 0);
  }

  async #cleanUp(): Promise<void> {
    if (this.#record.challenges.length === 0) return;
    for (const fault of await cleanUpChallenges(this.#record, this.#ports.solver))
      this.#say('CHALLENGE_NOT_CLEANED', fault);
    // Journalled with the next change; until then the journal only makes them be taken away twice.
    this.#record = { ...this.#record, challenges: [] };
  }

  async #journal(change: Partial<OrderRecord>): Promise<void> {
    this.#record = { ...this.#record, ...change };
    await this.#ports.orders.update(this.#record);
  }

  #stepForward(): void {
    this.#polls = 0;
    this.#patienceEndsAt = new Date(this.#ports.clock.now().getTime() + this.#limits.patienceMs);
  }

  #sleepUntil(until: Date): Promise<void> {
    const ms = until.getTime() - this.#ports.clock.now().getTime();
    return this.#ports.clock.sleep(Math.max(0, ms), this.#ports.signal);
  }

  #nextPollAt(retryAt: Date | null): Date {
    return parkedPollAt(new Date(this.#record.createdAt), retryAt, this.#limits, this.#ports.clock.now());
  }

  /** A rate limit's own instant is never shortened by the clamp that is put on mere hints. */
  #pollAtAfter(problem: AcmeProblem): Date {
    const ladder = this.#nextPollAt(problem.retryAt);
    if (classifyProblem(problem) !== 'rate-limited') return ladder;
    const told = problem.retryAt ?? new Date(this.#ports.clock.now().getTime() + UNNAMED_RATE_LIMIT_MS);
    return told > ladder ? told : ladder;
  }

  #orderUrl(): string {
    if (this.#record.orderUrl === null) throw new InternalError('BUG', `order ${this.#record.id} has no URL`);
    return this.#record.orderUrl;
  }

  #say(code: Parameters<typeof orderEvent>[1], contents: string): void {
    const type = code === 'CHALLENGE_NOT_CLEANED' ? 'warn' : 'out';
    this.#ports.onEvent(orderEvent(this.#record, code, contents, type));
  }
}
