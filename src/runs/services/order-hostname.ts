import { AutosslError } from '../../core/domain/autossl-error.js';
import { type IpIdentifier, isIpIdentifier, printable } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';
import { judgeNameAttempt } from '../../core/order/name-attempt.js';
import { isKeyRefused } from '../../core/order/refusal-subject.js';
import { judgeReorder } from '../../core/order/reorder.js';
import type { WeighedName } from '../../core/plan/unsure-names.js';
import type { ProviderDescription } from '../../core/provider/description.js';
import { failedWords } from '../../core/report/events/failed-words.js';
import { keyNotKept } from '../../core/report/events/order-end-events.js';
import { namePaused } from '../../core/report/events/pause-events.js';
import {
  nameWaits,
  reorderBraked,
  requestAdmitted,
  websiteFailed,
  websiteWaits,
} from '../../core/report/events/work-events.js';
import { openDesk } from '../check/carry-out-plan.js';
import type { CheckHost } from '../check/check-host.js';
import { ClockWitness } from '../check/clock-witness.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { PairTaker } from '../install/issued-pair.js';
import { WebsiteLock } from '../install/website-lock.js';
import { concludeOrder } from '../order/conclude-order.js';
import { type AskedFor, askInTurn, type ProviderTurn } from '../order/failover/ask-in-turn.js';
import { leavingAfter } from '../order/failover/leaving-after.js';
import { type Leaving, ProviderBench } from '../order/failover/provider-bench.js';
import { obtainCertificate } from '../order/obtain-certificate.js';
import type { OrderDesk, Wait } from '../order/order-desk.js';
import type { OrderResult } from '../order/order-ports.js';
import type { IssuedRecord } from '../ports/orders.js';
import { caaForbidden } from '../validation/caa-forbidden.js';
import { checkCaa } from '../validation/check-caa.js';
import { validateLocally } from '../validation/validate-locally.js';
import { isForAddresses, passedAddresses } from './hostname/order-addresses.js';

/**
 * One certificate for the hostname, for all services that need it. In an emergency (a service's certificate is about to expire)
 * our own limits do not hold it back.
 */
export interface HostnameOrder extends AskedFor {
  /** The hostname as a website of the server's own. */
  readonly website: Website;
  /** Codes of what is wrong with the services' certificates. */
  readonly because: readonly string[];
  /** What we got for it before, newest first. */
  readonly issued: readonly IssuedRecord[];
  /** Who may stand in for the active provider. */
  readonly fallbacks: readonly ProviderDescription[];
  /** Addresses of this server to be named, too, where that can be had. */
  readonly addresses: readonly IpIdentifier[];
  /** The key to order for (setting `reuseKey`); undefined: a new one. */
  readonly reusedKeyPem: string | undefined;
}

/**
 * Validates the hostname and orders its certificate, under the hostname's lock, with the brakes and budget that websites
 * have, from the provider whose turn it is; what is issued is handed over with the lock. Never throws for what concerns the
 * hostname or the CA: it is said. @throws StateError BRAKE when our clock is off
 */
export async function orderHostname(
  order: HostnameOrder,
  host: CheckHost,
  taker: PairTaker,
  recorder: RunRecorder,
  signal: AbortSignal,
): Promise<void> {
  const { website } = order;
  const lock = await host.locks.tryAcquire(`website:${website.vhost}`, 'checkallsslcerts');
  if ('heldBy' in lock) {
    const { pid, note } = lock.heldBy;
    recorder.record(
      websiteWaits(website, 'WEBSITE_LOCKED', `process ${pid} works on it (${printable(note)}).`, null),
    );
    return;
  }
  const websiteLock = new WebsiteLock(lock);
  const options = { isBrakeOverridden: false };
  const witness = new ClockWitness(options);
  const bench = new ProviderBench(
    host,
    recorder,
    AbortSignal.any([signal, lock.signal]),
    { open: (desk) => openDesk(desk, options, recorder, witness), witness },
    order.fallbacks,
  );
  try {
    // Whatever waits for the active provider as such (the run was told to stop) waits for all.
    const wait = await bench.openFirst();
    if (wait !== null && (!bench.hasOthers || bench.first.signal.aborted))
      return sayWait(website, wait, recorder);
    const what = { order, host, taker, recorder, lock: websiteLock };
    await askInTurn(order, bench, recorder, (turn) => new HostnameOrdering(what, turn).run());
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof AutosslError) || error.code === 'BRAKE') throw error;
    recorder.record(websiteFailed(website, error.code, printable(error.message), error.advice));
  } finally {
    await bench.close();
    await websiteLock.release();
  }
}

