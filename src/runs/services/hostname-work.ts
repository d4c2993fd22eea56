import { type HostnameVerdict, judgeHostname } from '../../core/domain/name/hostname.js';
import type { Website } from '../../core/domain/website/website.js';
import { isKeyInDoubt, mayReuseKey } from '../../core/evaluation/may-reuse-key.js';
import { installRetryAt } from '../../core/order/polling.js';
import type { OrderRecord } from '../../core/order/record.js';
import { urgencyOfServices } from '../../core/plan/services/services-urgency.js';
import type { ProviderDescription } from '../../core/provider/description.js';
import { mayComeTooLate, type Urgency } from '../../core/provider/failover.js';
import { isPublicAuthority } from '../../core/provider/registry.js';
import { certificateReused, type InstalledKind } from '../../core/report/events/service-events.js';
import type { ServiceState } from '../../core/report/services/services-report.js';
import type { CheckHost } from '../check/check-host.js';
import { assertRoom } from '../check/room.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { PairTaker } from '../install/issued-pair.js';
import type { OrderedPair } from '../install/ordered-pair.js';
import type { WebsiteLock } from '../install/website-lock.js';
import { fencedOrders } from '../order/fenced-orders.js';
import type { HeldLock } from '../ports/locks.js';
import {
  goOnWithOrder,
  hostnameOrders,
  type TakeUpContext,
  takeUpOrder,
  unfinishedOrders,
} from './hostname-orders.js';
import { hostnameWebsite } from './hostname-website.js';
import {
  findReusable,
  installInService,
  layGround,
  type ServicePair,
  settleDebt,
} from './install-services.js';
import { orderHostname } from './order-hostname.js';
import type { ServerService, ServicesHost } from './services-host.js';
import {
  type JudgedService,
  refOf,
  type ServerName,
  type ServicesSurvey,
  serverNameOf,
  surveyServices,
  toReplace,
} from './survey-services.js';

/** Of each service that something was done for, what. */
const STATES: Readonly<Record<InstalledKind, ServiceState>> = {
  issued: 'replaced',
  reused: 'reused',
  placeholder: 'placeholder',
};

/**
 * The steps by which the services of this server come to a certificate for its hostname. Each looks at what lies there
 * now, so that what a step before it did is taken into account; one service never stops another.
 */
export class HostnameWork {
  readonly hostname: ServerName;
  readonly verdict: HostnameVerdict;
  /** What was done, by service. */
  readonly states = new Map<string, ServiceState>();
  readonly #services: readonly ServerService[];
  readonly #host: ServicesHost;
  readonly #recorder: RunRecorder;
  readonly #signal: AbortSignal;

  constructor(
    services: readonly ServerService[],
    host: ServicesHost,
    recorder: RunRecorder,
    signal: AbortSignal,
  ) {
    this.#services = services;
    this.#host = host;
    this.#recorder = recorder;
    this.#signal = signal;
    const { hostname } = host.settings;
    const isPublic = host.ordering !== null && isPublicAuthority(host.ordering.provider.name);
    this.verdict = judgeHostname(hostname, { isPublic });
    this.hostname = serverNameOf(hostname, this.verdict);
  }

  /** The services as they are now. */
  look(): Promise<ServicesSurvey> {
    return surveyServices(this.#services, this.hostname, this.#host);
  }

  /** Goes on with every earlier order of the server's own, and installs what was issued. */
  async takeUpOrders(ordering: CheckHost): Promise<void> {
    for (const record of await hostnameOrders(ordering.orders)) {
      if (this.#signal.aborted) return;
      await this.#withPair((taker) => takeUpOrder(record, this.#context(ordering, taker)));
    }
  }

  /** The same with one that was read under the lock, which goes with what was issued. */
  async goOnWith(record: OrderRecord, lock: WebsiteLock, ordering: CheckHost): Promise<void> {
    await this.#withPair((taker) => goOnWithOrder(record, lock, this.#context(ordering, taker)));
  }

  /** Gives services that need one the better certificate that another has, where its key is this server's own. */
  async reuse(): Promise<void> {
    const survey = await this.look();
    const needing = this.#open(survey);
    const reusable = needing.length === 0 ? null : await findReusable(survey, this.hostname);
    if (reusable === null) return;
    await this.#underLock(async (lock) => {
      this.#recorder.record(certificateReused(reusable.from.service.name, reusable.pair.leaf.fingerprint));
      for (const one of needing) await this.#give(one, reusable.pair, 'reused', lock);
    });
  }

