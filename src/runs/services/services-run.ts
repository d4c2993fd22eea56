import { isPlaceholder } from '../../core/certificate/placeholder.js';
import { SERVER_OWNER } from '../../core/domain/account/hostname-owner.js';
import { parseHostName, printable } from '../../core/domain/name/names.js';
import type { OrderRecord } from '../../core/order/record.js';
import { isExpiryNear, type PlannedService } from '../../core/plan/plan-services.js';
import { pendingOf } from '../../core/report/check/tally.js';
import type { RunEvent } from '../../core/report/events/event.js';
import {
  hostnameOrderDropped,
  hostnameUnusable,
  retryScheduled,
  serviceAbsent,
  serviceAnalysed,
  serviceExpires,
  servicesCheckStarted,
  standsStill,
} from '../../core/report/events/service-events.js';
import { challengesLeft, orderPending, runFailed } from '../../core/report/events/work-events.js';
import {
  type ServicesForecast,
  type ServicesReport,
  servicesSummary,
} from '../../core/report/services/services-report.js';
import type { CheckHost } from '../check/check-host.js';
import type { RunRecorder } from '../check/run-recorder.js';
import { runStopped, throwIfCutShort } from '../check/run-stop.js';
import { isUnwritable } from '../log/unwritten-log.js';
import { askIssuers } from '../revocation/ask-issuers.js';
import { ListQuestions } from '../revocation/list-questions.js';
import { hostnameOrders, unfinishedOrders } from './hostname-orders.js';
import { HostnameWork } from './hostname-work.js';
import { findReusable } from './install-services.js';
import { mailAdministrator } from './mail-administrator.js';
import { reportOfServices } from './report-services.js';
import { askServices, lastSeen, type ServedState } from './served/ask-services.js';
import type { FoundServices, ServicesHost, TouchFiles } from './services-host.js';
import type { ServicesScope } from './services-scope.js';
import { type ServicesSurvey, toReplace } from './survey-services.js';

/** What one run knows, and its steps in their order. */
export class ServicesRun {
  readonly #host: ServicesHost;
  readonly #recorder: RunRecorder;
  readonly #warnings: readonly RunEvent[];
  readonly #options: ServicesScope;
  readonly #first = new Map<string, PlannedService>();
  #found: FoundServices = { services: [], absent: [] };
  #work: HostnameWork | null = null;
  #last: ServicesSurvey | null = null;
  #standstills: RunEvent[] = [];
  readonly #served = new Map<string, ServedState | null>();
  #retry: string | null = null;

  /** `warnings`: filled by whoever listens to the recorder. */
  constructor(
    host: ServicesHost,
    recorder: RunRecorder,
    warnings: readonly RunEvent[],
    options: ServicesScope,
  ) {
    this.#host = host;
    this.#recorder = recorder;
    this.#warnings = warnings;
    this.#options = options;
  }