function sayWait(website: Website, { code, message, until }: Wait, recorder: RunRecorder): void {
  recorder.record(websiteWaits(website, code, message, until));
}

/** What is ordered, and where the work on it is told and ends up. */
interface OrderedWork {
  readonly order: HostnameOrder;
  readonly host: CheckHost;
  readonly taker: PairTaker;
  readonly recorder: RunRecorder;
  readonly lock: WebsiteLock;
}

/** One provider's turn. */
class HostnameOrdering {
  readonly #order: HostnameOrder;
  readonly #desk: OrderDesk;
  readonly #host: CheckHost;
  readonly #taker: PairTaker;
  readonly #recorder: RunRecorder;
  readonly #lock: WebsiteLock;
  #isKeyRefused = false;
  readonly #turn: ProviderTurn;
  #leaving: Leaving | null = null;

  constructor({ order, host, taker, recorder, lock }: OrderedWork, turn: ProviderTurn) {
    this.#order = order;
    this.#desk = turn.desk;
    this.#host = host;
    this.#taker = taker;
    this.#recorder = recorder;
    this.#lock = lock;
    this.#turn = turn;
  }

  /** Gives why another provider is to be asked; null: none is. */
  async run(): Promise<Leaving | null> {
    await this.#work();
    return this.#leaving;
  }