  /**
   * Orders one certificate for all that still need one, unless an order is under way that is waited for, and installs it.
   * @throws StateError NO_SPACE
   */
  async order(ordering: CheckHost): Promise<void> {
    const survey = await this.look();
    const needing = this.#open(survey);
    if (needing.length === 0 || this.#signal.aborted) return;
    const urgency = urgencyOfServices(needing);
    const others = this.#fallbacks(ordering);
    const pending = unfinishedOrders(await hostnameOrders(ordering.orders));
    if (isWaitedFor(pending, urgency, others, this.#host.clock.now())) return;
    assertRoom([{ names: [this.hostname.name] }], ordering);
    const order = {
      website: this.#website(),
      because: [...new Set(needing.flatMap(({ plan }) => plan.because.map(({ code }) => code)))],
      urgency,
      pending,
      fallbacks: others,
      issued: survey.issued,
      addresses: this.#host.settings.addresses ?? [],
      reusedKeyPem: ordering.settings.reuseKey ? await this.#keyToReuse(survey) : undefined,
    };
    await this.#withPair((taker) => orderHostname(order, ordering, taker, this.#recorder, this.#signal));
  }

  /** Whether orders of the hostname are under way that are waited for. */
  async isWaiting(ordering: CheckHost): Promise<boolean> {
    const urgency = urgencyOfServices(this.#open(await this.look()));
    const pending = unfinishedOrders(await hostnameOrders(ordering.orders));
    return isWaitedFor(pending, urgency, this.#fallbacks(ordering), this.#host.clock.now());
  }

  /** Those that may be asked for the hostname: a public authority certifies no name that is private to a network. */
  #fallbacks({ fallbacks = [] }: CheckHost): readonly ProviderDescription[] {
    const { hostname } = this.#host.settings;
    return fallbacks.filter(
      ({ name }) => judgeHostname(hostname, { isPublic: isPublicAuthority(name) }).isUsable,
    );
  }

  /**
   * Gives each service with which nobody could connect a self-signed certificate until a real one is there: the old one
   * expired or is absent. Not where a real one was there in this run and could not be installed.
   */
  async placePlaceholders(): Promise<void> {
    const needing = (await this.look()).judged.filter(
      ({ plan, service }) => plan.needsPlaceholder && !this.states.has(service.name),
    );
    if (needing.length === 0 || this.#signal.aborted) return;
    await this.#underLock(async (lock) => {
      for (const one of needing) {
        const pair = await this.#host.makePlaceholder(this.hostname.name);
        const leaf = this.#host.describeLeaf(pair.chainPem);
        await this.#give(one, { ...pair, leaf }, 'placeholder', lock);
      }
    });
  }

  /** Has daemons take what an earlier process put in place and did not live to see taken. */
  async settleDebts(): Promise<void> {
    for (const service of this.#services) {
      if (this.#signal.aborted || this.states.has(service.name)) continue;
      await settleDebt(service, this.#recorder, this.#signal);
    }
  }

  /** Runs what may hand over a pair, and installs that in all services that need one. */
  async #withPair(task: (taker: PairTaker) => Promise<void>): Promise<void> {
    const handed: OrderedPair[] = [];
    try {
      await task({ hand: (pair) => handed.push(pair) });
      for (const pair of handed) await this.#installOrdered(pair);
    } finally {
      for (const { member } of handed) await member.lock.release();
    }
  }

  /** The order is over as soon as one service has its certificate: from there the others can be given it. */
  async #installOrdered({ member, order }: OrderedPair): Promise<void> {
    const { clock } = this.#host;
    const orders = fencedOrders(this.#host.orders, member.lock);
    const survey = await this.look();
    let isOver = toReplace(survey).length === 0;
    for (const one of this.#open(survey))
      if (await this.#give(one, member, 'issued', member.lock)) isOver = true;
    if (!isOver) {
      // Where nothing was touched a trial costs nothing; but which it was is different from service to service.
      const pollAt = installRetryAt(new Date(order.createdAt), true, clock.now()).toISOString();
      await orders.update({ ...order, pollAt });
      return;
    }
    await orders.update({ ...order, phase: 'published', challenges: [] });
    await orders.remove(order.id);
  }

  /** Those that still need one; what could not be put in place once is not tried again in the same run. */
  #open(survey: ServicesSurvey): readonly JudgedService[] {
    return toReplace(survey).filter(({ service }) => this.states.get(service.name) !== 'failed');
  }

  async #give(
    { service, evidence }: JudgedService,
    pair: ServicePair,
    kind: InstalledKind,
    lock: HeldLock,
  ): Promise<boolean> {
    if (evidence.kind === 'absent') await layGround(service, this.hostname, this.#host);
    const context = { hostname: this.hostname, lock, recorder: this.#recorder, signal: this.#signal };
    const { state } = await installInService(service, pair, kind, context);
    const isThere = state !== 'unchanged';
    this.states.set(service.name, isThere ? STATES[kind] : 'failed');
    return isThere;
  }

  /** Another process that works on the hostname does the same: then this one need not. */
  async #underLock(task: (lock: HeldLock) => Promise<void>): Promise<void> {
    const lock = await this.#host.locks.tryAcquire(`website:${this.hostname.name}`, 'checkallsslcerts');
    if ('heldBy' in lock) return;
    try {
      await task(lock);
    } finally {
      await lock.release();
    }
  }

  /** A key that we made for the hostname, sound and of the wanted type. */
  async #keyToReuse({ judged, issued }: ServicesSurvey): Promise<string | undefined> {
    // Services may have certificates of one key.
    if (judged.some(({ evaluation }) => isKeyInDoubt(evaluation))) return undefined;
    const ours = new Set(issued.map(({ fingerprint }) => fingerprint));
    for (const { service, plan, evaluation } of judged) {
      if (!ours.has(plan.fingerprint ?? '') || !mayReuseKey(evaluation)) continue;
      const keyPem = await service.install.certificates.readKey(refOf(this.hostname));
      if (keyPem !== undefined) return keyPem;
    }
    return undefined;
  }

  #context(host: CheckHost, taker: PairTaker): TakeUpContext {
    return { website: this.#website(), host, taker, recorder: this.#recorder, signal: this.#signal };
  }

  #website(): Website {
    return hostnameWebsite(this.hostname.name, this.#host.settings.keyType);
  }
}

/** In an emergency the next provider is asked while an order pends that may come too late. */
function isWaitedFor(
  pending: readonly OrderRecord[],
  { isEmergency }: Urgency,
  others: readonly ProviderDescription[],
  now: Date,
): boolean {
  if (!isEmergency || others.length === 0) return pending.length > 0;
  return pending.some((order) => !mayComeTooLate(order, now));
}
