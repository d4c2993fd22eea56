import { AcmeProtocolError, AutosslError } from '../../core/domain/autossl-error.js';
import type { FaultSide } from '../../core/domain/fault-side.js';
import { printable, type WantedName } from '../../core/domain/name/names.js';
import type { Evaluation } from '../../core/evaluation/evaluation.js';
import { mayReuseKey } from '../../core/evaluation/may-reuse-key.js';
import type { Exemption } from '../../core/order/limits/published-limits.js';
import { judgeNameAttempt } from '../../core/order/name-attempt.js';
import { isKeyRefused } from '../../core/order/refusal-subject.js';
import { judgeReorder } from '../../core/order/reorder.js';
import type { PlannedAction } from '../../core/plan/action.js';
import type { WildcardReduction } from '../../core/plan/admission/wildcard-reduction.js';
import { admitRequest, type CertificateRequest, type ValidatedName } from '../../core/plan/admit-request.js';
import { isRolledBack } from '../../core/plan/rolled-back.js';
import type { WeighedName } from '../../core/plan/unsure-names.js';
import { failedWords } from '../../core/report/events/failed-words.js';
import { keyNotKept } from '../../core/report/events/order-end-events.js';
import { namePaused } from '../../core/report/events/pause-events.js';
import {
  impeded,
  nameHeldBack,
  nameWaits,
  orderPending,
  ordersKeepFailing,
  type PassingTrouble,
  reorderBraked,
  requestAdmitted,
  validationStarted,
  websiteFailed,
  websiteWaits,
} from '../../core/report/events/work-events.js';
import { WebsiteLock } from '../install/website-lock.js';
import { type JudgedWebsite, judgeWebsite } from '../judging/judge-website.js';
import { concludeOrder, type Desks, type RefusedName } from '../order/conclude-order.js';
import { leavingAfter } from '../order/failover/leaving-after.js';
import type { Leaving } from '../order/failover/provider-bench.js';
import { obtainCertificate } from '../order/obtain-certificate.js';
import type { HeldName, OrderDesk, Wait } from '../order/order-desk.js';
import type { OrderResult } from '../order/order-ports.js';
import { pendingOrders } from '../order/pending-orders.js';
import type { IssuedRecord } from '../ports/orders.js';
import { askProvider } from '../provider/provider-hooks.js';
import { caaForbidden } from '../validation/caa-forbidden.js';
import { checkCaa } from '../validation/check-caa.js';
import { reduceWebsite, unreduced } from '../validation/reduce-website.js';
import { validateLocally } from '../validation/validate-locally.js';
import type { CheckHost } from './check-host.js';
import type { RunRecorder } from './run-recorder.js';
import { stopClause } from './run-stop.js';
import type { SurveyOptions, WebsiteWork } from './survey-websites.js';

/** Orders whose validation may fail in one run: the second is made without the names that failed in the first. */
const MAX_FAILED_ORDERS = 2;
/**
 * Times that newOrder is asked for in one run. Some CAs name one refused identifier at a time, before any order exists
 * and at no cost; three aliases with their `www.` and `mail.` names make nine.
 */
const MAX_ATTEMPTS = 10;

/** Faults of an exchange that do not pass by themselves. */
const NEEDS_A_PERSON: ReadonlySet<string> = new Set(['UNTRUSTED_SERVER', 'CLOCK_OR_CERTIFICATE']);

/** What the administrator asked for. */
export interface WorkOptions extends Pick<SurveyOptions, 'isReissueAsked'> {
  /** `--yes-really`: brakes of our own against ordering again and again do not hold. */
  readonly isBrakeOverridden: boolean;
  /** Runs what orders when its turn has come; absent: at once. */
  readonly inOrderTurn?: (task: () => Promise<void>) => Promise<void>;
  /** Whether another provider is to be asked instead of waiting for this; then nothing is said of it here. Absent: never. */
  readonly mayLeave?: (reason: Leaving) => Promise<boolean>;
  /** The provider that the desk's stands in for. */
  readonly insteadOf?: string;
}