  async #work(): Promise<void> {
    if (this.#isBraked() || (await this.#isInBackoff()) || (await this.#waits())) return;
    if (await this.#isHeld()) return;
    const { website } = this.#order;
    const weighed = await validateLocally(
      website,
      [website.vhost],
      this.#desk,
      this.#host,
      this.#recorder,
      this.#desk.signal,
    );
    if (weighed === null) {
      await this.#waits();
      return;
    }
    if (await this.#leavesForCaa(weighed)) return;
    const { signal } = this.#desk;
    const [name] = await checkCaa(website, weighed, this.#desk, this.#host, this.#recorder, signal);
    if (name === undefined || !name.passed) return;
    const isByDns = name.method === 'dns-01';
    const { addresses } = this.#order;
    const named = await passedAddresses(website, addresses, this.#desk, this.#host, this.#recorder);
    const names = [website.vhost, ...named];
    this.#recorder.record(...requestAdmitted(website, { names, leftOut: [], losing: [] }));
    const obtain = () => this.#obtain(isByDns, named);
    await (name.isUnsure ? this.#desk.inUnsureTurn(obtain) : obtain());
  }

  async #obtain(isByDns: boolean, addresses: readonly IpIdentifier[]): Promise<void> {
    const { website } = this.#order;
    const result = await this.#ask(isByDns, addresses);
    if (await this.#isForKey(result)) return await this.#obtain(isByDns, addresses);
    if (await isForAddresses(website, result, addresses, this.#desk, this.#recorder))
      return await this.#obtain(isByDns, []);
    if (result.outcome === 'abandoned' && result.why === 'RUN_ORDERS_NO_MORE') {
      await this.#waits();
      return;
    }
    const leaving = leavingAfter(result);
    if (leaving !== null && (await this.#leavesFor(leaving))) return;
    const desks = { orders: this.#desk, installs: this.#taker };
    await concludeOrder(website, result, [website.vhost], desks, this.#host, this.#recorder, this.#lock);
  }

  /** Whether the order was refused for the key that it kept: the next one is for a new key. */
  async #isForKey(result: OrderResult): Promise<boolean> {
    const { website, reusedKeyPem } = this.#order;
    if (result.outcome !== 'refused' || reusedKeyPem === undefined || this.#isKeyRefused) return false;
    if (!isKeyRefused(result.problem)) return false;
    this.#isKeyRefused = true;
    await this.#desk.noteFailedOrder(website.vhost);
    this.#recorder.record(keyNotKept(website, result.problem));
    return true;
  }

  async #ask(isByDns: boolean, addresses: readonly IpIdentifier[]): Promise<OrderResult> {
    const { website, because, urgency, issued, reusedKeyPem } = this.#order;
    const { provider, directoryUrl, profile } = this.#desk;
    return await obtainCertificate(
      {
        website,
        names: [website.vhost, ...addresses],
        byDns: isByDns ? [website.vhost] : undefined,
        keyType: website.keyType,
        because,
        replaces: this.#replacedBy(),
        profile,
        provider,
        insteadOf: this.#turn.insteadOf,
        directoryUrl,
        reusedKeyPem: this.#isKeyRefused ? undefined : reusedKeyPem,
        isEmergency: urgency.isEmergency,
        wasCertified: this.#desk.wasCertified([website.vhost, ...addresses], issued),
        logStartedAt: this.#recorder.logStartedAt,
      },
      await this.#desk.ports(this.#lock.held, AbortSignal.any([this.#desk.signal, this.#lock.held.signal])),
    );
  }

  #replacedBy(): string | null {
    const { website, issued } = this.#order;
    return this.#desk.replacedBy({ names: [website.vhost], inPlace: null }, issued);
  }

  /** Whether another provider is asked rather than to wait for this. */
  async #leavesFor(reason: Leaving): Promise<boolean> {
    if (!(await this.#turn.mayLeave(reason))) return false;
    this.#leaving = reason;
    return true;
  }

  /** Whether a limit holds the hostname back by itself; says so. */
  async #isHeld(): Promise<boolean> {
    const { website, urgency, issued } = this.#order;
    const { vhost } = website;
    const exemption = this.#desk.exemptionOf([vhost], this.#replacedBy(), issued);
    const order = { exemption, isEmergency: urgency.isEmergency };
    const held = (await this.#desk.heldNames([{ name: vhost, hasFailedBefore: false }], order)).get(vhost);
    if (held === undefined) return false;
    if (await this.#leavesFor(held)) return true;
    sayWait(website, held, this.#recorder);
    if (held.unpauseUrl !== null)
      this.#recorder.record(...namePaused(website, vhost, held.until, held.unpauseUrl));
    return true;
  }

  /** Whether CAA keeps this provider from the hostname, and nothing here can mend that. */
  async #leavesForCaa(weighed: readonly WeighedName[]): Promise<boolean> {
    if (this.#host.settings.preflight !== 'gate') return false;
    const forbidden = await caaForbidden(weighed, this.#desk, this.#host, this.#desk.signal);
    if (forbidden === null || !(await this.#leavesFor({ ...forbidden, code: 'CAA_FORBIDS', until: null })))
      return false;
    const unsure = weighed.filter(({ isUnsure }) => isUnsure).length;
    this.#desk.releaseUnsure(this.#order.website.account, unsure);
    return true;
  }

  /** The same again so soon is a fault of this server (design 5.18). */
  #isBraked(): boolean {
    const { website, because, issued } = this.#order;
    // Addresses come and go by themselves.
    const past = issued.map((one) => ({ ...one, names: one.names.filter((name) => !isIpIdentifier(name)) }));
    const verdict = judgeReorder(past, { names: [website.vhost], because }, this.#host.clock.now());
    if (verdict.mayOrder) return false;
    this.#recorder.record(reorderBraked(website, verdict.because, verdict.until));
    return true;
  }

  async #isInBackoff(): Promise<boolean> {
    const { website, urgency } = this.#order;
    const record = await this.#host.names.read(website.vhost);
    const verdict = judgeNameAttempt(record, this.#host.clock.now(), urgency.isEmergency);
    if (verdict.mayTry) return false;
    const why = `${failedWords(record, 'it')} lately; it is tried again later.`;
    this.#recorder.record(nameWaits(website, website.vhost, verdict.until, why));
    return true;
  }

  async #waits(): Promise<boolean> {
    const { website, urgency, because } = this.#order;
    const wait =
      (await this.#desk.wait(urgency.isEmergency, false, because.includes('CALLED_BACK'))) ??
      (await this.#desk.websiteWait(website.vhost, urgency.isEmergency));
    if (wait === null) return false;
    if (!(await this.#leavesFor(wait))) sayWait(website, wait, this.#recorder);
    return true;
  }
}
