import { AcmeProtocolError, AutosslError } from '../core/domain/autossl-error.js';
import { printable, type WantedName } from '../core/domain/names.js';
import type { Evaluation } from '../core/evaluation/evaluation.js';
import { mayReuseKey } from '../core/evaluation/may-reuse-key.js';
import { judgeNameAttempt } from '../core/order/name-attempt.js';
import { judgeReorder } from '../core/order/reorder.js';
import type { PlannedAction } from '../core/plan/action.js';
import { admitRequest, type CertificateRequest, type ValidatedName } from '../core/plan/admit-request.js';
import {
  impeded,
  nameWaits,
  reorderBraked,
  requestAdmitted,
  validationStarted,
  websiteFailed,
  websiteWaits,
} from '../core/report/work-events.js';
import type { CheckHost } from './check-host.js';
import { concludeOrder, type RefusedName } from './conclude-order.js';
import { obtainCertificate } from './obtain-certificate.js';
import type { OrderDesk } from './order-desk.js';
import type { OrderResult } from './order-ports.js';
import type { HeldLock, IssuedRecord } from './ports.js';
import type { RunRecorder } from './run-recorder.js';
import { type JudgedWebsite, judgeWebsite, type SurveyOptions, type WebsiteWork } from './survey-websites.js';
import { validateLocally } from './validate-locally.js';

/** A CA names refused identifiers only after the others passed: each round drops at least one name. */
const MAX_ORDERS_PER_WEBSITE = 2;

/**
 * Carries out the plan for one website under its lock: re-read, validate, admit, order, publish. Never throws for what
 * concerns this website alone; whatever happens becomes an event.
 */
export async function secureWebsite(
  { website }: WebsiteWork,
  options: Pick<SurveyOptions, 'isReissueAsked' | 'pending'>,
  desk: OrderDesk,
  host: CheckHost,
  recorder: RunRecorder,
): Promise<void> {
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
    return;
  }
  try {
    const judged = await judgeWebsite(website, options, host);
    if (judged.action.kind !== 'request' && judged.action.kind !== 'replace') return;
    await new WebsiteSecuring(website, judged, desk, host, recorder, lock).run();
  } catch (error) {
    if (!(error instanceof AutosslError)) throw error;
    recorder.record(websiteFailed(website, error.code, printable(error.message), error.advice));
  } finally {
    await lock.release();
  }
}

class WebsiteSecuring {
  readonly #website: WebsiteWork['website'];
  readonly #evaluation: Evaluation;
  readonly #action: PlannedAction;
  readonly #issued: readonly IssuedRecord[];
  readonly #desk: OrderDesk;
  readonly #host: CheckHost;
  readonly #recorder: RunRecorder;
  readonly #lock: HeldLock;
  readonly #signal: AbortSignal;

  constructor(
    website: WebsiteWork['website'],
    judged: JudgedWebsite,
    desk: OrderDesk,
    host: CheckHost,
    recorder: RunRecorder,
    lock: HeldLock,
  ) {
    this.#website = website;
    this.#evaluation = judged.evaluation;
    this.#action = judged.action;
    this.#issued = judged.issued;
    this.#desk = desk;
    this.#host = host;
    this.#recorder = recorder;
    this.#lock = lock;
    this.#signal = AbortSignal.any([lock.signal, desk.signal]);
  }

  async run(): Promise<void> {
    const isEmergency = this.#evaluation.renewal?.isEmergency ?? false;
    if (await this.#waits(isEmergency)) return;
    let outcomes = await this.#validate(isEmergency);
    for (let round = 1; round <= MAX_ORDERS_PER_WEBSITE; round += 1) {
      const request = this.#admit(outcomes);
      if (request === null) return;
      const result = await this.#order(request, isEmergency);
      if (result === null) return;
      const refused = await concludeOrder(
        this.#website,
        result,
        this.#desk,
        this.#host,
        this.#recorder,
        this.#lock,
      );
      if (refused.length === 0) return;
      outcomes = withoutRefused(outcomes, refused);
    }
    this.#recorder.record(
      websiteFailed(
        this.#website,
        'ORDERS_KEEP_FAILING',
        'the provider refused names again after the failing ones were left out.',
        null,
      ),
    );
  }