/**
 * Carries out the plan for one website under its lock: re-read, validate, admit, order, hand over for installation. Never throws for what
 * concerns this website alone; whatever happens becomes an event. Gives why another provider is to be asked; null: none is.
 */
export async function secureWebsite(
  { website }: WebsiteWork,
  options: WorkOptions,
  desks: Desks,
  host: CheckHost,
  recorder: RunRecorder,
): Promise<Leaving | null> {
  const desk = desks.orders;
  // Nothing more is read for what only waits: thousands of websites are passed by in a moment.
  if (desk.signal.aborted) return recordStop(website, desk, recorder);
  const lock = await host.locks.tryAcquire(`website:${website.vhost}`, 'autossl_check');
  if ('heldBy' in lock) {
    recorder.record(
      websiteWaits(
        website,
        'WEBSITE_LOCKED',
        `process ${lock.heldBy.pid} works on it (${lock.heldBy.note}).`,
        null,
      ),
    );
    return null;
  }
  const websiteLock = new WebsiteLock(lock);
  try {
    // Another run may have placed an order since the survey, and let go of the website when that was parked.
    const pending = await pendingOrders(host);
    const judged = await judgeWebsite(website, { ...options, pending }, host);
    recorder.findings.judged(website, judged, host.clock.now());
    const order = pending.get(website.vhost);
    if (order !== undefined)
      recorder.record(orderPending(website, order.pollAt === null ? null : new Date(order.pollAt)));
    if (judged.action.kind !== 'request' && judged.action.kind !== 'replace') return null;
    // In an emergency another provider may be asked while an order pends, never the same one.
    if (order?.provider === desk.provider.name) return null;
    const securing = new WebsiteSecuring(website, judged, options, desks, host, recorder, websiteLock);
    await securing.run();
    return securing.leaving;
  } catch (error) {
    if (desk.signal.aborted) return recordStop(website, desk, recorder);
    if (!(error instanceof AutosslError)) throw error;
    const passing = passingTroubleOf(error);
    recorder.record(websiteFailed(website, error.code, printable(error.message), error.advice, passing));
    return null;
  } finally {
    await websiteLock.release();
  }
}

/** A CA that could not be talked to: nothing of the order is kept, and it is tried again soon. */
function passingTroubleOf(error: AutosslError): PassingTrouble | null {
  if (!(error instanceof AcmeProtocolError) || NEEDS_A_PERSON.has(error.code)) return null;
  return { notBefore: error.retryAt };
}

function recordStop(website: WebsiteWork['website'], desk: OrderDesk, recorder: RunRecorder): null {
  recorder.record(websiteWaits(website, 'RUN_STOPPED', `${stopClause(desk.signal)}.`, null));
  return null;
}

class WebsiteSecuring {
  readonly #website: WebsiteWork['website'];
  readonly #evaluation: Evaluation;
  readonly #action: PlannedAction;
  readonly #issued: readonly IssuedRecord[];
  readonly #options: WorkOptions;
  readonly #desks: Desks;
  readonly #desk: OrderDesk;
  readonly #host: CheckHost;
  readonly #recorder: RunRecorder;
  readonly #lock: WebsiteLock;
  readonly #signal: AbortSignal;
  #leaving: Leaving | null = null;
  /** Whether the last order was for the key in use. */
  #keepsKey = false;
  #isKeyRefused = false;
  /** Names that were refused when they were last ordered. */
  readonly #failedBefore = new Set<WantedName>();
  /** Wildcards that stand for names of this website in its orders. */
  #reductions: readonly WildcardReduction[] = [];

