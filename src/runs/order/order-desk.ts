import type { CaaIssuer } from '../../core/caa/outcome.js';
import { AcmeProtocolError, InternalError } from '../../core/domain/autossl-error.js';
import { parseWantedName, printable, type WantedName } from '../../core/domain/name/names.js';
import { FAILED_ORDERS_PER_SPAN, judgeFailedOrders } from '../../core/order/failed-orders.js';
import type { LedgerRecord } from '../../core/order/ledger-record.js';
import { holdsOrdersBack, shortStopMs } from '../../core/order/limits/account-stop.js';
import type { AccountLimits } from '../../core/order/limits/buckets.js';
import { type CertifiedBefore, wasCertifiedAt } from '../../core/order/limits/certified-before.js';
import { exemptionOf, judgeAccount, judgeName } from '../../core/order/limits/order-budget.js';
import { outageSince } from '../../core/order/limits/outage.js';
import type { Exemption } from '../../core/order/limits/published-limits.js';
import { rememberFailure, rememberSuccess } from '../../core/order/name-attempt.js';
import { isCodeOfOurs } from '../../core/order/names-to-drop.js';
import { judgeAccountRefusal } from '../../core/order/refusal-subject.js';
import { replacedCertificate } from '../../core/order/replaced-certificate.js';
import type { AcmeProblem } from '../../core/order/resources.js';
import { isClockVouched } from '../../core/plan/mass-change.js';
import { UNSURE_NAMES_PER_ACCOUNT, UNSURE_NAMES_PER_RUN } from '../../core/plan/unsure-names.js';
import { correctFromDirectory } from '../../core/provider/correct-from-directory.js';
import type { ProviderDescription } from '../../core/provider/description.js';
import { PROVIDERS } from '../../core/provider/registry.js';
import { type HeldBack, limitWords, waitCodeOf } from '../../core/report/events/limit-words.js';
import { refusalWords } from '../../core/report/events/refusal-words.js';
import { challengesLeft, profileWithdrawn, resolverDown } from '../../core/report/events/work-events.js';
import type { WaitCode } from '../../core/report/status/waiting.js';
import type { CheckHost } from '../check/check-host.js';
import type { RunRecorder } from '../check/run-recorder.js';
import { stopClause } from '../check/run-stop.js';
import type { CaAccount, CertificateAuthority } from '../ports/authority.js';
import type { ChallengeSolver, DnsChallengeSolver } from '../ports/challenges.js';
import type { RandomSource } from '../ports/clock.js';
import type { HeldLock } from '../ports/locks.js';
import type { IssuedRecord } from '../ports/orders.js';
import { DnsPreflight } from '../validation/dns-preflight.js';
import { ResolverWatch } from '../validation/resolver-watch.js';
import { accountLimitsOf } from './account-limits.js';
import { fencedOrders } from './fenced-orders.js';
import { ordersKnownAt } from './known-orders.js';
import { createOrderBrake, type LedgerBrake, loadDomainOf } from './order-brake.js';
import type { Solvers } from './order-challenges.js';
import type { AssertHeld, OrderPorts, RefusedOrder, RunningOrderPorts } from './order-ports.js';

/** Failures to talk to the CA (or of its own) in a row, with no success between, after which the run orders nothing more. */
const MAX_TROUBLES_IN_A_ROW = 3;

/** Who has to do with what only a person can mend. */
const REFUSED = {
  'person-must-act': 'the provider refuses our account',
  'terms-changed': 'the provider wants a yes to its terms',
} as const;

const ORDERS_FAILED_WORDS = `${FAILED_ORDERS_PER_SPAN} of its orders failed within 24 hours, which is our own limit.`;

/** Why an order is not made now. */
export interface Wait {
  readonly code: WaitCode;
  readonly message: string;
  readonly until: Date | null;
}

/** Why a name is not put into an order now, and until when. */
export type HeldName = Wait & {
  readonly until: Date;
  /** Where a person ends the CA's pause; null: it ends by itself. */
  readonly unpauseUrl: string | null;
};

/**
 * What stands between the websites of one run and one provider: its account, the brakes of design 5.18, the one
 * newOrder in flight, and the memory of names. What other processes must see is kept under the ledger's lock.
 */
