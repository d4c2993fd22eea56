import { judgeIssued, type Unfit } from '../../core/certificate/issued/issued-fitness.js';
import { AcmeProtocolError, InternalError } from '../../core/domain/autossl-error.js';
import type { Website } from '../../core/domain/website/website.js';
import { classifyProblem } from '../../core/order/classification.js';
import type { OrderDoubt } from '../../core/order/doubt.js';
import { namesToDrop } from '../../core/order/names-to-drop.js';
import { nextOrderStep } from '../../core/order/next-step.js';
import type { AfterWaiting, ChallengeToAnswer, OrderStep, OrderView } from '../../core/order/order-step.js';
import { type PollLimits, pollLimitsOf } from '../../core/order/polling.js';
import { problemCode, problemOf } from '../../core/order/problem-type.js';
import type { OrderRecord } from '../../core/order/record.js';
import type { AcmeAuthorization, AcmeOrder, AcmeProblem } from '../../core/order/resources.js';
import type { ProviderDescription } from '../../core/provider/description.js';
import { refusalWords } from '../../core/report/events/refusal-words.js';
import { counted } from '../../core/report/text/wording.js';
import { JournalledOrder } from './journalled-order.js';
import {
  cleanUpChallenges,
  locateChallenges,
  presentChallenges,
  withChallenges,
} from './order-challenges.js';
import { inParallel } from './order-parallel.js';
import type { OrderResult, RunningOrderPorts } from './order-ports.js';