  /** Whether the desk takes no order now; says why. */
  async #waits(isEmergency: boolean): Promise<boolean> {
    const wait = await this.#desk.wait(isEmergency);
    if (wait === null) return false;
    this.#recorder.record(websiteWaits(this.#website, wait.code, wait.message, wait.until));
    return true;
  }

  /** Names in backoff are left out before anything is looked up; the others are probed as the setting says. */
  async #validate(isEmergency: boolean): Promise<ValidatedName[]> {
    const { names } = this.#action;
    this.#recorder.record(validationStarted(this.#website, names.length));
    const now = this.#host.clock.now();
    const waiting: ValidatedName[] = [];
    const ready: WantedName[] = [];
    for (const name of names) {
      const verdict = judgeNameAttempt(await this.#host.names.read(name), now, isEmergency);
      if (verdict.mayTry) ready.push(name);
      else {
        this.#recorder.record(nameWaits(this.#website, name, verdict.until, WAIT_WORDS[verdict.because]));
        waiting.push({ name, passed: false });
      }
    }
    const probed = await validateLocally(
      this.#website,
      ready,
      await this.#desk.solver(),
      this.#host,
      this.#recorder,
      this.#signal,
    );
    const all = [...probed, ...waiting];
    const byName = new Map(all.map((outcome) => [outcome.name, outcome]));
    return names.flatMap((name) => byName.get(name) ?? []);
  }

  #admit(outcomes: readonly ValidatedName[]): CertificateRequest | null {
    const { maxNamesPerCertificate } = this.#host.provider;
    const admission = admitRequest(
      this.#action,
      this.#evaluation,
      outcomes,
      maxNamesPerCertificate,
      this.#host.clock.now(),
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
    if (!brake.mayOrder) {
      this.#recorder.record(reorderBraked(this.#website, brake.because, brake.until));
      return null;
    }
    this.#recorder.record(...requestAdmitted(this.#website, admission.request));
    return admission.request;
  }

  /** Null when the order could not be made or its state is not known; the event says why. */
  async #order(request: CertificateRequest, isEmergency: boolean): Promise<OrderResult | null> {
    try {
      if (await this.#waits(isEmergency)) return null;
      return await obtainCertificate(
        {
          website: this.#website,
          names: request.names,
          keyType: this.#website.keyType,
          because: this.#action.because.map(({ code }) => code),
          replaces: null,
          provider: this.#host.provider,
          directoryUrl: this.#host.directoryUrl,
          reusedKeyPem: await this.#keyToReuse(),
          isEmergency,
          logStartedAt: this.#recorder.logStartedAt,
        },
        await this.#desk.ports(this.#signal),
      );
    } catch (error) {
      if (error instanceof AcmeProtocolError) this.#desk.noteProtocolError(error);
      throw error;
    }
  }

  /** The present key, where the setting asks for it and nothing is wrong with it. */
  async #keyToReuse(): Promise<string | undefined> {
    const { settings, certificates } = this.#host;
    return settings.reuseKey && mayReuseKey(this.#evaluation)
      ? certificates.readKey(this.#website)
      : undefined;
  }
}

/** Why a name is not put into an order now. */
const WAIT_WORDS = {
  BACKOFF: 'the provider could not validate it lately; it is tried again later.',
  HOURLY_LIMIT: 'the provider could not validate it three times within the hour.',
} as const;

/** The outcomes after the CA refused some of the names. */
function withoutRefused(
  outcomes: readonly ValidatedName[],
  refused: readonly RefusedName[],
): ValidatedName[] {
  const names = new Set<string>(refused.map(({ name }) => name));
  return outcomes.map((outcome) =>
    names.has(outcome.name) ? { name: outcome.name, passed: false } : outcome,
  );
}