export class OrderDesk {
  readonly signal: AbortSignal;
  /** Through which this run looks names up. */
  readonly resolver: ResolverWatch;
  readonly #host: CheckHost;
  readonly #recorder: RunRecorder;
  readonly #provider: ProviderDescription;
  readonly #brake: LedgerBrake;
  #open: { readonly authority: CertificateAuthority; readonly account: CaAccount } | null = null;
  #opening: Promise<AcmeProblem | null> | null = null;
  #clockOffsetMs: number | null = null;
  #caaIdentities: readonly string[];
  #hasRenewalInfo = false;
  #profile: string | null = null;
  #solver: Promise<ChallengeSolver> | null = null;
  #dnsSolver: Promise<DnsChallengeSolver | null> | null = null;
  #dnsPreflight: Promise<DnsPreflight | null> | null = null;
  #placing: Promise<unknown> = Promise.resolve();
  #troubles = 0;
  #stop: Wait | null = null;
  #unsureLeft = UNSURE_NAMES_PER_RUN;
  readonly #unsureOf = new Map<string, number>();
  #unsureTurn: Promise<unknown> = Promise.resolve();

  constructor(provider: ProviderDescription, host: CheckHost, recorder: RunRecorder, signal: AbortSignal) {
    this.#provider = provider;
    this.#caaIdentities = provider.caaIdentities;
    this.#brake = createOrderBrake(
      host.ledger,
      provider.name,
      host.clock,
      accountLimitsOf(provider, host),
      (task) => this.#exclusively(`ledger:${provider.name}`, task),
      { onEvent: recorder.record, knownOrders: () => ordersKnownAt(provider.name, host) },
    );
    this.#host = host;
    this.resolver = new ResolverWatch(host.preflight.resolver);
    this.#recorder = recorder;
    this.signal = signal;
  }

  get provider(): ProviderDescription {
    return this.#provider;
  }

  /** Where its orders go now. */
  get directoryUrl(): string {
    const { provider, directoryUrl } = this.#host;
    return this.#provider.name === provider.name ? directoryUrl : this.#host.directoryUrlOf(this.#provider);
  }

  /** Since when the CA cannot be used, as failures that followed each other show; null: that is not known. */
  async downSince(): Promise<Date | null> {
    return outageSince(await this.#brake.settled(), this.#host.clock.now());
  }

  /** The CA cannot be used now: remembered across runs until it answers. */
  noteDown(because: string): Promise<void> {
    return this.#brake.noteDown(because);
  }

  /** The CA's clock minus ours, as its directory answer told. */
  get clockOffsetMs(): number | null {
    return this.#clockOffsetMs;
  }

  get #isClockVouched(): boolean {
    return isClockVouched(this.#clockOffsetMs, this.#provider.kind);
  }

  /** Whom CAA records have to permit: as the CA's directory says, once it was asked, and our account there. */
  get caaIssuer(): CaaIssuer {
    return { identities: this.#caaIdentities, accountUrl: this.#open?.account.url ?? null };
  }

  /** What an order for these names says that it replaces; null: nothing. `inPlace`: fingerprint of what lies there. */
  replacedBy(
    order: { readonly names: readonly string[]; readonly inPlace: string | null },
    issued: readonly IssuedRecord[],
  ): string | null {
    if (!this.#hasRenewalInfo || this.#open === null) return null;
    const ours = { directoryUrl: this.directoryUrl, acmeAccountUrl: this.#open.account.url };
    return replacedCertificate(issued, { ...order, ...ours });
  }

  /** Of the certificates that are ordered; null: the CA's default. */
  get profile(): string | null {
    return this.#profile;
  }

  /** A profile that the CA has withdrawn is ordered without: a certificate of another kind is better than none. */
  #offeredProfile(offered: readonly string[]): string | null {
    const { profile, displayName } = this.#provider;
    if (profile === undefined) return null;
    if (offered.includes(profile)) return profile;
    this.#recorder.record(profileWithdrawn(displayName, profile, offered));
    return null;
  }

  /** Opens (or registers) the account. Gives the CA's refusal. @throws ConfigurationError, AcmeProtocolError */
  async open(): Promise<AcmeProblem | null> {
    const authority = await this.#host.openAuthority(this.#provider);
    const facts = await authority.readDirectory(this.signal);
    this.#clockOffsetMs = facts.clockOffsetMs;
    this.#caaIdentities = correctFromDirectory(this.#provider, facts).caaIdentities;
    this.#hasRenewalInfo = facts.hasRenewalInfo;
    this.#profile = this.#offeredProfile(facts.profiles);
    const account = await authority.openAccount(this.signal);
    if ('refused' in account) {
      if (holdsOrdersBack(account.refused)) await this.#brake.stop(account.refused);
      return account.refused;
    }
    this.#open = { authority, account };
    await this.#brake.noteUp();
    return null;
  }

  async close(): Promise<void> {
    // It answered when it was opened, and no longer.
    if (this.#open !== null && this.#stop?.code === 'PROVIDER_UNREACHABLE')
      await this.#brake.noteDown(this.#stop.message);
    if (this.#solver !== null) await (await this.#solver).close();
  }

  solver(): Promise<ChallengeSolver> {
    this.#solver ??= this.#host.openSolver();
    return this.#solver;
  }

  /** Null: no zone is edited from here. */
  dnsSolver(): Promise<DnsChallengeSolver | null> {
    this.#dnsSolver ??= this.#host.openDnsSolver();
    return this.#dnsSolver;
  }

  /** Tries names by DNS, each zone once in this desk's life; null: none can be. */
  dnsPreflight(): Promise<DnsPreflight | null> {
    this.#dnsPreflight ??= (async () => {
      if (!this.#provider.dcvMethods.includes('dns-01')) return null;
      const solver = await this.dnsSolver();
      if (solver === null) return null;
      const onLeft = (line: string): void => this.#recorder.record(challengesLeft(line));
      return new DnsPreflight(solver, this.#host.random, onLeft);
    })();
    return this.#dnsPreflight;
  }

  async solvers(): Promise<Solvers> {
    return { solver: await this.solver(), dns: await this.dnsSolver() };
  }

  /**
   * Why no order can be made now; null when the desk is open. A stop of some seconds is waited out. An emergency is not held back by our own share, nor is an
   * order that the CA does not count; what is called back has a reserve.
   */
  async wait(isEmergency: boolean, isExempt = false, isCalledBack = false): Promise<Wait | null> {
    if (this.signal.aborted)
      return { code: 'RUN_STOPPED', message: `${stopClause(this.signal)}.`, until: null };
    if (this.#stop !== null) return this.#stop;
    const limits = accountLimitsOf(this.#provider, this.#host);
    const urgency = { isEmergency, isExempt, isCalledBack };
    const judge = async () => {
      const ledger = await this.#brake.settled();
      const verdict = judgeAccount(ledger, this.#host.clock.now(), limits, urgency);
      return { ledger, verdict };
    };
    const first = await judge();
    const waitMs = shortStopMs(first.verdict, this.#host.clock.now());
    if (waitMs !== null) await this.#host.clock.sleep(waitMs, this.signal).catch(() => undefined);
    if (this.signal.aborted) return this.wait(isEmergency, isExempt, isCalledBack);
    const { ledger, verdict } = waitMs === null ? first : await judge();
    return verdict.mayOrder ? null : waitOf(verdict, ledger, limits);
  }

  /** Which of these names limits hold back by themselves: the others may go without them. */
  async heldNames(
    names: readonly { readonly name: WantedName; readonly hasFailedBefore: boolean }[],
    order: { readonly exemption: Exemption | null; readonly isEmergency: boolean },
  ): Promise<ReadonlyMap<WantedName, HeldName>> {
    const ledger = await this.#brake.settled();
    const limits = accountLimitsOf(this.#provider, this.#host);
    const domainOf = await loadDomainOf();
    const held = new Map<WantedName, HeldName>();
    for (const { name, hasFailedBefore } of names) {
      const asked = { name, domain: domainOf(name), hasFailedBefore };
      const verdict = judgeName(ledger, asked, order, this.#host.clock.now(), limits);
      if (verdict === null) continue;
      const unpauseUrl = 'unpauseUrl' in verdict ? verdict.unpauseUrl : null;
      held.set(name, { ...waitOf(verdict, ledger, limits), until: verdict.until, unpauseUrl });
    }
    return held;
  }

  /** Why an order for these names would not count at the CA; null: it does. `issued`: what we got for the website. */
  exemptionOf(
    names: readonly string[],
    replaces: string | null,
    issued: readonly CertifiedBefore[],
  ): Exemption | null {
    return exemptionOf(
      { isReplacing: replaces !== null, wasCertified: this.wasCertified(names, issued) },
      this.#provider.limits,
    );
  }

  /** Whether the CA certified exactly these names before, as far as we know. */
  wasCertified(names: readonly string[], issued: readonly CertifiedBefore[]): boolean {
    const { name } = this.#provider;
    const knownDirectoryUrl = PROVIDERS.find((one) => one.name === name)?.directoryUrl ?? null;
    return wasCertifiedAt({ name, knownDirectoryUrl, directoryUrl: this.directoryUrl }, names, issued);
  }

  /** Why no order can be made for this website now; null when it may. */
  async websiteWait(vhost: string, isEmergency: boolean): Promise<Wait | null> {
    const ledger = await this.#brake.settled();
    const verdict = judgeFailedOrders(ledger, vhost, this.#host.clock.now(), isEmergency);
    if (verdict.mayOrder) return null;
    return { code: 'ORDERS_FAILED', message: ORDERS_FAILED_WORDS, until: verdict.until };
  }

  /** An order of the website was placed and failed. */
  noteFailedOrder(vhost: string): Promise<void> {
    return this.#brake.noteFailed(vhost);
  }

  /** What an order under this lock of its website needs of this desk. @throws InternalError BUG when the desk was not opened */
  async ports(lock: Pick<HeldLock, 'assertHeld'>, signal: AbortSignal): Promise<OrderPorts> {
    if (this.#open === null) throw new InternalError('BUG', 'the order desk is not open');
    return {
      ...this.#open,
      orders: fencedOrders(this.#host.orders, lock),
      ...(await this.solvers()),
      clock: this.#host.clock,
      random: this.#host.random,
      brake: this.#brake,
      isClockVouched: this.#isClockVouched,
      keepUnfit: (record) => this.#host.issued.addUnfit(record),
      makeKeyAndCsr: this.#host.makeKeyAndCsr,
      isStopped: () => this.#stop !== null,
      notePlaced: () => this.noteAnswered(),
      noteNotPlaced: async (why) => {
        if (why instanceof AcmeProtocolError) this.noteTrouble(why.message);
        else await this.noteRefusal(why);
      },
      placeOrderQueue: (task) =>
        this.#inTurn((assertTurn) =>
          task(async () => {
            await lock.assertHeld();
            await assertTurn();
          }),
        ),
      onEvent: this.#recorder.record,
      signal,
    };
  }

  /** What going on with an earlier order needs; the account is opened only for an order that stands at the CA. */
  async resumePorts(
    isAtCa: boolean,
    lock: Pick<HeldLock, 'assertHeld'>,
    signal: AbortSignal,
  ): Promise<RunningOrderPorts> {
    if (isAtCa) {
      this.#opening ??= this.open();
      const refused = await this.#opening;
      if (refused !== null)
        throw new AcmeProtocolError('PROBLEM', refusalWords('the provider refuses our account', refused));
      return this.ports(lock, signal);
    }
    const authority = await this.#host.openAuthority(this.#provider);
    const { clock, random } = this.#host;
    const orders = fencedOrders(this.#host.orders, lock);
    const common = { orders, clock, random, brake: this.#brake, onEvent: this.#recorder.record, signal };
    const keepUnfit: RunningOrderPorts['keepUnfit'] = (record) => this.#host.issued.addUnfit(record);
    return {
      ...common,
      keepUnfit,
      isClockVouched: this.#isClockVouched,
      authority,
      account: NO_ACCOUNT,
      ...(await this.solvers()),
    };
  }

  /** Whether this server's name servers are all silent: then the run orders nothing more, which is said once. */
  async stopIfResolverIsDown(): Promise<boolean> {
    if (!(await this.resolver.isDown())) return false;
    if (this.#stop === null) {
      this.#stop = {
        code: 'RESOLVER_DOWN',
        message: 'none of this server’s name servers answers.',
        until: null,
      };
      this.#recorder.record(resolverDown(this.resolver.servers));
    }
    return true;
  }

  /** Takes up to `wanted` of the run's names that may be ordered unsure; gives how many the account was left to take. */
  reserveUnsure(account: string, wanted: number): number {
    const taken = this.#unsureOf.get(account) ?? 0;
    const granted = Math.max(0, Math.min(wanted, this.#unsureLeft, UNSURE_NAMES_PER_ACCOUNT - taken));
    this.#unsureLeft -= granted;
    this.#unsureOf.set(account, taken + granted);
    return granted;
  }

  /** Gives back what was reserved and not put into an order. */
  releaseUnsure(account: string, count: number): void {
    this.#unsureLeft += count;
    this.#unsureOf.set(account, (this.#unsureOf.get(account) ?? 0) - count);
  }

  /** Orders with unsure names are made one at a time: the first that fail show whether our view is to blame. */
  inUnsureTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const turn = this.#unsureTurn.then(task);
    this.#unsureTurn = turn.catch(() => undefined);
    return turn;
  }

  /** The CA gave an answer that makes sense. */
  noteAnswered(): void {
    this.#troubles = 0;
  }

  /** The CA could not be talked to, or is in trouble itself. */
  noteTrouble(message: string): void {
    this.#troubles += 1;
    if (this.#troubles >= MAX_TROUBLES_IN_A_ROW) {
      this.#stop ??= {
        code: 'PROVIDER_UNREACHABLE',
        message: `the provider keeps failing (${printable(message)}).`,
        until: null,
      };
    }
  }

  /**
   * What holds for the account stops this run until a person mends it; a stopped one is in the ledger already. Whether it is of
   * that kind.
   */
  async noteRefusal(refused: RefusedOrder): Promise<boolean> {
    const { problem, classification, stops } = refused;
    // One that names an end holds the next order back, unless that end is nearer than the next order.
    const isOfAccount = classification === 'rate-limited' && stops === undefined;
    if (classification === 'transient' || isOfAccount)
      this.noteTrouble(refusalWords('it refuses our requests', problem));
    else this.noteAnswered();
    const isForAll = classification === 'terms-changed' || (await this.#isAccountRefused(refused));
    if (!isForAll) return false;
    const who = REFUSED[classification === 'terms-changed' ? classification : 'person-must-act'];
    this.#stop ??= {
      code: 'PROVIDER_NEEDS_A_PERSON',
      message: `${refusalWords(who, problem)}.`,
      until: null,
    };
    return true;
  }

  /** Where the refusal itself does not tell, the CA is asked how our account stands. */
  async #isAccountRefused({ problem, failedNames, record }: RefusedOrder): Promise<boolean> {
    const verdict = judgeAccountRefusal(problem, failedNames.length > 0);
    if (verdict !== 'unsure') return verdict === 'refused';
    const status = await this.#accountStatus();
    // Who cannot be asked is believed where the account is all that a request has.
    return status === null ? record.orderUrl === null : status !== 'valid';
  }

  async #accountStatus(): Promise<string | null> {
    try {
      return (await this.#open?.authority.readAccountStatus?.(this.signal)) ?? null;
    } catch (error) {
      if (error instanceof AcmeProtocolError) return null;
      throw error;
    }
  }

  async rememberPassed(names: readonly string[]): Promise<void> {
    const now = this.#host.clock.now();
    for (const text of names) {
      const name = parseWantedName(text);
      const before = await this.#host.names.read(name);
      if (before !== undefined) await this.#host.names.write(rememberSuccess(name, before, now));
    }
  }

  /** Gives the instant before which the name, which fell out of an order, is not put into another. */
  async rememberRefused(name: WantedName, code: string, message: string): Promise<Date | null> {
    const failure = {
      at: this.#host.clock.now(),
      code,
      message,
      lifeMs: this.#provider.validityPeriodMs,
      fraction: fractionOf(this.#host.random),
    };
    const before = await this.#host.names.read(name);
    const record = rememberFailure(
      name,
      before,
      isCodeOfOurs(code)
        ? { ...failure, source: 'local' }
        : {
            ...failure,
            source: 'ca',
            provider: this.#provider.name,
          },
    );
    await this.#host.names.write(record);
    return record.nextAttemptAt === null ? null : new Date(record.nextAttemptAt);
  }

  /** One newOrder at a time on this server, other processes included: a crash wastes at most one. */
  #inTurn<Result>(task: (assertTurn: AssertHeld) => Promise<Result>): Promise<Result> {
    const turn = this.#placing.then(() => this.#exclusively(`new-order:${this.#provider.name}`, task));
    this.#placing = turn.catch(() => undefined);
    return turn;
  }

  async #exclusively<Result>(
    name: string,
    task: (assertHeld: AssertHeld) => Promise<Result>,
  ): Promise<Result> {
    const lock = await this.#host.locks.acquire(name, 'autossl_check', this.signal);
    try {
      return await task(() => lock.assertHeld());
    } finally {
      await lock.release();
    }
  }
}

/** For orders that only have to be cleared away: no request is signed. */
const NO_ACCOUNT: CaAccount = { url: '', keyThumbprint: '' };

/** Why the ledger holds an order back, as a Wait. */
function waitOf(held: HeldBack, { stoppedBecause }: LedgerRecord, { newOrders }: AccountLimits): Wait {
  const message = `${limitWords(held, { newOrders, stoppedBecause })}.`;
  return { code: waitCodeOf(held), message, until: held.until };
}

/** A number in [0, 1) of 32 random bits. */
export function fractionOf(random: RandomSource): number {
  const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4);
  return (a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24) / 2 ** 32;
}