/** Within a run's patience what is gone is read again so often: replicas lag for seconds. */
const REREADS_AT_ONCE = 3;

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
  readonly #journalled: JournalledOrder;
  readonly #context: OrderContext;
  readonly #ports: RunningOrderPorts;
  readonly #limits: PollLimits;
  #order: AcmeOrder | null;
  readonly #authorizations = new Map<string, AcmeAuthorization>();
  #areAuthorizationsFresh = false;
  readonly #answered = new Set<string>();
  #hasAsked = false;
  #finalize: OrderView['finalize'];
  #finalizeAttempts = 0;
  #polls = 0;
  #rereads = 0;
  #steppedForwardAt: Date;
  #patienceEndsAt: Date;
  #chainPem: string | null = null;

  /** @param order as the CA just described it; null = read it first */
  constructor(record: OrderRecord, order: AcmeOrder | null, context: OrderContext, ports: RunningOrderPorts) {
    this.#context = context;
    this.#ports = ports;
    this.#limits = pollLimitsOf(context.provider);
    this.#journalled = new JournalledOrder(record, this.#limits, ports);
    this.#order = order;
    this.#finalize = record.phase === 'placed' ? 'not-sent' : 'unsure';
    // A parked order is only looked at; one that a crash left behind is waited for like a new one.
    const waitMs = record.pollAt === null ? this.#limits.patienceMs : 0;
    this.#steppedForwardAt = ports.clock.now();
    this.#patienceEndsAt = new Date(this.#steppedForwardAt.getTime() + waitMs);
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
        if (this.#journalled.isPastItsLife()) return this.#journalled.abandon('ORDER_EXPIRED');
        return this.#park({ trouble: error });
      }
      // Not journalled: the lock may be somebody else's by now, and taking away twice does no harm.
      if (!this.#isBeingValidated()) {
        await cleanUpChallenges(this.#journalled.record, this.#ports).catch(() => undefined);
      }
      throw error;
    }
  }

  #view(): OrderView {
    return {
      phase: this.#journalled.record.phase,
      names: this.#journalled.record.names,
      byDns: this.#journalled.record.byDns ?? [],
      methods: this.#ports.dns === null ? ['http-01'] : ['http-01', 'dns-01'],
      createdAt: new Date(this.#journalled.record.createdAt),
      hasOrderUrl: this.#journalled.record.orderUrl !== null,
      order: this.#order,
      authorizations: [...this.#authorizations.values()],
      areAuthorizationsFresh: this.#areAuthorizationsFresh,
      answered: this.#answered,
      finalize: this.#finalize,
      finalizeAttempts: this.#finalizeAttempts,
      polls: this.#polls,
      steppedForwardAt: this.#steppedForwardAt,
      patienceEndsAt: this.#patienceEndsAt,
      limits: this.#limits,
      isClockVouched: this.#ports.isClockVouched,
    };
  }

  async #take(step: OrderStep): Promise<StepOutcome> {
    const areChallengesUsed =
      this.#order !== null && ['ready', 'processing', 'valid'].includes(this.#order.status);
    if (areChallengesUsed) await this.#journalled.cleanUp();
    switch (step.do) {
      case 'place':
        throw new InternalError(
          'BUG',
          `order ${this.#journalled.record.id} has no URL and is not being placed`,
        );
      case 'read-order':
      case 'read-authorizations':
        return this.#read(step);
      case 'wait': {
        await this.#sleepUntil(step.until);
        this.#polls += 1;
        return this.#read(step.afterwards);
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
        return this.#park({ pollAt: step.pollAt });
      case 'expired':
        return this.#journalled.abandon('ORDER_EXPIRED');
      case 'give-up':
        await this.#deactivate(step.toDeactivate);
        return this.#journalled.refuse(step.problem, step.failedNames);
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
    if (isGone) return this.#goneForNow(problem);
    if (this.#journalled.isPastItsLife()) return this.#journalled.abandon('ORDER_EXPIRED');
    return this.#refusedForNow(problem);
  }

  /** A page in between or a replica that lags says so, too: it is read again at later polls before the order is given up. */
  async #goneForNow(problem: AcmeProblem): Promise<StepOutcome> {
    const { clock } = this.#ports;
    const soon = new Date(clock.now().getTime() + this.#limits.minPollMs * 2 ** this.#rereads);
    if (this.#rereads < REREADS_AT_ONCE && soon <= this.#patienceEndsAt) {
      this.#rereads += 1;
      await this.#sleepUntil(soon);
      return undefined;
    }
    const words = refusalWords('the CA no longer knows the order', problem);
    const { doubt, isOver } = this.#journalled.doubtRead('ORDER_GONE', words);
    return isOver ? this.#journalled.abandon('ORDER_GONE', doubt) : this.#parkInDoubt(doubt);
  }

  /** It stays at the CA: what is delivered wrongly today may be delivered rightly tomorrow. */
  async #unfitForNow(chainPem: string, { code, words, isTooLate }: Unfit): Promise<StepOutcome> {
    const { doubt, isOver } = this.#journalled.doubtRead('CERTIFICATE_UNFIT', `its certificate ${words}`);
    if (!isOver && !isTooLate) return this.#parkInDoubt(doubt);
    const { id, vhost, account, provider, directoryUrl, orderUrl, names } = this.#journalled.record;
    const at = this.#ports.clock.now().toISOString();
    const ids = { orderId: id, vhost, account, provider, directoryUrl, orderUrl, names };
    await this.#ports.keepUnfit({ ...ids, code, why: words, at, chainPem });
    return this.#journalled.abandon('CERTIFICATE_UNFIT', doubt);
  }

  async #parkInDoubt(doubt: OrderDoubt): Promise<OrderResult> {
    if (!this.#isBeingValidated()) await this.#journalled.cleanUp();
    return this.#journalled.parkInDoubt(doubt);
  }

  /** Waits for a busy CA, or a limit of which it tells the end, within our patience, then parks. */
  async #refusedForNow(problem: AcmeProblem): Promise<StepOutcome> {
    const { clock } = this.#ports;
    const classification = classifyProblem(problem);
    if (classification === 'rate-limited') await this.#journalled.stop(problem);
    const isBusy =
      classification === 'transient' || (classification === 'rate-limited' && problem.retryAt !== null);
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
    return this.#park({ problem });
  }

  async #answer(open: readonly ChallengeToAnswer[]): Promise<StepOutcome> {
    const { website } = this.#context;
    const { authority, signal } = this.#ports;
    if (website === null) return this.#journalled.abandon('WEBSITE_GONE');
    const { located, failed } = await locateChallenges(open, website, this.#ports);
    await this.#journalled.journal({ challenges: withChallenges(this.#journalled.record, located) });
    const notPlaced = failed.length > 0 ? failed : await presentChallenges(located, website, this.#ports);
    const [first] = notPlaced;
    if (first !== undefined) {
      return this.#journalled.refuse(
        problemOf('incorrectResponse', `${first.name}: ${first.detail}`),
        notPlaced,
      );
    }
    // From the first request on: that its answer is lost, or not waited for, does not mean that the CA does not look.
    this.#hasAsked = true;
    const refusals: { readonly name: string; readonly problem: AcmeProblem }[] = [];
    await inParallel(open, async ({ name, challenge, needsAnswer }) => {
      const refusal = needsAnswer ? await authority.answerChallenge(challenge.url, signal) : undefined;
      if (refusal === undefined) this.#answered.add(challenge.url);
      else refusals.push({ name, problem: refusal.refused });
    });
    const [refusal] = refusals;
    if (refusal === undefined) {
      this.#stepForward();
      this.#journalled.say(
        'CHALLENGES_ANSWERED',
        `Asked the CA to validate ${counted(open.length, 'name')}.`,
      );
      return undefined;
    }
    const { problem } = refusal;
    const isOurs = ['transient', 'rate-limited', 'order-again'].includes(classifyProblem(problem));
    if (isOurs) return this.#refusedForNow(problem);
    return this.#journalled.refuse(
      problem,
      refusals.map((one) => ({ name: one.name, code: problemCode(one.problem), detail: one.problem.detail })),
    );
  }

  async #sendCsr(): Promise<StepOutcome> {
    const order = this.#order;
    if (order === null)
      throw new InternalError('BUG', `order ${this.#journalled.record.id} is finalized unread`);
    const { csrDer } = await this.#ports.orders.readStaged(this.#journalled.record.id);
    await this.#journalled.journal({ phase: 'finalized' });
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
      this.#journalled.say('ORDER_FINALIZED', 'Sent the certificate request.');
      return undefined;
    }
    const problem = answer.refused;
    if (problemCode(problem) === 'orderNotReady') return undefined;
    const isOurs = ['transient', 'rate-limited', 'order-again'].includes(classifyProblem(problem));
    if (isOurs) return this.#refusedForNow(problem);
    if (await this.#wasTakenBefore()) return undefined;
    return this.#journalled.refuse(problem, namesToDrop(problem, this.#journalled.record.names));
  }

  /** Whether the CA has the CSR for all that it refuses it: it took one of which the answer did not arrive. */
  async #wasTakenBefore(): Promise<boolean> {
    const order = await this.#ports.authority.readOrder(this.#orderUrl(), this.#ports.signal);
    if ('refused' in order || (order.status !== 'processing' && order.status !== 'valid')) return false;
    this.#order = order;
    this.#finalize = 'accepted';
    return true;
  }

  async #download(url: string): Promise<StepOutcome> {
    const chain = await this.#ports.authority.downloadCertificate(url, this.#ports.signal);
    if (typeof chain !== 'string') {
      // An issued certificate is not given up because a download was refused, unless it is refused for a week.
      if (this.#journalled.isPastItsLife()) return this.#journalled.abandon('ORDER_EXPIRED');
      return this.#refusedForNow(chain.refused);
    }
    const { id, names, createdAt } = this.#journalled.record;
    const { keyPem } = await this.#ports.orders.readStaged(id);
    const issued = { chainPem: chain, keyPem, names, orderedAt: new Date(createdAt) };
    const fitness = judgeIssued(issued, this.#ports.clock.now());
    if (!fitness.isFit) return this.#unfitForNow(chain, fitness.unfit);
    if (fitness.further.length > 0)
      this.#journalled.say(
        'FURTHER_NAMES',
        `The CA added names nobody asked for: ${fitness.further.join(', ')}.`,
      );
    await this.#ports.orders.stageChain(this.#journalled.record.id, chain);
    this.#chainPem = chain;
    await this.#journalled.journal({ phase: 'downloaded', pollAt: null, ...this.#withoutDoubt() });
    this.#journalled.say('CERTIFICATE_DOWNLOADED', 'Downloaded the certificate.');
    return undefined;
  }

  #withoutDoubt(): Partial<OrderRecord> {
    return this.#journalled.record.doubt == null ? {} : { doubt: null };
  }

  async #issued(): Promise<OrderResult> {
    await this.#journalled.cleanUp();
    const staged = await this.#ports.orders.readStaged(this.#journalled.record.id);
    const chainPem = this.#chainPem ?? staged.chainPem;
    if (chainPem === null)
      throw new InternalError('BUG', `order ${this.#journalled.record.id} is downloaded without a chain`);
    return { outcome: 'issued', record: this.#journalled.record, keyPem: staged.keyPem, chainPem };
  }

  async #park(why: Parameters<JournalledOrder['park']>[0]): Promise<OrderResult> {
    if (!this.#isBeingValidated()) await this.#journalled.cleanUp();
    return this.#journalled.park(why);
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
    if (this.#journalled.record.phase !== 'placed') return false;
    return this.#order === null || (this.#order.status === 'pending' && this.#hasAsked);
  }

  #stepForward(): void {
    this.#polls = 0;
    this.#steppedForwardAt = this.#ports.clock.now();
    this.#patienceEndsAt = new Date(this.#steppedForwardAt.getTime() + this.#limits.patienceMs);
  }

  #sleepUntil(until: Date): Promise<void> {
    const ms = until.getTime() - this.#ports.clock.now().getTime();
    return this.#ports.clock.sleep(Math.max(0, ms), this.#ports.signal);
  }

  #orderUrl(): string {
    if (this.#journalled.record.orderUrl === null)
      throw new InternalError('BUG', `order ${this.#journalled.record.id} has no URL`);
    return this.#journalled.record.orderUrl;
  }
}