  /** Everything; what is known then is in `report`. */
  async run(): Promise<void> {
    const { signal } = this.#options;
    const touch = await this.begin(true);
    if (touch.noReplacement === null) {
      await this.#doWork(touch);
      throwIfCutShort(signal);
      if (!signal.aborted) {
        const survey = await this.#look();
        this.#sayExpiries(survey);
        await this.#sayServed(survey);
      }
    }
    if (signal.aborted) this.#recorder.record(runStopped(signal));
    await this.#scheduleRetry();
    await this.#recorder.flush();
    const report = this.report();
    this.#recorder.record({
      type: report.exitCode === 0 ? 'success' : 'error',
      code: 'RUN_FINISHED',
      indent: 0,
      contents: servicesSummary(report),
    });
    await this.#recorder.flush();
    await mailAdministrator(this.report(), this.#host, this.#recorder);
  }

  /** What is known so far. */
  report(): ServicesReport {
    return reportOfServices({
      host: this.#host,
      found: this.#found,
      first: this.#first,
      last: this.#last?.judged ?? [],
      states: this.#work?.states ?? new Map(),
      served: this.#served,
      standstills: this.#standstills,
      recorder: this.#recorder,
      warnings: this.#warnings,
      retry: this.#retry,
    });
  }

  /** Looks at everything and says what was found. `isAsking`: issuers are asked which certificates are revoked. */
  async begin(isAsking: boolean): Promise<TouchFiles> {
    const { hostname } = this.#host.settings;
    const providerName = this.#host.ordering?.provider.displayName ?? null;
    this.#recorder.record(...servicesCheckStarted({ providerName, hostname, root: this.#host.root }));
    const touch = await this.#host.readTouchFiles();
    this.#standstills = standstillsOf(touch, this.#host);
    this.#recorder.record(...this.#standstills);
    this.#found = await this.#host.findServices();
    for (const { name, why } of this.#found.absent) this.#recorder.record(serviceAbsent(name, why));
    this.#work = new HostnameWork(this.#found.services, this.#host, this.#recorder, this.#options.signal);
    for (const { service, plan } of (await this.#lookFirst(touch, isAsking)).judged) {
      this.#first.set(service.name, plan);
      this.#recorder.record(...serviceAnalysed(plan, service.describe(), this.#host.clock.now()));
    }
    if (this.#isAnyNeeding() && !this.#work.verdict.isUsable)
      this.#recorder.record(hostnameUnusable(this.#work.verdict));
    return touch;
  }

  async forecast(): Promise<ServicesForecast> {
    const { judged } = await this.#beginForecast();
    const { exitCode, provider, hostname, standstills, pending, warnings } = this.report();
    const absent = this.#found.absent.map(({ name, why }) => ({ service: name, why }));
    const services = judged.map(({ plan }) => plan);
    const facts = { schemaVersion: 1, exitCode, provider, hostname, standstills } as const;
    return { ...facts, services, absent, orders: await this.#namesToOrder(), pending, warnings };
  }

  async #beginForecast(): Promise<ServicesSurvey> {
    const touch = await this.begin(false);
    const survey = await this.#look();
    if (touch.noReplacement === null) this.#sayExpiries(survey);
    const { name } = this.#working().hostname;
    for (const order of unfinishedOrders(await hostnameOrders(this.#host.orders))) {
      const pollAt = order.pollAt === null ? null : new Date(order.pollAt);
      this.#recorder.record(
        this.#wouldDrop(order)
          ? hostnameOrderDropped(order.vhost, `this server is called “${name}” now`)
          : orderPending({ account: SERVER_OWNER, vhost: parseHostName(order.vhost) }, pollAt),
      );
    }
    return survey;
  }

  /** While nothing is ordered earlier orders are left as they are. */
  #wouldDrop({ vhost }: OrderRecord): boolean {
    const { hostname } = this.#working();
    return this.#standstills.length === 0 && hostname.isUsable && vhost !== hostname.name;
  }

  /** None where an order is under way, one of ours can be reused, or nothing is to be ordered. */
  async #namesToOrder(): Promise<readonly string[]> {
    const { hostname } = this.#working();
    const survey = await this.#look();
    if (this.#standstills.length > 0 || !hostname.isUsable || toReplace(survey).length === 0) return [];
    const orders = unfinishedOrders(await hostnameOrders(this.#host.orders));
    if (orders.some((order) => !this.#wouldDrop(order))) return [];
    return (await findReusable(survey, hostname)) === null ? [hostname.name] : [];
  }

  async #doWork(touch: TouchFiles): Promise<void> {
    const work = this.#working();
    const ordering: CheckHost | null =
      touch.noOrders === null && work.verdict.isUsable ? this.#host.ordering : null;
    if (ordering !== null) await this.#try(() => work.takeUpOrders(ordering));
    // Of those that died, once the orders that name challenges have taken theirs away.
    if (ordering !== null) await this.#try(() => this.#sweepChallenges(ordering));
    await this.#try(() => work.reuse());
    if (ordering !== null) await this.#try(() => work.order(ordering));
    await this.#try(() => work.placePlaceholders());
    await this.#try(() => work.settleDebts());
  }

  async #sweepChallenges(ordering: CheckHost): Promise<void> {
    for (const line of await ordering.sweepChallenges()) this.#recorder.record(challengesLeft(line));
  }

  /** What cannot be written down is not begun; that is said once, and what needs no more than there is goes on. */
  async #try(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (this.#options.signal.aborted || !isUnwritable(error)) throw error;
      const event = runFailed(error.code, printable(error.message), error.advice);
      if (!this.#recorder.notable.some(({ contents }) => contents === event.contents))
        this.#recorder.record(event);
    }
  }

  #sayExpiries({ judged }: ServicesSurvey): void {
    const now = this.#host.clock.now();
    const mayReplace = this.#standstills.length === 0 && this.#working().hostname.isUsable;
    for (const { service, evidence, plan } of judged) {
      if (evidence.kind !== 'present' || !isExpiryNear(evidence.leaf, now)) continue;
      // When one of our placeholders ends another follows it, and that is told.
      if (isPlaceholder(evidence.leaf)) continue;
      const from = mayReplace && plan.dueAt !== null ? new Date(plan.dueAt) : null;
      this.#recorder.record(serviceExpires(service.name, evidence.leaf.notAfter, from, now));
    }
  }

  /** What this run installed was asked for then. */
  async #sayServed({ judged }: ServicesSurvey): Promise<void> {
    const { hostname, states } = this.#working();
    const untouched = judged.filter(({ service }) => !states.has(service.name));
    await askServices(untouched, hostname, this.#recorder, this.#options.signal);
    for (const { service, plan } of judged) {
      if (plan.fingerprint === null) continue;
      this.#served.set(service.name, await lastSeen(service, hostname, plan.fingerprint));
    }
  }

  async #scheduleRetry(): Promise<void> {
    const { scheduleRetry } = this.#options;
    if (scheduleRetry === null || pendingOf(this.#recorder.notable).length === 0) return;
    const event = retryScheduled(await scheduleRetry());
    this.#recorder.record(event);
    this.#retry = event.contents;
  }

  /** Where nothing would be replaced nobody is asked. */
  async #lookFirst({ noReplacement }: TouchFiles, isAsking: boolean): Promise<ServicesSurvey> {
    const survey = await this.#look();
    const { revocation, clock } = this.#host;
    if (!isAsking || revocation === null || noReplacement !== null) return survey;
    const questions = new ListQuestions();
    for (const { evidence, evaluation } of survey.judged) questions.add(evidence, evaluation, clock.now());
    const changed = await askIssuers(questions, revocation, this.#recorder.record, this.#options.signal);
    return changed.size === 0 ? survey : await this.#look();
  }

  async #look(): Promise<ServicesSurvey> {
    this.#last = await this.#working().look();
    return this.#last;
  }

  #isAnyNeeding(): boolean {
    return [...this.#first.values()].some(({ kind }) => kind === 'replace');
  }

  #working(): HostnameWork {
    this.#work ??= new HostnameWork(this.#found.services, this.#host, this.#recorder, this.#options.signal);
    return this.#work;
  }
}

/** Nothing is done about these; which file says so is told every time. */
function standstillsOf({ noOrders, noReplacement }: TouchFiles, host: ServicesHost): RunEvent[] {
  const events: RunEvent[] = [];
  if (noReplacement !== null) {
    events.push(
      standsStill(
        'SERVICE_MANAGEMENT_DISABLED',
        `${noReplacement} is there`,
        'no service certificate is replaced, and nobody is told of their expiry',
      ),
    );
  }
  if (noOrders !== null) {
    events.push(
      standsStill(
        'HOSTNAME_CERTIFICATE_DISABLED',
        `${noOrders} is there`,
        'no certificate is ordered for the hostname',
      ),
    );
  }
  if (host.ordering === null) {
    events.push(
      standsStill(
        'AUTOSSL_DISABLED',
        'AutoSSL is disabled on this server',
        'no certificate is ordered for the hostname',
      ),
    );
  }
  return events;
}