  constructor(
    website: WebsiteWork['website'],
    judged: JudgedWebsite,
    options: WorkOptions,
    desks: Desks,
    host: CheckHost,
    recorder: RunRecorder,
    lock: WebsiteLock,
  ) {
    this.#website = website;
    this.#evaluation = judged.evaluation;
    this.#action = judged.action;
    this.#issued = judged.issued;
    this.#options = options;
    this.#desks = desks;
    this.#desk = desks.orders;
    this.#host = host;
    this.#recorder = recorder;
    this.#lock = lock;
    this.#signal = AbortSignal.any([lock.held.signal, desks.orders.signal]);
  }

  /** Why another provider is to be asked; null: none is. */
  get leaving(): Leaving | null {
    return this.#leaving;
  }

  async run(): Promise<void> {
    const isEmergency = (this.#evaluation.renewal?.isEmergency ?? false) || this.#isBecause(TAKEN_BACK);
    if (await this.#waits(isEmergency)) return;
    const outcomes = await this.#validate(isEmergency);
    if (outcomes === null) {
      if (this.#leaving === null) await this.#waits(isEmergency);
      return;
    }
    const unsure = new Set(outcomes.filter(({ isUnsure }) => isUnsure).map(({ name }) => name));
    const asked = new Set<WantedName>();
    const order = (): Promise<void> => this.#orderInRounds(outcomes, isEmergency, unsure, asked);
    try {
      await (this.#options.inOrderTurn?.(order) ?? order());
    } finally {
      this.#desk.releaseUnsure(this.#website.account, unsure.size - asked.size);
    }
  }

  /** Puts what passed into an order, once more without what the CA refuses; `asked` is told the unsure names ordered. */
  async #orderInRounds(
    validated: readonly ValidatedName[],
    isEmergency: boolean,
    unsure: Set<WantedName>,
    asked: Set<WantedName>,
  ): Promise<void> {
    let outcomes = validated;
    let failedOrders = 0;
    for (let attempt = 1; attempt <= MAX_ATTEMPTS && failedOrders < MAX_FAILED_ORDERS; attempt += 1) {
      const request = await this.#admit(outcomes);
      if (request === null) return;
      const risky = request.names.filter((name) => unsure.has(name));
      const order = () => {
        for (const name of risky) asked.add(name);
        return this.#order(request, isEmergency);
      };
      const result = await (risky.length > 0 ? this.#desk.inUnsureTurn(order) : order());
      if (result === null || (await this.#leavesAfter(result))) return;
      if (await this.#isForKey(result)) {
        failedOrders += 1;
        continue;
      }
      const refused = await concludeOrder(
        this.#website,
        result,
        this.#website.candidates.map(({ name }) => name),
        this.#desks,
        this.#host,
        this.#recorder,
        this.#lock,
      );
      if (refused.length === 0) return;
      if (result.record !== null && result.record.orderUrl !== null) failedOrders += 1;
      const left = await this.#withoutWildcards(withoutRefused(outcomes, refused), refused);
      if (left === null) return;
      for (const { name, isUnsure } of left.probed) if (isUnsure) unsure.add(name);
      outcomes = left.outcomes;
    }
    // Whoever rules the names and what they serve can bring this about: no fault of ours.
    this.#recorder.record(ordersKeepFailing(this.#website));
  }

  /** Whether the order was refused for the key that it kept: the next one is for a new key. */
  async #isForKey(result: OrderResult): Promise<boolean> {
    if (result.outcome !== 'refused' || !this.#keepsKey || !isKeyRefused(result.problem)) return false;
    this.#isKeyRefused = true;
    await this.#desk.noteFailedOrder(this.#website.vhost);
    this.#recorder.record(keyNotKept(this.#website, result.problem));
    return true;
  }

  /** Whether the desk takes no order now; says why. */
  async #waits(isEmergency: boolean): Promise<boolean> {
    const isExempt = this.#exemptionOf(this.#action.names) !== null;
    const wait =
      (await this.#desk.wait(isEmergency, isExempt, this.#isBecause(CALLED_BACK))) ??
      (await this.#websiteWait(isEmergency));
    if (wait === null) return false;
    if (!(await this.#leavesFor(wait)))
      this.#recorder.record(websiteWaits(this.#website, wait.code, wait.message, wait.until));
    return true;
  }

  #isBecause(codes: readonly string[]): boolean {
    return this.#action.because.some(({ code }) => codes.includes(code));
  }

  /** Whether another provider is asked rather than to wait for this. */
  async #leavesFor(reason: Leaving): Promise<boolean> {
    if ((await this.#options.mayLeave?.(reason)) !== true) return false;
    this.#leaving = reason;
    return true;
  }

  /** The same of what an order met: a limit that holds all of its names. */
  async #leavesAfter(result: OrderResult): Promise<boolean> {
    const reason = leavingAfter(result);
    return reason !== null && (await this.#leavesFor(reason));
  }

  /** Why the CA would not count an order for these names. */
  #exemptionOf(names: readonly WantedName[]): Exemption | null {
    return this.#desk.exemptionOf(names, this.#replacedBy(names), this.#issued);
  }

  /** The certificate that an order for these names says it replaces. */
  #replacedBy(names: readonly WantedName[]): string | null {
    return this.#desk.replacedBy({ names, inPlace: this.#evaluation.fingerprint }, this.#issued);
  }

  /** A person who says that it must go on knows more than the brake. */
  async #websiteWait(isEmergency: boolean): Promise<Wait | null> {
    if (this.#options.isBrakeOverridden) return null;
    return this.#desk.websiteWait(this.#website.vhost, isEmergency);
  }

  /** Names in backoff are left out before anything is looked up; the others are probed as the setting says, null = in vain. */
  async #validate(isEmergency: boolean): Promise<WeighedName[] | null> {
    const { names } = this.#action;
    this.#recorder.record(validationStarted(this.#website, names.length));
    const now = this.#host.clock.now();
    const waiting: WeighedName[] = [];
    const free: WantedName[] = [];
    for (const name of names) {
      const memory = await this.#host.names.read(name);
      const verdict = judgeNameAttempt(memory, now, isEmergency);
      if (memory !== undefined && memory.consecutiveFailures > 0) this.#failedBefore.add(name);
      if (verdict.mayTry) free.push(name);
      else {
        const why = `${failedWords(memory, 'it')} ${WAIT_WORDS[verdict.because]}`;
        this.#recorder.record(nameWaits(this.#website, name, verdict.until, why));
        waiting.push({ name, passed: false, isUnsure: false });
      }
    }
    const held = await this.#heldOf(free, isEmergency);
    if (held.size > 0 && held.size === free.length) return null;
    const ready = free.filter((name) => !held.has(name));
    for (const name of held.keys()) waiting.push({ name, passed: false, isUnsure: false });
    this.#reductions = await reduceWebsite(
      this.#website,
      ready,
      this.#desk,
      this.#host,
      this.#recorder,
      this.#signal,
    );
    const covered = this.#reductions.flatMap(({ wildcard, covers }) => [...covers, wildcard]);
    const probed = await this.#probe(unreduced(ready, this.#reductions));
    if (probed === null) return null;
    const all = [...probed, ...waiting, ...covered.map(provedByDns)];
    const byName = new Map(all.map((outcome) => [outcome.name, outcome]));
    return names.flatMap((name) => byName.get(name) ?? []);
  }

  /** Names that limits hold back by themselves, which is said; where that is all of them, the website waits. */
  async #heldOf(
    names: readonly WantedName[],
    isEmergency: boolean,
  ): Promise<ReadonlyMap<WantedName, HeldName>> {
    const exemption = this.#exemptionOf(this.#action.names);
    const asked = names.map((name) => ({ name, hasFailedBefore: this.#failedBefore.has(name) }));
    const held = await this.#desk.heldNames(asked, { exemption, isEmergency });
    const [first] = [...held.values()].sort((a, b) => a.until.getTime() - b.until.getTime());
    if (first !== undefined && held.size === names.length) {
      if (await this.#leavesFor(first)) return held;
      this.#recorder.record(websiteWaits(this.#website, first.code, first.message, first.until));
    }
    for (const [name, { until, message, unpauseUrl }] of held) {
      if (unpauseUrl !== null) this.#recorder.record(...namePaused(this.#website, name, until, unpauseUrl));
      else if (held.size < names.length)
        this.#recorder.record(nameHeldBack(this.#website, name, until, message.replace(/\.$/, '')));
    }
    return held;
  }

  /** Null: in vain. */
  async #probe(names: readonly WantedName[]): Promise<WeighedName[] | null> {
    const probed = await validateLocally(
      this.#website,
      names,
      this.#desk,
      this.#host,
      this.#recorder,
      this.#signal,
    );
    if (probed === null) return null;
    if (await this.#leavesForCaa(probed)) return null;
    const permitted = await checkCaa(
      this.#website,
      probed,
      this.#desk,
      this.#host,
      this.#recorder,
      this.#signal,
    );
    return askProvider(this.#website, permitted, this.#host, this.#recorder, (count) =>
      this.#desk.releaseUnsure(this.#website.account, count),
    );
  }

  /** Whether CAA keeps this provider from names that passed, and nothing here can mend that. */
  async #leavesForCaa(probed: readonly WeighedName[]): Promise<boolean> {
    if (this.#options.mayLeave === undefined || this.#host.settings.preflight !== 'gate') return false;
    const forbidden = await caaForbidden(probed, this.#desk, this.#host, this.#signal);
    if (forbidden === null || !(await this.#leavesFor({ ...forbidden, code: 'CAA_FORBIDS', until: null })))
      return false;
    this.#desk.releaseUnsure(this.#website.account, probed.filter(({ isUnsure }) => isUnsure).length);
    return true;
  }

  /** Names whose wildcard the CA refused go their own ways after all; null: they could not be looked at. */
  async #withoutWildcards(
    outcomes: readonly ValidatedName[],
    refused: readonly RefusedName[],
  ): Promise<{
    readonly outcomes: readonly ValidatedName[];
    readonly probed: readonly WeighedName[];
  } | null> {
    const gone = new Set(refused.map(({ name }) => name));
    const dropped = this.#reductions.filter(({ wildcard }) => gone.has(wildcard));
    if (dropped.length === 0) return { outcomes, probed: [] };
    this.#reductions = this.#reductions.filter((one) => !dropped.includes(one));
    const probed = await this.#probe(dropped.flatMap(({ covers }) => covers));
    if (probed === null) return null;
    const anew = new Map(probed.map((one) => [one.name, one]));
    return { outcomes: outcomes.map((one) => anew.get(one.name) ?? one), probed };
  }

  async #admit(outcomes: readonly ValidatedName[]): Promise<CertificateRequest | null> {
    const { maxNamesPerCertificate } = this.#desk.provider;
    const admission = admitRequest(
      this.#action,
      this.#evaluation,
      outcomes,
      maxNamesPerCertificate,
      this.#host.clock.now(),
      this.#reductions,
    );
    if (!admission.isAdmitted) {
      this.#recorder.record(impeded(this.#website, admission.impediment));
      return null;
    }
    const because = this.#action.because.map(({ code }) => code);
    const brake = judgeReorder(
      this.#issued,
      { names: admission.request.names, because },
      this.#host.clock.now(),
    );
    // A person who says that it must go on knows more than the brake; a CA's own limits stay.
    const isOverridden =
      this.#options.isBrakeOverridden && !brake.mayOrder && brake.because !== 'WEEKLY_LIMIT';
    if (!brake.mayOrder && !isOverridden) {
      this.#recorder.record(
        brake.because === 'TOO_YOUNG' && isRolledBack(this.#evaluation, this.#issued, this.#host.clock.now())
          ? websiteWaits(this.#website, 'ROLLED_BACK', await this.#rolledBackWords(), brake.until)
          : reorderBraked(this.#website, brake.because, brake.until),
      );
      return null;
    }
    this.#recorder.record(...requestAdmitted(this.#website, admission.request));
    return admission.request;
  }

  /** Only what was in place can be gone back to. */
  async #rolledBackWords(): Promise<string> {
    const former = await this.#host.install.certificates.listArchived(this.#website);
    const newest = this.#issued[0]?.fingerprint;
    return former.some(({ fingerprint }) => fingerprint === newest) ? ROLLED_BACK_WORDS : NEVER_PLACED_WORDS;
  }

  /** Null when the order could not be made or its state is not known; the event says why. */
  async #order(request: CertificateRequest, isEmergency: boolean): Promise<OrderResult | null> {
    if (await this.#waits(isEmergency)) return null;
    // Whoever has the lock now may be ordering too.
    await this.#lock.held.assertHeld();
    const reusedKeyPem = this.#isKeyRefused ? undefined : await this.#keyToReuse();
    this.#keepsKey = reusedKeyPem !== undefined;
    const result = await obtainCertificate(
      {
        website: this.#website,
        names: request.names,
        byDns: request.byDns,
        keyType: this.#website.keyType,
        because: this.#action.because.map(({ code }) => code),
        replaces: this.#replacedBy(request.names),
        profile: this.#desk.profile,
        provider: this.#desk.provider,
        insteadOf: this.#options.insteadOf,
        directoryUrl: this.#desk.directoryUrl,
        reusedKeyPem,
        isEmergency,
        neededBy: this.#action.notAfter,
        wasCertified: this.#desk.wasCertified(request.names, this.#issued),
        hasFailedBefore: request.names.some((name) => this.#failedBefore.has(name)),
        logStartedAt: this.#recorder.logStartedAtOf(this.#website.vhost),
      },
      await this.#desk.ports(this.#lock.held, this.#signal),
    );
    if (result.outcome !== 'abandoned' || result.why !== 'RUN_ORDERS_NO_MORE') return result;
    await this.#waits(isEmergency);
    return null;
  }

  /** The present key, where the setting asks for it and nothing is wrong with it. */
  async #keyToReuse(): Promise<string | undefined> {
    const { settings, certificates } = this.#host;
    return settings.reuseKey && mayReuseKey(this.#evaluation)
      ? certificates.readKey(this.#website)
      : undefined;
  }
}

/** As urgent as what is about to expire: visitors are warned of it. */
const TAKEN_BACK: readonly string[] = ['REVOKED', 'KEY_COMPROMISED'];
const CALLED_BACK: readonly string[] = ['CALLED_BACK'];

/** Told of websites whose newest certificate is young and not in place. */
const ROLLED_BACK_WORDS =
  'a former certificate lies in place and a newer one is there already: “autossl rollback WEBSITE” puts that back.';

/** The same where the newest one is not kept here, so that nothing can put it back. */
const NEVER_PLACED_WORDS =
  'a former certificate lies in place; a newer one was issued lately, and is not among those kept here.';

/** Why a name is not put into an order now, after what happened to it. */
const WAIT_WORDS = {
  BACKOFF: 'lately; it is tried again later.',
  HOURLY_LIMIT: 'three times within the hour.',
} as const;

function provedByDns(name: WantedName): WeighedName {
  return { name, passed: true, isUnsure: false, method: 'dns-01' };
}

/** The outcomes after the CA refused some of the names. */
function withoutRefused(
  outcomes: readonly ValidatedName[],
  refused: readonly RefusedName[],
): ValidatedName[] {
  const faults = new Map<string, FaultSide>(refused.map(({ name, fault }) => [name, fault ?? 'owner']));
  return outcomes.map((outcome) => {
    const fault = faults.get(outcome.name);
    return fault === undefined ? outcome : { name: outcome.name, passed: false, fault };
  });
}
